"""Conditions: what they ask, how they read, and what is refused."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.datamodel import Address, Customer, Line, Order, OrderNumber, Tender
from integration_hub.core.errors import ConfigError
from mapping.conditions import (
    MAX_DEPTH,
    MAX_PARTS,
    MAX_VALUE,
    MAX_VALUES,
    read_group,
)
from mapping.met import list_met
from mapping.questions import OPERATORS
from mapping.rules import ROOTS, FilterData
from mapping.tables import MAX_ROWS
from mapping.trying import try_filter
from mapping.vocabulary import FIELDS, PLACES, find_field

ROOT = ("order",)
DOCUMENT: dict[str, Any] = {
    "branch": "2",
    "type": "sale",
    "total_incl": Decimal("100.00"),
    "date": date(2026, 1, 31),
    "entered_at": datetime(2026, 1, 31, 23, 0, tzinfo=UTC),
    "final": True,
    "reference": "Table 12",
    "customer": {"name": "Ann", "email": " ", "payment_days": Decimal(14)},
    "lines": [
        {"text": "Gift card", "amount_incl": Decimal(25)},
        {"text": "Tea", "amount_incl": Decimal(3)},
    ],
    "tenders": [{"method": "PIN"}],
    "extra": {"floor": "1", "a name": Decimal(3), "open": True},
}


def ask(field: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """One condition."""
    data = {"field": field, "operator": operator, **more}
    return data if value is None else {**data, "value": value}


def skips(group: dict[str, Any], document: dict[str, Any] = DOCUMENT) -> bool:
    """Whether a filter of these conditions skips a document."""
    trial = try_filter(FilterData("", "x", group), [("1", document)], {})
    assert trial.failed == []
    return bool(trial.skipped)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (ask("order.branch", "is", "2"), True),
        (ask("order.branch", "is_not", "2"), False),
        (ask("order.branch", "one_of", ["1", "2"]), True),
        (ask("order.branch", "none_of", ["1", "2"]), False),
        (ask("order.reference", "is", "table 12"), True),
        (ask("order.reference", "contains", "BLE 1"), True),
        (ask("order.reference", "lacks", "ble"), False),
        (ask("order.reference", "begins", "tab"), True),
        (ask("order.reference", "begins", "12"), False),
        (ask("order.employee", "lacks", "x"), True),
        (ask("order.employee", "empty"), True),
        (ask("order.customer.email", "empty"), True),
        (ask("order.customer.name", "filled"), True),
        (ask("order.type", "is", "sale"), True),
        (ask("order.type", "none_of", ["credit", "cash_in"]), True),
        (ask("order.total_incl", "is", "100"), True),
        (ask("order.total_incl", "more", "99,99"), True),
        (ask("order.total_incl", "more", "100"), False),
        (ask("order.total_incl", "at_least", "100"), True),
        (ask("order.total_incl", "less", "-5"), False),
        (ask("order.total_incl", "at_most", "100"), True),
        (ask("order.tips", "at_most", "100"), False),
        (ask("order.customer.payment_days", "is_not", "30"), True),
        (ask("order.date", "on", "2026-01-31"), True),
        (ask("order.date", "before", "2026-01-31"), False),
        (ask("order.date", "until", "2026-01-31"), True),
        (ask("order.date", "after", "2026-01-30"), True),
        (ask("order.entered_at", "from", "2026-01-31"), True),
        (ask("order.final", "yes"), True),
        (ask("order.final", "no"), False),
        (ask("order.extra.floor", "is", "1"), True),
        (ask('order.extra["a name"]', "more", "2", type="number"), True),
        (ask("order.extra.open", "yes", type="boolean"), True),
        (ask("order.extra.nowhere", "is", "1"), False),
    ],
)
def test_a_condition_holds_or_not(condition: dict[str, Any], holds: bool) -> None:
    assert skips({"all": [condition]}) == holds


GIFT = {"all": [ask("line.text", "contains", "gift")]}
CHEAP = {"all": [ask("line.amount_incl", "less", "30")]}


@pytest.mark.parametrize(
    ("group", "holds"),
    [
        ({"some": "order.lines", "where": GIFT}, True),
        ({"every": "order.lines", "where": GIFT}, False),
        ({"every": "order.lines", "where": CHEAP}, True),
        (
            {
                "some": "order.tenders",
                "where": {"any": [ask("tender.method", "is", "pin")]},
            },
            True,
        ),
        ({"any": [ask("order.branch", "is", "1"), {"all": [GIFT]}]}, None),
        (
            {"any": [ask("order.branch", "is", "1"), ask("order.till", "empty")]},
            True,
        ),
    ],
)
def test_groups_and_lists(group: dict[str, Any], holds: bool | None) -> None:
    if holds is None:  # A line is known within a list only.
        with pytest.raises(ConfigError, match=r"Condition 1\.2\.1\.1"):
            read_group({"all": [group]}, ROOT)
        return
    assert skips({"all": [group]}) == holds


def test_no_line_is_not_every_line() -> None:
    group = {"all": [{"every": "order.lines", "where": CHEAP}]}
    assert not skips(group, {"lines": []})
    assert not skips(group, {"lines": "nothing of the kind"})


def test_conditions_read_as_a_sentence() -> None:
    group = {
        "all": [
            ask("order.branch", "one_of", ["1", "2", "3"]),
            {"any": [ask("order.total_incl", "more", "100"), ask("order.final", "no")]},
            {"every": "order.lines", "where": GIFT},
        ]
    }
    assert read_group(group, ROOT).sentence == (
        "the branch is one of 1, 2 or 3 and (the total is more than 100 or it is not so"
        " that the payment is final) and for every line (the line's text contains"
        " “gift”)"
    )


@pytest.mark.parametrize(
    ("group", "problem"),
    [
        (None, "a group says “all” or “any”, and of what."),
        ({"all": []}, "a condition is missing."),
        ({"all": ["x"]}, "Condition 1: this is no condition."),
        ({"all": [ask("", "is", "1")]}, "Condition 1: a field is missing."),
        ({"all": [ask("order.x", "is", "1")]}, "“order.x” is no field of a document."),
        ({"all": [ask("order", "is", "1")]}, "“order” is no field."),
        ({"all": [ask("1 + 1", "is", "1")]}, "“1 + 1” is no field."),
        ({"all": [ask("line.text", "is", "1")]}, '"line" is not known here'),
        ({"all": [ask("order.extra.x", "is", "1", type="list")]}, "no type “list”"),
        ({"all": [ask("order.extra.x", "is", "1", type="choice")]}, "no type “choice”"),
        (
            {"all": [ask("order.total_incl", "contains", "1")]},
            "Condition 1: “Total” cannot be compared by “contains”; there is is, is_not,",
        ),
        ({"all": [ask("order.branch", "is")]}, "a value for “Branch” is missing."),
        ({"all": [ask("order.branch", "one_of", [])]}, "between 1 and 50 values"),
        ({"all": [ask("order.branch", "is", "x" * 201)]}, "at most 200 characters"),
        ({"all": [ask("order.branch", "is", "a\nb")]}, "one line of at most"),
        ({"all": [ask("order.total_incl", "is", "1,2,3")]}, "“1,2,3” is none."),
        ({"all": [ask("order.date", "on", "31-01-2026")]}, "write 2026-01-31."),
        ({"all": [ask("order.type", "is", "x")]}, "“Type” is never “x”; there is sale"),
        (
            {"all": [{"some": "order.extra", "where": {"all": []}}]},
            "Condition 1: a list is missing: one of order.lines, order.tenders.",
        ),
        (
            {"all": [{"all": [{"all": [{"all": [{"all": []}]}]}]}]},
            "Condition 1.1.1.1: more than 4 levels of groups.",
        ),
        ({"all": [ask("order.branch", "is", "1")] * 51}, "more than 50 conditions"),
    ],
)
def test_what_cannot_be_asked_is_refused(group: Any, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_group(group, ROOT)
    assert problem in caught.value.message
    assert caught.value.action


def test_a_value_of_another_kind_fails_naming_the_condition() -> None:
    group = {"all": [ask("order.total_incl", "more", "1")]}
    trial = try_filter(FilterData("", "x", group), [("7", {"total_incl": "a"})], {})
    assert trial.failed == [
        (
            "7",
            'Filter "x" at “the total is more than 1” compares a number with another'
            ' kind; the value is a text, "a".',
        )
    ]


def test_a_value_of_a_customer_is_not_told() -> None:
    group = {"all": [ask("order.customer.payment_days", "more", "1")]}
    document = {"customer": {"payment_days": "secret"}}
    trial = try_filter(FilterData("", "x", group), [("7", document)], {})
    assert "secret" not in trial.failed[0][1]


def test_every_single_field_of_a_document_has_a_name() -> None:
    kinds = (Order, OrderNumber, Customer, Address, Line, Tender)
    whole = {"lines", "tenders", "vat_totals", "sub_lines", "number", "customer"}
    for kind in kinds:
        named = {
            name
            for places in PLACES.values()
            for _place, document, words in places
            if document is kind
            for name in words
        }
        fields = {field.name for field in dataclasses.fields(kind)}
        assert fields - named <= whole | {"extra", "billing", "shipping"}, kind
    assert set(ROOTS["header"]) <= {field.root for field in FIELDS.values()}


def test_fields_of_the_api_are_offered_as_they_were_met() -> None:
    documents = [
        {"extra": {"a": "x", "b": {"c": Decimal(1)}, "or": "y", "none": None}},
        {
            "extra": {"a": Decimal(2), "list": [1]},
            "lines": [{"extra": {"si unit": "kg"}}],
        },
        {
            "customer": {"extra": {"vip": True}},
            "tenders": [{"extra": {"on": date.min}}],
        },
    ]
    met = {field.path: field.type for field in list_met(documents)}
    assert met == {
        "order.extra.a": "text",
        "order.extra.b.c": "number",
        'order.extra["or"]': "text",
        'line.extra["si unit"]': "text",
        "order.customer.extra.vip": "boolean",
        "tender.extra.on": "date",
    }


def test_fields_of_the_customer_are_told_from_those_of_the_document() -> None:
    paths = ("order.customer.extra.syncMarker", "order.extra.syncMarker")
    found = [find_field(path) for path in paths]
    assert [field.label for field in found] == ["Customer's syncMarker", "syncMarker"]
    assert [str(field.told) for field in found] == [
        "the customer's field “syncMarker”",
        "the field “syncMarker”",
    ]


def test_the_docs_tell_every_operator_and_limit() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
    names = {name for operators in OPERATORS.values() for name in operators}
    assert {name for name in names if f"`{name}`" not in docs} == set()
    assert (
        f"Limits: {MAX_ROWS} rows, {MAX_PARTS} conditions in a group, {MAX_DEPTH} levels of"
        f" groups, {MAX_VALUES} values of {MAX_VALUE} characters."
    ) in docs
