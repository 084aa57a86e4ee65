"""Forms of value maps and their rows: a field per key and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from connectors.contract import NeededColumn
from integration_hub.core.panel.widgets import dress
from mapping import map_services
from mapping.documents import Document, make_row, make_value_map
from mapping.listings import Declared, Gone, Lists, find_gone, list_options, name_value
from mapping.map_widgets import COUNTRIES, share_options
from mapping.meanwhile import KeepingFormSet, KeepsUp
from mapping.models import ValueMap, ValueMapEntry
from mapping.valuemaps import ANY, check_key
from mapping.versions import Thing

KEY, COLUMN, DEFAULT = "key_", "column_", "default_"
# Marks a row that was begun for a person, not by one.
BEGUN = "begun"
# What it says of each key of the row.
SOMETHING, NOTHING = "1", "0"
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hints:
    """What a page of rows knows beside the rows themselves.

    ``begun`` are the keys of rows to begin, ``waiting`` says what waits for a row,
    ``proposals`` are values for rows that have none, all by the keys of the row.
    ``urgent`` are the ids of rows that go first, ``needed`` the columns that no row can
    do without.
    """

    lists: Lists = field(default_factory=dict)
    begun: Sequence[Keys] = ()
    waiting: Mapping[Keys, str] = field(default_factory=dict)
    proposals: Mapping[Keys, Mapping[str, str]] = field(default_factory=dict)
    urgent: Sequence[int] = ()
    needed: Sequence[NeededColumn] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What a person has to know of a row."""

    waiting: str = ""
    gone: tuple[Gone, ...] = ()
    lacking: tuple[str, ...] = ()
    is_proposed: bool = False
    is_open: bool = False


class ValueMapForm(KeepsUp):
    """A value map's settings; ``make_map_form`` adds a default per column."""

    class Meta:
        model = ValueMap
        fields = ("label", "missing", "force")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep_up()

    def kept_in(self) -> tuple[Thing, Callable[[Document], bool]]:
        """The map's own settings."""
        own = {**make_value_map(self.instance, ()), "rows": None}
        return self.instance, lambda document: {**document, "rows": None} == own

    def save(self, commit: bool = True) -> ValueMap:
        """Put the defaults together."""
        self.instance.default = _collect(self.cleaned_data, DEFAULT)
        stored: ValueMap = super().save(commit)
        return stored


