"""Forms of value maps and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet

from integration_hub.core.panel.widgets import dress
from mapping import services
from mapping.models import ValueMap, ValueMapEntry
from mapping.valuemaps import ANY, check_key

if TYPE_CHECKING:
    _MapForm = forms.ModelForm[ValueMap]
    _EntryForm = forms.ModelForm[ValueMapEntry]
    _EntryFormSet = forms.BaseInlineFormSet[
        ValueMapEntry, ValueMap, forms.ModelForm[ValueMapEntry]
    ]
else:
    _MapForm = _EntryForm = forms.ModelForm
    _EntryFormSet = PaginationInlineFormSet

# (value, label) pairs by the name of the list they come from.
Lists = Mapping[str, Sequence[tuple[str, str]]]

KEY, COLUMN, DEFAULT = "key_", "column_", "default_"


class ValueMapForm(_MapForm):
    """A value map's settings; ``make_map_form`` adds a default per column."""

    class Meta:
        model = ValueMap
        fields = ("label", "missing", "force")

    def save(self, commit: bool = True) -> ValueMap:
        """Put the defaults together."""
        self.instance.default = _collect(self.cleaned_data, DEFAULT)
        return super().save(commit)


class EntryForm(_EntryForm):
    """One row of a value map; ``make_entry_form`` adds its keys and columns."""

    class Meta:
        model = ValueMapEntry
        fields = ("label",)

    value_map: ValueMap

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        stored = {f"{KEY}{n}": key for n, key in enumerate(self.instance.keys)}
        for column, value in self.instance.values.items():
            stored[f"{COLUMN}{column}"] = value
        for name, field in self.fields.items():
            if name in stored:
                _fill(field, stored[name])

    def clean(self) -> dict[str, Any]:
        """Put keys and values together; refuse keys that another row has."""
        cleaned: dict[str, Any] = super().clean() or {}
        typed = self._read_keys(cleaned)
        if self.errors:
            return cleaned
        values = _collect(cleaned, COLUMN)
        keys = list(services.check_row(self.value_map, typed, values))
        twins = self.value_map.entries.filter(keys=keys).exclude(pk=self.instance.pk)
        if twins.exists():
            raise ValidationError(_now("Another row has the same keys."))
        self.instance.keys, self.instance.values = keys, values
        return cleaned

    def _read_keys(self, cleaned: Mapping[str, Any]) -> list[str]:
        names = [name for name in cleaned if name.startswith(KEY)]
        keys = [cleaned[name] or ANY for name in names]
        for name, key in zip(names, keys, strict=True):
            field = services.key_fields(self.value_map)[int(name.removeprefix(KEY))]
            problem = check_key(field, key)
            if problem:
                self.add_error(name, problem)
        return keys


class EntryFormSet(_EntryFormSet):
    """The rows of a page: no two with the same keys."""

    def clean(self) -> None:
        """Look for two new rows with the same keys; stored ones each row looks for."""
        super().clean()
        seen: set[tuple[str, ...]] = set()
        for form in self.forms:
            if form.errors or not form.has_changed():
                continue
            keys = tuple(form.instance.keys)
            if keys in seen:
                raise ValidationError(
                    _now("Two rows have the same keys: %s.") % " / ".join(keys)
                )
            seen.add(keys)


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


def make_entry_form(
    value_map: ValueMap, lists: Lists, row: Sequence[str] = ()
) -> type[EntryForm]:
    """The form of a row with the map's keys and columns.

    ``row`` are the keys that a new row has at first.
    """
    fields: dict[str, Any] = {"value_map": value_map}
    for place, key in enumerate(value_map.key_fields):
        first = row[place] if place < len(row) else ""
        fields[f"{KEY}{place}"] = _make_field(key, lists, first, any_value=True)
    for column in value_map.columns:
        fields[f"{COLUMN}{column['name']}"] = _make_field(column, lists, "")
    return type("ThisEntryForm", (EntryForm,), fields)


def _make_field(
    declared: Mapping[str, Any],
    lists: Lists,
    initial: str,
    *,
    any_value: bool = False,
) -> forms.Field:
    label = declared["label"]
    pairs = lists.get(declared.get("choices", ""), ())
    field: forms.Field
    if pairs:
        empty = (ANY, _("any")) if any_value else ("", "–")
        field = forms.ChoiceField(label=label, choices=[empty, *pairs])
    else:
        field = forms.CharField(label=label, max_length=200)
    field.required = False
    _fill(field, initial or (ANY if any_value else ""))
    dress(field)
    return field


def _fill(field: forms.Field, value: str) -> None:
    """What is stored and no longer in the list stays until somebody changes it."""
    field.initial = value
    if isinstance(field, forms.ChoiceField) and not field.valid_value(value):
        known = cast(Iterable[Any], field.choices)
        field.choices = [*known, (value, value)]


def _collect(cleaned: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): cast(str, value)
        for name, value in cleaned.items()
        if name.startswith(prefix) and value
    }
