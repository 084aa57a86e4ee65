"""What an update leaves alone in QuickBooks: rules that fill only what is empty."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.quickbooks.sandbox.customfields import make_definitions
from mapping.models import Rule
from tests.flows.bookkeeper import documents
from tests.flows.shop import LINE, assert_right, record_of, sell
from tests.flows.test_after_posting import change, move
from tests.flows.test_closed_periods import choose
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def updating(plant: Plant) -> Plant:
    """A plant that updates documents of receipts that were changed."""
    choose(plant, after_posting="update")
    return plant


def set_rule(plant: Plant, field: str, expression: str, **more: Any) -> None:
    """The one rule of a field of the document."""
    rules = plant.flow.mapping.rules
    rules.filter(scope="header", field=field).delete()
    Rule.objects.create(
        mapping=plant.flow.mapping,
        scope="header",
        field=field,
        expression=expression,
        **more,
    )


def only_document(plant: Plant, entity: str = "SalesReceipt") -> dict[str, Any]:
    """The one document of the company."""
    [document] = documents(plant, entity)
    return document


def memo(plant: Plant) -> str:
    """The message to the customer on the one document."""
    return str(only_document(plant).get("CustomerMemo", {}).get("value", ""))


ARTICLE = '"Article " & order.lines[0].article'


@pytest.mark.parametrize(
    ("more", "after"),
    [
        ({}, "Article 1002"),
        ({"only_if_empty": True}, "Article 1001"),
        ({"on": "create"}, "Article 1001"),
    ],
)
def test_a_value_that_is_there_is_left_alone_if_the_rule_says_so(
    updating: Plant, more: dict[str, Any], after: str
) -> None:
    set_rule(updating, "memo", ARTICLE, **more)
    source_id = sell(updating)
    updating.run()
    assert memo(updating) == "Article 1001"
    move(updating, source_id)
    record = record_of(source_id)
    assert (record.state, record.message) == ("synced", "")
    assert memo(updating) == after
    assert_right(updating)


@pytest.mark.parametrize("rule", [{"only_if_empty": True}, {"on": "update"}])
def test_a_value_that_is_empty_there_is_filled(
    updating: Plant, rule: dict[str, Any]
) -> None:
    later = 'if(order.lines[0].article = "1002", "Thank you", nothing)'
    set_rule(updating, "memo", later, **rule)
    source_id = sell(updating)
    updating.run()
    assert memo(updating) == ""
    move(updating, source_id)
    assert memo(updating) == "Thank you"


def test_what_has_no_value_any_more_is_cleared_beside_it(updating: Plant) -> None:
    set_rule(updating, "memo", ARTICLE, only_if_empty=True)
    branch = 'lookup("branches", order.branch, column="location")'
    set_rule(updating, "location", f'if(order.lines[0].article = "1001", {branch})')
    source_id = sell(updating)
    updating.run()
    assert only_document(updating).get("DepartmentRef")
    move(updating, source_id)
    assert memo(updating) == "Article 1001"
    assert "DepartmentRef" not in only_document(updating)


def test_no_shipping_method_or_custom_field_of_before_stays(updating: Plant) -> None:
    definitions = make_definitions({"1": "Card", "2": "Table"})
    updating.books.do(
        "set_preferences", preferences={"SalesFormsPrefs": {"CustomField": definitions}}
    )
    set_rule(updating, "memo", ARTICLE, only_if_empty=True)
    for field in ("ship_method", "custom_1"):
        set_rule(updating, field, 'if(order.lines[0].article = "1001", "By bike")')
    set_rule(updating, "custom_2", "order.lines[0].article")
    source_id = sell(updating)
    updating.run()
    move(updating, source_id)
    document = only_document(updating)
    assert memo(updating) == "Article 1001"
    assert "ShipMethodRef" not in document
    values = {f["DefinitionId"]: f.get("StringValue") for f in document["CustomField"]}
    assert values.get("2") == "1002"
    assert not values.get("1")


def test_a_third_change_still_leaves_it_alone(updating: Plant) -> None:
    set_rule(updating, "memo", ARTICLE, only_if_empty=True)
    source_id = sell(updating)
    updating.run()
    for article in (1002, 1003):
        change(updating, source_id, lines=[{**LINE, "article": article}])
    assert only_document(updating)["SyncToken"] == "2"
    assert memo(updating) == "Article 1001"


def test_an_invoice_keeps_its_due_date(updating: Plant) -> None:
    payments = [{"method": "OPREKENING"}]
    set_rule(updating, "due_date", "date_add(order.date, 9)", only_if_empty=True)
    source_id = sell(updating, relation=1081, payments=payments)
    updating.run()
    due = only_document(updating, "Invoice")["DueDate"]
    set_rule(updating, "due_date", "date_add(order.date, 30)", only_if_empty=True)
    move(updating, source_id)
    invoice = only_document(updating, "Invoice")
    assert (invoice["SyncToken"], invoice["DueDate"]) == ("1", due)
