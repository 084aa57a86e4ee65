"""The rules of a mapping as somebody types them: forms that are tried and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import inlineformset_factory
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from flows import map_lists
from flows.models import Flow
from mapping import services
from mapping.declared import names_by_field
from mapping.models import Mapping as RuleSet
from mapping.models import Rule
from mapping.rule_forms import (
    GROWING,
    KeepsRule,
    check_value,
    explain_clash,
    make_way,
    show_table,
)
from mapping.versions import recording

if TYPE_CHECKING:
    _FormSet = forms.BaseInlineFormSet[Rule, RuleSet, forms.ModelForm[Rule]]
else:
    _FormSet = forms.BaseInlineFormSet


class DraftForm(KeepsRule):
    """A rule as the mapping page changes it."""

    gone = _("This rule is not in the mapping any more: somebody removed it.")

    class Meta:
        model = Rule
        fields = ("expression", "on", "active")
        widgets = {
            "expression": UnfoldAdminTextareaWidget(attrs=GROWING),
            "on": UnfoldAdminSelectWidget(),
        }

    def clean(self) -> dict[str, Any]:
        """Show what is wrong with the expression at its place."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance._state.adding:
            # Rules are neither made here nor those of another mapping.
            raise forms.ValidationError(self.gone)
        check_value(self, cleaned, self.instance.scope)
        return cleaned


class OwnKey(forms.CharField):
    """The hidden key of a form's rule; the usual field asks the database for each."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, initial=rule.pk)
        self.rule = rule

    def clean(self, value: Any) -> Any:
        """The rule that the form is of. Raises ValidationError for another one's."""
        if str(value or "") != str(self.rule.pk or ""):
            raise forms.ValidationError(_now("Open the page again."))
        return self.rule if self.rule.pk else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """A key is not typed."""
        return False


class DraftFormSet(_FormSet):
    """All rules of a mapping as they are typed."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Give each form a key that needs no query."""
        super().add_fields(form, index)
        form.fields["id"] = OwnKey(form.instance)
        # One mapping for all, so that no rule asks for it.
        form.instance.mapping = self.instance
        # What was shown is kept without names, which the systems may change.
        show_table(form, {})
        form.keep_up()
        # A rule that is gone, and was left alone here, is no mistake.
        form.empty_permitted = form.instance._state.adding

    def clean(self) -> None:
        """Two active rules for one field on one occasion are refused."""
        super().clean()
        self._refuse_clashes()
        if any(form.errors for form in self.forms):
            return
        here = read_rules(self)
        others = self.instance.rules.exclude(pk__in=[rule.pk for rule in here])
        clash = services.find_clash([*here, *others])
        if clash:
            raise forms.ValidationError(explain_clash(clash))

    def _refuse_clashes(self) -> None:
        """Name the rules that others changed or removed, and that were changed here."""
        drafts: list[Any] = self.forms
        gone = [form for form in drafts if form.instance._state.adding]
        told = [
            error for form in gone for error in [form.clash] + form.non_field_errors()
        ]
        clashes = [f for f in drafts if f.clash and f not in gone]
        if clashes:
            said = _now("Nothing is saved: others changed what you changed: %s.")
            told.append(said % ", ".join(str(form.instance) for form in clashes))
        if any(told):
            raise forms.ValidationError([each for each in told if each])


Drafts = inlineformset_factory(
    RuleSet, Rule, form=DraftForm, formset=DraftFormSet, extra=0, can_delete=False
)


def make_drafts(request: HttpRequest, flow: Flow) -> Any:
    """The rules as they are stored, or as they were typed."""
    data = request.POST if request.method == "POST" else None
    rules = flow.mapping.rules.all()
    drafts = Drafts(data, instance=flow.mapping, queryset=rules, prefix="rules")
    names = names_by_field(flow.mapping.target, map_lists.known_names(flow.mapping))
    for form in drafts.forms:
        show_table(form, names)
    return drafts


def keep_drafts(request: HttpRequest, flow: Flow) -> tuple[Any, bool]:
    """Store what was changed; the forms, and whether they were in order.

    What others change waits meanwhile, so that none of it is overwritten.
    """
    with recording(flow.mapping, how=_now("changed on the mapping page")):
        drafts = make_drafts(request, flow)
        is_valid: bool = drafts.is_valid()
        if is_valid:
            changed = [form for form in drafts.forms if form.has_changed()]
            make_way([form.instance for form in changed])
            for form in changed:
                form.save()
    return drafts, is_valid


def read_rules(drafts: Any) -> list[Rule]:
    """The rules as they were typed; one with an error keeps its stored expression."""
    drafts.is_valid()
    return [form.instance for form in drafts.forms if not form.instance._state.adding]


def list_mistakes(drafts: Any) -> Sequence[tuple[str, str]]:
    """(id of the field, what is wrong), for the places beside the rules."""
    if not drafts.is_bound:
        return ()
    return [
        (form["expression"].auto_id, " ".join(form.errors.get("expression", ())))
        for form in drafts.forms
    ]
