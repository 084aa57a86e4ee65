"""What the functions on lists do; they take single values as well.

The compiler gives them the entries of a list one by one, nothing left out and their
number within the limit. Doc strings are what people read.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal

from integration_hub.core.errors import UnusableError
from mapping.operators import apply_add, compare_with, is_true
from mapping.values import check_number, name_kind, to_number

_is_less = compare_with(operator.lt)
_is_more = compare_with(operator.gt)


def pick_first(*value: object) -> object:
    """The first entry of a list."""
    return next((each for each in value if each is not None), None)


def pick_last(*value: object) -> object:
    """The last entry of a list."""
    return next((each for each in reversed(value) if each is not None), None)


def count_entries(*value: object) -> Decimal:
    """The number of entries of a list, or of conditions that are true; 0 for an empty list."""
    for each in value:
        if isinstance(each, list | tuple):
            raise UnusableError(
                "needs the entries of the list",
                value=each,
                action="Write [] behind the list: count(order.lines[]).",
            )
    return Decimal(sum(each is not None and each is not False for each in value))


def add_up(*value: object) -> Decimal:
    """The sum of a list of numbers; 0 for an empty one."""
    total: object = Decimal(0)
    for each in value:
        if each is not None:
            total = apply_add(total, each)
    return check_number(to_number(total))


def is_any(*condition: object) -> bool:
    """True if one of the conditions is; false for an empty list."""
    return any(is_true(each) for each in condition)


def is_all(*condition: object) -> bool:
    """True if all of the conditions are; also for an empty list."""
    return all(is_true(each) for each in condition)


def keep_unique(*value: object) -> list[object]:
    """The entries of a list, each once, in the order of their first."""
    found: dict[tuple[str, object], object] = {}
    for each in value:
        if isinstance(each, Mapping | list | tuple):
            raise UnusableError("needs single values", value=each)
        if isinstance(each, Decimal):
            check_number(each)
        if each is not None:
            found.setdefault((name_kind(each), each), each)
    return list(found.values())


def pick_smallest(*value: object) -> object:
    """The smallest of the numbers or dates; empty ones do not count."""
    return _pick(value, _is_less)


def pick_largest(*value: object) -> object:
    """The largest of the numbers or dates; empty ones do not count."""
    return _pick(value, _is_more)


def _pick(
    values: tuple[object, ...], is_better: Callable[[object, object], object]
) -> object:
    best = None
    for value in values:
        if value is not None and (best is None or is_better(value, best)):
            best = value
    return best
