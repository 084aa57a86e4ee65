"""What each record of a till becomes in QuickBooks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from connectors.contract import PlanSettings
from connectors.datamodel import LineType, Order, OrderType, VatMethod
from connectors.quickbooks.targets.composition import compose
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.options import Options, read_options
from connectors.quickbooks.targets.sales import Draft
from connectors.quickbooks.targets.settling import settle
from connectors.quickbooks.targets.tenders import Tenders, check_accounts, sort_tenders
from connectors.writes import Known, Mapped, Plan, Ref
from integration_hub.core.errors import RecordError, UnsupportedError

ZERO = Decimal(0)
MOVEMENTS = {
    OrderType.CASH_IN: "cash in",
    OrderType.CASH_OUT: "cash out",
    OrderType.TRANSFER: "transfer between tenders",
}
NOT_YET = {
    LineType.SETTLEMENT: "a line that settles an earlier debt",
    LineType.TRADE_IN: "a trade-in",
}
VAT_METHODS = {
    VatMethod.REVERSE_CHARGE: "reverse charge",
    VatMethod.NONE: "no VAT at all",
}


def plan_orders(
    mapped: Sequence[Mapped], known: Mapping[Ref, Known], settings: PlanSettings
) -> list[Plan]:
    """One plan per document, in the same order. Raises ConfigError for the settings."""
    options = read_options(settings)
    return [plan_order(entry, known, options) for entry in mapped]


def plan_order(mapped: Mapped, known: Mapping[Ref, Known], options: Options) -> Plan:
    """All writes of one receipt, or why there are none."""
    order = mapped.document
    reason = find_skip(order, options)
    if reason:
        return Plan(order.id, skip=reason)
    if not order.final:
        return Plan(order.id, wait="not final: the till may still change its payment")
    try:
        tenders = sort_tenders(mapped)
        if tenders.only_own_use and not (order.outstanding or order.tips):
            return Plan(order.id, skip="own use")
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
    if order.type in MOVEMENTS:
        return MOVEMENTS[order.type]
    if order.total_incl or order.outstanding or any(_net_tenders(order)):
        return ""
    if any(line.amount_incl for line in order.lines):
        return ""
    # The till may take what is own use off the line itself.
    return "own use" if any(line.own_use for line in order.lines) else "zero sale"


def _net_tenders(order: Order) -> Iterable[Decimal]:
    """What is left of each tender of a day: cash that was given back at once is none."""
    sums: dict[tuple[str, str, date], Decimal] = {}
    for tender in order.tenders:
        key = tender.method, tender.branch, tender.date
        sums[key] = sums.get(key, ZERO) + tender.amount
    return sums.values()


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
            "This receipt comes to 0.00 in the books, and the setting “A receipt whose "
            "total is 0.00” says that it fails.",
            code="total of 0.00",
            action="Change the setting and choose Retry, or book it by hand in "
            "QuickBooks and skip it here.",
        )


def _list_unsupported(order: Order, tenders: Tenders) -> Iterator[str]:
    if order.vat_method in VAT_METHODS:
        yield VAT_METHODS[order.vat_method]
    if tenders.total("not_a_sale") or any(line.own_use for line in order.lines):
        yield "a part that is own use"
    if order.tips:
        yield "a tip"
    for line in order.lines:
        if line.type in NOT_YET:
            yield NOT_YET[line.type]
        if line.type == LineType.GIFT_CARD and line.vat_rate:
            yield "a single-purpose gift card"
    if order.outstanding:
        yield "a part that is neither paid nor on account"
    amounts = [payment.amount for payment in tenders.payments]
    if tenders.on_account < 0:
        yield "a credit of a sale on account"
    if min(amounts, default=ZERO) < 0 and (len(amounts) > 1 or tenders.on_account):
        yield "a refund in several tenders or tenders of mixed sign"
