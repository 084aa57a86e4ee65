"""A payment of the till → a Tender."""

from __future__ import annotations

import re
from datetime import date

from connectors.datamodel import Tender, TenderType
from connectors.mplus.shop import PaymentMethod, Shop
from connectors.mplus.sources.values import (
    Wire,
    keep_rest,
    to_date,
    to_id,
    to_money,
    to_whole,
)

_NAMED = frozenset(
    {"paymentId", "method", "amount", "financialDate", "description", "branchNumber"}
)
_PREFIX = "PAYMENT-METHOD-TYPE-"
_BY_TYPE = {
    "EFT": TenderType.CARD,
    "SUSPENSE": TenderType.ON_ACCOUNT,
    "DEPOSIT": TenderType.DEPOSIT_USED,
    "AUTO-DEPOSIT": TenderType.DEPOSIT_USED,
    "BPE": TenderType.OWN_USE,
    "BPE-NO-STOCK": TenderType.OWN_USE,
    "VOUCHER-BPE": TenderType.VOUCHER,
    "VOUCHER-BOOK-BPE": TenderType.VOUCHER,
}
# The till's type PAYMENT covers all that is counted in a drawer, so the code and the
# description have to tell. The first that is found holds.
_BY_WORD = (
    (re.compile(r"cadeau|gift", re.I), TenderType.GIFT_CARD),
    (re.compile(r"bon(nen)?\b|voucher|cheque", re.I), TenderType.VOUCHER),
    (re.compile(r"op.?rekening|on.?account|debiteur", re.I), TenderType.ON_ACCOUNT),
    (re.compile(r"\bpin|card|maestro|visa|amex|bancontact", re.I), TenderType.CARD),
    (re.compile(r"contant|\bcash\b|\bkas(geld)?\b", re.I), TenderType.CASH),
)


def read_tender(record: Wire, *, shop: Shop, day: date, fallback_id: str) -> Tender:
    """The tender that a wire payment describes.

    ``day`` is the receipt's business date, for a payment without its own. Raises
    WireError for a payment without an amount.
    """
    return Tender(
        id=record.get("paymentId") or fallback_id,
        method=record.get("method") or "",
        type=propose_type(record, shop),
        amount=to_money(to_whole(record, "amount")),
        date=to_date(record.get("financialDate")) or day,
        description=record.get("description") or "",
        branch=to_id(record.get("branchNumber")),
        extra=keep_rest(record, _NAMED),
    )


def propose_type(record: Wire, shop: Shop) -> TenderType:
    """What the till says the tender is: named by a person, by type, by its name."""
    code = record.get("method") or ""
    method = shop.methods.get(code) or PaymentMethod(code)
    if code in shop.cash_methods:
        return TenderType.CASH
    if method.gift_card or record.get("giftcardNumber"):
        return TenderType.GIFT_CARD
    kind = (record.get("paymentMethodType") or method.type).removeprefix(_PREFIX)
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    for text in (code, record.get("description") or method.description):
        for pattern, proposed in _BY_WORD:
            if pattern.search(text):
                # Where a person named the cash methods, no other is cash.
                named = proposed is TenderType.CASH and shop.cash_methods
                return TenderType.OTHER if named else proposed
    return TenderType.OTHER
