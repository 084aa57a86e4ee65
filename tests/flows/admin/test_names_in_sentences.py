"""Sentences of conditional tables tell names instead of the ids of the target."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connectors.contract import TargetField
from connectors.services import open_connection
from flows.engine.kept_lists import kept_list
from flows.models import Flow
from flows.portability.exporting import export
from mapping.models import Rule
from mapping.versions import recording
from tests.factories import BooksFactory, ConnectionFactory, FlowFactory
from tests.fake_connector import BooksConnector
from tests.flows.admin.test_portability import upload

HIGH, GONE = "5", "99"


def make_table(text: str) -> dict[str, Any]:
    """A text where the branch is one, else nothing."""
    when = {"all": [{"field": "order.branch", "operator": "is", "value": "1"}]}
    return {"rows": [{"when": when, "then": {"text": text}}], "otherwise": None}


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Flow:
    """A flow with a rule that gives a tax code, of which the list is kept."""
    fields = (
        TargetField("tax_code", "Tax code", scope="line", choices="tax_codes"),
        TargetField("kind", "Kind", scope="line", choices=(("g", "by group"),)),
    )
    monkeypatch.setattr(BooksConnector, "target_fields", fields)
    made: Flow = FlowFactory(
        integration__source=ConnectionFactory(name="Till"),
        integration__target=BooksFactory(name="Books"),
    )
    add_rule(made, HIGH)
    keep_list(made)
    return made


def keep_list(flow: Flow) -> None:
    kept_list(open_connection(flow.integration.target), "tax_codes")
    BooksConnector.asked.clear()


def add_rule(flow: Flow, text: str, **values: Any) -> Rule:
    more = {"scope": "line", "field": "tax_code", "position": 1, **values}
    return Rule.objects.create(mapping=flow.mapping, table=make_table(text), **more)


def mapping_page(flow: Flow) -> str:
    return reverse("admin:flows_flow_mapping", args=(flow.pk,))


def test_the_mapping_page_tells_names(boss: Client, flow: Flow) -> None:
    add_rule(flow, GONE, on="update", active=False)
    add_rule(flow, "g", field="kind")
    text = boss.get(mapping_page(flow)).text
    for told in ("then “21 High”;", f"then “{GONE}”;", "then “by group”;"):
        assert told in text


@pytest.mark.parametrize("name", ["change", "history"])
def test_the_pages_of_the_mapping_tell_names_and_ask_no_system(
    boss: Client, flow: Flow, name: str
) -> None:
    with recording(flow.mapping, how="changed"):
        Rule.objects.update(table=make_table("6"))
    address = reverse(f"admin:mapping_mapping_{name}", args=(flow.mapping_id,))
    text = boss.get(address).text
    assert "then “Old”;" in text
    assert ("then “21 High”;" in text) == (name == "history")
    assert BooksConnector.asked == []


def test_those_of_a_rule_and_who_may_only_look_do_too(
    boss: Client, person: Any, flow: Flow
) -> None:
    rule = Rule.objects.get()
    with recording(flow.mapping, how="changed"):
        Rule.objects.update(table=make_table("6"))
    history = boss.get(reverse("admin:mapping_rule_history", args=(rule.pk,))).text
    assert "then “21 High”;" in history
    looking = person("mapping.view_mapping", "mapping.view_rule")
    address = reverse("admin:mapping_mapping_change", args=(flow.mapping_id,))
    assert "then “Old”;" in looking.get(address).text


def test_an_import_shows_names(boss: Client, flow: Flow) -> None:
    file = export(flow.integration)
    Rule.objects.update(table=make_table("6"))
    page = upload(boss, file)
    (change,) = page.context["plan"].changes
    assert "then “Old”;" in change.before
    assert "then “High”;" in change.after


def test_many_rules_take_as_many_queries_as_one(boss: Client, flow: Flow) -> None:
    addresses = (
        mapping_page(flow),
        reverse("admin:mapping_mapping_change", args=(flow.mapping_id,)),
        reverse("admin:mapping_mapping_history", args=(flow.mapping_id,)),
    )
    with recording(flow.mapping, how="changed"):
        Rule.objects.update(table=make_table("6"))
    few = [count_queries(boss, address) for address in addresses]
    with recording(flow.mapping, how="changed"):
        for number in range(10):
            add_rule(flow, HIGH, active=False, position=number)
    assert [count_queries(boss, address) for address in addresses] == few


def count_queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)
