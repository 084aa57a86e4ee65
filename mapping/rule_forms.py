"""Forms of rules: the field that is filled is picked from what the target declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from integration_hub.core.panel.widgets import dress
from mapping import checking, services
from mapping.declared import FieldNames, describe_field, fields_of_target, make_title
from mapping.documents import RULE_PARTS, Document, pick, tell_table
from mapping.drafts import draft_table, is_sent, receive_table
from mapping.meanwhile import KeepingFormSet, KeepsUp
from mapping.models import Mapping as RuleMapping
from mapping.models import Origin, Rule
from mapping.rules import Occasion, Scope
from mapping.versions import Thing

# hub.css lets such a field grow with its text.
GROWING = {"rows": 2, "data-grows": "yes"}
TABLE = "table"
WAYS = (("expression", _("an expression")), (TABLE, _("a conditional table")))


class KeepsRule(KeepsUp):
    """A form of a rule that others may change while its page is open."""

    def kept_in(self) -> tuple[Thing, Callable[[Document], bool]]:
        """A rule is kept as a part of its mapping."""
        rule = pick(self.instance, RULE_PARTS)
        return self.instance.mapping, lambda document: rule in document["rules"]


class RuleForm(KeepsRule):
    """A rule whose field is there and whose expression can be read."""

    target = forms.ChoiceField(label=_("Field"))

    class Meta:
        model = Rule
        fields = (
            "label",
            "expression",
            "on",
            "only_if_empty",
            "required",
            "active",
            "position",
        )
        widgets = {"expression": UnfoldAdminTextareaWidget(attrs=GROWING)}

    # The only scope to pick from, "" for all.
    scope = ""

    def prepare(self, mapping: RuleMapping, names: FieldNames | None = None) -> None:
        """Offer the fields of the mapping's target; a default rule keeps its own."""
        rule, field = self.instance, self.fields["target"]
        rule.mapping = mapping
        own = f"{rule.scope}.{rule.field}" if rule.field else ""
        scopes = [self.scope] if self.scope else list(Scope.values)
        field.choices = list_targets(mapping.target, scopes, own)  # type: ignore[attr-defined]
        field.initial = own
        field.disabled = rule.origin == Origin.DEFAULT
        dress(field)
        is_told = "expression" in self.fields and not isinstance(self, SingleRuleForm)
        # What was shown is kept without names, which the systems may change.
        if is_told:
            show_table(self, {})
        self.keep_up()
        if is_told:
            show_table(self, names or {})

    def clean(self) -> dict[str, Any]:
        """Show what is wrong with the expression and the field at their places."""
        cleaned: dict[str, Any] = super().clean() or {}
        scope, _dot, name = cleaned.get("target", "").partition(".")
        if not name:
            return cleaned
        self.instance.scope, self.instance.field = scope, name
        check_value(self, cleaned, scope)
        self._check_occasion(cleaned, scope, name)
        return cleaned

    def _check_occasion(self, cleaned: dict[str, Any], scope: str, name: str) -> None:
        if not cleaned.get("only_if_empty"):
            return
        problem = checking.check_only_if_empty(self.instance.mapping, scope, name)
        if cleaned.get("on") == Occasion.CREATE:
            problem = _now("What is created is empty: this is for updates.")
        if problem:
            self.add_error("only_if_empty", problem)


