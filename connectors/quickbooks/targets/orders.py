"""What each record of a till becomes in QuickBooks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connectors.contract import PlanSettings
from connectors.datamodel import Order
from connectors.quickbooks.targets import movements, own_use
from connectors.quickbooks.targets.changed import is_undone
from connectors.quickbooks.targets.changing import plan_change, plan_unchanged
from connectors.quickbooks.targets.closing import keep_open
from connectors.quickbooks.targets.composition import compose, sum_settled
from connectors.quickbooks.targets.copies import KIND, is_copied
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.late_rounding import set_apart
from connectors.quickbooks.targets.margins import list_margins
from connectors.quickbooks.targets.options import Options, read_options
from connectors.quickbooks.targets.routes import Router
from connectors.quickbooks.targets.sales import Draft
from connectors.quickbooks.targets.settling import settle
from connectors.quickbooks.targets.tenders import check_accounts, sort_tenders
from connectors.writes import UNDONE, Known, Mapped, Plan, Ref
from integration_hub.core.errors import RecordError, Rejected

ZERO = Decimal(0)


def plan_orders(
    mapped: Sequence[Mapped], known: Mapping[Ref, Known], settings: PlanSettings
) -> list[Plan]:
    """One plan per document, in the same order. Raises ConfigError for the settings."""
    options = read_options(settings)
    special = find_special(known)
    plans = (plan_entry(entry, known, options, special) for entry in mapped)
    return [
        replace(keep_open(plan, known, options), margins=list_margins(entry))
        for entry, plan in zip(mapped, plans, strict=True)
    ]


def plan_entry(
    mapped: Mapped, known: Mapping[Ref, Known], options: Options, special: Set[str]
) -> Plan:
    """The plan of a receipt that is new, or that changed after it was posted.

    ``special`` are those of which something was taken back or reversed, by id.
    """
    if mapped.changed:
        return plan_change(mapped, known, options, plan_order)
    if mapped.document.id not in special:
        return plan_order(mapped, known, options)
    if is_undone(mapped.document.id, known):
        return Plan(mapped.document.id, error=refuse_undone())
    return plan_unchanged(mapped, known, options, plan_order)


def find_special(known: Mapping[Ref, Known]) -> set[str]:
    """The receipts of which something was taken back or reversed."""
    return {
        ref.key
        for ref, there in known.items()
        if ref.kind == KIND and (UNDONE in there.facts or is_copied(ref.role))
    }


def plan_order(mapped: Mapped, known: Mapping[Ref, Known], options: Options) -> Plan:
    """All writes of one receipt, or why there are none."""
    order = mapped.document
    reason = find_skip(order, options) or find_left_out(mapped, known)
    if reason:
        return Plan(order.id, skip=reason)
    if not order.final:
        return Plan(order.id, wait="not final: the till may still change its payment")
    if order.type in movements.SORTS:
        return movements.plan_movement(mapped, known, options)
    unmapped = own_use.find_unmapped(mapped)
    if unmapped is not None:
        return unmapped
    try:
        mapped, rounding = set_apart(mapped, known)
        order, tenders = mapped.document, sort_tenders(mapped)
        beside = order.outstanding or order.tips or sum_settled(order)
        if tenders.only_own_use and not beside:
            return own_use.plan_own_use(mapped, known, options)
        check_accounts(tenders, options.deposit_accounts)
        items = Items(options, known)
        composition = compose(mapped, tenders, items)
        route = Router(order, tenders, composition.pieces, options, known).choose()
        draft = Draft(mapped, tenders, composition, route, items, rounding)
        posting = draft.make_posting()
    except RecordError as error:
        return Plan(order.id, error=error)
    return settle(posting, known, items)


def refuse_undone() -> Rejected:
    """The error of a receipt whose documents the hub has taken back."""
    return Rejected(
        "What this record had become was taken back.",
        code="taken back",
        action="If it belongs into the books all the same, book it by hand. Then "
        "choose Skip.",
    )


def find_skip(order: Order, options: Options) -> str:
    """Why a record is no sale of this integration, "" if it is one."""
    if options.start_date is not None and order.date < options.start_date:
        return "before start"
    if order.type in movements.SORTS:
        return ""
    if order.total_incl or order.outstanding or any(_net_tenders(order)):
        return ""
    return "" if any(line.amount_incl for line in order.lines) else "zero sale"


def find_left_out(mapped: Mapped, known: Mapping[Ref, Known]) -> str:
    """Why its branch keeps a record out, "" if it does not.

    What was posted before stays a record of the integration.
    """
    if mapped.header.get("takes_part") != "no":
        return ""
    key = mapped.document.id
    if any((ref.kind, ref.key) == ("order", key) for ref in known):
        return ""
    return "branch left out"


def _net_tenders(order: Order) -> Iterable[Decimal]:
    """What is left of each tender of a day: cash that was given back at once is none."""
    sums: dict[tuple[str, str, date], Decimal] = {}
    for tender in order.tenders:
        key = tender.method, tender.branch, tender.date
        sums[key] = sums.get(key, ZERO) + tender.amount
    return sums.values()
