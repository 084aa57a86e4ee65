"""What the signs between two values do with each kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.core.errors import UnusableError
from mapping.operators import OPERATIONS, is_true, negate

ONE, TWO = Decimal(1), Decimal(2)
DAY = date(2026, 1, 31)
MOMENT = datetime(2026, 1, 31, tzinfo=UTC)
NAIVE = MOMENT.replace(tzinfo=None)
HUGE = Decimal("1E+29")


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "<", "<=", ">", ">="])
def test_nothing_stays_nothing(sign: str) -> None:
    assert OPERATIONS[sign](None, ONE) is None
    assert OPERATIONS[sign](ONE, None) is None


@pytest.mark.parametrize(
    ("left", "sign", "right", "result"),
    [
        (ONE, "+", TWO, Decimal(3)),
        (ONE, "-", TWO, Decimal(-1)),
        (Decimal("1.10"), "*", TWO, Decimal("2.20")),
        (ONE, "/", TWO, Decimal("0.5")),
        (ONE, "=", Decimal("1.00"), True),
        (ONE, "=", "1", False),
        (True, "=", ONE, False),
        (None, "=", None, True),
        ("", "=", None, False),
        (DAY, "=", MOMENT, False),
        (ONE, "<>", TWO, True),
        ("a", "<>", "a", False),
        (ONE, "<", TWO, True),
        ("b", "<=", "a", False),
        (DAY, ">=", DAY, True),
        (MOMENT, ">", MOMENT, False),
        (NAIVE, "<=", NAIVE, True),
    ],
)
def test_results(left: Any, sign: str, right: Any, result: Any) -> None:
    assert OPERATIONS[sign](left, right) == result


@pytest.mark.parametrize(
    ("left", "sign", "right", "problem"),
    [
        (ONE, "+", "2", "needs a number"),
        (DAY, "-", DAY, "needs a number"),
        (ONE, "/", Decimal("0.00"), "cannot divide by 0"),
        (HUGE, "*", HUGE, "beyond 30 digits"),
        (1 / HUGE, "*", 1 / HUGE, "beyond 30 digits"),
        (Decimal("NaN"), "+", ONE, "not finite"),
        (Decimal("sNaN"), "=", ONE, "not finite"),
        (Decimal("sNaN"), "<", ONE, "not finite"),
        ([], "=", None, "cannot compare this"),
        (None, "<>", {}, "cannot compare this"),
        (ONE, "<", "2", "compares a number with another kind"),
        (DAY, "<", MOMENT, "compares a date with another kind"),
        (True, "<", False, "cannot compare this"),
        ([], ">", [], "cannot compare this"),
        (NAIVE, "<", MOMENT, "with and without time zone"),
    ],
)
def test_refusals(left: Any, sign: str, right: Any, problem: str) -> None:
    with pytest.raises(UnusableError, match=problem):
        OPERATIONS[sign](left, right)


def test_the_negative() -> None:
    assert negate(ONE) == -1
    assert negate(None) is None
    with pytest.raises(UnusableError, match="needs a number"):
        negate("1")


@pytest.mark.parametrize(("value", "result"), [(True, True), (False, False), (None, 0)])
def test_conditions(value: Any, result: bool) -> None:
    assert is_true(value) == result


@pytest.mark.parametrize("value", ["true", ONE, []])
def test_other_values_are_no_conditions(value: Any) -> None:
    with pytest.raises(UnusableError, match="needs a condition"):
        is_true(value)
