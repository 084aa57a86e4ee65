"""Payments that came later than the sale on account that they pay.

The till may turn the on-account payment for it, or only add the money, so that more
is paid than is due. The document says it in one way always: a negative on-account
tender stands beside each such payment. What is over at the counter itself is a tip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from connectors.datamodel import Tender, TenderType

ZERO = Decimal(0)
# Payments of one sale are made one after the other.
_AT_THE_COUNTER = timedelta(minutes=10)


def turn_on_account(
    tenders: Sequence[Tender], *, total: Decimal, day: date
) -> tuple[Tender, ...]:
    """The tenders, with what later payments take off the account behind each.

    ``total`` is what the receipt comes to, ``day`` its business date.
    """
    over = sum((tender.amount for tender in tenders), ZERO) - total
    charged = [each for each in tenders if each.type is TenderType.ON_ACCOUNT]
    left = min(over, sum((each.amount for each in charged), ZERO))
    if left <= 0:
        return tuple(tenders)
    found: list[Tender] = []
    for tender in tenders:
        found.append(tender)
        if left > 0 and _is_later(tender, charged[0], day):
            part = min(left, tender.amount)
            left -= part
            found.append(_turn(charged[0], tender, part))
    return tuple(found)


def _is_later(tender: Tender, charged: Tender, day: date) -> bool:
    if tender.type is TenderType.ON_ACCOUNT or tender.amount <= 0:
        return False
    if tender.date > day:
        return True
    entered, before = (each.extra.get("entryTimestamp") for each in (tender, charged))
    if not (isinstance(entered, datetime) and isinstance(before, datetime)):
        return False
    return entered - before > _AT_THE_COUNTER


def _turn(charged: Tender, tender: Tender, amount: Decimal) -> Tender:
    return replace(
        charged,
        id=f"{tender.id}/account",
        amount=-amount,
        date=tender.date,
        extra={"paymentId": tender.id},
    )
