"""What each record of a till becomes in QuickBooks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.contract import PlanSettings
from connectors.datamodel import LineType, Order
from connectors.quickbooks.targets import movements, own_use
from connectors.quickbooks.targets.closing import keep_open
from connectors.quickbooks.targets.composition import compose
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.options import Options, read_options
from connectors.quickbooks.targets.sales import Draft
from connectors.quickbooks.targets.settling import settle
from connectors.quickbooks.targets.tenders import Tenders, check_accounts, sort_tenders
from connectors.writes import Known, Mapped, Plan, Ref
from integration_hub.core.errors import RecordError, UnsupportedError

ZERO = Decimal(0)
NOT_YET = {
    LineType.SETTLEMENT: "a line that settles an earlier debt",
}


def plan_orders(
    mapped: Sequence[Mapped], known: Mapping[Ref, Known], settings: PlanSettings
) -> list[Plan]:
    """One plan per document, in the same order. Raises ConfigError for the settings."""
    options = read_options(settings)
    plans = (plan_order(entry, known, options) for entry in mapped)
    return [keep_open(plan, known, options) for plan in plans]


def plan_order(mapped: Mapped, known: Mapping[Ref, Known], options: Options) -> Plan:
    """All writes of one receipt, or why there are none."""
    order = mapped.document
    reason = find_skip(order, options)
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
        tenders = sort_tenders(mapped)
        if tenders.only_own_use:
            return own_use.plan_own_use(mapped, known, options)
        refuse_unsupported(order, tenders)
        refuse_zero_total(tenders, options)
        check_accounts(tenders, options.deposit_accounts)
        items = Items(options, known)
        composition = compose(mapped, tenders, items)
        sale = Draft(mapped, tenders, composition, items, options).make_sale()
    except RecordError as error:
        return Plan(order.id, error=error)
    return settle(sale, known, items)


def find_skip(order: Order, options: Options) -> str:
    """Why a record is no sale of this integration, "" if it is one."""
    if options.start_date is not None and order.date < options.start_date:
        return "before start"
    if order.type in movements.SORTS:
        return ""
    paid = any(tender.amount for tender in order.tenders)
    if order.total_incl or paid or order.outstanding:
        return ""
    return "" if any(line.amount_incl for line in order.lines) else "zero sale"


def refuse_unsupported(order: Order, tenders: Tenders) -> None:
    """Raise UnsupportedError naming the sort of receipt that is not posted yet."""
    found = next(_list_unsupported(order, tenders), "")
    if found:
        raise UnsupportedError(
            f"This receipt has {found}, which is not supported yet.",
            code="not supported yet",
            reference=found,
            action="Book it by hand in QuickBooks and skip it here.",
        )


def refuse_zero_total(tenders: Tenders, options: Options) -> None:
    """Raise UnsupportedError where the settings say that a total of 0.00 fails."""
    if options.zero_totals == "fail" and not (tenders.payments or tenders.on_account):
        raise UnsupportedError(
            "This receipt's total is 0.00, and the setting “A receipt whose total is "
            "0.00” says that it fails.",
            code="total of 0.00",
            action="Change the setting and choose Retry, or book it by hand in "
            "QuickBooks and skip it here.",
        )


def _list_unsupported(order: Order, tenders: Tenders) -> Iterator[str]:
    for line in order.lines:
        if line.type in NOT_YET:
            yield NOT_YET[line.type]
    if order.outstanding:
        yield "a part that is neither paid nor on account"
    amounts = [payment.amount for payment in tenders.payments]
    if tenders.on_account < 0:
        yield "the credit of a sale on account"
    if min(amounts, default=ZERO) < 0 and (len(amounts) > 1 or tenders.on_account):
        yield "a refund in several tenders or tenders of mixed sign"
