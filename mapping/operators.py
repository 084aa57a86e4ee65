"""What the signs between two values do."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from integration_hub.core.errors import UnusableError
from mapping.values import CONTEXT, check_number, name_kind, to_number

Operation = Callable[[object, object], object]


def apply_add(left: object, right: object) -> Decimal | None:
    """The sum; nothing with nothing in it."""
    return _calculate(CONTEXT.add, left, right)


def apply_subtract(left: object, right: object) -> Decimal | None:
    """The difference; nothing with nothing in it."""
    return _calculate(CONTEXT.subtract, left, right)


def apply_multiply(left: object, right: object) -> Decimal | None:
    """The product; nothing with nothing in it."""
    return _calculate(CONTEXT.multiply, left, right)


def apply_divide(left: object, right: object) -> Decimal | None:
    """The quotient; nothing with nothing in it. Raises UnusableError for 0."""
    if isinstance(right, Decimal) and not right:
        raise UnusableError("cannot divide by 0", value=left)
    return _calculate(CONTEXT.divide, left, right)


def negate(value: object) -> Decimal | None:
    """The negative; of nothing, nothing."""
    return None if value is None else CONTEXT.minus(check_number(to_number(value)))


def is_equal(left: object, right: object) -> bool:
    """Equal and of the same kind. Raises UnusableError for lists and records."""
    if type(left) is str and type(right) is str:  # what most rules compare
        return left == right
    for value in (left, right):
        if isinstance(value, Decimal):
            check_number(value)
        elif value is not None and not isinstance(value, str | bool | date):
            raise UnusableError("cannot compare this", value=value)
    return name_kind(left) == name_kind(right) and left == right


def is_unequal(left: object, right: object) -> bool:
    """The opposite of ``is_equal``."""
    return not is_equal(left, right)


def is_true(value: object) -> bool:
    """A condition; nothing is false. Raises UnusableError for any other kind."""
    if value is True:
        return True
    if value is False or value is None:
        return False
    raise UnusableError("needs a condition (true or false)", value=value)


def compare_with(
    test: Callable[[Any, Any], bool],
) -> Callable[[object, object], bool | None]:
    """An order test on two values of one kind; nothing with nothing in it."""

    def compare(left: object, right: object) -> bool | None:
        if left is None or right is None:
            return None
        kind = name_kind(left)
        if kind != name_kind(right):
            raise UnusableError(f"compares {kind} with another kind", value=right)
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            return test(check_number(left), check_number(right))
        if isinstance(left, datetime) and isinstance(right, datetime):
            _check_zones(left, right)
        elif not isinstance(left, str | date):
            raise UnusableError("cannot compare this", value=left)
        return test(left, right)

    return compare


def _calculate(
    operation: Callable[[Decimal, Decimal], Decimal], left: object, right: object
) -> Decimal | None:
    if left is None or right is None:
        return None
    return check_number(
        operation(check_number(to_number(left)), check_number(to_number(right)))
    )


def _check_zones(left: datetime, right: datetime) -> None:
    if (left.utcoffset() is None) != (right.utcoffset() is None):
        raise UnusableError("compares times with and without time zone", value=right)


OPERATIONS: dict[str, Operation] = {
    "+": apply_add,
    "-": apply_subtract,
    "*": apply_multiply,
    "/": apply_divide,
    "=": is_equal,
    "<>": is_unequal,
    "<": compare_with(operator.lt),
    "<=": compare_with(operator.le),
    ">": compare_with(operator.gt),
    ">=": compare_with(operator.ge),
}
