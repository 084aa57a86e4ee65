"""Receipts of a period in which nothing may be posted any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from .expected import WAITING, Bundle, Decision, RefusedError
from .shop import Shop

ONE_DAY = timedelta(days=1)
HOLD = "hold"
FIRST_OPEN_DAY = "first_open_day"


def place_in_time(decision: Decision, shop: Shop) -> Decision:
    """Hold what came too late, or move it to the first open day.

    A receipt may have been posted before its period was closed. Where nobody says
    which came later, being there under its own date is right, and so is what the
    setting asks for. Raises RefusedError for what must wait.
    """
    closed, bundle = shop.closed_through, decision.bundle
    if closed is None or bundle is None or decision.receipt.day > closed:
        return decision
    late = None if shop.late is None else decision.receipt.id in shop.late
    if late is False:
        return decision
    first = find_open_day(decision.receipt.day, closed, shop)
    if first is None:
        if late:
            raise RefusedError(WAITING, "closed period")
        return replace(decision, may_wait=True)
    both = move(bundle, first, strict=bool(late))
    others = tuple(move(other, first, strict=bool(late)) for other in decision.others)
    return replace(decision, bundle=both, others=others)


def find_open_day(day: date, closed: date, shop: Shop) -> date | None:
    """The day on which a late receipt is posted; None if it is held.

    Nothing is moved across the end of a year.
    """
    first = closed + ONE_DAY
    if shop.setup.choices.closed_period != FIRST_OPEN_DAY or first.year != day.year:
        return None
    return first


def move(bundle: Bundle, first: date, *, strict: bool) -> Bundle:
    """The bundle dated on the first open day; on its own day too unless ``strict``."""
    forms = tuple(
        replace(
            form,
            day=first if strict else form.day,
            other_day=first,
            payments=tuple(
                replace(payment, day=max(payment.day, first)) if strict else payment
                for payment in form.payments
            ),
        )
        for form in bundle.forms
    )
    received = tuple(
        replace(each, day=first if strict else each.day, other_day=first)
        for each in bundle.received
    )
    entries = tuple(
        replace(each, day=first if strict else each.day, other_day=first)
        for each in bundle.entries
    )
    return replace(bundle, forms=forms, received=received, entries=entries)


def is_right_day(found: date | None, day: date, other: date | None) -> bool:
    """Whether a date is right: the one, or any up to the other where there is one.

    The first open day moves on whenever another period is closed.
    """
    days = (day, other or day)
    return found is not None and min(days) <= found <= max(days)


def tells_day(note: str, day: date) -> bool:
    """Whether a note names a date, whichever way it is written."""
    return any(day.strftime(form) in note for form in ("%Y-%m-%d", "%d-%m-%Y"))
