"""What can be done with mappings: their rules are made ready, and defaults come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from connectors.contract import TargetField
from integration_hub.core.errors import ConfigError
from mapping.compiler import compile_node
from mapping.engine import (
    CompiledMapping,
    compile_rules,
    require_filled,
)
from mapping.expressions import parse_expression
from mapping.functions import BUILT_IN, Functions, functions_of
from mapping.map_services import load_value_maps
from mapping.models import (
    Mapping as StoredMapping,
)
from mapping.models import (
    Origin,
    Rule,
    ValueMapSet,
)
from mapping.rules import ROOTS, FilterData, Occasion, RuleData, ValueMapData
from mapping.valuemaps import ValueTable
from mapping.versions import recording

# -------------------------------------------------------------------------- loading


def load(
    mapping: StoredMapping,
    map_set: ValueMapSet | None,
    *,
    fields: Iterable[TargetField] = (),
    flow: str = "",
) -> CompiledMapping:
    """The active rules and filters made ready, in four queries.

    ``fields`` are what the target declares, to check fields and lengths against,
    ``flow`` is the name that errors begin with. Raises ConfigError, also for a required
    field that no rule fills.
    """
    rules = [rule.data for rule in mapping.rules.filter(active=True)]
    declared = list(fields)
    require_filled(rules, declared, flow=flow)
    return compile_rules(
        rules,
        load_value_maps(map_set),
        filters=load_filters(mapping),
        fields=declared,
        functions=functions_of(mapping.source, mapping.target),
        flow=flow,
    )


def load_filters(mapping: StoredMapping) -> list[FilterData]:
    """The active filters, in one query."""
    return [each.data for each in mapping.filters.filter(active=True)]


def check_expression(
    text: str,
    scope: str,
    *,
    maps: Mapping[str, ValueMapData] | None = None,
    functions: Functions = BUILT_IN,
) -> str | None:
    """What is wrong with an expression, or None. Look-ups are checked with ``maps``."""
    try:
        expression = parse_expression(text, ROOTS[scope], functions)
        if maps is not None:
            compile_node(expression.node, _tables(maps))
    except ConfigError as error:
        return error.message
    return None


# ------------------------------------------------------------------------- defaults


def install_defaults(
    mapping: StoredMapping, rules: Sequence[Mapping[str, Any]]
) -> list[Rule]:
    """Bring the target's default rules into a mapping; gives the new ones.

    A rule that is there keeps its expression and learns the new default. Where a
    rule of the user's own fills the field, the default comes switched off. Raises
    ConfigError for a default that cannot be read.
    """
    with recording(mapping, how=_("the target's defaults installed")):
        return _install_defaults(mapping, rules)


def _install_defaults(
    mapping: StoredMapping, rules: Sequence[Mapping[str, Any]]
) -> list[Rule]:
    stored = list(mapping.rules.all())
    defaults = {
        (rule.scope, rule.field, rule.default_on): rule
        for rule in stored
        if rule.origin == Origin.DEFAULT
    }
    taken = {(rule.scope, rule.field) for rule in stored if rule.active}
    new: list[Rule] = []
    known: list[Rule] = []
    for position, rule in enumerate((make_default(mapping, each) for each in rules), 1):
        there = defaults.get((rule.scope, rule.field, rule.default_on))
        if there is not None:
            there.default_expression = rule.default_expression
            there.default_required = rule.default_required
            there.label = rule.label
            known.append(there)
            continue
        rule.position = position * 10
        rule.active = (rule.scope, rule.field) not in taken
        new.append(rule)
    learned = ["default_expression", "default_required", "label"]
    Rule.objects.bulk_update(known, learned)
    return Rule.objects.bulk_create(new)


def make_default(mapping: StoredMapping, default: Mapping[str, Any]) -> Rule:
    """A rule as the target ships it, not stored yet. Raises ConfigError."""
    data = RuleData(**default)
    functions = functions_of(mapping.source, mapping.target)
    problem = check_expression(data.expression, data.scope, functions=functions)
    if problem:
        raise ConfigError(f"Default rule {data.name}: {problem}", reference=data.name)
    return Rule(
        mapping=mapping,
        scope=data.scope,
        field=data.field,
        label=data.label,
        expression=data.expression,
        required=data.required,
        on=data.on or Occasion.BOTH,
        origin=Origin.DEFAULT,
        default_expression=data.expression,
        default_required=data.required,
        default_on=data.on or Occasion.BOTH,
    )


def find_clash(rules: Iterable[Rule]) -> str | None:
    """Names a field that two active rules fill on one occasion, or None."""
    filled: set[tuple[str, str, str]] = set()
    for rule in rules:
        if not rule.active:
            continue
        both = (Occasion.CREATE, Occasion.UPDATE)
        places = {
            (rule.scope, rule.field, occasion)
            for occasion in (both if rule.on == Occasion.BOTH else (rule.on,))
        }
        if places & filled:
            return str(rule)
        filled |= places
    return None


def _tables(maps: Mapping[str, ValueMapData]) -> dict[str, ValueTable]:
    return {name: ValueTable(data) for name, data in maps.items()}