class SingleRuleForm(RuleForm):
    """A rule on its own page, where it may become a conditional table."""

    whole = True

    way = forms.ChoiceField(
        label=_("This rule is"),
        choices=WAYS,
        widget=UnfoldAdminRadioSelectWidget(choices=WAYS),
    )

    class Meta(RuleForm.Meta):
        fields = (*RuleForm.Meta.fields, "note")  # type: ignore[assignment]
        widgets = {
            "expression": UnfoldAdminTextareaWidget(attrs=GROWING),
            "note": UnfoldAdminTextareaWidget(attrs=GROWING),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.table
        self.draft = draft_table(stored, self.instance.expression)
        if is_sent(self.data, TABLE):
            self.draft = receive_table(self.data, TABLE)  # type: ignore[arg-type]
        if "way" in self.fields:
            self.fields["way"].initial = "expression" if stored is None else TABLE
        if "target" in self.fields:
            self.prepare(self.instance.mapping)

    def list_stored(self) -> dict[str, Any]:
        """With the table in words."""
        told = tell_table(self.instance.table) if self.instance.table else ""
        return {**super().list_stored(), TABLE: told}

    def clean(self) -> dict[str, Any]:
        """Read the table; look for another rule that fills the same field."""
        is_table = self.cleaned_data.get("way") == TABLE
        self.instance.table = self.draft.to_json() if is_table else None
        cleaned = super().clean()
        if is_table and self.instance.scope:
            problem = checking.check_table(
                self.instance.mapping, self.draft.to_json(), self.instance.scope
            )
            if problem:
                self.add_error("way", problem)
        names = ("on", "active")
        changed = Rule(
            mapping=self.instance.mapping,
            scope=self.instance.scope,
            field=self.instance.field,
            **{name: cleaned[name] for name in names if name in cleaned},
        )
        others = self.instance.mapping.rules.exclude(pk=self.instance.pk)
        clash = None if self.errors else services.find_clash([*others, changed])
        if clash:
            self.add_error("target", explain_clash(clash))
        return cleaned


class RuleFormSet(KeepingFormSet):
    """The rules of an object: no two active ones for one field on one occasion.

    A default rule cannot be removed here, because it could not be changed back then.
    ``names`` are those of the ids that tables give.
    """

    names: FieldNames | None = None

    def add_fields(self, form: forms.ModelForm[Rule], index: int | None) -> None:
        """Tell each rule its mapping; take the mark for removal from defaults."""
        super().add_fields(form, index)
        if isinstance(form, RuleForm):
            form.prepare(self.instance, self.names)
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
            raise ValidationError(explain_clash(clash))

    def save_existing_objects(self, commit: bool = True) -> list[Rule]:
        """Store what was changed, also where two rules swap their occasions."""
        if commit:
            make_way(
                [form.instance for form in self.initial_forms if form.has_changed()]
            )
        stored: list[Rule] = super().save_existing_objects(commit)
        return stored


def make_way(rules: list[Rule]) -> None:
    """Switch rules off that are about to be stored, so that no two clash on the way."""
    Rule.objects.filter(pk__in=[rule.pk for rule in rules]).update(active=False)


def list_targets(connector: str, scopes: list[str], own: str) -> list[Any]:
    """What can be filled, by object; ``own`` stays even if the target has it no more."""
    groups: list[Any] = []
    known = {""}
    for scope in scopes:
        fields = [
            (f"{scope}.{name}", describe_field(field))
            for (where, name), field in fields_of_target(connector).items()
            if where == scope
        ]
        known |= {value for value, _label in fields}
        if fields:
            groups.append((capfirst(Scope(scope).label), fields))
    if own not in known:
        scope, _dot, name = own.partition(".")
        groups.append(
            (_now("Not in the target"), [(own, make_title(connector, scope, name))])
        )
    return [("", _now("Choose a field …")), *groups]


def show_table(form: forms.ModelForm[Rule], names: FieldNames) -> None:
    """Where a rule has a table, tell it in the expression's place; it is not changed."""
    rule = form.instance
    if rule.table is None:
        return
    form.fields["expression"].disabled = True
    known = names.get((rule.scope, rule.field))
    told = checking.tell_table(rule.mapping, rule.data, known)
    form.initial["expression"] = "\n".join(told)


def check_value(
    form: forms.ModelForm[Rule], cleaned: dict[str, Any], scope: str
) -> None:
    """Show what is wrong with an expression; a rule with a table has none."""
    text = cleaned.get("expression")
    if form.instance.table is not None:
        cleaned["expression"] = ""
    elif not text:
        form.add_error("expression", _now("This field is required."))
    else:
        problem = checking.check_expression(form.instance.mapping, text, scope)
        if problem:
            form.add_error("expression", problem)


def explain_clash(rule: str) -> str:
    """That two rules fill one field."""
    text = _now("Two active rules fill “%s” on the same occasion: switch one off.")
    return text % rule
