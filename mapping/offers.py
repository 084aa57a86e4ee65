"""Defaults that a new version of the target ships: offered, never forced.

What the target shipped when a default was taken last is kept beside it. Where that is
no longer what it ships now, a person takes the new one or keeps what is there; either
way the offer is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import registry
from integration_hub.core.errors import ConfigError, NotFound
from mapping import restoring
from mapping.differences import ADDED, CHANGED, REMOVED, Change, compare_value_maps
from mapping.documents import Document, make_value_map, tell_table
from mapping.map_services import check_row
from mapping.map_services import make_value_map as make_from_template
from mapping.models import Mapping as StoredMapping
from mapping.models import Origin, Rule, ValueMap, ValueMapEntry
from mapping.versions import recording

# What a template says of a value map besides its name.
TEMPLATE = ("label", "keys", "columns", "missing", "default", "force")
COLUMN = {"keys": "key_fields"}
GONE = gettext_lazy("This is no longer offered. Look again.")


@dataclass(frozen=True, slots=True)
class Offer:
    """One default rule that the target ships anew, otherwise or no longer.

    ``old`` and ``new`` are what it shipped and ships, ``here`` what the rule says.
    """

    what: str
    rule: Rule
    old: str
    new: str
    here: str

    @property
    def key(self) -> str:
        """Stands for the offer on the page."""
        return f"{self.rule.scope}.{self.rule.field}.{self.rule.default_on}"


def find_offers(mapping: StoredMapping) -> list[Offer]:
    """The default rules of a mapping that are not what its target ships now."""
    shipped = restoring.list_shipped(mapping)
    if shipped is None:
        return []
    offers = [
        Offer(ADDED, rule, "", rule.expression, "")
        for rule in restoring.find_missing(mapping)
    ]
    for rule in mapping.rules.all():
        if rule.origin != Origin.DEFAULT:
            continue
        new = shipped.get((rule.scope, rule.field, rule.default_on))
        old = _describe(rule.default_expression, required=rule.default_required)
        said = rule.expression if rule.table is None else tell_table(rule.table)
        here = _describe(said, required=rule.required)
        if new is None:
            offers.append(Offer(REMOVED, rule, old, "", here))
            continue
        now = _describe(new["expression"], required=new.get("required", False))
        if now != old:
            offers.append(Offer(CHANGED, rule, old, now, here))
    return offers


def _describe(expression: str, *, required: bool) -> str:
    return f"{expression} ({_('required')})" if required else expression


def take(mapping: StoredMapping, key: str) -> None:
    """Make a rule what the target ships now. Raises NotFound for no such offer."""
    offer = _find(mapping, key)
    rule = offer.rule
    with recording(mapping, how=_("new default of %s taken") % rule):
        if offer.what == REMOVED:
            rule.delete()
        elif offer.what == ADDED:
            restoring.put_back(mapping, [], [rule])
        else:
            restoring.put_back(mapping, [rule], [])


def keep(mapping: StoredMapping, key: str) -> None:
    """Leave a rule as it is and offer this no more. Raises NotFound.

    A new one comes switched off; one that is no longer shipped is one's own.
    """
    offer = _find(mapping, key)
    rule = offer.rule
    with recording(mapping, how=_("%s kept as it was") % rule):
        if offer.what == ADDED:
            rule.active = False
        elif offer.what == REMOVED:
            rule.origin, rule.default_expression = Origin.OWN, ""
            rule.default_required = False
        else:
            restoring.learn(mapping, [rule])
        rule.save()


def _find(mapping: StoredMapping, key: str) -> Offer:
    for offer in find_offers(mapping):
        if offer.key == key:
            return offer
    raise NotFound(str(GONE), code="offer", reference=key)


# ------------------------------------------------------------------------ value maps


def find_template(value_map: ValueMap, target: str) -> Mapping[str, Any] | None:
    """What a target ships for a map now, if that is not what was taken last."""
    kind = registry.all_connectors().get(target)
    templates = kind.value_map_templates if kind else ()
    found = next((each for each in templates if each["name"] == value_map.name), None)
    if value_map.origin == Origin.OWN:
        return None
    if found is None or _plain(found) == _shipped(value_map, found):
        return None
    return found


def find_new_maps(names: Sequence[str], target: str) -> list[Mapping[str, Any]]:
    """What a target ships for maps that are not among these."""
    kind = registry.all_connectors().get(target)
    templates = kind.value_map_templates if kind else ()
    return [each for each in templates if each["name"] not in names]


def compare_template(value_map: ValueMap, template: Mapping[str, Any]) -> list[Change]:
    """What the target changed since its template was taken last."""
    shipped = _shipped(value_map, template)
    old = make_from_template({**shipped, "name": value_map.name})
    return compare_value_maps(_document(old), _document(make_from_template(template)))


def take_template(value_map: ValueMap, template: Mapping[str, Any]) -> None:
    """Bring what the target changed into a map; rows keep what they say.

    A key that is new is *any* in the rows there are. Raises ConfigError where two of
    them would be the same without a key that is gone.
    """
    shipped = _shipped(value_map, template)
    with recording(value_map, how=_("new template of the target taken")):
        entries = list(value_map.entries.all())
        before = [key["name"] for key in value_map.key_fields]
        for name in TEMPLATE:
            if _plain(template).get(name) != shipped.get(name):
                column = COLUMN.get(name, name)
                setattr(
                    value_map, column, getattr(make_from_template(template), column)
                )
        value_map.shipped = dict(template)
        value_map.save()
        _move_rows(value_map, entries, before)


def _move_rows(
    value_map: ValueMap, entries: list[ValueMapEntry], before: list[str]
) -> None:
    names = [key["name"] for key in value_map.key_fields]
    columns = {column["name"] for column in value_map.columns}
    seen: dict[tuple[str, ...], str] = {}
    for entry in entries:
        old = dict(zip(before, entry.keys, strict=True))
        told = str(entry)
        entry.keys = [old.get(name, "*") for name in names]
        entry.values = {k: v for k, v in entry.values.items() if k in columns}
        keys = check_row(value_map, entry.keys, entry.values)
        if keys in seen:
            raise ConfigError(
                _("The rows “%(one)s” and “%(other)s” of %(map)s would be the same.")
                % {"one": seen[keys], "other": told, "map": value_map},
                code="template",
                reference=value_map.name,
                action=_("Remove one of them first."),
            )
        seen[keys] = told
    value_map.entries.all().delete()
    ValueMapEntry.objects.bulk_create(entries, batch_size=500)


def keep_template(value_map: ValueMap, template: Mapping[str, Any]) -> None:
    """Leave a map as it is and offer this no more."""
    value_map.shipped = dict(template)
    value_map.save(update_fields=["shipped"])


def _plain(template: Mapping[str, Any]) -> Document:
    """A template with what it may leave out; {} for none."""
    if not template:
        return {}
    made = make_from_template(template)
    return {name: getattr(made, COLUMN.get(name, name)) for name in TEMPLATE}


def _shipped(value_map: ValueMap, template: Mapping[str, Any]) -> Document:
    """What was shipped for a map; where that is not known, its own keys and columns."""
    known = _plain(value_map.shipped)
    own = {"keys": value_map.key_fields, "columns": value_map.columns}
    return known or {**_plain(template), **own}


def _document(value_map: ValueMap) -> Document:
    return make_value_map(value_map, [])
