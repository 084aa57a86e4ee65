"""The difference between an integration as it is and as a file has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from connectors import registry
from connectors.contract import Field
from flows.own_settings import tell
from flows.portability.plans import Plan
from flows.portability.schema import FLOW_PARTS, INTEGRATION_PARTS, portable_settings
from mapping.declared import Names, names_by_field
from mapping.differences import (
    ADDED,
    CHANGED,
    Change,
    compare_fields,
    compare_mappings,
    compare_value_maps,
)
from mapping.documents import Document


def compare(plan: Plan, names: Names) -> None:
    """Put the changes, and what the target does not know, into a plan."""
    before, after = plan.before, plan.document
    fields = _list_fields(plan)
    state = CHANGED if before else ADDED
    plan.changes += _compare_integration(plan, before)
    plan.changes += _compare_settings(
        _("Settings"), state, fields, names, before, after
    )
    plan.changes += _compare_flows(plan, before, fields, names)
    plan.changes += _compare_rules(plan, before, names)
    plan.changes += _compare_maps(before, after, names)
    plan.notes += list(_find_unknown(after, fields, names))


def _list_fields(plan: Plan) -> list[Field]:
    target = registry.get(plan.target.connector)
    return portable_settings(target.target_settings)


def _compare_integration(plan: Plan, before: Document | None) -> Iterator[Change]:
    thing = _("Integration %s") % plan.document["name"]
    if before is None:
        for label, there in ((_("Source"), plan.source), (_("Target"), plan.target)):
            told = f"{there} ({there.get_environment_display()})"
            yield Change(thing, ADDED, label, "", told)
    # The mark of an integration that is there never changes by itself.
    kept = [p for p in INTEGRATION_PARTS if before is None or p.name != "mark"]
    yield from compare_fields(thing, before or {}, plan.document, kept)


def _compare_settings(
    thing: str,
    state: str,
    fields: Iterable[Field],
    names: Names,
    before: Document | None,
    after: Document,
) -> Iterator[Change]:
    old, new = (before or {}).get("settings", {}), after.get("settings", {})
    for field in fields:
        if field.name in old and field.name in new:
            if old[field.name] == new[field.name]:
                continue
        elif field.name not in old and field.name not in new:
            continue
        told = [
            (tell(field, each[field.name], names) or _("nothing"))
            if field.name in each
            else ""
            for each in (old, new)
        ]
        yield Change(thing, state, field.label, *told)


def _compare_flows(
    plan: Plan, before: Document | None, fields: list[Field], names: Names
) -> Iterator[Change]:
    here = {each["feed"]: each for each in (before or {}).get("flows", [])}
    for each in plan.document["flows"]:
        old = here.get(each["feed"])
        thing = _("Flow %s") % each["name"]
        yield from compare_fields(thing, _own_words(plan, old), each, FLOW_PARTS)
        state = CHANGED if old else ADDED
        yield from _compare_settings(thing, state, fields, names, old, each)


def _own_words(plan: Plan, flow: Document | None) -> Document:
    """A flow of here with its mapping called as in the file, where that is the same."""
    if flow is None:
        return {}
    renamed = {old: new for new, old in plan.names_here.items()}
    return {**flow, "mapping": renamed.get(flow["mapping"], flow["mapping"])}


def _compare_rules(
    plan: Plan, before: Document | None, names: Names
) -> Iterator[Change]:
    named = names_by_field(plan.target.connector, names)
    here = {each["name"]: each for each in (before or {}).get("mappings", [])}
    many = len(plan.document["mappings"]) > 1
    for each in plan.document["mappings"]:
        old = here.get(plan.names_here.get(each["name"], ""), {})
        for change in compare_mappings(old, each, named):
            thing = f"{each['name']} · {change.thing}" if many else change.thing
            yield Change(thing, change.what, change.field, change.before, change.after)


def _compare_maps(
    before: Document | None, after: Document, names: Names
) -> Iterator[Change]:
    here = {each["name"]: each for each in (before or {}).get("value_maps", [])}
    for each in after["value_maps"]:
        yield from compare_value_maps(here.get(each["name"], {}), each, names)


def _find_unknown(
    document: Document, fields: Iterable[Field], names: Names
) -> Iterator[str]:
    """Ids that the target's lists do not have: it may be another company."""
    told = _("%(place)s: there is no “%(value)s” in the target's list of %(list)s.")
    for field in fields:
        value = document["settings"].get(field.name)
        if isinstance(field.choices, str) and _is_unknown(field.choices, value, names):
            values = {"place": field.label, "value": value, "list": field.choices}
            yield told % values
    for each in document["value_maps"]:
        for value, column in sorted(_list_values(each)):
            declared: Mapping[str, Any] = next(
                (c for c in each["columns"] if c["name"] == column), {}
            )
            choices = declared.get("choices", "")
            if _is_unknown(choices, value, names):
                place = f"{each['label']}, {declared['label']}"
                yield told % {"place": place, "value": value, "list": choices}


def _list_values(value_map: Document) -> set[tuple[str, str]]:
    rows = [value_map["default"], *(row["values"] for row in value_map["rows"])]
    return {(value, column) for row in rows for column, value in row.items()}


def _is_unknown(choices: str, value: object, names: Names) -> bool:
    return bool(value) and choices in names and str(value) not in names[choices]
