"""Closed periods: what is late is held, or posted on the first open day. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from connectors.quickbooks.targets.numbers import NOTE_LENGTH
from connectors.quickbooks.targets.options import Options
from connectors.writes import CLOSED_PERIOD, Known, Plan, Ref, Write
from integration_hub.core.errors import Rejected

FIRST_OPEN_DAY = "first_open_day"
DAY = timedelta(days=1)
# How the note of a document ends that is on another day than its receipt.
MOVED = re.compile(r" \(dated \d{4}-\d\d-\d\d\)$")


def describe_basis(options: Options) -> str:
    """What decides which records are held."""
    closed = options.closed_through or "nothing"
    return f"{closed}:{options.closed_period}:{options.first_month}"


def keep_open(plan: Plan, known: Mapping[Ref, Known], options: Options) -> Plan:
    """The plan with nothing left to post in a closed period.

    What is missing and dated in one makes the record wait, or goes to the first open
    day with its own date in the note; never across the end of the books' year, and a
    change of a document that stands in a closed period waits always. What is there
    already stays on its day.
    """
    kept = tuple(_keep_day(write, known) for write in plan.writes)
    plan = plan if kept == plan.writes else replace(plan, writes=kept)
    closed = options.closed_through
    if closed is None:
        return plan
    late = {w.ref: day for w in plan.writes if (day := _late_day(w, known, closed))}
    if not late:
        return plan
    opened = closed + DAY
    may_move = options.closed_period == FIRST_OPEN_DAY
    for write in plan.writes:
        if write.ref not in late:
            continue
        day = late[write.ref]
        if not may_move or write.update_of or not _same_year(day, opened, options):
            held = _hold(plan, day, closed, may_move=may_move)
            return replace(held, days=_list_days(plan, late))
    writes = tuple(
        move_to(write, opened) if write.ref in late else write for write in plan.writes
    )
    return replace(plan, writes=writes, days=_list_days(plan, late))


def move_to_open_day(
    write: Write, known: Mapping[Ref, Known], options: Options
) -> Write | None:
    """A write on its own day or the first open one, with its own date in the note.

    What is there stays as it is. None where that would be another year of the books.
    """
    if write.ref in known or write.date is None:
        return write
    day = find_open_day(write.date, options)
    if day is None or day == write.date:
        return write if day else None
    return move_to(write, day)


def move_to(write: Write, day: date) -> Write:
    """A write on another day; number and mark stay.

    Its note tells the day that it had first.
    """
    note = str(write.body.get("PrivateNote") or "")
    if write.date is not None and not MOVED.search(note):
        told = f" (dated {write.date.isoformat()})"
        note = note[: NOTE_LENGTH - len(told)] + told
    body = {**write.body, "TxnDate": day.isoformat(), "PrivateNote": note}
    search = {**write.search}
    if "date" in search:
        search["date"] = day.isoformat()
    return replace(write, body=body, search=search, date=day)


def find_open_day(day: date, options: Options) -> date | None:
    """The day if it is open, else the first open one of the same year of the books."""
    closed = options.closed_through
    if closed is None or day > closed:
        return day
    opened = closed + DAY
    return opened if _same_year(day, opened, options) else None


def find_posting_day(
    day: date, sale: Ref, known: Mapping[Ref, Known], options: Options
) -> date:
    """The date that a document has in QuickBooks, or will have.

    Tax codes are checked by it. What is held has its own date.
    """
    if sale in known:
        stands = str(known[sale].facts.get("date") or "")
        return date.fromisoformat(stands) if stands else day
    if options.closed_period != FIRST_OPEN_DAY:
        return day
    return find_open_day(day, options) or day


def _keep_day(write: Write, known: Mapping[Ref, Known]) -> Write:
    """The write with the date that its document has, where it is there."""
    there = known.get(write.ref)
    stands = str(there.facts.get("date") or "") if there is not None else ""
    if write.date is None or write.update_of is not None or not stands:
        return write
    day = date.fromisoformat(stands)
    return write if day == write.date else replace(write, date=day)


def _late_day(write: Write, known: Mapping[Ref, Known], closed: date) -> date | None:
    """The closed day that a missing write would be posted on, None if it is open."""
    if write.ref in known or write.date is None:
        return None
    day = write.date
    if write.update_of is not None and write.update_of in known:
        stands = str(known[write.update_of].facts.get("date") or "")
        day = date.fromisoformat(stands) if stands else day
    return day if day <= closed else None


def _same_year(day: date, opened: date, options: Options) -> bool:
    first = options.first_month
    return _year_of(day, first) == _year_of(opened, first)


def _year_of(day: date, first_month: int) -> int:
    """The books' year of a day, named after the calendar year it begins in."""
    return day.year - (day.month < first_month)


def _list_days(plan: Plan, late: Mapping[Ref, date]) -> tuple[date, ...]:
    """On which days documents may stand that were posted before these were closed."""
    made = {write.ref for write in plan.writes if write.update_of is None}
    return tuple(sorted({day for ref, day in late.items() if ref in made}))


def _hold(plan: Plan, day: date, closed: date, *, may_move: bool) -> Plan:
    action = (
        "Open the period in QuickBooks (Account and settings, Advanced) or correct "
        "“VAT is filed up to and including” in the settings of the integration: the "
        "next run posts it."
    )
    if may_move:
        action += " It is not moved by itself to another year of the books."
    else:
        action += " Or choose there that what is late goes to the first open day."
    cause = Rejected(
        f"{day} is in a period that is closed up to {closed}.",
        code=CLOSED_PERIOD,
        reference=closed.isoformat(),
        action=action,
    )
    return Plan(plan.key, wait=CLOSED_PERIOD, cause=cause, bridge=plan.bridge)
