"""What target fields take."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import TargetField
from integration_hub.core.errors import UnusableError
from mapping.fields import check_value

DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("kind", "value", "taken"),
    [
        ("text", None, None),
        ("text", "a", "a"),
        ("text", Decimal("1.50"), "1.50"),
        ("choice", Decimal(7), "7"),
        ("integer", Decimal("3.00"), 3),
        ("boolean", True, True),
        ("date", datetime(2026, 1, 31, 5, tzinfo=UTC), DAY),
    ],
)
def test_fields_take_values_of_their_type(kind: str, value: Any, taken: Any) -> None:
    field = TargetField("field", "Field", type=kind)
    assert check_value(value, field) == taken


@pytest.mark.parametrize(
    ("kind", "value"),
    [("text", []), ("integer", "3"), ("boolean", "yes"), ("date", "2026-01-31")],
)
def test_fields_refuse_other_values(kind: str, value: Any) -> None:
    with pytest.raises(UnusableError):
        check_value(value, TargetField("field", "Field", type=kind))


def test_a_text_may_be_as_long_as_the_field() -> None:
    assert check_value("abc", TargetField("field", "Field", max_length=3)) == "abc"


def test_a_longer_text_is_refused_with_the_way_out() -> None:
    with pytest.raises(
        UnusableError, match="4 characters; the field takes 3"
    ) as caught:
        check_value("abcd", TargetField("field", "Field", max_length=3))
    assert "truncate(…, 3)" in caught.value.action


@pytest.mark.parametrize("value", ["a", Decimal(1), True, DAY, None])
def test_without_a_declaration_any_single_value_passes(value: Any) -> None:
    assert check_value(value, None) == value


@pytest.mark.parametrize("value", [[], (), {}, Decimal("Infinity")])
def test_without_a_declaration_lists_and_infinities_do_not(value: Any) -> None:
    with pytest.raises(UnusableError):
        check_value(value, None)
