"""Looks values up in value maps.

A key of the type "country" may be a country, "EU", "non-EU" or "*". Of the rows that
fit, the one with most exact keys that are no countries goes first (among equals, the
one whose earlier keys are exact), then a country before EU and non-EU before "*".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from integration_hub.core.errors import ConfigError, MappingError, UnusableError
from mapping.countries import is_eu_member, normalize_country
from mapping.formulas import parse_number
from mapping.rules import Entry, KeyField, Missing, ValueMapData
from mapping.values import to_key

ANY = "*"
EU, NON_EU = "EU", "non-EU"
AREAS = {EU.lower(): EU, NON_EU.lower(): NON_EU}
MAX_SHOWN = 60
CUT = "…"

# How exactly a row names each key: a value, an area of countries, or any.
EXACT, AREA, OPEN = 0, 1, 2
_Pattern = tuple[int, ...]
_Rows = dict[tuple[str, ...], Entry]


class ValueTable:
    """A value map made ready: one dictionary per pattern of exact keys."""

    def __init__(self, data: ValueMapData) -> None:
        self.data = data
        self._numbers = _list_places(data, "number")
        self._countries = _list_places(data, "country")
        found: dict[_Pattern, _Rows] = {}
        for entry in data.entries:
            if len(entry.keys) != len(data.keys):
                raise ConfigError(
                    f'A row of value map "{data.label}" has {len(entry.keys)} keys,'
                    f" but the map has {len(data.keys)}.",
                    code="value_map",
                    reference=data.name,
                    action=f'Open value map "{data.label}" and mend the row'
                    f" {' / '.join(entry.keys)}.",
                )
            if not any(entry.values.values()):
                continue
            keys = normalize_keys(data.keys, entry.keys)
            pattern = self._find_pattern(keys)
            picked = tuple(key for key in keys if key != ANY)
            found.setdefault(pattern, {})[picked] = entry
        self._patterns = [
            (_list_used(pattern), found[pattern])
            for pattern in sorted(found, key=self._rank)
        ]
        self._has_areas = any(AREA in pattern for pattern in found)

    def find(self, values: Sequence[object], column: str) -> str | None:
        """The text of the best row, or what the map does when no row fits.

        Raises MappingError with the code "unmapped", UnusableError for a value that
        cannot be a key.
        """
        data = self.data
        if data.force:
            return data.default.get(column) or None
        row = self.find_row(values)
        if row is not None:
            return row.values.get(column) or None
        if data.missing == Missing.FAIL:
            raise self._unmapped(self._read_keys(values))
        if data.missing == Missing.EMPTY:
            return None
        return data.default.get(column) or None

    def find_row(self, values: Sequence[object]) -> Entry | None:
        """The row that fits best, None if none does.

        Raises UnusableError for a value that cannot be a key.
        """
        if not self._patterns:
            return None
        keys = self._read_keys(values)
        areas = self._find_areas(keys)
        for used, rows in self._patterns:
            picked = [areas[n] if kind == AREA else keys[n] for n, kind in used]
            row = rows.get(tuple(picked))
            if row is not None:
                return row
        return None

    def _read_keys(self, values: Sequence[object]) -> list[str]:
        keys = [to_key(value) for value in values]
        for place in self._numbers:
            keys[place] = _normalize_number(keys[place])
        for place in self._countries:
            keys[place] = normalize_country(keys[place]) or keys[place]
        return keys

    def _find_areas(self, keys: Sequence[str]) -> dict[int, str]:
        """The area of each country by its place; what is no country is in none."""
        if not self._has_areas:
            return {}
        return {place: find_area(keys[place]) for place in self._countries}

    def _find_pattern(self, keys: Sequence[str]) -> _Pattern:
        return tuple(
            OPEN
            if key == ANY
            else AREA
            if place in self._countries and key in (EU, NON_EU)
            else EXACT
            for place, key in enumerate(keys)
        )

    def _rank(self, pattern: _Pattern) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """Sorts patterns: those that go first have the lowest."""
        values = tuple(
            kind for place, kind in enumerate(pattern) if place not in self._countries
        )
        countries = tuple(pattern[place] for place in self._countries)
        return values.count(OPEN), values, countries

    def _unmapped(self, keys: Sequence[str]) -> MappingError:
        label = self.data.label
        shown = [
            key if len(key) <= MAX_SHOWN else f"{key[:MAX_SHOWN]}{CUT}" for key in keys
        ]
        named = ", ".join(
            f'{field.label} "{key}"'
            for field, key in zip(self.data.keys, shown, strict=True)
        )
        return MappingError(
            f'Value map "{label}" has no row for {named}.',
            code="unmapped",
            reference=f"{self.data.name}:{' / '.join(shown)}",
            action=f'Open value map "{label}" and add a row for {named}.',
        )


def is_cut(key: str) -> bool:
    """Whether an error tells only the beginning of a key."""
    return len(key) == MAX_SHOWN + len(CUT) and key.endswith(CUT)


def find_area(country: str) -> str:
    """EU or non-EU; "" for what is no country, and so in neither."""
    if normalize_country(country) is None:
        return ""
    return EU if is_eu_member(country) else NON_EU


def normalize_keys(
    fields: Sequence[KeyField], keys: Sequence[object]
) -> tuple[str, ...]:
    """The keys of a row as they are compared and stored."""
    return tuple(
        _normalize_key(field, to_key(key))
        for field, key in zip(fields, keys, strict=True)
    )


def check_key(field: KeyField, key: str) -> str | None:
    """What is wrong with one key of a row, or None."""
    if key == ANY:
        return None
    if field.type == "country":
        return _check_country(key)
    if field.type != "number":
        return None
    try:
        parse_number(key)
    except UnusableError:
        return _('"%s" is not a number; write a number, or * for any.') % key
    return None


def _check_country(key: str) -> str | None:
    if not key or key.lower() in AREAS or normalize_country(key):
        return None
    text = _('"%s" is no country: write its two letters, EU, non-EU, or * for any.')
    return text % key


def _normalize_key(field: KeyField, key: str) -> str:
    if field.type == "number":
        return _normalize_number(key)
    if field.type == "country":
        return AREAS.get(key.lower()) or normalize_country(key) or key
    return key


def _normalize_number(key: str) -> str:
    try:
        return to_key(parse_number(key))
    except UnusableError:
        return key


def _list_places(data: ValueMapData, kind: str) -> tuple[int, ...]:
    return tuple(n for n, key in enumerate(data.keys) if key.type == kind)


def _list_used(pattern: _Pattern) -> list[tuple[int, int]]:
    """The places that a row of this pattern names, and how."""
    return [(place, kind) for place, kind in enumerate(pattern) if kind != OPEN]


Tables = Mapping[str, ValueTable]
