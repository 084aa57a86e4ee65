"""What is no sale: cash in and out, transfers, own use, cash counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from .expected import FAILED, SKIPPED, WAITING, Bundle, Entry, PartKey, RefusedError
from .lines import LAYOUT_LINES
from .numbers import make_numbers
from .records import CashCount, TillReceipt
from .setup import PAYMENT_TREATMENTS, Movement, Setup, Tender
from .shop import Shop
from .sums import spread
from .tenders import Tenders

TRANSFER = "RECEIPT-TYPE-PAYMENT-METHOD-TRANSFER"
CASH_OUT = "RECEIPT-TYPE-CASH-OUTFLOW"
MOVEMENTS = {
    "RECEIPT-TYPE-CASH-INFLOW": "cash in",
    CASH_OUT: "cash out",
    TRANSFER: "transfer between tenders",
}
COUNT = "CASH-COUNT"


def book_movement(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Bundle:
    """The entry of cash put in, taken out or moved. Raises RefusedError."""
    if tenders.unknown:
        raise RefusedError(FAILED, "unmapped tender")
    lines = _book_tenders(receipt, shop.setup)
    taxes: dict[str, int] = {}
    if receipt.type == TRANSFER:
        if sum(lines.values()):
            raise RefusedError(FAILED, "unreadable")
        return make_entry(receipt, shop, lines, taxes)
    for movement, amount in _find_movements(receipt, shop.setup):
        rate = Decimal(shop.setup.find_rate(movement.tax_code) or 0)
        net = round_cents(Decimal(amount) / (1 + rate / 100))
        lines[movement.account, movement.tax_code] -= net
        if movement.tax_code:
            taxes[movement.tax_code] = taxes.get(movement.tax_code, 0) - (amount - net)
    if sum(lines.values()) + sum(taxes.values()):
        raise RefusedError(FAILED, "unreadable")
    return make_entry(receipt, shop, lines, taxes)


def _book_tenders(receipt: TillReceipt, setup: Setup) -> dict[PartKey, int]:
    lines: dict[PartKey, int] = defaultdict(int)
    for payment in receipt.payments:
        tender = setup.tenders.get(payment.method, Tender("", "", {}))
        account = tender.find_account(payment.branch or receipt.branch)
        if payment.amount and (
            tender.treatment not in PAYMENT_TREATMENTS or not account
        ):
            raise RefusedError(FAILED, "tender without an account")
        lines[account, ""] += payment.amount
    return lines


def _find_movements(receipt: TillReceipt, setup: Setup) -> list[tuple[Movement, int]]:
    """What each line means; the payments' sum where there are no lines."""
    lines = [line for line in receipt.lines if line.kind not in LAYOUT_LINES]
    keys = [(line.group, line.article, line.incl) for line in lines if line.incl]
    paid = sum(payment.amount for payment in receipt.payments)
    keys = keys or ([("", "", paid)] if paid else [])
    if not keys:
        raise RefusedError(SKIPPED, "zero sale")
    found = [(setup.find_movement(group, art), cents) for group, art, cents in keys]
    mapped = [(movement, cents) for movement, cents in found if movement]
    if len(mapped) < len(found):
        raise RefusedError(WAITING, "unmapped cash movement")
    if all(movement.treatment == "skip" for movement, _ in mapped):
        raise RefusedError(SKIPPED, MOVEMENTS[receipt.type])
    if any(movement.treatment == "skip" for movement, _ in mapped):
        raise RefusedError(FAILED, "partly skipped")
    return mapped


