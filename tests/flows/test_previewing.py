"""A preview stores and sends nothing, and says what a run then does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import models

from connectors.writes import Ref
from flows import services
from flows.engine import previewing
from flows.engine.previewing import Preview
from flows.models import (
    Attempt,
    Envelope,
    Flow,
    Link,
    RecordState,
    Run,
    Survey,
    SyncRecord,
)
from integration_hub.core.errors import MappingError, Rejected
from mapping.models import Filter
from tests.factories import SyncRecordFactory
from tests.flows.bookkeeper import take_number_of
from tests.flows.memory import (
    Ledger,
    MemoryBooks,
    order,
    sale,
    unreadable,
)
from tests.flows.shop import sell
from tests.plant import Plant

TABLES: tuple[type[models.Model], ...] = (
    *(Attempt, Envelope, Link, Run, Survey),
    SyncRecord,
)
STATES = {
    "create": RecordState.SYNCED,
    "exists": RecordState.SYNCED,
    "skip": RecordState.SKIPPED,
    "wait": RecordState.WAITING,
    "fail": RecordState.FAILED,
}


def rows() -> list[int]:
    return [table.objects.count() for table in TABLES]


# ------------------------------------------------------------- between both sandboxes


@pytest.mark.django_db(transaction=True)
def test_a_preview_says_what_a_run_then_does(make_plant: Callable[..., Plant]) -> None:
    plant = make_plant(120)
    previews = services.preview_flow(plant.flow, 200)
    assert (rows(), plant.books.writes()) == ([0] * len(TABLES), 0)
    plant.flow.refresh_from_db()
    assert plant.flow.cursor == ""
    plant.run()
    foretold = {each.source_id: STATES[each.fate] for each in previews}
    assert foretold == dict(SyncRecord.objects.values_list("source_id", "state"))
    bridges = {p.source_id: p.bridge for p in previews if p.fate == "create"}
    synced = SyncRecord.objects.filter(state="synced")
    assert bridges == dict(synced.values_list("source_id", "bridge"))
    assert written(previews) == set(
        Link.objects.filter(kind="order").values_list("entity", "number")
    )


def written(previews: list[Preview]) -> set[tuple[str, str]]:
    """What a preview would write, but for customers and items."""
    return {
        (write.entity, write.number)
        for preview in previews
        if preview.fate == "create"
        for write in preview.writes
        if write.entity not in ("Customer", "Item")
    }


@pytest.mark.django_db(transaction=True)
def test_a_preview_after_a_run_says_that_it_is_there(plant: Plant) -> None:
    sell(plant)
    plant.run()
    (preview,) = services.preview_flow(plant.flow)
    assert preview.fate == "exists"
    assert {write.fate for write in preview.writes} == {"exists"}
    assert all(write.target_id for write in preview.writes)


@pytest.mark.django_db(transaction=True)
def test_a_preview_without_the_hubs_memory_says_that_it_is_there(plant: Plant) -> None:
    sell(plant)
    plant.run()
    for table in TABLES:
        table.objects.all().delete()
    Flow.objects.update(cursor="")
    plant.flow.refresh_from_db()
    (preview,) = services.preview_flow(plant.flow)
    assert preview.fate == "exists"


@pytest.mark.django_db(transaction=True)
def test_a_preview_names_the_number_that_is_taken(plant: Plant) -> None:
    source_id = sell(plant, date="2026-10-06")
    take_number_of(plant, source_id)
    (preview,) = services.preview_flow(plant.flow)
    plant.run()
    record = SyncRecord.objects.get()
    assert (preview.fate, record.state) == ("fail", "failed")
    assert preview.reason == record.message


# ------------------------------------------------------------------- books in memory


@pytest.mark.django_db
def test_each_sort_of_record_has_its_fate(flow: Flow, shelf: list) -> None:
    shelf += [
        *(order("1"), order("2", total="-1.00"), order("3", total="0.00")),
        *(order("4", reference="waits"), unreadable("5")),
    ]
    previews = {p.source_id: p for p in services.preview_flow(flow)}
    fates = {source_id: preview.fate for source_id, preview in previews.items()}
    assert fates == {
        "id-1": "create",
        "id-2": "skip",
        "id-3": "fail",
        "id-4": "wait",
        "id-5": "fail",
    }
    assert all(p.reason for p in previews.values() if p.fate != "create")
    assert all(p.action for p in previews.values() if p.fate == "fail")


@pytest.mark.django_db
def test_a_filter_is_told(flow: Flow, shelf: list) -> None:
    Filter.objects.create(
        mapping=flow.mapping, expression='order.branch = "1"', reason="another shop"
    )
    shelf += [order("1")]
    (preview,) = services.preview_flow(flow)
    assert (preview.fate, preview.reason.split(":")[0]) == ("skip", "filtered")


@pytest.mark.django_db
def test_ids_that_are_not_known_yet_are_named(flow: Flow, shelf: list) -> None:
    shelf += [order("1", customer="7", reference="pay")]
    (preview,) = services.preview_flow(flow)
    needs = [write.body["Needs"] for write in preview.writes]
    assert needs == [[], ["<customer 7 customer>"], ["<order id-1 sale>"]]


@pytest.mark.django_db
def test_a_correction_is_shown_as_an_update(
    flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    services.work_here(services.run_flow(flow).run)
    link = Link.objects.get()
    link.total = Decimal("12.09")
    link.save()
    (preview,) = services.preview_flow(flow)
    assert [write.fate for write in preview.writes] == ["exists", "update"]


@pytest.mark.django_db
def test_a_name_that_is_taken_shows_the_second_choice(
    flow: Flow, ledger: Ledger, shelf: list
) -> None:
    ledger.taken = {"C7"}
    shelf += [order("1", customer="7")]
    (preview,) = services.preview_flow(flow)
    assert preview.writes[0].body["Name"] == "C7 (7)"


@pytest.mark.django_db
def test_a_body_that_cannot_be_made_is_told(
    flow: Flow, shelf: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MappingError("No body.", action="Mend it.")

    monkeypatch.setattr(MemoryBooks, "member", refuse)
    shelf += [order("1")]
    (preview,) = services.preview_flow(flow)
    assert (preview.fate, preview.reason, preview.action) == (
        *("fail", "No body."),
        "Mend it.",
    )


@pytest.mark.django_db
def test_a_rule_that_gives_no_value_is_told(
    flow: Flow, shelf: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MappingError("No value.", action="Mend the rule.")

    monkeypatch.setattr(previewing, "map_document", refuse)
    shelf += [order("1")]
    (preview,) = services.preview_flow(flow)
    assert (preview.fate, preview.reason) == ("fail", "No value.")


@pytest.mark.django_db
def test_a_customer_that_cannot_be_asked_for_is_told(
    flow: Flow, ledger: Ledger, shelf: list
) -> None:
    customer = Ref("customer", "7", "customer")
    ledger.unsearchable[customer] = Rejected("That name cannot be searched for.")
    shelf += [order("1", customer="7")]
    (preview,) = services.preview_flow(flow)
    assert (preview.fate, preview.reason) == (
        "fail",
        "That name cannot be searched for.",
    )


@pytest.mark.django_db
def test_one_record_is_previewed_from_what_is_stored(
    flow: Flow, ledger: Ledger
) -> None:
    record = SyncRecordFactory(flow=flow, order=order("1"), state="failed")
    preview = services.preview_record(record)
    assert (preview.source_id, preview.fate) == ("id-1", "create")
    assert ledger.calls == []
    assert sale("1") not in ledger.objects


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        {"payload": None},
        {"readable": False, "payload": '{"a": 1}', "message": "Sums differ."},
    ],
    ids=["removed", "not readable"],
)
def test_a_record_without_a_document_says_so(flow: Flow, values: dict) -> None:
    record = SyncRecordFactory(flow=flow, state="failed", **values)
    preview = services.preview_record(record)
    assert preview.fate == "fail"
    assert preview.reason
