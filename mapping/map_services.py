"""What can be done with value maps: they are made ready, made, and filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from integration_hub.core.errors import ConfigError
from mapping.models import Origin, ValueMap, ValueMapEntry, ValueMapSet
from mapping.rules import Entry, KeyField, Missing, ValueMapData
from mapping.valuemaps import check_key, normalize_keys
from mapping.versions import recording

# -------------------------------------------------------------------------- loading


def load_value_maps(map_set: ValueMapSet | None) -> dict[str, ValueMapData]:
    """The value maps of a set with their rows, by name, in two queries."""
    if map_set is None:
        return {}
    maps = map_set.value_maps.prefetch_related("entries")
    return {value_map.name: read_value_map(value_map) for value_map in maps}


def read_value_map(value_map: ValueMap) -> ValueMapData:
    """One value map as the engine takes it."""
    return replace(
        declare_value_map(value_map),
        entries=tuple(
            Entry(tuple(entry.keys), entry.values) for entry in value_map.entries.all()
        ),
        missing=value_map.missing,
        default=value_map.default,
        force=value_map.force,
    )


def declare_value_map(value_map: ValueMap) -> ValueMapData:
    """One value map as look-ups are held against it, without its rows. No query."""
    return ValueMapData(
        name=value_map.name,
        label=value_map.label,
        keys=key_fields(value_map),
        columns=tuple(column["name"] for column in value_map.columns),
    )


# --------------------------------------------------------------------------- making


def install_value_maps(
    map_set: ValueMapSet, templates: Sequence[Mapping[str, Any]]
) -> list[ValueMap]:
    """Bring the target's value maps into a set; gives the new ones.

    A map that is there keeps its rows and settings and learns labels, keys and
    columns.
    """
    there = {value_map.name: value_map for value_map in map_set.value_maps.all()}
    known = [there[each["name"]] for each in templates if each["name"] in there]
    with recording(*known, how=_("the target's defaults installed")):
        made = [make_value_map(each, there.get(each["name"])) for each in templates]
        learned = ["label", "key_fields", "columns", "shipped"]
        ValueMap.objects.bulk_update([each for each in made if each.pk], learned)
        new = [each for each in made if not each.pk]
        for value_map in new:
            value_map.map_set = map_set
        return ValueMap.objects.bulk_create(new)


def make_value_map(
    template: Mapping[str, Any], there: ValueMap | None = None
) -> ValueMap:
    """The value map of a template, not stored; over one that is there already."""
    value_map = there or ValueMap(
        name=template["name"],
        missing=template.get("missing", Missing.FAIL),
        default=template.get("default", {}),
        force=template.get("force", False),
    )
    value_map.label = template["label"]
    value_map.key_fields = [dict(each) for each in template["keys"]]
    value_map.columns = [dict(each) for each in template["columns"]]
    value_map.shipped = dict(template)
    return value_map


def create_value_map(
    map_set: ValueMapSet,
    label: str,
    *,
    keys: Sequence[Mapping[str, str]],
    columns: Sequence[Mapping[str, str]],
) -> ValueMap:
    """A value map of the user's own, without rows yet.

    Keys and columns have a ``label`` and, if there is one, ``choices`` or ``type``;
    they, and the map, are named after their labels, each name once.
    """
    taken = set(map_set.value_maps.values_list("name", flat=True))
    return ValueMap.objects.create(
        map_set=map_set,
        name=make_name(label, taken),
        label=label,
        key_fields=_name_all(keys),
        columns=_name_all(columns),
        origin=Origin.OWN,
    )


def _name_all(fields: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    taken: set[str] = set()
    return [{**each, "name": make_name(each["label"], taken)} for each in fields]


def make_name(label: str, taken: set[str]) -> str:
    """A name after a label that is not taken yet; it is taken then."""
    short = (slugify(label).replace("-", "_") or "map")[:40]
    names = (short if n == 1 else f"{short}_{n}" for n in count(1))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name


# ----------------------------------------------------------------------------- rows

Row = tuple[Sequence[object], Mapping[str, str]]


def set_entry(
    value_map: ValueMap, keys: Sequence[object], values: Mapping[str, str]
) -> None:
    """Add one row, or change the one with the same keys. Raises ConfigError."""
    set_entries(value_map, [(keys, values)])


def set_entries(
    value_map: ValueMap, rows: Iterable[Row], *, how: str | None = None
) -> None:
    """Add rows, or change those with the same keys, in one statement.

    ``how`` stands in the map's history. Raises ConfigError for keys or columns that
    the map has not.
    """
    with recording(value_map, how=how or _("rows filled in")):
        _set_entries(value_map, rows)


def _set_entries(value_map: ValueMap, rows: Iterable[Row]) -> None:
    made = {}
    for keys, values in rows:
        clean = check_row(value_map, keys, values)
        made[clean] = ValueMapEntry(
            value_map=value_map, keys=list(clean), values=dict(values)
        )
    ValueMapEntry.objects.bulk_create(
        made.values(),
        update_conflicts=True,
        unique_fields=["value_map", "keys"],
        update_fields=["values"],
    )


def add_rows(value_map: ValueMap, rows: Iterable[Sequence[str]]) -> int:
    """Add rows that are not decided; those that are there stay. Gives how many."""
    made = [ValueMapEntry(value_map=value_map, keys=list(keys)) for keys in rows]
    with recording(value_map, how=_("filled from the list")):
        ValueMapEntry.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def check_row(
    value_map: ValueMap, keys: Sequence[object], values: Mapping[str, str]
) -> tuple[str, ...]:
    """The keys of a row as they are stored. Raises ConfigError."""
    fields = key_fields(value_map)
    if len(keys) != len(fields):
        wanted = ", ".join(field.label for field in fields)
        problem = f"has {len(fields)} keys ({wanted}), not {len(keys)}"
        raise _refuse_row(value_map, problem)
    unknown = values.keys() - {column["name"] for column in value_map.columns}
    if unknown:
        raise _refuse_row(value_map, f'has no column "{min(unknown)}"')
    clean = normalize_keys(fields, keys)
    for field, key in zip(fields, clean, strict=True):
        wrong = check_key(field, key)
        if wrong:
            wrong = wrong.rstrip(".")
            raise _refuse_row(value_map, f"takes no such {field.label}: {wrong}")
    return clean


def _refuse_row(value_map: ValueMap, problem: str) -> ConfigError:
    return ConfigError(
        f'Value map "{value_map.label}" {problem}.',
        code="value_map",
        reference=value_map.name,
        action=f'Open value map "{value_map.label}" and mend the row.',
    )


def key_fields(value_map: ValueMap) -> tuple[KeyField, ...]:
    """What the rows of a value map are found by, in the order of their keys."""
    return tuple(
        KeyField(each["name"], each["label"], each.get("type", "text"))
        for each in value_map.key_fields
    )
