"""Bringing back the rules that the target ships, whatever became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors import registry
from integration_hub.core.errors import ConfigError
from mapping.models import Mapping as StoredMapping
from mapping.models import Origin, Rule
from mapping.rules import Occasion
from mapping.services import find_clash, make_default
from mapping.versions import recording


@dataclass(frozen=True, slots=True)
class Restored:
    """How many defaults were put right, how many came back, and own rules now off."""

    changed: int = 0
    added: int = 0
    switched_off: int = 0


def restore_default(rule: Rule) -> Restored:
    """Make a default rule what the target ships, and switch it on.

    Rules that fill its field on the same occasion are switched off. Raises ConfigError
    for a rule that has no default.
    """
    if rule.origin != Origin.DEFAULT:
        raise ConfigError(
            f'Rule "{rule}" has no default, because it is your own.',
            code="no_default",
            reference=rule.place,
            action="Switch it off or delete it instead.",
        )
    with recording(rule.mapping, how=_("default of %s restored") % rule):
        return put_back(rule.mapping, [rule], [])


def restore_defaults(mapping: StoredMapping) -> Restored:
    """Make every default rule what the target ships; those that are gone come back.

    Rules of one's own that fill the same fields are switched off, not deleted.
    """
    defaults = [rule for rule in mapping.rules.all() if rule.origin == Origin.DEFAULT]
    learn(mapping, defaults)
    changed = [rule for rule in defaults if rule.changed]
    with recording(mapping, how=_("all defaults restored")):
        return put_back(mapping, changed, find_missing(mapping))


def find_missing(mapping: StoredMapping) -> list[Rule]:
    """The target's default rules that the mapping has no longer, not stored yet."""
    there = {
        (rule.scope, rule.field, rule.default_on)
        for rule in mapping.rules.all()
        if rule.origin == Origin.DEFAULT
    }
    missing = []
    for place, (name, default) in enumerate((list_shipped(mapping) or {}).items(), 1):
        if name not in there:
            rule = make_default(mapping, default)
            rule.position = place * 10
            missing.append(rule)
    return missing


def describe(done: Restored) -> str:
    """What restoring has done, in a sentence for each thing."""
    said = []
    if done.changed:
        text = ngettext(
            "%s rule has its default again.",
            "%s rules have their default again.",
            done.changed,
        )
        said.append(text % done.changed)
    if done.added:
        text = ngettext("%s rule is back.", "%s rules are back.", done.added)
        said.append(text % done.added)
    if done.switched_off:
        text = ngettext(
            "%s other rule for the same field is switched off.",
            "%s other rules for the same fields are switched off.",
            done.switched_off,
        )
        said.append(text % done.switched_off)
    return " ".join(said) or _("All rules were as the target ships them.")


def list_shipped(
    mapping: StoredMapping,
) -> dict[tuple[str, str, str], Mapping[str, Any]] | None:
    """What the target ships now by scope, field and occasion; None without a target."""
    target = registry.all_connectors().get(mapping.target)
    if target is None:
        return None
    return {
        (each["scope"], each["field"], each.get("on", Occasion.BOTH)): each
        for each in target.default_rules
    }


_RESTORED = (
    *("expression", "table", "required", "on", "only_if_empty", "active"),
    *("default_expression", "default_required"),
)


def learn(mapping: StoredMapping, rules: Sequence[Rule]) -> None:
    """Tell default rules what the target ships for them now; nothing is stored."""
    shipped = list_shipped(mapping) or {}
    for rule in rules:
        known = shipped.get((rule.scope, rule.field, rule.default_on))
        if known is not None:
            rule.default_expression = known["expression"]
            rule.default_required = known.get("required", False)


def put_back(
    mapping: StoredMapping, changed: Sequence[Rule], missing: Sequence[Rule]
) -> Restored:
    """Make default rules what the target ships now; rules in their way go off."""
    learn(mapping, changed)
    for rule in changed:
        rule.expression = rule.default_expression
        rule.required = rule.default_required
        rule.on = rule.default_on
        rule.table, rule.only_if_empty = None, False
        rule.active = True
    back = [*changed, *missing]
    known = {rule.pk for rule in changed}
    others = mapping.rules.filter(active=True).exclude(pk__in=known)
    in_the_way = [rule for rule in others if any(find_clash([rule, b]) for b in back)]
    Rule.objects.filter(pk__in=[rule.pk for rule in in_the_way]).update(active=False)
    # First off, so that no two of them are active for one field on the way.
    Rule.objects.filter(pk__in=known).update(active=False)
    Rule.objects.bulk_update(changed, _RESTORED)
    Rule.objects.bulk_create(missing)
    return Restored(len(changed), len(missing), len(in_the_way))
