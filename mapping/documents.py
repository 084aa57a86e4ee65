"""Mappings and value maps as plain documents, and back: pure, no database.

A document is made of dicts, lists, texts and yes/no in one order, so that two of equal
meaning are equal. History keeps them, and the file of an integration is made of them.
What a document holds of a rule, a filter or a map stands in the lists below and
nowhere else: a new column of a model is one line there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from integration_hub.core.errors import ConfigError
from mapping.conditions import read_group
from mapping.models import Filter, Origin, Rule, ValueMap, ValueMapEntry
from mapping.rules import ROOTS, Missing, Occasion, Scope
from mapping.tables import read_table

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Document = dict[str, Any]
_Row = TypeVar("_Row", bound=Model)

ALL_ROOTS = frozenset(root for roots in ROOTS.values() for root in roots)
TEXT, FLAG, NUMBER, DATA = "text", "flag", "number", "data"


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a document: a column of a model under the same name.

    ``label`` is what people call it, ``kind`` TEXT, FLAG (yes or no), NUMBER or DATA
    (what JSON can hold). What is ``default`` is left out of the document. ``most`` is
    the length of the column (0: any), ``choices`` are those of the column; ``tell``
    says a value in words.
    """

    name: str
    label: _StrOrPromise
    kind: str = TEXT
    default: Any = ""
    needed: bool = False
    most: int = 0
    choices: Mapping[str, _StrOrPromise] | None = None
    tell: Callable[[Any, Mapping[str, str]], str] | None = None

    def describe(self, value: Any, names: Mapping[str, str] | None = None) -> str:
        """A value as people read it, with the names of the ids in it."""
        if self.tell is not None and value not in (None, "", {}):
            return self.tell(value, names or {})
        if self.kind == FLAG:
            return str(_("yes") if value else _("no"))
        if self.choices is not None:
            return str(self.choices.get(value, value))
        return value if isinstance(value, str) else describe_data(value)


def _choices(pairs: Iterable[tuple[Any, _StrOrPromise]]) -> dict[str, _StrOrPromise]:
    return {str(value): label for value, label in pairs}


def tell_table(data: Any, names: Mapping[str, str] | None = None) -> str:
    """A conditional table as sentences."""
    try:
        return " ".join(read_table(data, ALL_ROOTS).tell(names))
    except ConfigError:
        return describe_data(data)


def _tell_conditions(data: Any, _names: Mapping[str, str]) -> str:
    """The conditions of a filter as a sentence."""
    try:
        return read_group(data, ALL_ROOTS).sentence
    except ConfigError:
        return describe_data(data)


MAPPING_PARTS = (Part("name", _("Name"), needed=True, most=100),)
RULE_PARTS = (
    Part("scope", _("Filled for"), needed=True, choices=_choices(Scope.choices)),
    Part("field", _("Target field"), needed=True, most=100),
    Part("label", _("Label"), most=200),
    Part("expression", _("Expression")),
    Part("table", _("Conditional table"), kind=DATA, default=None, tell=tell_table),
    Part(
        "on",
        _("Applies on"),
        default=Occasion.BOTH.value,
        choices=_choices(Occasion.choices),
    ),
    Part("only_if_empty", _("Only if empty in the target"), kind=FLAG, default=False),
    Part("required", _("Required"), kind=FLAG, default=False),
    Part("active", _("On"), kind=FLAG, default=True),
    Part("note", _("Note")),
    Part(
        "origin",
        _("Origin"),
        default=Origin.OWN.value,
        choices=_choices(Origin.choices),
    ),
    # Which of the target's defaults it is, where there is one for each occasion.
    Part(
        "default_on",
        _("Default applies on"),
        default=Occasion.BOTH.value,
        choices=_choices(Occasion.choices),
    ),
)
FILTER_PARTS = (
    Part("reason", _("Reason"), needed=True, most=200),
    Part("expression", _("Expression")),
    Part("conditions", _("Conditions"), kind=DATA, default=None, tell=_tell_conditions),
    Part("active", _("On"), kind=FLAG, default=True),
)
MAP_PARTS = (
    Part("name", _("Name"), needed=True, most=50),
    Part("label", _("Label"), needed=True, most=100),
    Part(
        "missing",
        _("When no row fits"),
        default=Missing.FAIL.value,
        choices=_choices(Missing.choices),
    ),
    Part("force", _("Always the default"), kind=FLAG, default=False),
    Part(
        "origin",
        _("Origin"),
        default=Origin.DEFAULT.value,
        choices=_choices(Origin.choices),
    ),
)
# What a key and a column are declared by, in the order in which they stand.
DECLARED = ("name", "label", "type", "choices")


