"""From a receipt to what must be in the books: the rules of posting, written anew.

Everything is decided from what the till sends and what the shop keeper chose. A
receipt becomes one document (with payments), is skipped, waits, or must fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .expected import FAILED, SKIPPED, WAITING, Decision
from .lines import (
    NO_CODE,
    carry_lines,
    flatten_lines,
    is_deposit,
    is_gift_card,
)
from .records import Relation, TillLine, TillReceipt, TillVat
from .setup import ISO2, PAYMENT_TREATMENTS, Setup

SALE_TYPES = frozenset({"RECEIPT-TYPE-RECEIPT", "RECEIPT-TYPE-CREDIT-RECEIPT"})
MOVEMENTS = {
    "RECEIPT-TYPE-CASH-INFLOW": "cash in",
    "RECEIPT-TYPE-CASH-OUTFLOW": "cash out",
    "RECEIPT-TYPE-PAYMENT-METHOD-TRANSFER": "transfer between tenders",
}
OPEN_STATES = frozenset(
    {
        "RECEIPT-STATE-OUTSTANDING",
        "RECEIPT-STATE-PARTLY-PAID",
        "RECEIPT-STATE-OUTSTANDING-CREDIT",
    }
)
VAT_METHODS = frozenset({"VAT-METHOD-INCLUSIVE", "VAT-METHOD-EXCLUSIVE"})
TURNOVER_GROUPS = frozenset({"", "TURNOVER-GROUP-TYPE-TURNOVER"})
SETTLEMENTS = frozenset(
    {
        "TURNOVER-GROUP-TYPE-SUSPENSE",
        "TURNOVER-GROUP-TYPE-PAYMENT",
        "PRICE-TYPE-PAYMENT",
    }
)
CASH_ROUNDING = 2


Key = tuple[str, str, date]


@dataclass(slots=True)
class Tenders:
    """The payments of a receipt by what they are for the books, in cents.

    ``money`` is by method, branch and day, with change netted.
    """

    money: dict[Key, int] = field(default_factory=dict)
    on_account: int = 0
    gift_card: int = 0
    not_a_sale: int = 0
    other: int = 0
    unknown: str = ""

    @property
    def total(self) -> int:
        """All tenders together."""
        money = sum(self.money.values())
        lines = self.gift_card + self.not_a_sale + self.other
        return money + self.on_account + lines

    @property
    def left(self) -> dict[Key, int]:
        """The money tenders that are not 0.00."""
        return {key: amount for key, amount in self.money.items() if amount}


@dataclass(frozen=True, slots=True)
class Shop:
    """What a decision rests on besides the receipt.

    ``scale`` is what a percentage of the till is divided by, ``not_final`` the ids
    of receipts that the till may still change.
    """

    setup: Setup
    relations: Mapping[str, Relation]
    percentages: Mapping[str, Decimal]
    scale: Decimal
    not_final: frozenset[str] = frozenset()


def find_scale(percentages: Mapping[str, Decimal]) -> Decimal:
    """100 where the till sends 2100 for 21 %, else 1; it says so nowhere."""
    return Decimal(100 if max(percentages.values(), default=Decimal(0)) > 100 else 1)


def sum_tenders(receipt: TillReceipt, setup: Setup) -> Tenders:
    """Sum the payments by treatment; change of the same method is netted."""
    tenders = Tenders()
    for payment in receipt.payments:
        if not payment.amount:
            continue
        chosen = setup.tenders.get(payment.method)
        if chosen is None:
            tenders.unknown = payment.method
        elif chosen.treatment in PAYMENT_TREATMENTS:
            branch, day = payment.branch or receipt.branch, payment.day or receipt.day
            key = payment.method, branch, day
            tenders.money[key] = tenders.money.get(key, 0) + payment.amount
        elif chosen.treatment == "on_account":
            tenders.on_account += payment.amount
        elif chosen.treatment == "gift_card":
            tenders.gift_card += payment.amount
        elif chosen.treatment == "not_a_sale":
            tenders.not_a_sale += payment.amount
        else:
            tenders.other += payment.amount
    return tenders


def find_rounding(receipt: TillReceipt, tenders: Tenders) -> int | None:
    """What cash rounding added, 0 without any; None when tenders do not add up."""
    difference = tenders.total - receipt.total_incl
    if difference == 0:
        return 0
    # Beside a card or a gift card, it is the part in cash that is rounded.
    amounts = (tenders.total, *tenders.money.values())
    rounded = any(amount % 5 == 0 for amount in amounts)
    return difference if abs(difference) <= CASH_ROUNDING and rounded else None


def refuse(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Decision | None:
    """Say why a receipt becomes no document; None when it must become one."""
    for rule in (_skip, _wait, _misread, _leave_out):
        found = rule(receipt, tenders, shop)
        if found is not None:
            return Decision(receipt, *found)
    return None


Refusal = tuple[str, str] | None


def _skip(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Refusal:
    if receipt.fault:
        return FAILED, "unreadable"
    if receipt.day < shop.setup.start:
        return SKIPPED, "before start"
    if receipt.type in MOVEMENTS:
        return SKIPPED, MOVEMENTS[receipt.type]
    if receipt.type not in SALE_TYPES:
        return FAILED, "unknown receipt type"
    lines = flatten_lines(receipt.lines)
    empty = not any(line.incl for line in lines) and not receipt.total_incl
    if empty and not tenders.left and not tenders.total and not tenders.unknown:
        return SKIPPED, "zero sale"
    return None


def _wait(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Refusal:
    if receipt.id in shop.not_final:
        return WAITING, "not final"
    if receipt.state in OPEN_STATES and find_rounding(receipt, tenders) is None:
        return WAITING, "not final"
    return None


def _misread(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Refusal:
    if tenders.unknown:
        return FAILED, "unmapped tender"
    if carry_lines(receipt) is None:
        return FAILED, "unreadable"
    if find_rounding(receipt, tenders) is None:
        over = tenders.total - receipt.total_incl
        return FAILED, "tip" if over > 0 and receipt.total_incl >= 0 else "unreadable"
    return None


def _leave_out(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Refusal:
    money = tenders.left
    if tenders.not_a_sale:
        rest = money or tenders.on_account or tenders.gift_card or tenders.other
        return (FAILED, "part own use") if rest else (SKIPPED, "not a sale")
    if tenders.other:
        return FAILED, "unsupported tender"
    if receipt.vat_method not in VAT_METHODS:
        return FAILED, "reverse charge or no VAT"
    for line in carry_lines(receipt) or ():
        reason = _leave_out_line(line, shop)
        if not reason and line.incl and find_tax_code(line, receipt, shop) is None:
            reason = "unmapped VAT code"
        if reason:
            return FAILED, reason
    return _leave_out_composition(tenders, receipt, shop)


def find_tax_code(line: TillLine, receipt: TillReceipt, shop: Shop) -> str | None:
    """The books' tax code of a line; None where the shop keeper mapped none."""
    if line.vat_code in NO_CODE:
        liability = is_gift_card(line) or is_deposit(line)
        return shop.setup.no_vat if liability else None
    for group in receipt.vat:
        if group.code == line.vat_code:
            return map_vat(group, shop)
    percentage = shop.percentages.get(line.vat_code)
    if percentage is None:
        return None
    return map_vat(TillVat(line.vat_code, percentage, 0, 0, ""), shop)


