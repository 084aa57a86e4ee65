"""The form of a value map of one's own: its name, what rows are found by, what they give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors import registry
from flows.models import Integration
from integration_hub.core.panel.widgets import dress
from mapping.map_services import create_value_map
from mapping.models import ValueMap

if TYPE_CHECKING:
    _Form = forms.ModelForm[ValueMap]
else:
    _Form = forms.ModelForm

KEYS, COLUMNS = 3, 4
KEY, COLUMN, CHOSEN = "key", "column", "from"
TYPES = (
    ("", _("any text")),
    ("type:number", _("a number")),
    ("type:country", _("a country")),
)
LIST = "list:"


class NewValueMapForm(_Form):
    """Up to three keys and four columns, each typed or chosen from a list."""

    class Meta:
        model = ValueMap
        fields = ("label",)

    integration = forms.ModelChoiceField(Integration.objects.all())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list_names():
            self.fields[name] = self._make_field(name)
        for field in self.fields.values():
            dress(field)

    def _make_field(self, name: str) -> forms.Field:
        part, place, *is_source = name.split("_")
        is_first = place == "1"
        if not is_source:
            label = _("Key %s") if part == KEY else _("Column %s")
            return forms.CharField(
                label=label % place, required=is_first, max_length=100
            )
        types = TYPES if part == KEY else TYPES[:1]
        choices = [*types, *list_lists(is_key=part == KEY)]
        return forms.ChoiceField(
            label=_("chosen from"), required=False, choices=choices
        )

    def save(self, commit: bool = True) -> ValueMap:
        """Create it in the integration's set."""
        integration: Integration = self.cleaned_data["integration"]
        self.instance = create_value_map(
            integration.value_maps,
            self.cleaned_data["label"],
            keys=list(self._read(KEY, KEYS)),
            columns=list(self._read(COLUMN, COLUMNS)),
        )
        return self.instance

    def _save_m2m(self) -> None:
        """Nothing of it is many-to-many."""

    save_m2m = _save_m2m

    def clean(self) -> dict[str, Any]:
        """Lists must be those of the integration's own two systems."""
        cleaned: dict[str, Any] = super().clean() or {}
        integration: Integration | None = cleaned.get("integration")
        if integration is None:
            return cleaned
        systems = {KEY: integration.source, COLUMN: integration.target}
        for name in list_names():
            chosen = str(cleaned.get(name) or "")
            connection = systems[name.split("_")[0]]
            lists = registry.get(connection.connector).choice_lists
            is_list = name.endswith(CHOSEN) and chosen.startswith(LIST)
            if is_list and chosen.removeprefix(LIST) not in lists:
                problem = _("%(name)s has no such list.")
                self.add_error(name, problem % {"name": connection.name})
        return cleaned

    def _read(self, part: str, most: int) -> Iterator[dict[str, str]]:
        for place in range(1, most + 1):
            label = self.cleaned_data[f"{part}_{place}"]
            if label:
                chosen = self.cleaned_data[f"{part}_{place}_{CHOSEN}"]
                yield {"label": label, **read_source(chosen)}


def list_names() -> list[str]:
    """The names of the fields, in their order."""
    parts = ((KEY, KEYS), (COLUMN, COLUMNS))
    return [
        f"{part}_{place}{end}"
        for part, most in parts
        for place in range(1, most + 1)
        for end in ("", f"_{CHOSEN}")
    ]


def read_source(chosen: str) -> dict[str, str]:
    """What a choice says of a key or a column."""
    if chosen.startswith(LIST):
        return {"choices": chosen.removeprefix(LIST)}
    return {"type": chosen.removeprefix("type:")} if chosen else {}


def list_lists(*, is_key: bool) -> list[tuple[str, str]]:
    """The lists of the systems that can be a source (for keys) or a target."""
    found: dict[str, str] = {}
    for system in registry.all_connectors().values():
        if is_key and not system.feeds or not is_key and not system.writes:
            continue
        for name in system.choice_lists:
            words = name.replace("_", " ")
            found.setdefault(f"{LIST}{name}", f"{system.label}: {words}")
    return sorted(found.items(), key=lambda pair: pair[1])
