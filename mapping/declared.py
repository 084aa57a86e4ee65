"""The fields that a target declares, by the names that people know them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from connectors import registry
from connectors.contract import TargetField
from mapping.rules import Scope

Key = tuple[str, str]
# Names of entries by their ids, by the name of the list that they come from.
Names = Mapping[str, Mapping[str, str]]
# The same by the scope and the name of the field that has them.
FieldNames = Mapping[Key, Mapping[str, str]]

_TYPES = {
    "text": gettext_noop("text"),
    "integer": gettext_noop("whole number"),
    "boolean": gettext_noop("yes or no"),
    "date": gettext_noop("date"),
    "email": gettext_noop("e-mail address"),
}


def fields_of_target(connector: str) -> Mapping[Key, TargetField]:
    """What rules may fill in a system, by scope and name; none if it is unknown."""
    target = registry.all_connectors().get(connector)
    return by_key(target.target_fields if target else ())


def by_key(fields: Iterable[TargetField]) -> dict[Key, TargetField]:
    """Declared fields by scope and name."""
    return {(field.scope, field.name): field for field in fields}


def names_by_field(connector: str, names: Names) -> FieldNames:
    """What the values of a target's fields stand for, as far as it is known.

    ``names`` are those of its lists, by id.
    """
    return {
        key: names.get(field.choices, {})
        if isinstance(field.choices, str)
        else {value: str(name) for value, name in field.choices}
        for key, field in fields_of_target(connector).items()
        if field.choices
    }


def name_field(scope: str, name: str, field: TargetField | None) -> str:
    """A field with the object that it belongs to: "Document: Location"."""
    thing = Scope(scope).label if scope in Scope.values else scope
    return f"{capfirst(thing)}: {field.label if field else name}"


def make_title(connector: str, scope: str, name: str) -> str:
    """The name of a target's field, by the connector's key."""
    return name_field(scope, name, fields_of_target(connector).get((scope, name)))


def describe_field(field: TargetField) -> str:
    """A field as it is picked: its label with type, length and what is said of it."""
    kind = _("from a list") if field.choices else _(_TYPES.get(field.type, "text"))
    parts = [kind]
    if field.max_length:
        parts.append(_("at most %s characters") % field.max_length)
    if field.required:
        parts.append(_("required"))
    told = f"{field.label} ({', '.join(parts)})"
    return f"{told}: {field.help}" if field.help else told


def list_unfilled(connector: str, filled: Iterable[Key]) -> list[str]:
    """The fields that the target requires and that nothing fills, by their titles."""
    there = set(filled)
    return [
        name_field(*key, field)
        for key, field in fields_of_target(connector).items()
        if field.required and key not in there
    ]
