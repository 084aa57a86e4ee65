"""From a receipt to what must be in the books: the rules of posting, written anew.

Everything is decided from what the till sends and what the shop keeper chose. A
receipt becomes documents, is skipped, waits, or must fail.
"""

from __future__ import annotations

from dataclasses import replace

from .changes import decide_change, is_changed
from .closing import place_in_time
from .codes import VAT_METHODS
from .compose import Composer
from .expected import (
    FAILED,
    POSTED,
    SKIPPED,
    WAITING,
    Bundle,
    Decision,
    Expected,
    RefusedError,
)
from .later import round_apart
from .lines import carry_lines, flatten_lines, is_settlement
from .movements import MOVEMENTS, book_count, book_movement, book_own_use, read_count
from .records import CashCount, TillReceipt
from .shop import Shop
from .tenders import Tenders, find_rounding, is_later, sum_tenders

SALE_TYPES = frozenset({"RECEIPT-TYPE-RECEIPT", "RECEIPT-TYPE-CREDIT-RECEIPT"})
HANDLED = "RECEIPT-STATE-HANDLED"
OPEN_STATES = frozenset(
    {
        "RECEIPT-STATE-OUTSTANDING",
        "RECEIPT-STATE-PARTLY-PAID",
        "RECEIPT-STATE-OUTSTANDING-CREDIT",
    }
)


def decide(receipt: TillReceipt, shop: Shop) -> Decision:
    """What becomes of a receipt, with the documents it must become, if any."""
    now, before = decide_now(receipt, shop), shop.posted.get(receipt.id)
    late = shop.late is not None and receipt.id in shop.late
    if before is None or late:
        return now
    versions = list_posted(before, receipt, shop)
    # What was posted was posted in time.
    open_shop = replace(shop, closed_through=None)
    posted = [decide_now(version, open_shop) for version in versions]
    if not posted:
        return now
    found = decide_change(posted, now, shop)
    was_owed = posted[-1].expected and posted[-1].expected.entity == "Invoice"
    return stay_invoice(found, shop) if found is now and was_owed else found


def stay_invoice(now: Decision, shop: Shop) -> Decision:
    """An Invoice that is paid in full later stays one, whatever pays it."""
    form = now.expected
    if now.bundle is None or form is None or form.entity != "SalesReceipt":
        return now
    invoiced = replace(now.bundle, forms=(turn_into_invoice(form, shop),))
    return replace(now, others=(*now.others, invoiced))


def list_posted(
    before: TillReceipt, receipt: TillReceipt, shop: Shop
) -> list[TillReceipt]:
    """The versions that were posted before what the till says now, one after another."""
    versions = [before]
    for version in (*shop.between.get(receipt.id, ()), receipt):
        if is_changed(versions[-1], version):
            versions.append(version)
    return versions[:-1]


def decide_now(receipt: TillReceipt, shop: Shop) -> Decision:
    """What becomes of a receipt as it is, posted for the first time."""
    tenders = sum_tenders(receipt, shop.setup)
    try:
        bundle = _post(receipt, tenders, shop)
        decision = Decision(
            receipt, POSTED, name_kind(bundle), bundle, _find_others(bundle, shop)
        )
        return place_in_time(decision, shop)
    except RefusedError as refused:
        return Decision(receipt, refused.outcome, refused.reason)


def decide_count(count: CashCount, shop: Shop) -> Decision:
    """What becomes of a cash count."""
    receipt = read_count(count)
    try:
        bundle = book_count(count, receipt, shop)
        decision = Decision(receipt, POSTED, name_kind(bundle), bundle)
        return place_in_time(decision, shop)
    except RefusedError as refused:
        return Decision(receipt, refused.outcome, refused.reason)


def name_kind(bundle: Bundle) -> str:
    """The kind of the first document."""
    kinds = [form.entity for form in bundle.forms]
    kinds += [each.entity for each in bundle.received]
    return [*kinds, *(each.entity for each in bundle.entries)][0]


