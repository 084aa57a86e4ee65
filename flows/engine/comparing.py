"""What a write would change in the object that the target has already. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

# What a list of the target may have beside what would be sent.
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a body that is not what the target has; "" stands for none.

    ``path`` holds the names of fields, and places in lists from 1.
    """

    path: tuple[str | int, ...]
    now: str
    then: str


def compare(current: Mapping[str, Any], body: Mapping[str, Any]) -> list[Change]:
    """The values of ``body`` that differ from ``current``; what is not sent stays.

    Entries of a list that the target has beside are told as gone, because a list is
    replaced whole.
    """
    return list(_walk((), current, body))


def _walk(path: tuple[str | int, ...], now: Any, then: Any) -> Iterator[Change]:
    if isinstance(then, Mapping):
        there = now if isinstance(now, Mapping) else {}
        for name, value in then.items():
            yield from _walk((*path, name), there.get(name), value)
    elif isinstance(then, list | tuple):
        yield from _walk_list(path, now if isinstance(now, list | tuple) else (), then)
    elif not _is_same(now, then):
        yield Change(path, _show(now), _show(then))


def _walk_list(
    path: tuple[str | int, ...], now: Sequence[Any], then: Sequence[Any]
) -> Iterator[Change]:
    for place, value in enumerate(then):
        there = now[place] if place < len(now) else None
        yield from _walk((*path, place + 1), there, value)
    for place in range(len(then), len(now)):
        yield Change((*path, place + 1), _show(now[place]), NOTHING)


def _is_same(now: Any, then: Any) -> bool:
    if now == then:
        return True
    return _show(now) == _show(then) or _is_same_number(now, then)


def _is_same_number(now: Any, then: Any) -> bool:
    if isinstance(now, bool) or isinstance(then, bool):
        return False
    try:
        return Decimal(str(now)) == Decimal(str(then))
    except InvalidOperation:
        return False


def _show(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_show(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_show(each) for each in value)
    return str(value)
