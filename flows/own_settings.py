"""The target's settings as one flow has them: its own, its integration's, or the target's.

What a flow sets goes before what its integration sets, also where it sets nothing. Only
what is planned from now on follows a change; what is posted stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from connectors import registry
from connectors.contract import Field
from flows.engine.kept_lists import known_lists
from flows.models import Flow, Integration


class Origin(models.TextChoices):
    """Where the value of a setting comes from."""

    FLOW = "flow", _("this flow")
    INTEGRATION = "integration", _("the integration")
    DEFAULT = "default", _("default of the target")
    NOWHERE = "nowhere", _("not set")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a flow: its value, where that comes from, what it would be else.

    ``told`` and ``else_told`` are the values in words.
    """

    field: Field
    value: Any
    origin: Origin
    told: str
    else_told: str

    @property
    def is_own(self) -> bool:
        """Whether the flow overrides it."""
        return self.origin == Origin.FLOW


def explain(flow: Flow) -> list[Setting]:
    """Every setting that the target asks for, in its order. Makes no call."""
    target = registry.all_connectors().get(flow.integration.target.connector)
    fields = target.target_settings if target else ()
    names = kept_names(flow.integration, fields)
    return [_explain(flow, field, names) for field in fields]


def _explain(
    flow: Flow, field: Field, names: Mapping[str, Mapping[str, str]]
) -> Setting:
    inherited, origin = _inherit(flow.integration, field)
    value = inherited
    if field.name in flow.settings:
        value, origin = flow.settings[field.name], Origin.FLOW
    return Setting(
        field=field,
        value=value,
        origin=origin,
        told=tell(field, value, names),
        else_told=tell(field, inherited, names),
    )


def _inherit(integration: Integration, field: Field) -> tuple[Any, Origin]:
    value = integration.defaults.get(field.name)
    if value not in (None, ""):
        return value, Origin.INTEGRATION
    if field.default:
        return field.default, Origin.DEFAULT
    return "", Origin.NOWHERE


def tell(field: Field, value: Any, names: Mapping[str, Mapping[str, str]]) -> str:
    """A value in words; an id with its name where the list of it is known."""
    if field.type == "boolean":
        return _now("yes") if value in (True, "true", "1", "on") else _now("no")
    text = "" if value is None else str(value)
    if not isinstance(field.choices, str):
        return dict(field.choices).get(text, text)
    name = names.get(field.choices, {}).get(text)
    return f"{name} ({text})" if name and name != text else text


def kept_names(
    integration: Integration, fields: Iterable[Field]
) -> dict[str, dict[str, str]]:
    """What ids of the target stand for, as far as its lists were asked lately."""
    wanted = {f.choices for f in fields if isinstance(f.choices, str)} - {""}
    kept = known_lists(integration.target_id, wanted)
    return {
        name: {choice.id: choice.name for choice in choices}
        for name, choices in kept.items()
    }


def override(flow: Flow, values: Mapping[str, Any]) -> None:
    """Let a flow set these and nothing else; the rest comes from its integration."""
    flow.settings = dict(values)
    flow.save(update_fields=["settings"])