def _post(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> Bundle:
    _skip(receipt, tenders, shop)
    if receipt.type in MOVEMENTS:
        return book_movement(receipt, tenders, shop)
    owed = _find_owed(receipt, tenders, shop)
    if tenders.unknown:
        raise RefusedError(FAILED, "unmapped tender")
    lines = carry_lines(receipt)
    if lines is None:
        raise RefusedError(FAILED, "unreadable")
    tips, rounding = (0, 0) if owed else _find_tips(receipt, tenders, shop)
    settlements = tuple(line for line in lines if line.incl and is_settlement(line))
    otherwise = _is_paid_otherwise(tenders) or owed or tips or settlements
    if tenders.has_own_use and not otherwise:
        return book_own_use(receipt, tenders, shop)
    if tenders.unknown_own_use:
        raise RefusedError(WAITING, "unmapped own use")
    if tenders.other:
        raise RefusedError(FAILED, "unsupported tender")
    if receipt.vat_method not in VAT_METHODS:
        raise RefusedError(FAILED, "unknown VAT method")
    return Composer(
        receipt, tenders, shop, lines, settlements, tips, rounding, owed
    ).compose()


def _skip(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> None:
    if receipt.fault:
        raise RefusedError(FAILED, "unreadable")
    if receipt.day < shop.setup.start:
        raise RefusedError(SKIPPED, "before start")
    if receipt.type in MOVEMENTS:
        return
    if receipt.type not in SALE_TYPES:
        raise RefusedError(FAILED, "unknown receipt type")
    lines = flatten_lines(receipt.lines)
    empty = not any(line.incl for line in lines) and not receipt.total_incl
    if empty and tenders.is_nothing:
        raise RefusedError(SKIPPED, "zero sale")


def _find_owed(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> int:
    """What nobody has paid once the day's cash was counted; until then it waits."""
    if receipt.id in shop.not_final:
        raise RefusedError(WAITING, "not final")
    if find_rounding(receipt, tenders) is not None:
        return 0
    missing = receipt.total_incl - tenders.total
    if receipt.state == HANDLED:
        # The till is done with it: what is missing stays open, more is a tip.
        return missing if missing * receipt.total_incl > 0 else 0
    if receipt.state not in OPEN_STATES:
        return 0
    if not shop.is_final(receipt):
        raise RefusedError(WAITING, "not final")
    return missing


def _find_tips(receipt: TillReceipt, tenders: Tenders, shop: Shop) -> tuple[int, int]:
    """What was paid over the total: a tip, or what rounding to coins added."""
    rounding = find_rounding(receipt, tenders)
    if rounding is not None:
        return 0, rounding
    over = tenders.total - receipt.total_incl
    if over < 0 or receipt.total_incl < 0:
        raise RefusedError(FAILED, "unreadable")
    if not shop.setup.liabilities.get("tips"):
        raise RefusedError(FAILED, "tip")
    return over, 0


def _is_paid_otherwise(tenders: Tenders) -> bool:
    sold = tenders.gift_cards or tenders.vouchers or tenders.other
    return bool(tenders.left or tenders.on_account or sold)


def _find_others(bundle: Bundle, shop: Shop) -> tuple[Bundle, ...]:
    """An Invoice that was made before it was paid, or whose payment has its own date."""
    if len(bundle.forms) != 1 or bundle.received or bundle.entries:
        return ()
    (form,) = bundle.forms
    if form.entity == "Invoice":
        return tuple(round_apart(bundle, shop))
    if form.entity != "SalesReceipt" or not form.total:
        return ()
    payments = [payment for payment in form.receipt.payments if payment.amount]
    on_account = {
        method
        for method, tender in shop.setup.tenders.items()
        if tender.treatment == "on_account"
    }
    owed = any(payment.method in on_account for payment in payments)
    if not owed and not any(is_later(payment, form.receipt) for payment in payments):
        return ()
    invoiced = replace(bundle, forms=(turn_into_invoice(form, shop),))
    return (invoiced, *round_apart(invoiced, shop))


def turn_into_invoice(form: Expected, shop: Shop) -> Expected:
    """The Invoice with its payments that stands for a sale paid in one way."""
    tenders = sum_tenders(form.receipt, shop.setup)
    composer = Composer(form.receipt, tenders, shop, (), (), 0, 0)
    return composer.make_invoice(list(form.lines), 0)
