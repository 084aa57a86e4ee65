"""Carries out an import: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from connectors import registry
from flows import setup
from flows.models import Flow, Integration
from flows.portability.planning import make_rule_set
from flows.portability.plans import Plan
from flows.portability.schema import FLOW_PARTS, clean_settings, portable_settings
from mapping import documents, history
from mapping.models import Mapping as RuleSet
from mapping.models import ValueMapSet
from mapping.versions import recording


@transaction.atomic
def carry_out(plan: Plan) -> Integration:
    """Make the hub what the plan says. Flows that are new or change are off after it."""
    if plan.integration is not None and not plan.changes:
        return plan.integration
    integration = _store_integration(plan)
    _store_maps(plan, integration)
    mappings = {
        each["name"]: _store_mapping(plan, each) for each in plan.document["mappings"]
    }
    _store_flows(plan, integration, mappings)
    for flow in plan.stopped:
        setup.switch(flow, on=False)
    return integration


def _store_integration(plan: Plan) -> Integration:
    document = plan.document
    integration = plan.integration
    if integration is None:
        integration = Integration(
            source=plan.source,
            target=plan.target,
            value_maps=ValueMapSet.objects.create(name=document["name"]),
            mark=document.get("mark", ""),
        )
    integration.name = document["name"]
    integration.start_date = date.fromisoformat(document["start_date"])
    integration.number_prefix = document.get("number_prefix", "")
    integration.defaults = _lay_over(plan, integration.defaults, document["settings"])
    integration.save()
    return integration


def _lay_over(
    plan: Plan, stored: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """The file's settings; what a file never holds stays as it is."""
    fields = portable_settings(registry.get(plan.target.connector).target_settings)
    names = {field.name for field in fields}
    kept = {name: value for name, value in stored.items() if name not in names}
    return {**kept, **clean_settings(settings)}


def _store_maps(plan: Plan, integration: Integration) -> None:
    map_set = integration.value_maps
    there = {each.name: each for each in map_set.value_maps.all()}
    for document in plan.document["value_maps"]:
        value_map = there.get(document["name"])
        if value_map is None:
            value_map = documents.read_map(document)
            value_map.map_set = map_set
            value_map.save()
        with recording(value_map, how=_how(plan)):
            history.apply(value_map, document)


def _store_mapping(plan: Plan, document: documents.Document) -> RuleSet:
    name = document["name"]
    mapping = plan.mappings[name]
    if mapping is None:
        feed = next(f["feed"] for f in plan.document["flows"] if f["mapping"] == name)
        feeds = {
            each.key: each for each in setup.feeds_between(plan.source, plan.target)
        }
        mapping = make_rule_set(plan, name, feeds[feed].kind.value)
        mapping.save()
    with recording(mapping, how=_how(plan)):
        history.apply(mapping, document)
    return mapping


def _store_flows(
    plan: Plan, integration: Integration, mappings: Mapping[str, RuleSet]
) -> None:
    there = {flow.feed: flow for flow in integration.flows.all()}
    for document in plan.document["flows"]:
        flow = there.get(document["feed"]) or Flow(integration=integration)
        for part in FLOW_PARTS:
            if part.name != "mapping":
                setattr(flow, part.name, document.get(part.name, part.default))
        flow.mapping = mappings[document["mapping"]]
        flow.settings = _lay_own_over(plan, flow.settings, document.get("settings", {}))
        names = [*(part.name for part in FLOW_PARTS), "settings"]
        flow.save(update_fields=names if flow.pk else None)


def _lay_own_over(
    plan: Plan, stored: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    fields = portable_settings(registry.get(plan.target.connector).target_settings)
    names = {field.name for field in fields}
    kept = {name: value for name, value in stored.items() if name not in names}
    return {**kept, **settings}


def _how(plan: Plan) -> str:
    return str(_("imported with %s") % plan.document["name"])
