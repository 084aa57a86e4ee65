"""Conditional tables: when this, then that; the first row that fits wins.

``{"rows": [{"when": group, "then": value}], "otherwise": value}``. A group is one of
``conditions``; a value is ``{"text": …}``, ``{"number": …}``, ``{"expression": …}`` (a
field of the document is one), or null for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from integration_hub.core.errors import ConfigError, ExpressionError, UnusableError
from mapping.conditions import Group, build_group, read_group
from mapping.expressions import parse_expression
from mapping.formulas import parse_number
from mapping.functions import BUILT_IN, Functions
from mapping.nodes import Choose, Expression, Literal, Named, Node
from mapping.values import to_text
from mapping.vocabulary import FIELDS

MAX_ROWS = 50
MAX_TEXT = 2_000
TEXT, NUMBER, EXPRESSION = "text", "number", "expression"


@dataclass(frozen=True, slots=True)
class Value:
    """What a row gives. ``kind`` is text, number or expression; "" gives nothing."""

    kind: str = ""
    text: str = ""

    def tell(self, names: Mapping[str, str]) -> str:
        """The value in words; ``names`` are those of ids that a field is chosen by."""
        if self.kind == EXPRESSION:
            field = FIELDS.get(self.text)
            return str(field.told) if field else self.text
        if self.kind == TEXT:
            return f"“{names.get(self.text, self.text)}”"
        return self.text or _("nothing")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    when: Group
    then: Value


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be told and compiled."""

    rows: tuple[Row, ...]
    otherwise: Value = Value()

    def tell(self, names: Mapping[str, str] | None = None) -> list[str]:
        """A sentence for each row, and what holds otherwise."""
        told = [
            _("When %(when)s, then %(then)s;")
            % {"when": row.when.sentence, "then": row.then.tell(names or {})}
            for row in self.rows
        ]
        return [*told, _("otherwise %s.") % self.otherwise.tell(names or {})]


def read_table(
    data: object, roots: Collection[str], functions: Functions = BUILT_IN
) -> Table:
    """The table that some JSON says. Raises ConfigError, which names row and condition."""
    if not isinstance(data, Mapping) or set(data) - {"rows", "otherwise"}:
        raise _refuse("", _("a table has rows, and what holds otherwise"))
    rows = data.get("rows")
    if not isinstance(rows, list) or not rows:
        raise _refuse("", _("a table needs a row"))
    if len(rows) > MAX_ROWS:
        raise _refuse("", _("a table has at most %s rows") % MAX_ROWS)
    read = tuple(_read_row(row, roots, n, functions) for n, row in enumerate(rows, 1))
    return Table(
        read, _read_value(data.get("otherwise"), roots, _("Otherwise"), functions)
    )


def build_table(
    table: Table, roots: Collection[str], functions: Functions = BUILT_IN
) -> Expression:
    """The nodes of a table; errors name the row that they are about."""
    personal = False
    rows: list[tuple[Node, Node]] = []
    for number, row in enumerate(table.rows, 1):
        when, then = (
            build_group(row.when, roots),
            _build_value(row.then, roots, functions),
        )
        personal = personal or when.personal or then.personal
        place = _("in row %s") % number
        rows.append((_name(place, when.node), _name(place, then.node)))
    otherwise = _build_value(table.otherwise, roots, functions)
    depth = max(max(when.depth, then.depth) for when, then in rows)
    node = Choose(
        tuple(rows),
        _name(_("in what holds otherwise"), otherwise.node),
        1 + max(depth, otherwise.node.depth),
    )
    return Expression(node, personal or otherwise.personal)


def _read_row(
    data: object, roots: Collection[str], number: int, functions: Functions
) -> Row:
    place = _("Row %s") % number
    if not isinstance(data, Mapping) or set(data) != {"when", "then"}:
        raise _refuse(place, _("a row says “when” and “then”"))
    try:
        when = read_group(data["when"], roots)
    except ConfigError as error:
        raise _refuse(place, error.message.rstrip(".")) from error
    return Row(when, _read_value(data["then"], roots, place, functions))


def _read_value(
    data: object, roots: Collection[str], place: str, functions: Functions
) -> Value:
    if data is None:
        return Value()
    if not isinstance(data, Mapping) or len(data) != 1:
        raise _refuse(place, _("a value is a text, a number or an expression"))
    [(kind, text)] = data.items()
    if kind not in (TEXT, NUMBER, EXPRESSION) or not isinstance(text, str):
        raise _refuse(place, _("a value is a text, a number or an expression"))
    if not text.strip():
        raise _refuse(place, _("the value is missing"))
    if len(text) > MAX_TEXT:
        raise _refuse(place, _("a value has at most %s characters") % MAX_TEXT)
    if kind == NUMBER:
        return Value(kind, _read_number(text, place))
    if kind == EXPRESSION:
        _check_expression(text, roots, place, functions)
    return Value(kind, text.strip())


def _read_number(text: str, place: str) -> str:
    try:
        return to_text(parse_number(text))
    except UnusableError as error:
        raise _refuse(place, _("“%s” is no number") % text[:40]) from error


def _check_expression(
    text: str, roots: Collection[str], place: str, functions: Functions
) -> None:
    try:
        parse_expression(text, roots, functions)
    except ExpressionError as error:
        raise _refuse(place, error.message.rstrip(".")) from error


def _build_value(
    value: Value, roots: Collection[str], functions: Functions
) -> Expression:
    if value.kind == EXPRESSION:
        return parse_expression(value.text, roots, functions)
    if value.kind == NUMBER:
        return Expression(Literal(Decimal(value.text)), personal=False)
    return Expression(Literal(value.text or None), personal=False)


def _name(place: str, node: Node) -> Named:
    return Named(place, node, node.depth + 1)


def _refuse(place: str, problem: str) -> ConfigError:
    return ConfigError(
        f"{place}: {problem}." if place else f"{problem[:1].upper()}{problem[1:]}.",
        code="table",
        reference=place,
        action=_("Mend the table."),
    )
