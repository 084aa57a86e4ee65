"""What was taken back is told apart on every page, and expected nowhere."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from flows import undoing
from flows.models import Run, SyncRecord
from integration_hub.core.errors import ConfigError
from tests.factories import SyncRecordFactory
from tests.flows.bookkeeper import documents
from tests.flows.shop import record_of, sell
from tests.flows.test_after_posting import change
from tests.flows.test_closed_periods import choose
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:flows_syncrecord_changelist"


@pytest.fixture
def boss(client: Client) -> Client:
    """A browser with a superuser at it."""
    client.force_login(User.objects.create_superuser("boss"))
    return client


def counts_on_page(client: Client, run: Run) -> dict[str, int]:
    """The numbers by state on a run's page, without those that are 0."""
    page = client.get(reverse("admin:flows_run_change", args=(run.pk,)))
    found = {str(each["label"]): each["count"] for each in page.context["states"]}
    return {label: count for label, count in found.items() if count}


def test_a_run_counts_it_apart_and_expects_nothing_of_it(
    plant: Plant, boss: Client
) -> None:
    sell(plant)
    run = plant.run()
    url = reverse("admin:flows_run_change", args=(run.pk,))
    assert "Expected in the books" in boss.get(url).content.decode()
    undoing.undo_run(run, by="me")
    assert counts_on_page(boss, run) == {"Taken back": 1}
    assert "Expected in the books" not in boss.get(url).content.decode()
    flow = reverse("admin:flows_flow_change", args=(plant.flow.pk,))
    text = boss.get(flow).content.decode()
    assert "<b>1</b> Taken back" in text
    assert "</b> Synced" not in text


def test_a_run_of_which_part_may_be_forgotten_is_not_taken_back(
    plant: Plant, boss: Client, settings: Any
) -> None:
    sold = sell(plant)
    run = plant.run()
    settings.RETENTION_DAYS = 0
    page = boss.post(reverse("admin:flows_run_press", args=(run.pk, "undo")))
    assert "is kept for 0 days only" in page.content.decode()
    with pytest.raises(ConfigError, match="kept for 0 days only"):
        undoing.undo_run(run, by="me")
    assert record_of(sold).state == "synced"


def test_it_is_not_offered_to_be_tried_again(plant: Plant, boss: Client) -> None:
    source_id = sell(plant)
    plant.run()
    record = record_of(source_id)
    page = reverse("admin:flows_syncrecord_change", args=(record.pk,))
    trial = reverse("admin:flows_flow_mapping", args=(plant.flow.pk,))
    assert str(record) in boss.get(trial).content.decode()
    undoing.undo_run(Run.objects.get(), by="me")
    sell(plant)
    plant.run()
    text = boss.get(page).content.decode()
    assert "It is not posted again." in text
    assert "/press/retry/" not in text
    assert str(record) not in boss.get(trial).content.decode()
    chosen = {"action": "retry_chosen", "_selected_action": record.pk}
    boss.post(reverse(LIST), chosen)
    record.refresh_from_db()
    assert record.state == "undone"


def test_what_could_not_be_taken_back_is_no_part_of_it(
    plant: Plant, boss: Client
) -> None:
    sell(plant)
    sell(plant)
    run = plant.run()
    touched = documents(plant)[0]
    values = {"PrivateNote": f"{touched['PrivateNote']} mine"}
    plant.books.do("edit", entity="SalesReceipt", id=touched["Id"], values=values)
    undoing.undo_run(run, by="me")
    assert counts_on_page(boss, run) == {"Taken back": 1, "Failed": 1}


def test_the_run_that_posted_it_last_counts_it_apart_too(
    plant: Plant, boss: Client
) -> None:
    choose(plant, after_posting="reverse")
    source_id = sell(plant)
    first = plant.run()
    change(plant, source_id)
    second = Run.objects.latest("pk")
    assert second != first
    assert counts_on_page(boss, second) == {"Synced": 1}
    undoing.undo_run(first, by="me")
    assert counts_on_page(boss, second) == {"Taken back": 1}
    assert counts_on_page(boss, first) == {}


def test_lists_and_the_dashboard_tell_it_apart(plant: Plant, boss: Client) -> None:
    sell(plant)
    undoing.undo_run(plant.run(), by="me")
    cache.clear()
    page = boss.get(reverse("admin:index"))
    (row,) = page.context["flows"]
    assert row["counts"] == {"undone": 1}
    assert '"Taken back"' in page.context["chart"]
    text = boss.get(reverse(LIST), {"state__exact": "undone"}).content.decode()
    assert "taken back by me" in text
    assert cells(text, "display_expected") == ["–"]


def cells(text: str, name: str) -> list[Any]:
    """What stands in a column of a list."""
    parts = text.split(f"field-{name}")[1:]
    return [part.partition(">")[2].partition("<")[0].strip() for part in parts]


def test_what_was_taken_back_before_it_was_a_state_is_told_apart_too() -> None:
    old = SyncRecordFactory(state="skipped", reason="undone by me")
    other = SyncRecordFactory(state="skipped", reason="zero sale")
    import_module("flows.migrations.0014_taken_back").tell_apart(apps, None)
    states = dict(SyncRecord.objects.values_list("pk", "state"))
    assert states == {old.pk: "undone", other.pk: "skipped"}
