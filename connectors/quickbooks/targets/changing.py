"""What becomes of a receipt that was posted and is something else at the till now. Pure.

Payments that were added are posted. For the rest the setting decides: report, a full
update of our document, or its reversal and a new one. What cannot be done so is
reported: nothing is ever posted twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.quickbooks.targets.additions import only_adds_payments
from connectors.quickbooks.targets.changed import HALF, Change, Planner
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.replacing import plan_reversal
from connectors.quickbooks.targets.updating import plan_update
from connectors.writes import Known, Mapped, Plan, Ref
from integration_hub.core.errors import RecordError


def plan_change(
    mapped: Mapped, known: Mapping[Ref, Known], options: Options, plan: Planner
) -> Plan:
    """The plan of a changed receipt. ``plan`` plans one as if it were new."""
    change = Change(mapped, known, options, plan)
    if not change.is_posted or not mapped.document.final:
        return plan(mapped, known, options)
    try:
        return _choose(change)
    except RecordError as error:
        return Plan(mapped.document.id, error=error)


def _choose(change: Change) -> Plan:
    change.refuse_undone()
    policy = change.options.after_posting
    if not change.is_begun:
        new = change.plan_as(change.stands, change.mapped)
        if only_adds_payments(change.mapped, new, change.seen):
            return change.name(change.stands, new)
        if policy == "update":
            return change.name(change.stands, plan_update(change))
    # What has begun goes on, whatever the setting says now.
    if policy == "reverse" or change.has_begun_itself:
        return plan_reversal(change)
    raise change.report(HALF if change.is_begun else "")


def plan_unchanged(
    mapped: Mapped, known: Mapping[Ref, Known], options: Options, plan: Planner
) -> Plan:
    """The plan of a receipt that was reversed, and is as it was posted after that."""
    change = Change(mapped, known, options, plan)
    copy = change.stands
    if not change.was_updated(copy, change.version):
        if not change.history.is_last(change.version):
            return Plan(mapped.document.id, error=change.report(HALF))
        copy = change.history.find_copy(change.version)
    return change.name(copy, change.plan_as(copy, mapped))