# ---------------------------------------------------------------------- to documents


def make_mapping(
    name: str, rules: Iterable[Rule], filters: Iterable[Filter]
) -> Document:
    """The document of a mapping; rules and filters in their order."""
    return {
        "name": name,
        "rules": [pick(rule, RULE_PARTS) for rule in rules],
        "filters": [pick(each, FILTER_PARTS) for each in filters],
    }


def make_value_map(value_map: ValueMap, entries: Iterable[ValueMapEntry]) -> Document:
    """The document of a value map; rows in the order of their keys."""
    columns = [column["name"] for column in value_map.columns]
    rows = [make_row(entry, columns) for entry in entries]
    return {
        **pick(value_map, MAP_PARTS),
        "keys": [declare(each) for each in value_map.key_fields],
        "columns": [declare(each) for each in value_map.columns],
        "default": _fill(value_map.default, columns),
        "rows": sorted(rows, key=lambda row: [order_key(key) for key in row["keys"]]),
    }


def pick(row: Model, parts: Iterable[Part]) -> Document:
    """What a document holds of one row, without what is as usual."""
    found = {part.name: getattr(row, part.name) for part in parts}
    return {
        part.name: found[part.name] if part.kind == NUMBER else _plain(found[part.name])
        for part in parts
        if part.needed or found[part.name] != part.default
    }


def declare(field: Mapping[str, Any]) -> Document:
    """A key or a column as a document holds it."""
    more = sorted(field.keys() - set(DECLARED))
    names = [name for name in DECLARED if field.get(name)] + more
    return {name: field[name] for name in names}


def order_key(text: str) -> list[tuple[int, int, str]]:
    """For sorting people's codes: 9 before 10, *any* last."""
    if text == "*":
        return [(2, 0, "")]
    parts = re.findall(r"\d+|\D+", text[:200])
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def make_row(entry: ValueMapEntry, columns: Sequence[str]) -> Document:
    """A row of a value map as a document holds it."""
    row = {"keys": list(entry.keys), "values": _fill(entry.values, columns)}
    return {**row, "label": entry.label} if entry.label else row


def _fill(values: Mapping[str, Any], columns: Sequence[str]) -> dict[str, str]:
    """What is filled in, in the columns' order."""
    return {name: str(values[name]) for name in columns if values.get(name)}


def _plain(value: Any) -> Any:
    """A value in one form: numbers in tables and conditions are texts, as in a file."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool) else str(value)


# -------------------------------------------------------------------- from documents


def read_rules(document: Document) -> list[Rule]:
    """The rules of a document, not stored."""
    return [_fill_row(Rule(), each, RULE_PARTS) for each in document["rules"]]


def read_filters(document: Document) -> list[Filter]:
    """The filters of a document, not stored."""
    return [_fill_row(Filter(), each, FILTER_PARTS) for each in document["filters"]]


def read_map(document: Document) -> ValueMap:
    """The value map of a document without its rows, not stored."""
    value_map = _fill_row(ValueMap(), document, MAP_PARTS)
    value_map.key_fields = [dict(each) for each in document["keys"]]
    value_map.columns = [dict(each) for each in document["columns"]]
    value_map.default = dict(document.get("default", {}))
    return value_map


def read_entries(document: Document) -> list[ValueMapEntry]:
    """The rows of a value map's document, not stored."""
    return [
        ValueMapEntry(
            keys=list(row["keys"]),
            values=dict(row["values"]),
            label=row.get("label", ""),
        )
        for row in document["rows"]
    ]


def _fill_row(row: _Row, document: Mapping[str, Any], parts: Iterable[Part]) -> _Row:
    for part in parts:
        setattr(row, part.name, document.get(part.name, part.default))
    return row


def describe_data(value: Any) -> str:
    """Any value as one line of text."""
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
