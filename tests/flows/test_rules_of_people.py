"""What rules, tables and filters that people made do to what ends up in QuickBooks."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flows import samples, services
from mapping.models import Filter, Rule
from tests.flows.bookkeeper import documents
from tests.flows.shop import LINE, record_of, sell
from tests.flows.test_kept_fields import set_rule
from tests.mapping.test_conditions import ask
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
DEAR = {"lines": [{**LINE, "price": 12100}]}


def memos(plant: Plant) -> list[str]:
    """The messages to the customer, in the documents' order."""
    rows = sorted(documents(plant), key=lambda row: int(row["Id"]))
    return [row.get("CustomerMemo", {}).get("value", "") for row in rows]


def test_a_conditional_table_decides_what_is_written(plant: Plant) -> None:
    dear = {"all": [ask("order.total_incl", "more", "100")]}
    shirt = {
        "some": "order.lines",
        "where": {"all": [ask("line.article", "is", "1002")]},
    }
    rows = [
        {"when": dear, "then": {"text": "Dear; | goods"}},
        {"when": {"all": [shirt]}, "then": {"expression": "order.number.text"}},
    ]
    set_rule(plant, "memo", "", table={"rows": rows, "otherwise": {"number": "7"}})
    sell(plant, **DEAR)
    number = record = None
    for article in (1002, 1001):
        record = sell(plant, lines=[{**LINE, "article": article}])
        number = number or record
    plant.run()
    assert number is not None
    assert memos(plant) == ["Dear; | goods", record_of(number).number, "7"]


def test_lines_have_their_own_tables(plant: Plant) -> None:
    when = {"all": [ask("line.amount_incl", "at_least", "100")]}
    table = {"rows": [{"when": when, "then": {"text": "Large"}}]}
    table["otherwise"] = {"text": "Small"}
    plant.flow.mapping.rules.filter(scope="line", field="description").update(
        expression="", table=table
    )
    sell(plant, lines=[{**LINE, "price": 12100}, {**LINE, "article": 1002}])
    plant.run()
    [document] = documents(plant)
    assert [line.get("Description") for line in document["Line"][:2]] == [
        "Large",
        "Small",
    ]


def test_a_filter_of_conditions_skips_with_its_reason(plant: Plant) -> None:
    dear = {"all": [ask("order.total_incl", "more", "100")]}
    Filter.objects.create(
        mapping=plant.flow.mapping, conditions=dear, reason="dear goods"
    )
    skipped, moved = sell(plant, **DEAR), sell(plant)
    plant.run()
    assert record_of(moved).state == "synced"
    record = record_of(skipped)
    assert (record.state, record.reason) == ("skipped", "filtered: dear goods")
    assert len(documents(plant)) == 1


def test_an_error_is_told_on_the_record_in_the_preview_and_in_the_log(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    set_rule(plant, "memo", "order.reference + 1", label="Till's own")
    source_id = sell(plant, reference="Table 9")
    told = (
        f'Flow "{plant.flow.name}", rule "Document: Message to the customer" (Till\'s own)'
        ' needs a number; the value is a text, "Table 9".'
    )
    [preview] = services.preview_flow(plant.flow)
    assert (preview.fate, preview.reason) == ("fail", told)
    with caplog.at_level(logging.WARNING, "flows.engine.preparing"):
        plant.run()
    record = record_of(source_id)
    assert (record.state, record.message) == ("failed", told)
    assert record.fingerprint == "MappingError:value:header.memo"
    assert [each for each in caplog.messages if told in each] != []


def test_the_log_tells_one_cause_once(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    set_rule(plant, "memo", "order.reference + 1")
    for _ in range(3):
        sell(plant, reference="x")
    with caplog.at_level(logging.WARNING, "flows.engine.preparing"):
        plant.run()
    assert len([each for each in caplog.messages if "needs a number" in each]) == 1


@pytest.fixture
def tried(plant: Plant) -> Plant:
    """A plant whose last records are three, one of them dear."""
    for values in ({}, DEAR, {"reference": "x"}):
        sell(plant, **values)
    plant.run()
    return plant


def try_it(client: Client, plant: Plant, **sent: Any) -> str:
    """The filter's editor, asked about the plant's mapping."""
    address = reverse("admin:mapping_filter_conditions", args=(plant.flow.mapping.pk,))
    base = {"conditions:parts": "1", "conditions:kind": "all"}
    named = {f"conditions.0:{name}": value for name, value in sent.items()}
    return client.post(address, {**base, **named}).text


def test_a_filter_is_tried_on_the_last_records(
    tried: Plant, admin_client: Client
) -> None:
    dear = {"field": "order.total_incl", "operator": "more", "value": "100"}
    text = try_it(admin_client, tried, **dear)
    assert "A record is skipped when the total is more than 100." in text
    assert "2 of the last 3 records pass." in text
    [skipped] = [
        d
        for name, d in samples.last_samples(tried.flow.mapping).documents
        if d["total_incl"] > 100
    ]
    assert f"1 would be skipped: {skipped['number']['text']}" in text


def test_fields_of_the_tills_own_api_are_offered(
    tried: Plant, admin_client: Client
) -> None:
    text = try_it(admin_client, tried)
    assert "Other fields of the source" in text
    assert 'value="text:order.extra.' in text or 'value="number:order.extra.' in text


def test_removed_contents_are_not_tried(tried: Plant, admin_client: Client) -> None:
    record = tried.flow.records.first()
    assert record is not None
    tried.flow.records.exclude(pk=record.pk).update(payload=None)
    text = try_it(admin_client, tried, field="order.final", operator="yes")
    assert "of the last 1 record passes." in text


def test_values_of_a_table_are_picked_from_the_targets_list(
    plant: Plant, admin_client: Client
) -> None:
    rule = Rule.objects.get(
        mapping=plant.flow.mapping, scope="header", field="location"
    )
    sent = {
        "table:rows": "0",
        "table.otherwise:then": "text",
        "table.otherwise:text": "1",
    }
    address = reverse("admin:mapping_rule_table", args=(rule.pk,))
    text = admin_client.post(address, sent).text
    assert '<option value="1" selected>' in text
    page = admin_client.get(reverse("admin:mapping_rule_change", args=(rule.pk,)))
    assert page.status_code == 200
