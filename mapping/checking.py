"""Looks whether a rule can work, before it is stored.

What a target declares (its fields, its value maps) and what the hub's documents hold
are known without a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any, cast, get_args, get_origin

from django.utils.translation import gettext as _

from connectors import registry
from connectors.datamodel import Customer, Kind, Line, Order, Tender
from integration_hub.core.errors import ConfigError
from mapping import map_services, services
from mapping.conditions import read_group
from mapping.declared import fields_of_target
from mapping.expressions import parse_expression
from mapping.functions import functions_of
from mapping.models import Mapping as StoredMapping
from mapping.nodes import EVERY, Match, Node, Path, Step, list_below
from mapping.rules import ROOTS, FilterData, KeyField, RuleData, Scope, ValueMapData
from mapping.shapes import fields_of
from mapping.steps import keeps
from mapping.tables import EXPRESSION, read_table

# What a path may start with; documents of other kinds are not looked into.
_ROOTS: Mapping[str, type[Any]] = {
    "order": Order,
    "line": Line,
    "tender": Tender,
    "customer": Customer,
}


def check_expression(
    mapping: StoredMapping,
    text: str,
    scope: str,
    *,
    maps: Mapping[str, ValueMapData] | None = None,
) -> str | None:
    """What is wrong with an expression of a mapping's rule or filter, or None.

    Look-ups are held against ``maps`` or else the value maps that the mapping's flows
    have, paths against the fields of the hub's documents; ``extra`` may hold anything.
    """
    functions = functions_of(mapping.source, mapping.target)
    known = _known_maps(mapping) if maps is None else maps
    problem = services.check_expression(text, scope, maps=known, functions=functions)
    if problem or mapping.kind != Kind.ORDER:
        return problem
    node = parse_expression(text, ROOTS[scope], functions).node
    problems = (_check_path(path) for path in _walk(node))
    return next((each for each in problems if each), None)


def check_field(mapping: StoredMapping, scope: str, name: str) -> str | None:
    """Says so if the target declares fields and not this one, else None."""
    target = registry.all_connectors().get(mapping.target)
    declared = target.target_fields if target else ()
    known = sorted(field.name for field in declared if field.scope == scope)
    if not declared or name in known:
        return None
    return _('The target has no field "%(name)s" here; there is %(known)s.') % {
        "name": name,
        "known": ", ".join(known) or "–",
    }


def check_only_if_empty(mapping: StoredMapping, scope: str, name: str) -> str | None:
    """Says so if an update writes a field anew, whatever it has there; else None."""
    if keeps(scope, fields_of_target(mapping.target).get((scope, name))):
        return None
    return _(
        "The target writes this field anew with every update, so it cannot be filled"
        " only if empty."
    )


def check_table(
    mapping: StoredMapping,
    data: object,
    scope: str,
    *,
    maps: Mapping[str, ValueMapData] | None = None,
) -> str | None:
    """What is wrong with a conditional table of a mapping's rule, or None."""
    functions = functions_of(mapping.source, mapping.target)
    try:
        table = read_table(data, ROOTS[scope], functions)
    except ConfigError as error:
        return error.message
    values = [(_("Row %s") % n, row.then) for n, row in enumerate(table.rows, 1)]
    for place, value in (*values, (_("Otherwise"), table.otherwise)):
        if value.kind == EXPRESSION:
            problem = check_expression(mapping, value.text, scope, maps=maps)
            if problem:
                return f"{place}: {problem}"
    return None


def check_conditions(data: object) -> str | None:
    """What is wrong with the conditions of a filter, or None."""
    try:
        read_group(data, ROOTS[Scope.HEADER])
    except ConfigError as error:
        return error.message
    return None


def tell_table(
    mapping: StoredMapping, rule: RuleData, names: Mapping[str, str] | None = None
) -> list[str]:
    """A rule's table as sentences; of one that cannot be read, why."""
    functions = functions_of(mapping.source, mapping.target)
    try:
        return read_table(rule.table, ROOTS[rule.scope], functions).tell(names)
    except ConfigError as error:
        return [error.message]


def tell_filter(data: FilterData) -> str:
    """When a filter skips a record, as a sentence; of an expression, the expression."""
    if data.conditions is None:
        return data.expression
    try:
        return read_group(data.conditions, ROOTS[Scope.HEADER]).sentence
    except ConfigError as error:
        return error.message


def _known_maps(mapping: StoredMapping) -> dict[str, ValueMapData] | None:
    """The target's value maps, and those that every user of the mapping has besides.

    None where the target is not known.
    """
    declared = _declared_maps(mapping)
    if declared is None or mapping.pk is None:
        return declared
    stored = mapping.shared_maps.items()
    return declared | {
        name: map_services.declare_value_map(each) for name, each in stored
    }


def _declared_maps(mapping: StoredMapping) -> dict[str, ValueMapData] | None:
    target = registry.all_connectors().get(mapping.target)
    if target is None:
        return None
    return {
        each["name"]: ValueMapData(
            name=each["name"],
            label=each["label"],
            keys=tuple(KeyField(key["name"], key["label"]) for key in each["keys"]),
            columns=tuple(column["name"] for column in each["columns"]),
        )
        for each in target.value_map_templates
    }


def _walk(node: Node) -> Iterator[Path]:
    if isinstance(node, Path):
        yield node
    for below in list_below(node):
        yield from _walk(below)


def _check_path(path: Path) -> str | None:
    here: Any = _ROOTS[path.root]
    walked = path.root
    for step in path.steps:
        entries = _entries_of(here)
        name = step.field if isinstance(step, Match) else step
        if not isinstance(step, str) and entries is not None:
            here = entries
            walked += _show(step)
            if isinstance(name, str) and name not in fields_of(here):
                return _refuse(walked, name, fields_of(here))
            continue
        if isinstance(step, str) and is_dataclass(here):
            known = fields_of(cast(type[Any], here))
            if step not in known:
                return _refuse(walked, step, known)
            here = known[step]
        elif entries is None and get_origin(here) is not None:
            return None  # extra, which may hold anything
        else:
            return _refuse(walked, step, {})
        walked += _show(step)
    return None


def _show(step: Step) -> str:
    if step is EVERY:
        return "[]"
    if isinstance(step, Match):
        return f"[{step.field} = …]"
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def _refuse(walked: str, step: Step, known: Mapping[str, Any]) -> str:
    shown = step if isinstance(step, str | int) else _show(step)
    problem = _('"%(walked)s" has no "%(step)s"') % {"walked": walked, "step": shown}
    if not known:
        return f"{problem}."
    return _("%(problem)s; there is %(known)s.") % {
        "problem": problem,
        "known": ", ".join(sorted(known)),
    }


def _entries_of(hint: Any) -> Any:
    """What a list holds, or None where it is no list."""
    return get_args(hint)[0] if get_origin(hint) is tuple else None
