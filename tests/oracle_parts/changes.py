"""Receipts that the till changed after they were posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .expected import FAILED, POSTED, WAITING, Bundle, Decision
from .records import TillReceipt
from .replacing import replace_all
from .shop import Shop

CHANGED = "changed after posting"


def is_changed(before: TillReceipt, now: TillReceipt) -> bool:
    """Whether date, branch, customer, lines, VAT or tenders differ."""
    return _compared(before) != _compared(now) or _tenders(before) != _tenders(now)


def _compared(receipt: TillReceipt) -> tuple[object, ...]:
    head = receipt.day, receipt.branch, receipt.relation, receipt.type
    return head, receipt.vat_method, receipt.total_incl, receipt.lines, receipt.vat


def _tenders(receipt: TillReceipt) -> Counter[tuple[object, ...]]:
    return Counter(
        (payment.method, payment.branch, payment.day, payment.amount)
        for payment in receipt.payments
        if payment.amount
    )


def only_pays(before: TillReceipt, now: TillReceipt, shop: Shop) -> bool:
    """Whether nothing but payments was added, and as much less is on account."""
    kept = Counter(
        {
            key: count
            for key, count in _tenders(before).items()
            if not _is_on_account(str(key[0]), shop)
        }
    )
    return _compared(before) == _compared(now) and not kept - _tenders(now)


def _is_on_account(method: str, shop: Shop) -> bool:
    tender = shop.setup.tenders.get(method)
    return tender is not None and tender.treatment == "on_account"


def decide_change(versions: Sequence[Decision], now: Decision, shop: Shop) -> Decision:
    """What must be there for a receipt that was posted as ``versions``, one after the
    other, and is now ``now``."""
    old = versions[-1]
    if old.bundle is None:
        return now
    if len(versions) == 1 and _only_adds_payments(old, now, shop):
        return now
    choice = shop.setup.choices.after_posting
    there = replace_all(versions, shop) if choice == "reverse" else old.bundle
    reported = Decision(now.receipt, FAILED, CHANGED, there)
    if now.receipt.id in shop.touched:
        return reported
    if choice == "update" and _can_update(old, now, shop):
        return now
    if choice != "reverse" or not _can_reverse(old.bundle):
        return reported
    if now.outcome == WAITING:
        return Decision(now.receipt, WAITING, now.reason, there)
    if now.bundle is None and (now.outcome == FAILED or now.reason == "before start"):
        return reported
    bundle = replace_all([*versions, now], shop)
    return Decision(now.receipt, POSTED, CHANGED, bundle)


def _only_adds_payments(old: Decision, now: Decision, shop: Shop) -> bool:
    open_one = old.expected is not None and old.expected.entity == "Invoice"
    return (
        open_one
        and only_pays(old.receipt, now.receipt, shop)
        and now.bundle is not None
    )


def _can_update(old: Decision, now: Decision, shop: Shop) -> bool:
    """An update keeps the kind of document and its tenders, in an open period."""
    if not old.bundle or not now.bundle:
        return False
    closed = shop.closed_through
    is_open = closed is None or min(old.receipt.day, now.receipt.day) > closed
    before, after = old.bundle, now.bundle
    kinds = [form.entity for form in before.forms]
    same = kinds == [form.entity for form in after.forms]
    forms_only = bool(before.forms) and not (before.received or after.received)
    tenders = _tenders(old.receipt) == _tenders(now.receipt)
    return is_open and same and forms_only and tenders


def _can_reverse(bundle: Bundle) -> bool:
    """A debt that was settled is not undone: it is reported."""
    return all(received.applies for received in bundle.received)
