"""The worked example of docs/mapping.md: a custom field of the till in QuickBooks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.quickbooks.sandbox.customfields import make_definitions
from flows import services
from flows.models import SyncRecord
from flows.tasks import read_again
from mapping.models import Rule
from tests.flows.bookkeeper import documents
from tests.flows.shop import record_of, sell
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
RELATION = 1001


@pytest.fixture
def rule(plant: Plant) -> Rule:
    """The rule of the page, with a customer who has the card of the page."""
    found = re.search(r"\*Custom field 1\* is\n\n```\n(.*)\n```", PAGE)
    assert found
    card = {
        "fieldName": "loyalty",
        "dataType": "DATA-TYPE-STRING",
        "strValue": "L-20417",
    }
    other = {**card, "fieldName": "shoe size", "strValue": "42"}
    plant.till.do(
        "edit_relation",
        relationNumber=RELATION,
        customFieldList={"customField": [other, card]},
    )
    return Rule.objects.create(
        mapping=plant.flow.mapping,
        scope="header",
        field="custom_1",
        expression=found[1],
    )


def switch_on(plant: Plant) -> None:
    """Call the first custom field of the sales forms Loyalty card."""
    fields = make_definitions({"1": "Loyalty card"})
    plant.books.do(
        "set_preferences", preferences={"SalesFormsPrefs": {"CustomField": fields}}
    )


def test_the_field_of_the_customer_is_on_the_sales_receipt(
    plant: Plant, rule: Rule
) -> None:
    switch_on(plant)
    sell(plant, relation=RELATION)
    sell(plant)
    plant.run()
    shown = [document.get("CustomField") for document in documents(plant)]
    field = {
        "DefinitionId": "1",
        "Name": "Loyalty card",
        "Type": "StringType",
        "StringValue": "20417",
    }
    assert sorted(shown, key=bool) == [None, [field]]


def test_a_field_that_is_not_switched_on_fails_and_says_where(
    plant: Plant, rule: Rule
) -> None:
    sold = sell(plant, relation=RELATION)
    plant.run()
    record = record_of(sold)
    assert record.state == "failed"
    assert "a custom field that a rule fills is not switched on" in record.message
    assert "Sales form content" in record.action
    switch_on(plant)
    services.retry(SyncRecord.objects.filter(pk=record.pk))
    read_again(record.flow_id)
    plant.work()
    assert record_of(sold).state == "synced"
    assert documents(plant)[0]["CustomField"][0]["StringValue"] == "20417"
