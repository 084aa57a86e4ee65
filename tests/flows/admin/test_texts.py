"""Stored texts made readable."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flows.admin.texts import MOST, Section, pretty_json, pretty_text, split_sections
from flows.reasons import describe_reason, name_reason
from flows.templatetags.hub import money, quantity, short_role, state_counts, words
from integration_hub.core.errors import Rejected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        (Decimal("1.10"), "1.10"),
        (
            {"a": [1, {"é": None}]},
            '{\n  "a": [\n    1,\n    {\n      "é": null\n    }\n  ]\n}',
        ),
    ],
)
def test_json_is_laid_out(value: Any, text: str) -> None:
    assert pretty_json(value) == text


@pytest.mark.parametrize("text", ["<soap/>", "", "{", "NaN"])
def test_what_is_no_json_stays(text: str) -> None:
    assert pretty_text(text) == text


def test_amounts_keep_their_digits() -> None:
    assert pretty_text('{"a":10.10}') == '{\n  "a": 10.10\n}'


def test_a_very_long_answer_stays() -> None:
    text = "[" + "1," * MOST + "1]"
    assert pretty_text(text) == text


def test_a_nested_record_in_parts() -> None:
    record = {
        "id": 1,
        "empty": "",
        "who": {"name": "x", "tags": ["a"]},
        "lines": [{"text": "Soap", "data": {"price": 5}}, {}],
    }
    assert split_sections(record) == [
        Section("", (("id", "1"), ("who.name", "x"))),
        Section("who.tags 1", (("value", "a"),)),
        Section("lines 1", (("text", "Soap"), ("data.price", "5"))),
    ]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.5", "1,234.50"),
        (Decimal("-0.05"), "-0.05"),
        (0, "0.00"),
        (None, "–"),
        ("", "–"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_amounts(amount: Any, text: str) -> None:
    assert money(amount) == text


@pytest.mark.parametrize(("number", "text"), [("1.500", "1.5"), ("100", "100")])
def test_quantities(number: str, text: str) -> None:
    assert quantity(Decimal(number)) == text


def test_roles_without_ids() -> None:
    assert [short_role(r) for r in ("sale", "payment:52a1")] == ["sale", "payment"]


def test_numbers_by_state_are_in_the_states_order() -> None:
    text = state_counts({"failed": 1, "synced": 2, "read_tries": 9})
    assert text.index("Synced") < text.index("Failed")
    assert "9" not in text
    assert state_counts({}) == "–"


def test_reasons_in_words() -> None:
    theirs, ours = Rejected("No.", system="Books"), Rejected("No.")
    assert describe_reason(name_reason(theirs)) == "refused by the target"
    assert describe_reason(name_reason(ours)) == "did not pass a check of the hub"
    assert describe_reason("cash out") == "cash out"


def test_names_of_systems_become_words() -> None:
    names = ("SalesReceipt", "Invoice", "cash_out", "credit")
    assert [words(n) for n in names] == [
        "Sales receipt",
        "Invoice",
        "cash out",
        "credit",
    ]
