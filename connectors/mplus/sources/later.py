"""Payments that came later than the sale on account that they pay.

The till may turn the on-account payment for it, or only add the money, so that more
is paid than is due. The document says it in one way always: a negative on-account
tender stands beside each such payment. What is over at the counter itself is a tip,
but for what pays the whole account: on account is no payment (the till's type of it
is another), so nothing is left on account where the money alone covers the total.
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
    owed = sum((each.amount for each in charged), ZERO)
    left = min(over, owed)
    if left <= 0:
        return tuple(tenders)
    money = [each for each in tenders if each not in charged and each.amount > 0]
    payers = [each for each in money if _is_later(each, charged[0], day)]
    if over >= owed:
        payers += [each for each in money if each not in payers]
    parts: dict[str, Decimal] = {}
    for tender in payers:
        parts[tender.id] = min(left, tender.amount)
        left -= parts[tender.id]
    found: list[Tender] = []
    for tender in tenders:
        found.append(tender)
        if parts.get(tender.id):
            found.append(_turn(charged[0], tender, parts[tender.id]))
    return tuple(found)


def _is_later(tender: Tender, charged: Tender, day: date) -> bool:
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
