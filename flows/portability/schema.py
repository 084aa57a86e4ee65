"""The file of an integration: what stands in it, and in which order.

The schema has a number. A file of another number is refused: 1 is the first, so there
is nothing older to bring up to date. Whoever changes the schema in a way that old files
do not fit raises the number and adds the function that makes the older form the newer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import registry
from connectors.contract import Field
from connectors.models import Connection
from flows.portability.reading import Node, Wrong
from flows.portability.shapes import (
    Data,
    Day,
    Entry,
    Findings,
    Flag,
    ListOf,
    Named,
    Record,
    Shape,
    Text,
    Whole,
    cut,
    make_record,
)
from mapping.documents import (
    FILTER_PARTS,
    MAP_PARTS,
    MAPPING_PARTS,
    NUMBER,
    RULE_PARTS,
    Document,
    Part,
)

SCHEMA = 1

INTEGRATION_PARTS = (
    Part("name", gettext_lazy("Name"), needed=True, most=100),
    Part("start_date", gettext_lazy("Start date"), needed=True),
    Part("number_prefix", gettext_lazy("Number prefix"), most=2),
    Part("mark", gettext_lazy("Mark"), most=20),
)
FLOW_PARTS = (
    Part("name", gettext_lazy("Name"), needed=True, most=100),
    Part("feed", gettext_lazy("Feed"), needed=True, most=40),
    Part("mapping", gettext_lazy("Mapping"), needed=True, most=100),
    Part("interval_minutes", gettext_lazy("Every … minutes"), NUMBER, default=15),
    Part("page_size", gettext_lazy("Records per page"), NUMBER, default=100),
)

CONNECTION = Record(
    {
        "name": Entry(Text(100, needed=True), needed=True),
        "system": Entry(Text(50, needed=True), needed=True),
        "environment": Entry(Text(choices=Connection.Environment.values), needed=True),
    }
)
DECLARED = Record(
    {
        "name": Entry(Text(50, needed=True), needed=True),
        "label": Entry(Text(100, needed=True), needed=True),
        "type": Entry(Text(20), usual=""),
        "choices": Entry(Text(50), usual=""),
    },
    # What a target says of them besides, which people do not change.
    others=Data(),
)
ROW = Record(
    {
        "keys": Entry(ListOf(Text(200)), needed=True),
        "values": Entry(Named(Text(200)), needed=True),
        "label": Entry(Text(200), usual=""),
    }
)
VALUE_MAP = make_record(
    MAP_PARTS,
    keys=Entry(ListOf(DECLARED), needed=True),
    columns=Entry(ListOf(DECLARED), needed=True),
    default=Entry(Named(Text(200)), needed=True),
    rows=Entry(ListOf(ROW), needed=True),
)
MAPPING = make_record(
    MAPPING_PARTS,
    rules=Entry(ListOf(make_record(RULE_PARTS)), needed=True),
    filters=Entry(ListOf(make_record(FILTER_PARTS)), needed=True),
)


def read_file(tree: Node, found: Findings) -> Document:
    """The document of a file's tree; what does not fit is noted."""
    if not _check_schema(tree, found):
        return {}
    fields = _list_settings(tree)
    settings = Entry(_settings_shape(fields), needed=True)
    flow = make_record(FLOW_PARTS, settings=Entry(_settings_shape(fields), usual={}))
    integration = make_record(INTEGRATION_PARTS).entries
    shape = Record(
        {
            "schema": Entry(Whole(), needed=True),
            "name": integration["name"],
            "source": Entry(CONNECTION, needed=True),
            "target": Entry(CONNECTION, needed=True),
            **{k: v for k, v in integration.items() if k != "name"},
            "start_date": Entry(Day(), needed=True),
            "settings": settings,
            "flows": Entry(ListOf(flow), needed=True),
            "mappings": Entry(ListOf(MAPPING), needed=True),
            "value_maps": Entry(ListOf(VALUE_MAP), needed=True),
        }
    )
    return shape.read(tree, (), found)


def _check_schema(tree: Node, found: Findings) -> bool:
    node = (tree.named or {}).get("schema")
    if node is None or node.text is None:
        told = _("This is not the file of an integration: it has no line “schema: %s”.")
        found.wrongs.append(Wrong(tree.line, told % SCHEMA))
        return False
    if node.text != str(SCHEMA):
        told = _(
            "The file has schema “%(schema)s”; this version of the hub reads %(known)s."
            " Export it again from a hub of this version."
        )
        values = {"schema": cut(node.text), "known": SCHEMA}
        found.wrongs.append(Wrong(node.line, told % values))
        return False
    return True


def _list_settings(tree: Node) -> tuple[Field, ...]:
    """What the target that the file names asks for; nothing where it is not known."""
    target = (tree.named or {}).get("target")
    system = (target.named or {}).get("system") if target else None
    kind = registry.all_connectors().get((system.text or "") if system else "")
    return tuple(portable_settings(kind.target_settings)) if kind else ()


def portable_settings(fields: tuple[Field, ...]) -> list[Field]:
    """The settings that a file may hold: all but secrets."""
    return [field for field in fields if field.type != "secret"]


def _settings_shape(fields: tuple[Field, ...]) -> Named:
    known = {field.name: _setting_shape(field) for field in fields}
    return Named(Text(), known if known else None)


def _setting_shape(field: Field) -> Shape:
    simple: Mapping[str, Shape] = {
        "boolean": Flag(),
        "integer": Whole(),
        "date": Day(needed=False),
    }
    if field.type in simple:
        return simple[field.type]
    if isinstance(field.choices, str):
        return Text(200)
    return Text(200, choices=("", *(str(value) for value, _label in field.choices)))


def clean_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those that are not chosen."""
    return {name: value for name, value in values.items() if value not in (None, "")}
