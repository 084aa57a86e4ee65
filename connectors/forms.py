"""The form of a connection, made from what its connector declares.

A secret is never sent to the browser again: its field is empty, and left empty it
keeps what is stored. What is stored is never sent to another address: whoever changes
that enters the secret again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms.models import ModelFormMetaclass
from django.utils.translation import gettext_lazy as _

from connectors.contract import Choice, Connector, Field
from connectors.models import Connection
from integration_hub.core.addresses import normalise_address
from integration_hub.core.errors import ConfigError

if TYPE_CHECKING:
    _ConnectionModelForm = forms.ModelForm[Connection]
else:
    _ConnectionModelForm = forms.ModelForm

CREDENTIAL = "credential_"
SETTING = "setting_"
KEEP = _("Leave empty to keep what is stored.")
AGAIN = _(
    "Enter it again: the address or the environment has changed, and what is stored is "
    "not sent anywhere else."
)
BASE_URL = Field(
    name="base_url",
    label="Address",
    help="With or without https:// and slash. Leave empty for the usual one.",
    leads=True,
)

Lists = Mapping[str, Sequence[Choice]]


class ConnectionForm(_ConnectionModelForm):
    """Name, system and environment; subclasses add the system's own fields."""

    kind: type[Connector] | None = None

    class Meta:
        model = Connection
        fields = ("name", "connector", "environment")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._was = self.instance.environment
        # Whether secrets would be sent to another place than those that are stored.
        self.leads_elsewhere = False
        if self.instance.pk and "connector" in self.fields:
            self.fields["connector"].disabled = True
        for name, field in self.fields.items():
            self._fill(name, field)

    def clean(self) -> dict[str, Any]:
        """Bring the address into one form."""
        cleaned: dict[str, Any] = super().clean() or {}
        name = f"{SETTING}{BASE_URL.name}"
        if cleaned.get(name):
            try:
                cleaned[name] = normalise_address(cleaned[name])
            except ConfigError as error:
                self.add_error(name, f"{error.message} {error.action}")
        self.leads_elsewhere = self._find_lead(cleaned)
        if self.leads_elsewhere:
            for name, field in self.fields.items():
                if name.startswith(CREDENTIAL) and self._keeps(name, cleaned.get(name)):
                    self._ask_again(name, field)
        return cleaned

    def _find_lead(self, cleaned: Mapping[str, Any]) -> bool:
        if not self.instance.pk or self.kind is None:
            return False
        stored = self.instance.settings
        return self._was != cleaned.get("environment", self._was) or any(
            _to_address(stored.get(name)) != _to_address(cleaned[field])
            for name in _list_leading(self.kind)
            if (field := f"{SETTING}{name}") in cleaned
        )

    def _ask_again(self, name: str, field: forms.Field) -> None:
        if self.instance.credentials.get(name.removeprefix(CREDENTIAL)):
            field.required = True
            self[name].help_text = str(field.help_text).removesuffix(str(KEEP))
            self.add_error(name, AGAIN)

    def save(self, commit: bool = True) -> Connection:
        """Lay the fields over the stored credentials and settings."""
        credentials = dict(self.instance.credentials)
        settings = dict(self.instance.settings)
        for name, value in self.cleaned_data.items():
            if name.startswith(SETTING):
                settings[name.removeprefix(SETTING)] = _to_json(value)
            elif name.startswith(CREDENTIAL) and not self._keeps(name, value):
                credentials[name.removeprefix(CREDENTIAL)] = str(_to_json(value))
        self.instance.credentials = credentials
        self.instance.settings = settings
        return super().save(commit)

    def _keeps(self, name: str, value: Any) -> bool:
        return _is_secret(self.fields[name]) and not value

    def _fill(self, name: str, field: forms.Field) -> None:
        """Show what is stored; of a secret only that there is one."""
        stored = self.instance.settings
        key = name.removeprefix(SETTING)
        if name.startswith(CREDENTIAL):
            stored = self.instance.credentials
            key = name.removeprefix(CREDENTIAL)
        elif not name.startswith(SETTING):
            return
        if not _is_secret(field):
            self.initial.setdefault(name, stored.get(key, field.initial))
        elif stored.get(key):
            field.required = False
            field.help_text = f"{field.help_text} {KEEP}".strip()


def build_form(
    kind: type[Connector], lists: Lists | None = None
) -> type[ConnectionForm]:
    """The form class for one system's connections.

    ``lists`` are lists of the system (accounts, tax codes) by name, for fields that
    choose from one; without them such a field takes the id as text.
    """
    fields: dict[str, Any] = {"kind": kind}
    for declared in kind.credentials:
        fields[f"{CREDENTIAL}{declared.name}"] = make_field(declared, lists or {})
    settings = {field.name: field for field in kind.settings}
    for declared in {BASE_URL.name: BASE_URL, **settings}.values():
        fields[f"{SETTING}{declared.name}"] = make_field(declared, lists or {})
    made = ModelFormMetaclass("SystemConnectionForm", (ConnectionForm,), fields)
    return cast(type[ConnectionForm], made)


def make_field(declared: Field, lists: Lists) -> forms.Field:
    """The form field of a declared one."""
    options: dict[str, Any] = {
        "label": declared.label,
        "required": declared.required,
        "initial": declared.default,
        "help_text": declared.help,
    }
    pairs = _list_pairs(declared, lists)
    if pairs:
        empty = [] if declared.required else [("", "")]
        return forms.ChoiceField(choices=[*empty, *pairs], **options)
    if declared.type == "boolean":
        options["required"] = False
        options["initial"] = declared.default in ("true", "1", "on")
        return forms.BooleanField(**options)
    if declared.type == "secret":
        widget = forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "new-password"}
        )
        return forms.CharField(widget=widget, **options)
    simple: dict[str, type[forms.Field]] = {
        "integer": forms.IntegerField,
        "date": forms.DateField,
        "email": forms.EmailField,
    }
    return simple.get(declared.type, forms.CharField)(**options)


def _list_pairs(declared: Field, lists: Lists) -> list[tuple[str, str]]:
    if not isinstance(declared.choices, str):
        return list(declared.choices)
    return make_pairs(lists.get(declared.choices, ()))


def make_pairs(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    """Ids with what a person reads, of the entries that are in use."""
    return [(each.id, _name_choice(each)) for each in choices if each.active]


def _name_choice(choice: Choice) -> str:
    if choice.code in ("", choice.name):
        return choice.name
    return f"{choice.code} {choice.name}"


def _list_leading(kind: type[Connector]) -> list[str]:
    """The settings that decide where secrets are sent."""
    named = [field.name for field in kind.settings if field.leads]
    return [*named, BASE_URL.name]


def _to_address(value: Any) -> str:
    """A setting in the form in which it is compared."""
    text = str(value or "").strip()
    try:
        return normalise_address(text) if text else ""
    except ConfigError:
        return text


def _is_secret(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput)


def _to_json(value: Any) -> Any:
    """A cleaned value as it is stored: dates as text, nothing as ""."""
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else value
