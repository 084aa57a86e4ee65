"""Forms of rules, filters and the rows of value maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextareaWidget

from integration_hub.core.panel.widgets import dress
from mapping import checking, services
from mapping.models import Filter, Origin, Rule, ValueMap, ValueMapEntry
from mapping.models import Mapping as RuleMapping
from mapping.rules import Scope
from mapping.valuemaps import ANY, check_key

if TYPE_CHECKING:
    _RuleForm = forms.ModelForm[Rule]
    _FilterForm = forms.ModelForm[Filter]
    _MapForm = forms.ModelForm[ValueMap]
    _EntryForm = forms.ModelForm[ValueMapEntry]
    _RuleFormSet = forms.BaseInlineFormSet[Rule, RuleMapping, forms.ModelForm[Rule]]
    _FilterFormSet = forms.BaseInlineFormSet[
        Filter, RuleMapping, forms.ModelForm[Filter]
    ]
    _EntryFormSet = forms.BaseInlineFormSet[
        ValueMapEntry, ValueMap, forms.ModelForm[ValueMapEntry]
    ]
else:
    _RuleForm = _FilterForm = _MapForm = _EntryForm = forms.ModelForm
    _RuleFormSet = _FilterFormSet = _EntryFormSet = PaginationInlineFormSet

# (value, label) pairs by the name of the list they come from.
Lists = Mapping[str, Sequence[tuple[str, str]]]

KEY, COLUMN, DEFAULT = "key_", "column_", "default_"
# hub.css lets such a field grow with its text.
GROWING = {"rows": 2, "data-grows": "yes"}


class RuleForm(_RuleForm):
    """A rule whose expression can be read."""

    class Meta:
        model = Rule
        fields = (
            "scope",
            "field",
            "label",
            "expression",
            "on",
            "required",
            "active",
            "position",
        )
        widgets = {"expression": UnfoldAdminTextareaWidget(attrs=GROWING)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.origin == Origin.DEFAULT:
            # Its field tells which default it is.
            for name in ("scope", "field"):
                if name in self.fields:
                    self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """Show what is wrong with the expression and the field at their places."""
        cleaned: dict[str, Any] = super().clean() or {}
        scope, name = cleaned.get("scope", ""), cleaned.get("field", "")
        _check_expression(self, cleaned, scope)
        if scope and name:
            problem = checking.check_field(self.instance.mapping, scope, name)
            if problem:
                self.add_error("field", problem)
        return cleaned


class SingleRuleForm(RuleForm):
    """A rule on its own page."""

    def clean(self) -> dict[str, Any]:
        """Look for another rule that fills the same field."""
        cleaned = super().clean()
        names = ("scope", "field", "on", "active")
        changed = Rule(**{name: cleaned[name] for name in names if name in cleaned})
        others = self.instance.mapping.rules.exclude(pk=self.instance.pk)
        clash = None if self.errors else services.find_clash([*others, changed])
        if clash:
            self.add_error("field", _explain_clash(clash))
        return cleaned


class RuleFormSet(_RuleFormSet):
    """All rules of a mapping: no two active ones for one field on one occasion.

    A default rule cannot be removed here, because it could not be changed back then.
    """

    def add_fields(self, form: forms.ModelForm[Rule], index: int | None) -> None:
        """Tell each rule its mapping; take the mark for removal from defaults."""
        super().add_fields(form, index)
        form.instance.mapping = self.instance
        mark = form.fields.get(DELETION_FIELD_NAME)
        if mark is not None and form.instance.origin == Origin.DEFAULT:
            mark.disabled = True
            mark.widget = forms.HiddenInput()

    def clean(self) -> None:
        """Look for two rules for one field."""
        super().clean()
        if any(form.errors for form in self.forms):
            return
        rules = [
            form.instance
            for form in self.forms
            if form.has_changed() or form.instance.pk
            if not form.cleaned_data.get("DELETE")
        ]
        clash = services.find_clash(rules)
        if clash:
            raise ValidationError(_explain_clash(clash))


class FilterFormSet(_FilterFormSet):
    """All filters of a mapping."""

    def add_fields(self, form: forms.ModelForm[Filter], index: int | None) -> None:
        """Tell each filter its mapping."""
        super().add_fields(form, index)
        form.instance.mapping = self.instance


class FilterForm(_FilterForm):
    """A filter whose expression can be read."""

    class Meta:
        model = Filter
        fields = ("expression", "reason", "active", "position")
        widgets = {"expression": UnfoldAdminTextareaWidget(attrs=GROWING)}

    def clean(self) -> dict[str, Any]:
        """Show what is wrong with the expression at its field."""
        cleaned: dict[str, Any] = super().clean() or {}
        _check_expression(self, cleaned, Scope.HEADER)
        return cleaned


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


def _check_expression(
    form: forms.ModelForm[Any], cleaned: Mapping[str, Any], scope: str
) -> None:
    expression = cleaned.get("expression")
    if not expression or not scope:
        return
    problem = checking.check_expression(form.instance.mapping, expression, scope)
    if problem:
        form.add_error("expression", problem)


def _explain_clash(rule: str) -> str:
    text = _now("Two active rules fill %s on the same occasion: switch one off.")
    return text % rule


def _collect(cleaned: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): cast(str, value)
        for name, value in cleaned.items()
        if name.startswith(prefix) and value
    }