def book_own_use(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Bundle:
    """The entry of goods that the shop used itself. Raises RefusedError."""
    if tenders.unknown_own_use:
        raise RefusedError(WAITING, "unmapped own use")
    setup = shop.setup
    used = {
        str(place): payment.amount
        for place, payment in enumerate(receipt.payments)
        if payment.amount
    }
    chosen = {
        place: setup.tenders[receipt.payments[int(place)].method] for place in used
    }
    skipped = {n for n, each in chosen.items() if each.treatment == "not_a_sale"}
    if tenders.at_lines or len(skipped) == len(used):
        raise RefusedError(SKIPPED, "own use")
    cost = _sum_cost(receipt)
    # Tenders that cancel each other out took no goods.
    shares = spread(cost, used) if sum(used.values()) else {}
    lines, taxes = defaultdict[PartKey, int](int), defaultdict[str, int](int)
    for place in used.keys() - skipped:
        _book_use(chosen[place], shares.get(place, 0), receipt, setup, lines, taxes)
    if not any(lines.values()):
        raise RefusedError(SKIPPED, "own use")
    return make_entry(receipt, shop, lines, taxes)


def _book_use(
    tender: Tender,
    cost: int,
    receipt: TillReceipt,
    setup: Setup,
    lines: dict[PartKey, int],
    taxes: dict[str, int],
) -> None:
    """Add what one tender took: its account pays cost and VAT, the goods lose it."""
    account = tender.find_account(receipt.branch)
    if not account:
        raise RefusedError(FAILED, "tender without an account")
    code = tender.tax_code if tender.treatment == "own_use" else ""
    vat = round_cents(Decimal(cost) * Decimal(setup.find_rate(code) or 0) / 100)
    lines[account, ""] += cost + vat
    lines[setup.accounts.cost_of_goods, code] -= cost
    if code:
        taxes[code] -= vat


def _sum_cost(receipt: TillReceipt) -> int:
    lines = [line for line in receipt.lines if line.kind not in LAYOUT_LINES]
    if not all(line.cost for line in lines if line.incl):
        raise RefusedError(FAILED, "no purchase price")
    costs = (
        Decimal(line.cost or 0) * line.quantity / 10**line.decimals for line in lines
    )
    return round_cents(sum(costs, Decimal(0)))


def read_count(count: CashCount) -> TillReceipt:
    """A cash count in the form of a receipt, to be judged like one."""
    return TillReceipt(id=count.id, type=COUNT, day=count.day, branch=count.branch)


def book_count(count: CashCount, receipt: TillReceipt, shop: Shop) -> Bundle:
    """The entry of what was too much or too little, and of what went to the bank."""
    setup, lines = shop.setup, defaultdict[PartKey, int](int)
    if not count.final:
        raise RefusedError(WAITING, "not final")
    if count.day < setup.start:
        raise RefusedError(SKIPPED, "before start")
    for line in count.lines:
        if not line.difference and not line.banked:
            continue
        tender = setup.tenders.get(line.method, Tender("", "", {}))
        account = tender.find_account(count.branch)
        if not account:
            raise RefusedError(FAILED, "unmapped tender")
        lines[account, ""] += line.difference - line.banked
        lines[setup.accounts.over_short, ""] -= line.difference
        lines[setup.accounts.in_transit, ""] += line.banked
    return make_entry(receipt, shop, lines, {}, numbered=False)


def make_entry(
    receipt: TillReceipt,
    shop: Shop,
    lines: Mapping[PartKey, int],
    taxes: Mapping[str, int],
    *,
    numbered: bool = True,
) -> Bundle:
    """One JournalEntry and nothing else; none of 0.00."""
    left = {key: amount for key, amount in lines.items() if amount}
    if not left:
        raise RefusedError(SKIPPED, "zero sale")
    prefix = shop.setup.prefix
    numbers = make_numbers(receipt, prefix, "J") if numbered else ()
    taxes = {code: amount for code, amount in taxes.items() if amount}
    side = "Purchase" if receipt.type == CASH_OUT else "Sales"
    coded = any(code for _account, code in left)
    entry = Entry(receipt, numbers, receipt.day, left, taxes, side if coded else "")
    return Bundle(entries=(entry,))


def round_cents(amount: Decimal) -> int:
    """Half a cent goes up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
