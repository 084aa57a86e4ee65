"""The form of a filter: conditions that are picked, or an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from mapping import checking
from mapping.drafts import draft_group, is_sent, receive_group
from mapping.models import Filter
from mapping.rule_forms import GROWING
from mapping.rules import Scope

if TYPE_CHECKING:
    _FilterForm = forms.ModelForm[Filter]
else:
    _FilterForm = forms.ModelForm

CONDITIONS = "conditions"


class FilterForm(_FilterForm):
    """A filter that can be read: one way or the other."""

    class Meta:
        model = Filter
        fields = ("mapping", "reason", "active", "position", "expression")
        widgets = {"expression": UnfoldAdminTextareaWidget(attrs=GROWING)}
        help_texts = {"reason": _("Shown with every record that it skips.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft_group(self.instance.conditions)
        if is_sent(self.data, CONDITIONS):
            self.draft = receive_group(self.data, CONDITIONS)  # type: ignore[arg-type]

    def clean(self) -> dict[str, Any]:
        """Take the conditions, or else the expression; show what is wrong with them."""
        cleaned: dict[str, Any] = super().clean() or {}
        expression = cleaned.get("expression", "")
        self.instance.conditions = None
        if any(part.sort != "condition" or part.field for part in self.draft.parts):
            self._take_conditions()
            if expression:
                text = _now("Choose conditions or write an expression, not both.")
                self.add_error("expression", text)
        elif not expression:
            self.add_error(None, _now("Say when a record is skipped."))
        elif "mapping" in cleaned or self.instance.mapping_id:
            mapping = cleaned.get("mapping") or self.instance.mapping
            problem = checking.check_expression(mapping, expression, Scope.HEADER)
            if problem:
                self.add_error("expression", problem)
        return cleaned

    def _take_conditions(self) -> None:
        data = self.draft.to_json()
        if problem := checking.check_conditions(data):
            self.add_error(None, problem)
        self.instance.conditions = data
