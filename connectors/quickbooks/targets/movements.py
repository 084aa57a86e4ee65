"""Records of the till that are no sales, as journal entries. Pure.

Cash in and out, transfers between tenders and cash counts. What nobody mapped waits,
what a person chose to skip is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.datamodel import Line, OrderType, TenderType
from connectors.quickbooks.targets.journals import (
    Entry,
    check_location,
    check_returned,
    make_journal,
)
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.rates import find_rate
from connectors.quickbooks.targets.tenders import (
    PAYMENTS,
    check_accounts,
    find_treatment,
    read_payment,
    sort_tenders,
)
from connectors.quickbooks.targets.vat import ZERO, take_net
from connectors.writes import Known, Mapped, Plan, Ref
from integration_hub.core.errors import MappingError, RecordError, Rejected

ROLE = "movement"
SORTS = {
    OrderType.CASH_IN: "cash in",
    OrderType.CASH_OUT: "cash out",
    OrderType.TRANSFER: "transfer between tenders",
    OrderType.CASH_COUNT: "cash count",
}
UNMAPPED = "unmapped cash movement"
MAP_PAGE = "Map it in the value map “Cash movements”."
# Tenders that are no money have their account in the settings.
LIABILITIES = {
    "gift_card": ("gift_card_account", "Gift cards outstanding"),
    "deposit": ("customer_deposit_account", "Deposits of customers"),
}


def plan_movement(mapped: Mapped, known: Mapping[Ref, Known], options: Options) -> Plan:
    """The journal entry of a record that is no sale, or why there is none."""
    order = mapped.document
    name = SORTS[order.type]
    try:
        if order.type in (OrderType.CASH_IN, OrderType.CASH_OUT):
            chosen = choose_movement(mapped)
            if chosen != "book":
                return wait_or_skip(mapped, chosen)
        entries = MAKERS[order.type](mapped, options)
        return plan_entries(mapped, entries, known, options, nothing=name)
    except RecordError as error:
        return Plan(order.id, error=error)


def plan_entries(
    mapped: Mapped,
    entries: Sequence[Entry],
    known: Mapping[Ref, Known],
    options: Options,
    *,
    nothing: str,
) -> Plan:
    """A plan of one journal entry; skipped as ``nothing`` where no amount is left.

    Raises MappingError and Rejected.
    """
    key = mapped.document.id
    entries = sum_entries(entries)
    if not entries:
        return Plan(key, skip=nothing)
    check_location(mapped, options)
    text = str(mapped.header.get("note") or "")
    write = make_journal(mapped, entries, role=ROLE, options=options, text=text)
    check_returned(write, known)
    return Plan(key, writes=(write,))


def sum_entries(entries: Sequence[Entry]) -> list[Entry]:
    """One entry per account, text and tax code; what is 0.00 drops out."""
    sums: dict[tuple[str, str, str, str], Entry] = {}
    for entry in entries:
        key = entry.account, entry.text, entry.tax_code, entry.tax_on
        first = sums.get(key)
        if first is None:
            sums[key] = entry
            continue
        sums[key] = Entry(
            entry.account,
            first.amount + entry.amount,
            text=entry.text,
            tax_code=entry.tax_code,
            tax_on=entry.tax_on,
            tax_amount=first.tax_amount + entry.tax_amount,
        )
    return [entry for entry in sums.values() if entry.amount]


def choose_movement(mapped: Mapped) -> str:
    """ "book", "skip", or "" where a line of a cash movement is not mapped.

    Raises Rejected for a movement of which a part is skipped.
    """
    chosen = {
        str(fields.get("movement") or "")
        for line, fields in zip(mapped.document.lines, mapped.lines, strict=True)
        if line.amount_incl
    }
    if "" in chosen:
        return ""
    if len(chosen) > 1:
        raise Rejected(
            "A part of this cash movement is booked, another is skipped.",
            code="movement in parts",
            action="Choose the same for both in the value map “Cash movements”.",
        )
    return chosen.pop() if chosen else "skip"


def wait_or_skip(mapped: Mapped, chosen: str) -> Plan:
    """A movement that a person chose to skip is skipped, one that nobody mapped waits."""
    order = mapped.document
    if chosen == "skip":
        return Plan(order.id, skip=SORTS[order.type])
    line = next(
        line
        for line, fields in zip(order.lines, mapped.lines, strict=True)
        if line.amount_incl and not fields.get("movement")
    )
    group = line.turnover_group_name or line.turnover_group or "none"
    cause = MappingError(
        f"The cash movement “{line.text or SORTS[order.type]}” of turnover group "
        f"“{group}” is not mapped.",
        code=UNMAPPED,
        reference=f"{line.turnover_group}:{line.article}",
        action=MAP_PAGE,
    )
    return Plan(order.id, wait=UNMAPPED, cause=cause)


def make_cash(mapped: Mapped, options: Options) -> list[Entry]:
    """Cash in or out: the tenders' accounts against those of the lines.

    Raises MappingError and, where they do not add up, Rejected.
    """
    order = mapped.document
    tenders = sort_tenders(mapped)
    if tenders.sums:
        raise _refuse_tender(mapped, ", ".join(sorted(tenders.treatments)))
    check_accounts(tenders, options.deposit_accounts)
    entries = [Entry(payment.account, payment.amount) for payment in tenders.payments]
    for line, fields in zip(order.lines, mapped.lines, strict=True):
        if line.amount_incl:
            entries.append(_make_other(mapped, line, fields, options))
    if order.cash_rounding:
        account = options.require("payment_differences_account", "Payment differences")
        entries.append(Entry(account, -order.cash_rounding))
    _check_balance(entries)
    return entries


def _make_other(
    mapped: Mapped, line: Line, fields: Mapping[str, Any], options: Options
) -> Entry:
    """The other side of a cash movement, net where it has a tax code."""
    account = str(fields.get("movement_account") or "")
    if not account:
        raise MappingError(
            f"The cash movement “{line.text}” has no account.",
            code="movement account",
            reference=f"{line.turnover_group}:{line.article}",
            action=MAP_PAGE,
        )
    code = str(fields.get("movement_tax_code") or "")
    text = line.text
    if not code:
        return Entry(account, -line.amount_incl, text=text)
    bought = mapped.document.type is OrderType.CASH_OUT
    rate = find_rate(
        code,
        day=mapped.document.date,
        options=options,
        what=f"The cash movement “{line.text}”",
        action=MAP_PAGE,
        bought=bought,
    )
    net = take_net(line.amount_incl, rate)
    return Entry(
        account,
        -net,
        text=text,
        tax_code=code,
        tax_on="Purchase" if bought else "Sales",
        tax_amount=net - line.amount_incl,
    )


def make_transfer(mapped: Mapped, options: Options) -> list[Entry]:
    """What one tender gave to another. Raises MappingError and Rejected."""
    entries = []
    tenders = sort_tenders(mapped)
    check_accounts(tenders, options.deposit_accounts)
    for (treatment, _part), amount in tenders.sums.items():
        if treatment not in LIABILITIES:
            raise _refuse_tender(mapped, treatment)
        account = options.require(*LIABILITIES[treatment])
        entries.append(Entry(account, amount))
    entries += [Entry(payment.account, payment.amount) for payment in tenders.payments]
    _check_balance(entries)
    return entries


def make_count(mapped: Mapped, options: Options) -> list[Entry]:
    """A cash count: differences to over and short, banked cash to money in transit.

    Raises MappingError for what is not mapped or no money.
    """
    return list(_count_tenders(mapped, options))


def _count_tenders(mapped: Mapped, options: Options) -> Iterator[Entry]:
    order = mapped.document
    for tender, fields in zip(order.tenders, mapped.tenders, strict=True):
        # Cards are paid out by whoever takes them: only cash is brought to the bank.
        is_cash = tender.type is TenderType.CASH
        banked = Decimal(str(tender.extra.get("banked") or 0)) if is_cash else ZERO
        if not tender.amount and not banked:
            continue
        treatment = find_treatment(tender, fields)
        if treatment not in PAYMENTS:
            raise _refuse_tender(mapped, treatment)
        account = read_payment(tender, fields).account
        yield Entry(account, tender.amount - banked)
        if tender.amount:
            other = options.require("over_short_account", "Cash over and short")
            yield Entry(other, -tender.amount)
        if banked:
            other = options.require("in_transit_account", "Money in transit")
            yield Entry(other, banked)


MAKERS = {
    OrderType.CASH_IN: make_cash,
    OrderType.CASH_OUT: make_cash,
    OrderType.TRANSFER: make_transfer,
    OrderType.CASH_COUNT: make_count,
}


def _check_balance(entries: Sequence[Entry]) -> None:
    rest = sum((entry.amount + entry.tax_amount for entry in entries), ZERO)
    if rest:
        raise Rejected(
            f"The sides of this movement differ by {rest}.",
            code="lines do not add up",
            action="Look at this record in the till.",
        )


def _refuse_tender(mapped: Mapped, treatment: str) -> MappingError:
    return MappingError(
        f"This {SORTS[mapped.document.type]} has a tender with the treatment "
        f"“{treatment}”, which is no money.",
        code="tender is no money",
        reference=treatment,
        action="Give the tender another treatment in the value map “Tenders”, or book "
        "it by hand and skip it here.",
    )
