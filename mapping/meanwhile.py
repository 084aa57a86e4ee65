"""Forms that know what was shown: what others changed meanwhile is neither undone nor lost.

Each form carries what was stored when its page was opened. What a person left alone
stays as it is stored now; where both changed it, the form is refused once, tells who
changed it and what it is now, and keeps what was typed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.utils import pretty_name
from django.http import QueryDict
from django.utils.choices import flatten_choices
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet

from mapping.documents import Document
from mapping.versions import NOBODY, Thing, find_maker

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    _Form = forms.ModelForm[Any]
    _FormSet = forms.BaseInlineFormSet[Any, Any, forms.ModelForm[Any]]
else:
    _Form = forms.ModelForm
    _FormSet = PaginationInlineFormSet

SEEN = "seen"


class SeenField(forms.CharField):
    """What was stored when the page was opened; not typed, so it never changes."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Nobody types here."""
        return False


class GoneField(SeenField):
    """The key of a row that is not there any more: it finds nothing."""

    def clean(self, value: Any) -> None:
        """Nothing."""


class KeepsUp(_Form):
    """A form of something that others may change while its page is open.

    A subclass calls ``keep_up`` when its fields are ready, before anything is cleaned.
    """

    seen = SeenField()

    # Whether any change of others stands in the way, not only one of what was typed.
    whole = False
    gone: _StrOrPromise = _("This was removed while the page was open.")
    clash = ""

    def kept_in(self) -> tuple[Thing, Callable[[Document], bool]] | None:
        """In whose history this stands, and whether a state of that holds it so.

        None for what has no history.
        """
        raise NotImplementedError

    def list_stored(self) -> dict[str, Any]:
        """What is stored now, by the name of its field; never a secret."""
        names = dict.fromkeys((*(self._meta.fields or ()), *self.base_fields))
        fields = {name: self.fields[name] for name in names if name in self.fields}
        return {
            name: self.get_initial_for_field(field, name)
            for name, field in fields.items()
            if name != SEEN and not isinstance(field.widget, forms.PasswordInput)
        }

    def keep_up(self) -> None:
        """Take over what others changed, or find that it clashes with what was typed."""
        shown = _read(self.data.get(self.add_prefix(SEEN))) if self.is_bound else None
        is_gone = self.instance._state.adding
        if is_gone and shown is None:
            return  # It is new.
        stored = {name: _text(value) for name, value in self.list_stored().items()}
        self.fields[SEEN].initial = json.dumps(stored)
        if shown is None or shown == stored:
            return
        typed = self._list_typed(shown)
        is_removed = self._is_removed()
        if is_gone and is_removed:
            is_touched = False  # Both meant the same.
        else:
            is_touched = self.whole or is_removed or typed != shown
        if is_touched and (self.whole or is_removed or typed != stored):
            told = [self._tell_gone(typed) if is_gone else self._tell(shown, stored)]
            told += [] if is_gone else self._list_locked(shown, typed)
            self.clash = " ".join(told)
        if is_gone or not self.clash:
            self._put(stored)
        self._put({SEEN: json.dumps(stored)})

    def clean(self) -> dict[str, Any]:
        """Refuse what others changed too."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.clash:
            self.add_error(None, self.clash)
        return cleaned

    def _list_typed(self, shown: Mapping[str, str]) -> dict[str, str]:
        """What was typed; of a field that was not on the page, what was shown."""
        typed = dict(shown)
        for name in shown.keys() & self.fields.keys():
            widget, place = self.fields[name].widget, self.add_prefix(name)
            value = widget.value_from_datadict(self.data, self.files, place)
            if value is not None:
                typed[name] = _text(value)
        return typed

    def _is_removed(self) -> bool:
        return self.add_prefix(DELETION_FIELD_NAME) in self.data

    def _put(self, values: Mapping[str, str]) -> None:
        data = cast(QueryDict, self.data).copy()
        data.update({self.add_prefix(name): text for name, text in values.items()})
        self.data = data

    def _tell(self, shown: Mapping[str, str], stored: Mapping[str, str]) -> str:
        kept = self.kept_in()
        version = find_maker(*kept) if kept else None
        is_known = version is not None and version.by != NOBODY
        now = "; ".join(
            f"{self._label(name)}: {self._name(name, text) or '–'}"
            for name, text in stored.items()
            if shown.get(name) != text
        )
        said = _now(
            "%(who)s changed “%(what)s” while this page was open (%(when)s). Now it has:"
            " %(now)s. What you typed stands here: save again to have that instead."
        )
        return said % {
            "who": version.by if version and is_known else _now("Somebody"),
            "what": self.instance,
            "when": date_format(localtime(version.at), "Y-m-d H:i") if version else "?",
            "now": now,
        }

    def _tell_gone(self, typed: Mapping[str, str]) -> str:
        text = "; ".join(text for text in typed.values() if text)
        return f"{self.gone} {_now('You had typed: %s') % text}"

    def _list_locked(
        self, shown: Mapping[str, str], typed: Mapping[str, str]
    ) -> list[str]:
        """What was typed into a field that cannot be changed here any more."""
        said = _now(
            "%(label)s can only be changed elsewhere now; you had typed: %(text)s"
        )
        return [
            said % {"label": self._label(name), "text": text}
            for name, text in typed.items()
            if name in self.fields and self.fields[name].disabled
            if text != shown.get(name)
        ]

    def _label(self, name: str) -> str:
        field = self.fields.get(name)
        return str((field.label if field else "") or pretty_name(name))

    def _name(self, name: str, text: str) -> str:
        """A choice by its name, yes or no, else the text."""
        field = self.fields.get(name)
        if isinstance(field, forms.BooleanField):
            return _now("yes") if text == str(True) else _now("no")
        if isinstance(field, forms.ChoiceField):
            pairs: Any = flatten_choices(cast(Any, field.choices))
            return str({str(key): label for key, label in pairs}.get(text, text))
        return text


class KeepingFormSet(_FormSet):
    """Forms that keep up, of rows that others may add, remove, and put elsewhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            # The rows that were shown, wherever they stand by now; None for one that
            # is gone.
            shown = [self._read_key(n) for n in range(self.initial_form_count())]
            rows = cast(Any, self.queryset).filter(pk__in=[*filter(None, shown)])
            self._object_dict: dict[Any, Any] = {row.pk: row for row in rows}
            self._queryset: Any = [self._object_dict.get(key) for key in shown]

    def _read_key(self, place: int) -> int | None:
        text = self.data.get(f"{self.add_prefix(place)}-id", "")
        is_key = text.isascii() and text.isdigit() and len(text) < 19
        return int(text) if is_key else None

    def add_fields(self, form: Any, index: int | None) -> None:
        """A row that is gone, and was left alone here, is no mistake."""
        super().add_fields(form, index)
        is_old = index is not None and index < self.initial_form_count()
        if is_old and form.instance._state.adding:
            form.empty_permitted = True
            form.fields["id"] = GoneField()

    def clean(self) -> None:
        """Refuse what is removed, here or by others, and was changed by the other."""
        super().clean()
        drafts: list[Any] = self.initial_forms
        gone = [form for form in drafts if form.instance._state.adding]
        clashes = [form.clash for form in (*gone, *self.deleted_forms) if form.clash]
        if clashes:
            raise forms.ValidationError(clashes)


def _text(value: Any) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _read(seen: str | None) -> dict[str, str] | None:
    """What was shown; None where that is not known."""
    try:
        found = json.loads(seen or "null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
