"""Paths into a document as closures, and the counting of what lists cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from integration_hub.core.errors import UnusableError
from mapping.nodes import EVERY, Match, Path, Step
from mapping.operators import is_equal
from mapping.values import MAX_ENTRIES, MAX_STEPS, PLAIN, clean_value

Context = Mapping[str, object]
Evaluate = Callable[[Context], object]
Walk = tuple[Step, ...]

# Where a context keeps the steps left; no root has an empty name.
STEPS = ""


class Steps:
    """How many steps an expression has left for one record."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, number: int) -> None:
        """Use some. Raises UnusableError when there are not as many left."""
        self.left -= number
        if self.left < 0:
            raise UnusableError(
                f"takes more than {MAX_STEPS:,} steps",
                value=None,
                action="Go through fewer lists in one expression.",
            )


def count_steps(context: Context, values: object) -> Sequence[object]:
    """The entries of a list, each counted as a step. Raises UnusableError."""
    if not isinstance(values, list):
        raise UnusableError("needs a list", value=values)
    _steps_of(context).take(len(values))
    return values


def take_steps(context: Context, number: int) -> None:
    """Count so many steps. Raises UnusableError when there are not as many left."""
    _steps_of(context).take(number)


def _steps_of(context: Context) -> Steps:
    steps = context[STEPS]
    if isinstance(steps, Steps):
        return steps
    raise TypeError("Expressions with lists are compiled by compile_node.")


def compile_path(path: Path) -> Evaluate:
    """The closure of a path; with ``EVERY`` in it, it gives a list."""
    walks = _split(path)
    if len(walks) > 1:
        return _compile_list(path.root, walks)
    if path.takes_lists:
        return _compile_search(path.root, walks[0])
    if len(path.steps) == 1:
        return _compile_field(path.root, path.steps[0])
    root, steps = path.root, path.steps

    def follow(context: Context) -> object:
        value = context[root]
        for step in steps:
            # The usual case first; a document from anywhere may hold anything.
            value = value.get(step) if type(value) is dict else _enter(value, step)
            if value is None:
                return None
        return value if type(value) in PLAIN else clean_value(value)

    return follow


def _compile_field(root: str, step: Step) -> Evaluate:
    def follow(context: Context) -> object:
        value = context[root]
        value = value.get(step) if type(value) is dict else _enter(value, step)
        return value if type(value) in PLAIN else clean_value(value)

    return follow


def _compile_search(root: str, walk: Walk) -> Evaluate:
    return lambda context: clean_value(_walk(context[root], walk, _steps_of(context)))


def _split(path: Path) -> list[Walk]:
    """The steps before, between and behind each ``EVERY``."""
    walks: list[list[Step]] = [[]]
    for step in path.steps:
        if step is EVERY:
            walks.append([])
        else:
            walks[-1].append(step)
    return [tuple(each) for each in walks]


def _compile_list(root: str, walks: list[Walk]) -> Evaluate:
    *lists, last = walks

    def collect(context: Context) -> list[object]:
        steps = _steps_of(context)
        values = [context[root]]
        for walk in lists:
            values = _spread(values, walk, steps)
        found = [_walk(value, last, steps) for value in values]
        return [clean_value(value) for value in found if value is not None]

    return collect


def _spread(values: Sequence[object], walk: Walk, steps: Steps) -> list[object]:
    found: list[object] = []
    for value in values:
        entries = _walk(value, walk, steps)
        if isinstance(entries, list | tuple):
            if len(found) + len(entries) > MAX_ENTRIES:
                raise UnusableError(
                    f"meets a list of more than {MAX_ENTRIES:,} entries", value=entries
                )
            found += entries
    steps.take(len(values) + len(found))
    return found


def _walk(value: object, walk: Walk, steps: Steps) -> object:
    for step in walk:
        if isinstance(step, Match):
            value = _search(value, step, steps)
        else:
            value = _enter(value, step)
        if value is None:
            return None
    return value


def _search(value: object, match: Match, steps: Steps) -> object:
    if not isinstance(value, list | tuple):
        return None
    steps.take(len(value))
    for entry in value:
        found = entry.get(match.field) if isinstance(entry, Mapping) else None
        if found is not None:
            found = clean_value(found)
            if isinstance(found, str | Decimal) and is_equal(found, match.value):
                return entry
    return None


def _enter(value: object, step: Step) -> object:
    if isinstance(step, int):
        if isinstance(value, list | tuple) and step < len(value):
            return value[step]
        return None
    return value.get(step) if isinstance(value, Mapping) else None
