"""Whether two sets of filters certainly never let the same document through. Pure.

Read are comparisons of a field with fixed values by ``=``, ``<>`` and ``one_of``, and the
same as conditions, joined by ``and``, ``or`` and ``not``. Anything else could let anything
through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce

from integration_hub.core.errors import ConfigError
from mapping.conditions import build_group, read_group
from mapping.expressions import parse_expression
from mapping.formulas import make_lower
from mapping.nodes import (
    Call,
    Chain,
    Expression,
    Literal,
    Named,
    Node,
    Pair,
    Path,
    Prefix,
)
from mapping.rules import ROOTS, FilterData, Scope

ONE_OF, LOWER = "one_of", "lower"
# How conditions compare texts, capitals or not.
_SPELT = (LOWER, "text")


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a field may have: these, or all but these.

    A value is known with its kind: 1, "1" and true are not equal.
    """

    values: frozenset[tuple[str, object]]
    others: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no value is left."""
        return not self.values and not self.others

    def turn(self) -> Range:
        """All other values."""
        return Range(self.values, not self.others)

    def narrow(self, other: Range) -> Range:
        """The values that are in both."""
        if self.others and other.others:
            return Range(self.values | other.values, others=True)
        if self.others or other.others:
            listed, barred = (other, self) if self.others else (self, other)
            return Range(listed.values - barred.values)
        return Range(self.values & other.values)

    def widen(self, other: Range) -> Range:
        """The values that are in one of them."""
        return self.turn().narrow(other.turn()).turn()


# What is certain of fields; a field that is not named may have any value.
Ranges = dict[Node, Range]


def are_parted(first: Iterable[FilterData], second: Iterable[FilterData]) -> bool:
    """Whether each document is certainly skipped by a filter of one of the two."""
    ranges = _join(_find_kept(first), _find_kept(second))
    return any(each.is_empty for each in ranges.values())


def _find_kept(filters: Iterable[FilterData]) -> Ranges:
    """What is certain of the fields of a document that no filter skips."""
    kept: Ranges = {}
    for each in filters:
        try:
            expression = _parse(each)
        except ConfigError:
            continue
        kept = _join(kept, _read(expression.node, truth=False))
    return kept


def _parse(data: FilterData) -> Expression:
    """What a filter asks: its conditions go before its expression, as in a run."""
    roots = ROOTS[Scope.HEADER]
    if data.conditions is not None:
        return build_group(read_group(data.conditions, roots), roots)
    return parse_expression(data.expression, roots)


def _read(node: Node, *, truth: bool) -> Ranges:
    """What is certain of fields where a condition has this outcome.

    Nothing counts as false: that agrees with comparisons, which are never nothing, and
    with ``one_of``, which is nothing only where the field has none of its values.
    """
    if isinstance(node, Named):
        return _read(node.part, truth=truth)
    if isinstance(node, Prefix) and node.sign == "not":
        return _read(node.operand, truth=not truth)
    if isinstance(node, Chain) and node.sign in ("and", "or"):
        parts = [_read(part, truth=truth) for part in node.parts]
        return reduce(_join if (node.sign == "and") == truth else _meet, parts)
    if isinstance(node, Pair) and node.sign in ("=", "<>"):
        compared = _compare(node.left, [node.right]) or _compare(
            node.right, [node.left]
        )
        return _turn(compared, same=truth == (node.sign == "="))
    if isinstance(node, Call) and node.function.name == ONE_OF and node.arguments[0]:
        return _turn(_compare(node.arguments[0], node.repeated), same=truth)
    return {}


def _compare(field: Node, values: Iterable[Node]) -> Ranges:
    """The field with the values that it is compared with; empty if they vary."""
    given = [_find_value(each) for each in values]
    if not _is_field(field) or None in given:
        return {}
    return {field: Range(frozenset((type(each).__name__, each) for each in given))}


def _is_field(node: Node) -> bool:
    """Whether it is a field of the document, be it as a text in small letters."""
    if isinstance(node, Call) and node.function.name in _SPELT and node.arguments[0]:
        return _is_field(node.arguments[0])
    return isinstance(node, Path)


def _find_value(node: Node) -> object:
    """A fixed value, be it in small letters; None where it varies."""
    if isinstance(node, Call) and node.function.name == LOWER and node.arguments[0]:
        value = _find_value(node.arguments[0])
        return make_lower(value) if isinstance(value, str) else None
    return node.value if isinstance(node, Literal) else None


def _turn(ranges: Ranges, *, same: bool) -> Ranges:
    return ranges if same else {path: each.turn() for path, each in ranges.items()}


def _join(first: Ranges, second: Ranges) -> Ranges:
    """What is certain where both hold."""
    shared = _combine(first, second, Range.narrow)
    return {**first, **second, **shared}


def _meet(first: Ranges, second: Ranges) -> Ranges:
    """What is certain where one of them holds."""
    return _combine(first, second, Range.widen)


def _combine(
    first: Ranges, second: Ranges, how: Callable[[Range, Range], Range]
) -> Ranges:
    return {path: how(first[path], second[path]) for path in first if path in second}
