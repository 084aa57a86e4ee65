"""What an import would do, put into words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from flows.models import Flow
from flows.portability.comparing import compare
from flows.portability.exporting import describe_integration, name_mappings
from flows.portability.plans import Plan, flows_here
from mapping.declared import Names


def tell(plan: Plan, names: Names) -> None:
    """Put into a plan what it changes, and what a person should know besides."""
    here = plan.integration
    plan.before = describe_integration(here) if here else None
    called = name_mappings(list(here.flows.order_by("feed"))) if here else {}
    plan.names_here = {
        name: called[mapping.pk] for name, mapping in plan.mappings.items() if mapping
    }
    compare(plan, names)
    flows = flows_here(here)
    if plan.changes:
        plan.stopped = [flow for flow in flows.values() if flow.enabled]
    for flow in plan.stopped:
        told = _(
            "“%s” is on; it is switched off by this. Check its set-up and switch it on"
            " again."
        )
        plan.notes.append(told % flow.name)
    moved = {each["feed"] for each in plan.document["flows"]}
    for feed, flow in flows.items():
        if feed not in moved:
            told = _("The flow “%s” is not in the file and stays as it is.")
            plan.notes.append(told % flow.name)
    if here is not None:
        there = {each["name"] for each in plan.document["value_maps"]}
        for value_map in here.value_maps.value_maps.exclude(name__in=there):
            told = _("The value map “%s” is not in the file and stays as it is.")
            plan.notes.append(told % value_map)
    _tell_sharing(plan)


def _tell_sharing(plan: Plan) -> None:
    """Name flows elsewhere that use a mapping of this one."""
    used = [mapping for mapping in plan.mappings.values() if mapping is not None]
    others = Flow.objects.filter(mapping__in=used).exclude(integration=plan.integration)
    for flow in others.select_related("integration", "mapping"):
        told = _("“%(flow)s” uses the mapping “%(mapping)s” too and changes with it.")
        plan.notes.append(told % {"flow": flow, "mapping": flow.mapping})
