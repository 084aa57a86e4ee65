"""Payments that came later than the sale on account that they pay.

The till may turn the on-account payment for it, or only add the money, so that more
is paid than is due. The document says it in one way always: a negative on-account
tender stands beside each such payment. What is over at the counter itself is a tip,
but for what pays the whole account: on account is no payment (the till's type of it
is another), so nothing is left on account where the money alone covers the total. Cash may be rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from connectors.datamodel import Tender, TenderType
from connectors.mplus.sources.balance import CASH_STEP, MOST_CASH_ROUNDING, ZERO

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
    money = [place for place, tender in enumerate(tenders) if _is_money(tender)]
    payers = [n for n in money if _is_later(tenders[n], charged[0], day)]
    rounded = _most_rounded(tenders)
    covers = over + rounded >= owed
    if covers:
        left = owed
        payers += [place for place in money if place not in payers]
    parts: dict[int, Decimal] = {}
    for place in payers:
        parts[place] = min(left, tenders[place].amount)
        left -= parts[place]
    if payers and covers and left <= rounded:
        # What is left is what the cash was rounded by.
        parts[payers[-1]] += left
    found: list[Tender] = []
    for place, tender in enumerate(tenders):
        found.append(tender)
        if parts.get(place):
            found.append(_turn(charged[0], tender, parts[place]))
    return tuple(found)


def _is_money(tender: Tender) -> bool:
    return tender.type is not TenderType.ON_ACCOUNT and tender.amount > 0


def _most_rounded(tenders: Sequence[Tender]) -> Decimal:
    """By how much less may have been paid in cash than was due."""
    cash = (each for each in tenders if each.type is TenderType.CASH)
    is_round = any(each.amount > 0 and not each.amount % CASH_STEP for each in cash)
    return MOST_CASH_ROUNDING if is_round else ZERO


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
