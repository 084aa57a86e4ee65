"""Conditions: what conditional tables and filters ask of a document.

A group is ``{"all": […]}`` or ``{"any": […]}`` of conditions
``{"field": "order.total_incl", "operator": "more", "value": "100"}``, of groups, and of
``{"some": "order.lines", "where": group}`` or ``{"every": …}``, which ask for entries of
a list. They are read once, told as a sentence, and compiled to the nodes of expressions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.utils.translation import gettext as _

from integration_hub.core.errors import ConfigError, ExpressionError, UnusableError
from mapping.expressions import parse_expression
from mapping.formulas import parse_number
from mapping.nodes import Chain, Each, Expression, Named, Node, Path, Prefix
from mapping.questions import OPERATORS, make_text, tell
from mapping.values import to_text
from mapping.vocabulary import (
    CHOICE,
    DATE,
    FIELDS,
    LISTS,
    NUMBER,
    TEXT,
    DocumentField,
    find_field,
)

MAX_DEPTH = 4
MAX_PARTS = 50
MAX_VALUES = 50
MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about one field. Numbers and dates are in their usual form."""

    field: DocumentField
    operator: str
    values: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The condition in words."""
        return tell(self.field, self.operator, self.values)


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all have to hold, or any."""

    every: bool
    parts: tuple[Part, ...]

    @property
    def sentence(self) -> str:
        """The group in words; groups inside are put in brackets."""
        word = _(" and ") if self.every else _(" or ")
        return word.join(
            f"({part.sentence})"
            if isinstance(part, Group) and len(part.parts) > 1
            else part.sentence
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Entries:
    """Whether a group holds for some entry of a list, or for every one."""

    every: bool
    path: str
    where: Group

    @property
    def sentence(self) -> str:
        """The question in words."""
        words = {
            ("order.lines", True): _("for every line %s"),
            ("order.lines", False): _("for any line %s"),
            ("order.tenders", True): _("for every payment %s"),
            ("order.tenders", False): _("for any payment %s"),
        }
        return words[self.path, self.every] % f"({self.where.sentence})"


Part = Condition | Group | Entries


# -------------------------------------------------------------------------- reading


def read_group(data: object, roots: Collection[str], place: str = "") -> Group:
    """The group that some JSON says. ``roots`` are what fields may start with.

    Raises ConfigError, which names the condition by its place: "2.1" is the first of
    the second.
    """
    return _read_group(data, frozenset(roots), place, depth=1)


def _read_group(data: object, roots: frozenset[str], place: str, depth: int) -> Group:
    if depth > MAX_DEPTH:
        raise _refuse(place, _("more than %s levels of groups") % MAX_DEPTH)
    if not isinstance(data, Mapping) or len(data) != 1 or not {"all", "any"} & {*data}:
        raise _refuse(place, _("a group says “all” or “any”, and of what"))
    [(name, parts)] = data.items()
    if not isinstance(parts, list) or not parts:
        raise _refuse(place, _("a condition is missing"))
    if len(parts) > MAX_PARTS:
        raise _refuse(place, _("more than %s conditions in a group") % MAX_PARTS)
    read = (
        _read_part(part, roots, f"{place}.{n}" if place else str(n), depth)
        for n, part in enumerate(parts, 1)
    )
    return Group(name == "all", tuple(read))


def _read_part(data: object, roots: frozenset[str], place: str, depth: int) -> Part:
    if not isinstance(data, Mapping):
        raise _refuse(place, _("this is no condition"))
    if "field" in data:
        return _read_condition(data, roots, place)
    if "where" in data:
        return _read_entries(data, roots, place, depth)
    return _read_group(data, roots, place, depth + 1)


def _read_entries(
    data: Mapping[str, Any], roots: frozenset[str], place: str, depth: int
) -> Entries:
    name = "every" if "every" in data else "some"
    path = _text(data.get(name))
    if set(data) != {name, "where"} or path not in LISTS or "order" not in roots:
        raise _refuse(place, _("a list is missing: one of %s") % ", ".join(LISTS))
    where = _read_group(data["where"], roots | {LISTS[path]}, place, depth + 1)
    return Entries(name == "every", path, where)


def _read_condition(
    data: Mapping[str, Any], roots: frozenset[str], place: str
) -> Condition:
    field = _read_field(data, roots, place)
    operator = _text(data.get("operator"))
    if operator not in OPERATORS[field.type]:
        known = ", ".join(OPERATORS[field.type])
        text = _("“%(field)s” cannot be compared by “%(operator)s”; there is %(known)s")
        names = {"field": field.label, "operator": operator[:40], "known": known}
        raise _refuse(place, text % names)
    shape = OPERATORS[field.type][operator].takes
    given = data.get("value") if shape else None
    values: list[object]
    values = given if shape == "many" and isinstance(given, list) else [given]
    if not shape:
        return Condition(field, operator)
    if not values or len(values) > MAX_VALUES:
        raise _refuse(place, _("between 1 and %s values are wanted") % MAX_VALUES)
    read = (_read_value(field, operator, value, place) for value in values)
    return Condition(field, operator, tuple(read))


def _read_field(
    data: Mapping[str, Any], roots: frozenset[str], place: str
) -> DocumentField:
    path, kind = _text(data["field"]), _text(data.get("type", TEXT))
    if not path:
        raise _refuse(place, _("a field is missing"))
    if kind not in OPERATORS or kind == CHOICE:
        raise _refuse(place, _("there is no type “%s”") % kind[:40])
    try:
        node = parse_expression(path, roots).node
    except ExpressionError as error:
        raise _refuse(place, error.message.rstrip(".")) from error
    if not isinstance(node, Path) or not node.steps:
        raise _refuse(place, _("“%s” is no field") % path[:80])
    if path not in FIELDS and "extra" not in node.steps:
        raise _refuse(place, _("“%s” is no field of a document") % path[:80])
    return find_field(path, kind)


def _read_value(field: DocumentField, operator: str, value: object, place: str) -> str:
    text = _text(value).strip()
    if not text:
        raise _refuse(place, _("a value for “%s” is missing") % field.label)
    if len(text) > MAX_VALUE or not text.isprintable():
        raise _refuse(
            place, _("a value is one line of at most %s characters") % MAX_VALUE
        )
    if field.type == NUMBER:
        return _read_number(field, text, place)
    if field.type == DATE:
        return _read_date(field, text, place)
    if field.type == CHOICE and text not in dict(field.choices):
        known = ", ".join(dict(field.choices))
        names = {"field": field.label, "value": text, "known": known}
        raise _refuse(
            place, _("“%(field)s” is never “%(value)s”; there is %(known)s") % names
        )
    return text


def _read_number(field: DocumentField, text: str, place: str) -> str:
    try:
        return to_text(parse_number(text))
    except UnusableError as error:
        names = {"field": field.label, "value": text}
        problem = _("“%(field)s” is a number, and “%(value)s” is none") % names
        raise _refuse(place, problem) from error


def _read_date(field: DocumentField, text: str, place: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        names = {"field": field.label, "value": text}
        problem = _("“%(field)s” is a date, and “%(value)s” is none; write 2026-01-31")
        raise _refuse(place, problem % names) from error


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _refuse(place: str, problem: str) -> ConfigError:
    named = _("Condition %(place)s: %(problem)s.") if place else "%(problem)s."
    return ConfigError(
        named % {"place": place, "problem": problem},
        code="condition",
        reference=place,
        action=_("Mend the condition."),
    )


# ------------------------------------------------------------------------ compiling


def build_group(group: Group, roots: Collection[str]) -> Expression:
    """The nodes of a group; errors name the condition that they are about."""
    personal = any("customer" in field.path for field in walk_fields(group))
    return Expression(_build(group, frozenset(roots)), personal)


def walk_fields(part: Part) -> Iterator[DocumentField]:
    """Every field that a part asks for."""
    if isinstance(part, Condition):
        yield part.field
    elif isinstance(part, Entries):
        yield from walk_fields(part.where)
    else:
        for each in part.parts:
            yield from walk_fields(each)


def _build(part: Part, roots: frozenset[str]) -> Node:
    if isinstance(part, Condition):
        node = _build_condition(part, roots)
        # What is asked of a customer may be an address: errors go into logs.
        is_personal = "customer" in part.field.path
        told = str(part.field.told) if is_personal else part.sentence
        return Named(_("at “%s”") % told, node, node.depth + 1)
    if isinstance(part, Entries):
        name = LISTS[part.path]
        entries = cast(Path, parse_expression(part.path, roots).node)
        where = _build(part.where, roots | {name})
        return Each(part.every, entries, name, where, where.depth + 1)
    nodes = [_build(each, roots) for each in part.parts]
    return _chain("and" if part.every else "or", nodes)


def _build_condition(condition: Condition, roots: frozenset[str]) -> Node:
    field = condition.field
    question = OPERATORS[field.type][condition.operator]
    texts = (make_text(field, question, value) for value in condition.values or ("",))
    node = _chain("or", [parse_expression(text, roots).node for text in texts])
    return Prefix("not", node, node.depth + 1) if question.refused else node


def _chain(sign: str, nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    return Chain(sign, tuple(nodes), 1 + max(node.depth for node in nodes))
