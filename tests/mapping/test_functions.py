"""Every function, by tables of cases; and that the documentation tells them all."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integration_hub.core.errors import MappingError
from mapping.expressions import MAX_DEPTH
from mapping.functions import FUNCTIONS, Function
from mapping.tokens import MAX_LENGTH
from mapping.values import CONTEXT, MAX_DIGITS, MAX_TEXT
from tests.mapping.working import work_out

DOCS = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
DOCUMENT = {
    "day": date(2026, 1, 31),
    "moment": datetime(2026, 1, 31, 23, 5, 9, tzinfo=UTC),
    "early": date(98, 1, 2),
    "lines": [{}],
    "long": "ab" * 3_000,
    "longer": "a" * 10_001,
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda each: each.name)
def test_the_example_of_a_function_holds(function: Function) -> None:
    assert work_out(function.example) == work_out(function.gives)
    assert work_out(function.gives) is not None


def test_the_documentation_has_every_function_as_it_is() -> None:
    rows = re.findall(r"^\| `(.*?)` \| (.*?) \| `(.*?)` \| `(.*?)` \|$", DOCS, re.M)
    assert rows == [
        (each.signature, each.help, each.example, each.gives)
        for each in FUNCTIONS.values()
    ]


@pytest.mark.parametrize(
    "limit",
    [
        f"{MAX_LENGTH:,} characters",
        f"{MAX_DEPTH} levels",
        f"{MAX_DIGITS} digits",
        f"{MAX_TEXT:,} characters",
        f"{CONTEXT.prec} digits",
    ],
)
def test_the_documentation_tells_the_limits(limit: str) -> None:
    assert limit in DOCS


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("empty(nothing)", True),
        ("empty(0)", False),
        ("one_of(1, 2, 3)", False),
        ("one_of(nothing, 2, nothing)", True),
        ('join("-", nothing, 1.50, true, order.day)', "1.50-true-2026-01-31"),
        ('join("-", nothing)', None),
        ('join(nothing, "a", "b")', None),
        ("text(nothing)", None),
        ("trim(nothing)", None),
        ("upper(12.50)", "12.50"),
        ('truncate("ab", 0)', None),
        ('truncate("ab", 5)', "ab"),
        ('replace("aXbX", "X", "")', "ab"),
        ('digits("٣4")', "4"),
        ("length(nothing)", Decimal(0)),
        ('contains("ab", "c")', False),
        ('contains(nothing, "c")', None),
        ('starts_with("ab", "b")', False),
        ("number(12.50)", Decimal("12.50")),
        ('number(" -1.5 ")', Decimal("-1.5")),
        ('number("+2")', Decimal(2)),
        ('number(" ")', None),
        ("round(0.5)", Decimal(1)),
        ("round(-0.5)", Decimal(-1)),
        ("round(1.005, 2)", Decimal("1.01")),
        ("round(nothing, 2)", None),
        ("abs(0.5)", Decimal("0.5")),
        ("min(nothing, 2, nothing, 1)", Decimal(1)),
        ("min(nothing)", None),
        ("max(order.day, date_add(order.day, 1))", date(2026, 2, 1)),
        ('max("a", "b")', "b"),
        ("date(nothing)", None),
        ('date(" ")', None),
        ("date(order.moment)", date(2026, 1, 31)),
        ('date("2026-01-31T10:00:00Z")', date(2026, 1, 31)),
        ("date_add(order.moment, -31)", date(2025, 12, 31)),
        ("date_add(nothing, 1)", None),
        ('format_date(order.moment, "YY/MM/DD hh:mm:ss")', "26/01/31 23:05:09"),
        ('format_date(order.early, "YYYY-YY hh")', "0098-98 00"),
        ('format_date(nothing, "YYYY")', None),
        ('country("el")', "GR"),
        ('country("UK")', "GB"),
        ('country("Nederland")', None),
        ('country("N1")', None),
        ('in_eu("CH")', False),
        ('in_eu("")', False),
    ],
)
def test_functions_give(expression: str, value: Any) -> None:
    assert work_out(expression, DOCUMENT) == value


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("upper(order.lines)", "upper needs a single value; the value is a list"),
        ("join(order.lines, 1)", "join needs a single value"),
        ("join('', order.lines)", "join needs a single value"),
        ("one_of(1, order.lines)", "one_of cannot compare this"),
        ('truncate("ab", -1)', "truncate needs a length of 0 or more"),
        ('truncate("ab", 1.5)', "truncate needs a whole number"),
        ('replace("ab", "", "x")', "replace needs a text to look for"),
        ('replace(order.long, "a", "xxxx")', "replace makes a text longer"),
        ("upper(order.longer)", "makes a text longer than 10,000"),
        ("order.long & order.long", "makes a text longer than 10,000"),
        ('number("1,234.50")', "number needs a text that is a number"),
        ('number("1e5")', "number needs a text that is a number"),
        ("round(1, 11)", "round rounds to 0 to 10 places"),
        ("round(1, -1)", "round rounds to 0 to 10 places"),
        (f"round({'9' * 30}, 2)", "round cannot round a number this large"),
        ('round("1")', "round needs a number"),
        ('abs("1")', "abs needs a number"),
        ('min(1, "2")', "min compares a text with another kind"),
        ('date("31-01-2026")', "date needs a date such as 2026-01-31"),
        ("date(1)", "date needs a date"),
        ("date_add(order.day, 36601)", "date_add shifts by a century at most"),
        ("date_add(order.early, -36600)", "date_add leaves the calendar"),
        ('date_add("2026-01-31", 1)', "date_add needs a date"),
        ('format_date("2026-01-31", "YYYY")', "format_date needs a date or time"),
    ],
)
def test_functions_refuse(expression: str, problem: str) -> None:
    with pytest.raises(MappingError) as caught:
        work_out(expression, DOCUMENT)
    assert caught.value.message.startswith(f"Rule header.field {problem}")
    assert caught.value.action
