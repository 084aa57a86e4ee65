"""The mapping page of a flow: what is saved there is kept; new defaults are offered."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flows.models import Flow
from mapping import services
from tests.factories import FlowFactory
from tests.fake_connector import BooksConnector

MEMO = {"scope": "header", "field": "memo", "expression": "order.id"}
NEW = {**MEMO, "expression": "order.reference"}


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Flow:
    made: Flow = FlowFactory()
    services.install_defaults(made.mapping, [MEMO])
    monkeypatch.setattr(BooksConnector, "default_rules", (MEMO,))
    return made


def page_of(flow: Flow) -> str:
    return reverse("admin:flows_flow_mapping", args=(flow.pk,))


def typed(client: Client, flow: Flow) -> dict[str, Any]:
    drafts = client.get(page_of(flow)).context["drafts"]
    data: dict[str, Any] = {}
    for form in (drafts.management_form, *drafts.forms):
        for bound in form:
            if bound.value() not in (None, False):
                data[bound.html_name] = bound.value()
    return data


def save(client: Client, flow: Flow, **changes: Any) -> Any:
    return client.post(page_of(flow), {**typed(client, flow), **changes})


def test_what_is_saved_is_kept(boss: Client, flow: Flow) -> None:
    assert save(boss, flow).status_code == 302
    assert flow.mapping.versions.count() == 1
    save(boss, flow, **{"rules-0-expression": "order.branch"})
    version = flow.mapping.versions.first()
    assert version is not None
    assert (version.by, version.how) == ("boss", "changed on the mapping page")
    assert flow.mapping.rules.get().expression == "order.branch"


def test_a_new_default_is_taken_and_leads_back(
    boss: Client, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "New defaults" not in boss.get(page_of(flow)).content.decode()
    monkeypatch.setattr(BooksConnector, "default_rules", (NEW,))
    page = boss.get(page_of(flow))
    assert "New defaults are available" in page.content.decode()
    data = {"key": "header.memo.both", "choice": "take"}
    answer = boss.post(page.context["offer_url"], data)
    assert answer["Location"] == page_of(flow)
    assert flow.mapping.rules.get().expression == "order.reference"
