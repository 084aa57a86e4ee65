"""Conditions on lists and conditional tables as closures."""

from __future__ import annotations

from collections.abc import Sequence

from integration_hub.core.errors import UnusableError
from mapping.operators import is_true
from mapping.paths import Context, Evaluate, take_steps

Rows = Sequence[tuple[Evaluate, Evaluate]]


def choose_first(rows: Rows, otherwise: Evaluate) -> Evaluate:
    """The value of the first (condition, value) whose condition is true."""

    def choose(context: Context) -> object:
        for test, value in rows:
            if is_true(test(context)):
                return value(context)
        return otherwise(context)

    return choose


def ask_entries(
    find: Evaluate, name: str, test: Evaluate, *, every: bool, size: int
) -> Evaluate:
    """Whether some entry of a list fits, or every one and there is one.

    ``size`` is how many steps it takes for each entry.
    """
    pick = all if every else any

    def ask(context: Context) -> bool:
        entries = find(context)
        if not isinstance(entries, list | tuple) or not entries:
            return False
        take_steps(context, len(entries) * size)
        return pick(is_true(test({**context, name: entry})) for entry in entries)

    return ask


def name_errors(place: str, part: Evaluate) -> Evaluate:
    """The part, whose errors name the place before they say what is wrong."""

    def work_out(context: Context) -> object:
        try:
            return part(context)
        except UnusableError as error:
            raise UnusableError(
                f"{place} {error.message}", value=error.value, action=error.action
            ) from error

    return work_out
