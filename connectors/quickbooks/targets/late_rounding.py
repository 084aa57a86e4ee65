"""Cash rounding of what pays an invoice later.

At the counter rounding is a line of the document. An invoice that is posted already
stays as it is: the payment is booked as what it pays, and a journal entry brings what
was rounded between the cash and the account of payment differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connectors.datamodel import Tender, TenderType
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.composition import sum_settled
from connectors.quickbooks.targets.journals import Entry
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.settling import CORRECTIONS
from connectors.quickbooks.targets.tenders import (
    find_treatment,
    read_payment,
    sort_tenders,
)
from connectors.writes import Known, Mapped, Ref

ROLE = "rounding"
SUFFIX = "-c"


@dataclass(frozen=True, slots=True)
class Rounding:
    """What was rounded in cash on a day, and the account that the cash came into."""

    amount: Decimal
    account: str
    day: date

    def make_entries(self, options: Options) -> tuple[Entry, ...]:
        """The cash takes it, payment differences give it; the other way if negative."""
        other = options.require("payment_differences_account", "Payment differences")
        return (Entry(self.account, self.amount), Entry(other, -self.amount))


def set_apart(
    mapped: Mapped, known: Mapping[Ref, Known]
) -> tuple[Mapped, Rounding | None]:
    """The receipt as if the last cash had not been rounded, and the rounding.

    The receipt itself and None where its invoice is not posted, or was with the
    rounding. Raises MappingError for a tender without treatment or account.
    """
    order = mapped.document
    place = _find_last_cash(order.tenders)
    there = known.get(Ref("order", order.id, "sale"))
    if not order.cash_rounding or place is None or there is None:
        return mapped, None
    mended = known.get(Ref("order", order.id, CORRECTIONS["sale"]))
    total = mended.total if mended and mended.total is not None else there.total
    if there.entity != documents.INVOICE or total is None:
        return mapped, None
    whole = sort_tenders(mapped).expected_total + order.outstanding
    before = whole - order.cash_rounding
    # The invoice may be a cent off, until that is mended.
    had_it = abs(total - whole) <= abs(total - before)
    if had_it or sum_settled(order):
        return mapped, None
    tender, fields = order.tenders[place], mapped.tenders[place]
    if find_treatment(tender, fields) != "payment":
        return mapped, None
    exact = replace(tender, amount=tender.amount - order.cash_rounding)
    tenders = (*order.tenders[:place], exact, *order.tenders[place + 1 :])
    plain = replace(order, tenders=tenders, cash_rounding=Decimal(0))
    account = read_payment(tender, fields).account
    rounding = Rounding(order.cash_rounding, account, tender.date)
    return replace(mapped, document=plain), rounding


def _find_last_cash(tenders: tuple[Tender, ...]) -> int | None:
    cash = [
        (tender.date, place)
        for place, tender in enumerate(tenders)
        if tender.type is TenderType.CASH and tender.amount > 0
    ]
    return max(cash)[1] if cash else None
