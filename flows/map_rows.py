"""The rows that a value map lacks: what waits for one, and what is proposed for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from connectors import registry
from connectors.contract import Choice, NeededColumn
from flows import open_entries
from flows.models import Integration
from flows.open_entries import OpenEntry
from integration_hub.core.errors import ConfigError
from mapping.listings import find_gone, list_rows
from mapping.map_services import add_rows, check_row, read_value_map
from mapping.models import Filter, Rule, ValueMap
from mapping.suggesting import suggest
from mapping.valuemaps import ANY, ValueTable

# So many rows are begun on one page.
MOST_BEGUN = 50
Keys = tuple[str, ...]
Lists = Mapping[str, Sequence[Choice]]
Stored = Mapping[Keys, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Missing:
    """What waits for a value map: in all, by the keys of the row, and without any."""

    entries: Sequence[OpenEntry] = ()
    rows: Mapping[Keys, OpenEntry] = field(default_factory=dict)
    rowless: Sequence[OpenEntry] = ()

    @property
    def count(self) -> int:
        """How many records wait."""
        return sum(entry.count for entry in self.entries)

    @property
    def amount(self) -> Decimal:
        """How much money waits."""
        return sum((entry.amount for entry in self.entries), Decimal(0))


def find_missing(value_map: ValueMap) -> Missing:
    """The open entries that a value map mends, by the keys of the row they miss."""
    entries = open_entries.list_of_map(value_map)
    table = (
        ValueTable(read_value_map(value_map))
        if any(entry.is_incomplete for entry in entries)
        else None
    )
    rows: dict[Keys, OpenEntry] = {}
    rowless = []
    for entry in entries:
        keys = _find_row(value_map, table, entry)
        if keys is None:
            rowless.append(entry)
        else:
            rows[keys] = _add(rows.get(keys), entry)
    return Missing(entries, rows, rowless)


def _find_row(
    value_map: ValueMap, table: ValueTable | None, entry: OpenEntry
) -> Keys | None:
    """The keys of the row that is to be begun, or to be completed."""
    if not entry.is_incomplete:
        return pad(value_map, entry.keys) if entry.keys else None
    if table is None or value_map.force or len(entry.keys) != len(value_map.key_fields):
        return None
    row = table.find_row(entry.keys)
    return row.keys if row is not None else None


def _add(first: OpenEntry | None, second: OpenEntry) -> OpenEntry:
    """What waits for one row in all."""
    if first is None:
        return second
    count, amount = first.count + second.count, first.amount + second.amount
    return replace(first, count=count, amount=amount)


def pad(value_map: ValueMap, keys: Sequence[str]) -> Keys | None:
    """Keys as they are stored; those that are not told are any.

    None for keys that no row can have: what came is no country, say.
    """
    more = len(value_map.key_fields) - len(keys)
    try:
        return check_row(value_map, [*keys, *[ANY] * more], {})
    except ConfigError:
        return None


def read_rows(value_map: ValueMap) -> dict[Keys, Mapping[str, str]]:
    """All rows of a map, by their keys; one query."""
    rows = value_map.entries.order_by("pk").values_list("keys", "values")
    return {tuple(keys): values for keys, values in rows}


def list_needed(value_map: ValueMap) -> list[NeededColumn]:
    """The columns that its rows cannot do without."""
    found = Integration.objects.filter(value_maps=value_map.map_set_id)
    key = found.values_list("target__connector", flat=True).first()
    target = registry.all_connectors().get(key or "")
    needed = target.needed_columns if target else ()
    return [each for each in needed if each.value_map == value_map.name]


def find_incomplete_rows(
    value_map: ValueMap, needed: Sequence[NeededColumn]
) -> list[int]:
    """The ids of rows that lack a column they need; one query."""
    rows = value_map.entries.order_by("pk").values_list("pk", "values")
    return [
        pk for pk, values in rows if any(each.is_lacking(values) for each in needed)
    ]


def find_gone_rows(value_map: ValueMap, lists: Lists) -> dict[int, list[str]]:
    """What rows name that the target has no longer, by their ids; one query."""
    fields = value_map.key_fields, value_map.columns
    rows = value_map.entries.order_by("pk").values_list("pk", "keys", "values")
    found = {}
    for pk, keys, values in rows:
        gone = find_gone(*fields, (keys, values), lists)
        named = [each.shown for each in gone if not each.is_key]
        if named:
            found[pk] = named
    return found


def list_absent(value_map: ValueMap, stored: Stored, lists: Lists) -> list[Keys]:
    """The rows that the source's list would have and the map has not."""
    listed = list_rows(value_map.key_fields, value_map.columns, lists)
    padded = (pad(value_map, keys) for keys in listed)
    named = [keys for keys in padded if keys]
    known = _Known(stored, named)
    return [keys for keys in named if not known.covers(keys)]


def fill_rows(value_map: ValueMap, lists: Lists) -> int:
    """Bring in the source's whole list as rows that are not decided; gives how many."""
    absent = list_absent(value_map, read_rows(value_map), lists)
    return add_rows(value_map, absent)


def propose(
    value_map: ValueMap, rows: Iterable[tuple[Keys, Mapping[str, str]]], lists: Lists
) -> Iterator[tuple[Keys, Mapping[str, str]]]:
    """Values for rows that have none, or not all of them."""
    for each in suggest(value_map.key_fields, value_map.columns, list(rows), lists):
        yield each.keys, each.values


def list_users(value_map: ValueMap) -> list[Rule | Filter]:
    """The rules and filters that look up in a value map, also those that are off."""
    used_by = {"mapping__flows__integration__value_maps": value_map.map_set_id}
    rules = Rule.objects.filter(**used_by).select_related("mapping").distinct()
    filters = Filter.objects.filter(**used_by).distinct()
    named = re.compile(rf"""["']{re.escape(value_map.name)}["']""")
    found: list[Rule | Filter] = [
        rule
        for rule in rules
        if named.search(rule.expression) or _is_in_table(named, rule.table)
    ]
    return [*found, *(each for each in filters if named.search(each.expression))]


def _is_in_table(named: re.Pattern[str], table: object) -> bool:
    """Whether some value of a conditional table names it."""
    if isinstance(table, dict):
        return any(_is_in_table(named, each) for each in table.values())
    if isinstance(table, list):
        return any(_is_in_table(named, each) for each in table)
    return isinstance(table, str) and bool(named.search(table))


class _Known:
    """What rows say of the keys that a new row names."""

    def __init__(self, stored: Stored, named: Sequence[Keys]) -> None:
        places = {_list_named(keys) for keys in named}
        self._seen = {
            (used, tuple(keys[place] for place in used))
            for keys in stored
            for used in places
        }

    def covers(self, keys: Keys) -> bool:
        """Whether a row names the same, whatever else it asks for."""
        used = _list_named(keys)
        return (used, tuple(keys[place] for place in used)) in self._seen


def _list_named(keys: Keys) -> tuple[int, ...]:
    return tuple(place for place, key in enumerate(keys) if key != ANY)
