"""Every registered page opens, for those who may, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.tasks import async_task
from unfold.admin import ModelAdmin as UnfoldAdmin

from mapping.map_services import install_value_maps
from mapping.models import Filter, Rule
from tests import factories
from tests.fake_connector import BooksConnector

MODELS = {model._meta.label_lower: model for model in admin.site._registry}
PAGES = sorted(MODELS)


@pytest.fixture
def everything() -> None:
    """One object of every kind that has pages."""
    record = factories.FailedRecordFactory()
    link = factories.LinkFactory(record=record)
    member = factories.EnvelopeMemberFactory(
        link=link, envelope__integration=record.flow.integration
    )
    factories.AttemptFactory(envelope=member.envelope)
    factories.RunFactory(flow=record.flow)
    factories.AlertFactory(flow=record.flow)
    mapping = record.flow.mapping
    Rule.objects.create(mapping=mapping, scope="header", field="a", expression="1")
    Filter.objects.create(mapping=mapping, expression="true", reason="none")
    maps = record.flow.integration.value_maps
    install_value_maps(maps, BooksConnector.value_map_templates)
    Group.objects.create(name="Operators")
    factories.StaffFactory()
    async_task("flows.tasks.tick")
    times = {"started": timezone.now(), "stopped": timezone.now(), "func": "f"}
    Success.objects.create(id="a", name="good", success=True, **times)
    Failure.objects.create(id="b", name="bad", success=False, result="x", **times)


def pages_of(name: str) -> list[str]:
    """Addresses of a model's list, of a new object and of its first one."""
    model = MODELS[name]
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    first = model._default_manager.first()
    return [
        reverse(f"{prefix}_changelist"),
        reverse(f"{prefix}_add"),
        reverse(f"{prefix}_change", args=(first.pk,)),
    ]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_for_a_superuser(
    name: str, boss: Client, everything: None
) -> None:
    statuses = {page: boss.get(page).status_code for page in pages_of(name)}
    # Nobody adds to history by hand.
    refused = {page for page, status in statuses.items() if status == 403}
    assert all(page.endswith("/add/") for page in refused)
    assert set(statuses.values()) <= {200, 403}
    assert len(statuses) == 3


@pytest.mark.parametrize("name", PAGES)
def test_no_page_opens_without_permission(
    name: str, person: Callable[..., Client], everything: None
) -> None:
    nobody = person()
    assert {nobody.get(page).status_code for page in pages_of(name)} == {403}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_opens_without_signing_in(
    name: str, client: Client, everything: None
) -> None:
    for page in pages_of(name):
        assert client.get(page)["Location"].startswith(reverse("admin:login"))


def test_every_page_has_the_hubs_look() -> None:
    plain = [
        m for m, a in admin.site._registry.items() if not isinstance(a, UnfoldAdmin)
    ]
    assert plain == []


def test_the_queues_own_schedules_are_hidden() -> None:
    assert not admin.site.is_registered(Schedule)
    assert admin.site.is_registered(OrmQ)
    assert admin.site.is_registered(User)


def test_the_menu_shows_only_what_one_may_see(person: Callable[..., Client]) -> None:
    page = person("flows.view_run").get(reverse("admin:index")).content.decode()
    assert reverse("admin:flows_run_changelist") in page
    assert reverse("admin:flows_alert_changelist") not in page
    assert reverse("admin:connectors_connection_changelist") not in page


def test_the_menu_counts_open_alerts(person: Callable[..., Client]) -> None:
    factories.AlertFactory.create_batch(3)
    factories.AlertFactory(resolved_at=timezone.now())
    page = person("flows.view_alert").get(reverse("admin:flows_alert_changelist"))
    items = [i for g in page.context["sidebar_navigation"] for i in g["items"]]
    assert {i["title"]: i.get("badge") for i in items}["Alerts"] == "3"


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [("flow/", 403, "may not see or do this"), ("nothing/", 404, "no such page")],
)
def test_what_is_refused_says_so_and_leads_back(
    address: str, status: int, said: str, person: Callable[..., Client]
) -> None:
    answer = person("flows.view_run").get(f"{reverse('admin:index')}flows/{address}")
    assert answer.status_code == status
    assert said in answer.text
    assert f'href="{reverse("admin:index")}"' in answer.text
