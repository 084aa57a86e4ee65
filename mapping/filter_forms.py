"""The form of a filter: conditions that are picked, or an expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from mapping import checking
from mapping.documents import FILTER_PARTS, Document, pick
from mapping.drafts import draft_group, is_sent, receive_group
from mapping.meanwhile import KeepingFormSet, KeepsUp
from mapping.models import Filter
from mapping.rule_forms import GROWING
from mapping.rules import Scope
from mapping.versions import Thing

CONDITIONS = "conditions"


class KeepsFilter(KeepsUp):
    """A form of a filter that others may change while its page is open."""

    def kept_in(self) -> tuple[Thing, Callable[[Document], bool]]:
        """A filter is kept as a part of its mapping."""
        stored = pick(self.instance, FILTER_PARTS)
        return self.instance.mapping, lambda document: stored in document["filters"]


class FilterRowForm(KeepsFilter):
    """What of a filter is changed in the row that the page of its mapping has for it."""

    class Meta:
        model = Filter
        fields = ("reason", "active", "position")

    def list_stored(self) -> dict[str, Any]:
        """With when it skips, which is not changed here but goes where it is removed."""
        told = checking.tell_filter(self.instance.data)
        return {**super().list_stored(), CONDITIONS: told}


class FilterFormSet(KeepingFormSet):
    """The filters of a mapping."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Compare what was shown with what is stored now."""
        super().add_fields(form, index)
        if isinstance(form, FilterRowForm):
            form.keep_up()


class FilterForm(KeepsFilter):
    """A filter that can be read: one way or the other."""

    whole = True

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
        self.keep_up()

    def list_stored(self) -> dict[str, Any]:
        """With the conditions in words."""
        stored = self.instance
        told = checking.tell_filter(stored.data) if stored.conditions else ""
        return {**super().list_stored(), CONDITIONS: told}

    def clean(self) -> dict[str, Any]:
        """Take the conditions, or else the expression; show what is wrong with them."""
        cleaned: dict[str, Any] = super().clean() or {}
        expression = cleaned.get("expression", "")
        self.instance.conditions = None
        if self.draft.is_begun:
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
