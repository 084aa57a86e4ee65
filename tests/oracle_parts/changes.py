"""Receipts that the till changed after they were posted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from .closing import ONE_DAY
from .expected import FAILED, POSTED, Bundle, Decision, Entry, Expected, Part
from .numbers import suffix
from .records import TillReceipt
from .shop import Shop

CHANGED = "changed after posting"
OPPOSITE = {"SalesReceipt": "RefundReceipt", "RefundReceipt": "SalesReceipt"}


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


def only_pays(before: TillReceipt, now: TillReceipt) -> bool:
    """Whether nothing but payments was added."""
    same = _compared(before) == _compared(now)
    return same and not _tenders(before) - _tenders(now)


def decide_change(old: Decision, now: Decision, shop: Shop) -> Decision:
    """What must be there for a receipt that was posted as ``old`` and is now ``now``."""
    if old.bundle is None:
        return now
    if _only_adds_payments(old, now):
        return now
    reported = Decision(now.receipt, FAILED, CHANGED, old.bundle)
    choice = shop.setup.choices.after_posting
    if now.bundle is None or now.receipt.id in shop.touched:
        return reported
    if choice == "update" and _can_update(old, now, shop):
        return now
    if choice == "reverse" and _can_reverse(old.bundle):
        bundle = reverse(old.bundle, now.bundle, _find_days(old, now, shop))
        return Decision(now.receipt, POSTED, CHANGED, bundle)
    return reported


def _only_adds_payments(old: Decision, now: Decision) -> bool:
    open_one = old.expected is not None and old.expected.entity == "Invoice"
    return open_one and only_pays(old.receipt, now.receipt) and now.bundle is not None


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
    """What was owed or settled by linking is not undone: it is reported."""
    simple = all(form.entity in OPPOSITE for form in bundle.forms)
    return simple and not bundle.received


def _find_days(old: Decision, now: Decision, shop: Shop) -> tuple[date, date]:
    closed = shop.closed_through
    first = closed + ONE_DAY if closed else date.min
    return max(now.receipt.day, first), max(old.receipt.day, first)


def reverse(old: Bundle, now: Bundle, days: tuple[date, date]) -> Bundle:
    """What was posted, its exact opposite, and the new version."""
    undone = Bundle(
        forms=tuple(_turn_form(form, days) for form in old.forms),
        entries=tuple(_turn_entry(entry, days) for entry in old.entries),
    )
    renewed = Bundle(
        forms=tuple(_renew_form(form, days) for form in now.forms),
        received=now.received,
        entries=tuple(_renew_entry(entry, days) for entry in now.entries),
    )
    return Bundle(
        bridge=now.bridge,
        forms=(*old.forms, *undone.forms, *renewed.forms),
        received=renewed.received,
        entries=(*old.entries, *undone.entries, *renewed.entries),
        codes=now.codes,
        added=now.added,
    )


def _turn_form(form: Expected, days: tuple[date, date]) -> Expected:
    return replace(
        form,
        entity=OPPOSITE[form.entity],
        numbers=suffix(form.numbers, "a"),
        lines=tuple(map(_turn_part, form.lines)),
        day=days[0],
        other_day=days[1],
    )


def _turn_part(part: Part) -> Part:
    return replace(part, gross=-part.gross, net=-part.net)


def _turn_entry(entry: Entry, days: tuple[date, date]) -> Entry:
    return replace(
        entry,
        numbers=suffix(entry.numbers, "a"),
        lines={key: -amount for key, amount in entry.lines.items()},
        taxes={code: -amount for code, amount in entry.taxes.items()},
        day=days[0],
        other_day=days[1],
    )


def _renew_form(form: Expected, days: tuple[date, date]) -> Expected:
    numbers = suffix(form.numbers, "b")
    return replace(form, numbers=numbers, day=days[0], other_day=days[1])


def _renew_entry(entry: Entry, days: tuple[date, date]) -> Entry:
    numbers = suffix(entry.numbers, "b")
    return replace(entry, numbers=numbers, day=days[0], other_day=days[1])
