"""Kinds of values, their limits and how errors describe them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.datamodel import Kind
from integration_hub.core.errors import UnusableError
from mapping import values

DAY = date(2026, 1, 31)
MOMENT = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
HUGE = Decimal("1E+1000000")


class OwnText(str):
    """A text of another library."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ("a", "a"),
        (OwnText("a"), "a"),
        (Kind.ORDER, "order"),
        (True, True),
        (3, Decimal(3)),
        (0.1, Decimal("0.1")),
        (None, None),
        (DAY, DAY),
        ([1], [1]),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_values_of_documents_become_known_kinds(value: Any, clean: Any) -> None:
    result = values.clean_value(value)
    assert result == clean
    assert type(result) is type(clean)


@pytest.mark.parametrize("value", [object(), b"x", float("nan"), float("inf")])
def test_values_of_unknown_kinds_are_refused(value: Any) -> None:
    with pytest.raises(UnusableError, match="unknown kind"):
        values.clean_value(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "nothing"),
        ("a", "a text"),
        (False, "true or false"),
        (Decimal(1), "a number"),
        (MOMENT, "a time"),
        (DAY, "a date"),
        ({}, "a record"),
        ((), "a list"),
        (b"", "an unknown kind of value"),
    ],
)
def test_kinds_have_names(value: Any, kind: str) -> None:
    assert values.name_kind(value) == kind


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (Decimal("1E+2"), "100"),
        (Decimal("12.50"), "12.50"),
        (Decimal("0E-1000000"), "0"),
        (DAY, "2026-01-31"),
        (MOMENT, "2026-01-31T23:30:00+00:00"),
    ],
)
def test_single_values_have_a_text(value: Any, text: str) -> None:
    assert values.to_text(value) == text


@pytest.mark.parametrize("value", [[], {}, HUGE, 1 / HUGE, Decimal("NaN")])
def test_lists_and_boundless_numbers_have_no_text(value: Any) -> None:
    with pytest.raises(UnusableError):
        values.to_text(value)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (" a ", "a"),
        ("21.00", "21.00"),
        (Decimal("21.00"), "21"),
        (Decimal("100"), "100"),
        (Decimal("-0.00"), "0"),
        (Decimal("0.10"), "0.1"),
        (None, ""),
        (True, "true"),
        (DAY, "2026-01-31"),
    ],
)
def test_keys_drop_spaces_and_trailing_zeros_of_numbers(value: Any, key: str) -> None:
    assert values.to_key(value) == key


@pytest.mark.parametrize("value", [[], Decimal("Infinity"), HUGE])
def test_what_cannot_be_a_key_is_refused(value: Any) -> None:
    with pytest.raises(UnusableError):
        values.to_key(value)


def test_numbers_are_not_made_of_texts_by_themselves() -> None:
    with pytest.raises(UnusableError) as caught:
        values.to_number("12")
    assert "number(…)" in caught.value.action


def test_other_kinds_are_no_numbers_either() -> None:
    with pytest.raises(UnusableError) as caught:
        values.to_number(True)
    assert caught.value.action == ""


@pytest.mark.parametrize(("value", "number"), [("3", 3), ("-2.00", -2), ("1E+3", 1000)])
def test_whole_numbers(value: str, number: int) -> None:
    assert values.to_integer(Decimal(value)) == number


@pytest.mark.parametrize("value", ["1.5", "1E+9", "NaN", "Infinity"])
def test_what_is_no_whole_number_is_refused(value: str) -> None:
    with pytest.raises(UnusableError, match="whole number"):
        values.to_integer(Decimal(value))


def test_a_time_is_a_date_too() -> None:
    assert values.to_date(MOMENT) == DAY
    assert values.to_date(DAY) == DAY


def test_a_text_is_no_date() -> None:
    with pytest.raises(UnusableError, match="needs a date") as caught:
        values.to_date("2026-01-31")
    assert "date(…)" in caught.value.action


def test_texts_are_limited() -> None:
    assert values.check_text("a" * values.MAX_TEXT)
    with pytest.raises(UnusableError, match="longer than 10,000"):
        values.check_text("a" * (values.MAX_TEXT + 1))


@pytest.mark.parametrize(
    ("value", "personal", "shown"),
    [
        ("abc", False, 'a text, "abc"'),
        ("a" * 61, False, f'a text, "{"a" * 59}…"'),
        ("abc", True, "a text of 3 characters"),
        (Decimal("1.50"), False, "a number, 1.50"),
        (Decimal("1.50"), True, "a number"),
        (DAY, False, "a date, 2026-01-31"),
        ([1], False, "a list"),
        (None, False, "nothing"),
    ],
)
def test_errors_describe_values(value: Any, personal: bool, shown: str) -> None:
    assert values.describe_value(value, personal=personal) == shown