def map_vat(group: TillVat, shop: Shop) -> str | None:
    """The tax code that stands for (country, VAT code, rate)."""
    country = ISO2.get(group.country, group.country) or shop.setup.country
    return shop.setup.vat.get((country, group.code, group.percentage / shop.scale))


def _leave_out_line(line: TillLine, shop: Shop) -> str:
    if line.bpe:
        return "part own use"
    if line.group_type in SETTLEMENTS or line.price_type in SETTLEMENTS:
        return "settlement of a debt"
    if is_gift_card(line):
        rate = shop.percentages.get(line.vat_code, Decimal(0))
        return "single-purpose gift card" if rate else ""
    if is_deposit(line):
        return ""
    if line.group_type not in TURNOVER_GROUPS:
        return "line that is no turnover"
    # A return has a negative quantity and a discount has VAT: this one was bought.
    bought = line.incl < 0 < line.quantity and line.vat_code in NO_CODE
    return "trade-in" if bought else ""


def _leave_out_composition(
    tenders: Tenders, receipt: TillReceipt, shop: Shop
) -> Refusal:
    amounts = list(tenders.left.values())
    total = sum(amounts) + tenders.on_account
    if tenders.on_account < 0:
        return FAILED, "credit of an on-account sale"
    if total == 0 and not amounts and not shop.setup.post_zero_totals:
        return FAILED, "total of zero"
    if min(amounts, default=1) < 0 and (len(amounts) > 1 or tenders.on_account):
        return FAILED, "refund in several tenders or tenders of mixed sign"
    if tenders.on_account and not names_customer(receipt, shop):
        return FAILED, "on account without a relation"
    return None


def names_customer(receipt: TillReceipt, shop: Shop) -> Relation | None:
    """The relation of a receipt when it has what a document needs: a name."""
    relation = shop.relations.get(receipt.relation)
    return relation if relation and (relation.company or relation.name) else None
