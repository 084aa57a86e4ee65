"""Looks values up in value maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from integration_hub.core.errors import ConfigError, MappingError, UnusableError
from mapping.formulas import parse_number
from mapping.rules import KeyField, Missing, ValueMapData
from mapping.values import to_key

ANY = "*"
MAX_SHOWN = 60

# Which keys of a row are exact, e.g. (0, 2) of three.
_Exact = tuple[int, ...]


class ValueTable:
    """A value map made ready: one dictionary per pattern of exact keys.

    The pattern with most exact keys is asked first; among equals, the one whose
    earlier keys are exact.
    """

    def __init__(self, data: ValueMapData) -> None:
        self.data = data
        found: dict[_Exact, dict[tuple[str, ...], Mapping[str, str]]] = {}
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
            exact = tuple(place for place, key in enumerate(keys) if key != ANY)
            picked = tuple(keys[place] for place in exact)
            found.setdefault(exact, {})[picked] = entry.values
        order = sorted(found, key=lambda exact: (-len(exact), exact))
        self._patterns = [(exact, found[exact]) for exact in order]
        self._numbers = [
            place for place, key in enumerate(data.keys) if key.type == "number"
        ]

    def find(self, values: Sequence[object], column: str) -> str | None:
        """The text of the best row, or what the map does when no row fits.

        Raises MappingError with the code "unmapped", UnusableError for a value that
        cannot be a key.
        """
        data = self.data
        if not data.force:
            keys = [to_key(value) for value in values]
            for place in self._numbers:
                keys[place] = _normalize_number(keys[place])
            for exact, rows in self._patterns:
                row = rows.get(tuple([keys[place] for place in exact]))
                if row is not None:
                    return row.get(column) or None
            if data.missing == Missing.FAIL:
                raise self._unmapped(keys)
            if data.missing == Missing.EMPTY:
                return None
        return data.default.get(column) or None

    def _unmapped(self, keys: Sequence[str]) -> MappingError:
        label = self.data.label
        shown = [
            key if len(key) <= MAX_SHOWN else f"{key[:MAX_SHOWN]}…" for key in keys
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


def normalize_keys(
    fields: Sequence[KeyField], keys: Sequence[object]
) -> tuple[str, ...]:
    """The keys of a row as they are compared and stored."""
    return tuple(
        _normalize_number(to_key(key)) if field.type == "number" else to_key(key)
        for field, key in zip(fields, keys, strict=True)
    )


def check_key(field: KeyField, key: str) -> str | None:
    """What is wrong with one key of a row, or None."""
    if field.type != "number" or key == ANY:
        return None
    try:
        parse_number(key)
    except UnusableError:
        return _('"%s" is not a number; write a number, or * for any.') % key
    return None


def _normalize_number(key: str) -> str:
    try:
        return to_key(parse_number(key))
    except UnusableError:
        return key