class EntryForm(KeepsUp):
    """One row of a value map; ``make_entry_form`` adds its keys and columns."""

    class Meta:
        model = ValueMapEntry
        fields = ("label",)
        labels = {"label": _("Note")}

    value_map: ValueMap
    hints: Hints
    begun = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self._read_row()
        keys = tuple(row[0])
        proposed = {} if self.is_bound else self.hints.proposals.get(keys, {})
        for place, key in enumerate(row[0]):
            _fill(self.fields[f"{KEY}{place}"], key)
            if not key:
                widget = self.fields[f"{KEY}{place}"].widget
                widget.attrs["placeholder"] = _now("nothing")
        for column, value in {**proposed, **row[1]}.items():
            name = f"{COLUMN}{column}"
            if name in self.fields:
                _fill(self.fields[name], value)
                self.initial[name] = value
        fields = self.value_map.key_fields, self.value_map.columns
        # Where the page reads it when it shows the row.
        self.instance.state = State(
            waiting=self.hints.waiting.get(keys, ""),
            gone=tuple(find_gone(*fields, row, self.hints.lists)),
            lacking=self._list_lacking({**proposed, **row[1]}),
            is_proposed=bool(proposed),
            is_open=bool(keys) and not any(row[1].values()),
        )
        self.keep_up()

    def kept_in(self) -> tuple[Thing, Callable[[Document], bool]]:
        """A row is kept as a part of its map."""
        row = make_row(self.instance, [each["name"] for each in self.value_map.columns])
        return self.value_map, lambda document: row in document["rows"]

    def list_stored(self) -> dict[str, Any]:
        """Without what is only proposed."""
        columns = [name for name in self.fields if name.startswith(COLUMN)]
        values = dict.fromkeys(columns, "") | {
            f"{COLUMN}{column}": value for column, value in self._read_row()[1].items()
        }
        return {**super().list_stored(), **values}

    def _list_lacking(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The labels of the columns without which this row is not whole."""
        lacking = {n.column for n in self.hints.needed if n.is_lacking(values)}
        columns = self.value_map.columns
        return tuple(each["label"] for each in columns if each["name"] in lacking)

    def _read_row(self) -> tuple[list[str], dict[str, str]]:
        """Keys and values as they are stored, or as they were begun."""
        if self.instance.pk:
            stored = {k: v for k, v in self.instance.values.items() if v}
            return self.instance.keys, stored
        if self.is_bound:
            return self._read_begun(), {}
        named = sorted(name for name in self.initial if name.startswith(KEY))
        return [self.initial[name] for name in named], {}

    def _read_begun(self) -> list[str]:
        """The keys of the begun row that is saved: they need not be in the list."""
        names = sorted(name for name in self.fields if name.startswith(KEY))
        keys = [self.data.get(self.add_prefix(name), "") for name in names]
        return keys if tuple(keys) in self.hints.begun else []

    def has_changed(self) -> bool:
        """Whether a person has done something: a row that was begun and left is none."""
        if not super().has_changed():
            return False
        if self.instance.pk or not self.is_bound:
            return True
        begun = self.data.get(self.add_prefix(BEGUN))
        columns = [name for name in self.fields if name.startswith(COLUMN)]
        filled = any(self.data.get(self.add_prefix(name)) for name in columns)
        return filled or not begun

    def clean(self) -> dict[str, Any]:
        """Put keys and values together."""
        cleaned: dict[str, Any] = super().clean() or {}
        typed = self._read_keys(cleaned)
        if self.errors:
            return cleaned
        values = _collect(cleaned, COLUMN)
        self.instance.keys = list(map_services.check_row(self.value_map, typed, values))
        self.instance.values = values
        return cleaned

    def _read_keys(self, cleaned: Mapping[str, Any]) -> list[str]:
        names = [name for name in cleaned if name.startswith(KEY)]
        places = [int(name.removeprefix(KEY)) for name in names]
        keys = [
            cleaned[name] or ("" if self._is_for_nothing(place) else ANY)
            for name, place in zip(names, places, strict=True)
        ]
        for name, place, key in zip(names, places, keys, strict=True):
            declared = map_services.key_fields(self.value_map)[place]
            problem = check_key(declared, key)
            if problem:
                self.add_error(name, problem)
        return keys

    def _is_for_nothing(self, place: int) -> bool:
        """Whether the row was shown with an empty key here, which is not any key."""
        if self.instance.pk:
            return not self.instance.keys[place]
        begun = self.data.get(self.add_prefix(BEGUN)) or ""
        return begun[place : place + 1] == NOTHING


class EntryFormSet(KeepingFormSet):
    """The rows of a page: no two with the same keys, here or on other pages."""

    def clean(self) -> None:
        """Tell at its first key which row has the keys of another one."""
        super().clean()
        changed = [
            form
            for form in self.forms
            if form.has_changed() and not form.errors
            if not form.cleaned_data.get("DELETE")
        ]
        taken = self._find_stored([form.instance.keys for form in changed])
        seen: set[Keys] = set()
        for form in changed:
            keys = tuple(form.instance.keys)
            if taken.get(keys, form.instance.pk) != form.instance.pk:
                form.add_error(f"{KEY}0", _now("Another row has the same keys."))
            elif keys in seen:
                raise ValidationError(
                    _now("Two rows have the same keys: %s.") % " / ".join(keys)
                )
            seen.add(keys)

    def _find_stored(self, rows: Sequence[list[str]]) -> dict[Keys, int]:
        """The stored rows with these keys, but for those that are removed now."""
        if not rows:
            return {}
        wanted = reduce(or_, (Q(keys=keys) for keys in rows))
        removed = [form.instance.pk for form in self.deleted_forms]
        found = ValueMapEntry.objects.filter(wanted, value_map=self.instance)
        stored = found.exclude(pk__in=removed).values_list("keys", "pk")
        return {tuple(keys): pk for keys, pk in stored}


class ListField(forms.ChoiceField):
    """A choice from a list of one of the systems."""

    def __init__(self, declared: Declared, lists: Lists, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.declared, self.lists = declared, lists


def make_map_form(value_map: ValueMap, lists: Lists) -> type[ValueMapForm]:
    """The form of a value map with a default for each of its columns."""
    fields = {
        f"{DEFAULT}{column['name']}": _make_field(
            {**column, "label": _now("Default: %s") % column["label"]},
            lists,
            value_map.default.get(column["name"], ""),
        )
        for column in value_map.columns
    }
    return type("ThisValueMapForm", (ValueMapForm,), dict(fields))


def make_entry_form(value_map: ValueMap, hints: Hints) -> type[EntryForm]:
    """The form of a row with the map's keys and columns."""
    fields: dict[str, Any] = {"value_map": value_map, "hints": hints}
    for place, key in enumerate(value_map.key_fields):
        fields[f"{KEY}{place}"] = _make_field(key, hints.lists, "", any_value=True)
    for column in value_map.columns:
        fields[f"{COLUMN}{column['name']}"] = _make_field(column, hints.lists, "")
    return type("ThisEntryForm", (EntryForm,), fields)


def begin_row(value_map: ValueMap, keys: Keys) -> dict[str, str]:
    """The first values of a row that is begun; keys that are not told are any."""
    places = range(len(value_map.key_fields))
    padded = (*keys, *(ANY for _place in places))
    begun = "".join(SOMETHING if padded[place] else NOTHING for place in places)
    return {BEGUN: begun, **{f"{KEY}{place}": padded[place] for place in places}}


def _make_field(
    declared: Mapping[str, Any],
    lists: Lists,
    initial: str,
    *,
    any_value: bool = False,
) -> forms.Field:
    label = declared["label"]
    pairs = list_options(declared, lists)
    made: forms.Field
    if pairs:
        empty = (ANY, str(_("any"))) if any_value else ("", "–")
        made = ListField(declared, lists, label=label, choices=[empty, *pairs])
    else:
        made = forms.CharField(label=label, max_length=200)
    made.required = False
    _fill(made, initial or (ANY if any_value else ""))
    if declared.get("type") == "country":
        made.widget.attrs["list"] = COUNTRIES
    dress(made)
    share_options(made)
    return made


def _fill(made: forms.Field, value: str) -> None:
    """What is stored and no longer in the list stays until somebody changes it."""
    made.initial = value
    if isinstance(made, ListField) and not made.valid_value(value):
        known = cast(Iterable[Any], made.choices)
        shown = name_value(made.declared, made.lists, value)
        made.choices = [*known, (value, shown)]


def _collect(cleaned: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): cast(str, value)
        for name, value in cleaned.items()
        if name.startswith(prefix) and value
    }
