"""Reads cash counts by financial date, and says which days they close.

``getCashCountList`` takes dates and knows no pages, so it is asked for some months at
a time. What "since" a count of one till means for the others is told nowhere: it is
not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from connectors.datamodel import Order, Unreadable
from connectors.mplus.client import NO_PERMISSION, Client
from connectors.mplus.cursors import parse_cursor, write_cursor
from connectors.mplus.sources.counts import day_of, is_final
from connectors.mplus.sources.values import SHOP_ZONE, attempt, to_moment
from integration_hub.core.errors import ConfigError, NotFound

Record = dict[str, Any]
ONE_DAY = timedelta(days=1)
# Before the vendor had an API.
BEGINNING = date(2010, 1, 1)
WINDOW = timedelta(days=92)
# Counts are made late, finalised and mended; drafts are waited for a while longer.
OVERLAP = timedelta(days=31)
LONGEST_WAIT = timedelta(days=120)
# Who is open after midnight counts one day until then.
NIGHT = timedelta(hours=6)
# How far back one count is looked for by its id.
LOOKED_BACK = 8


@dataclass(frozen=True, slots=True)
class DayPosition:
    """How far the cash counts are read: all up to ``day``.

    ``after`` are the ids read of the day behind it, where a page ended within one;
    ``open`` is the oldest day whose count was a draft.
    """

    day: str = ""
    open: str = ""
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in filter(None, (self.day, self.open)):
            date.fromisoformat(each)
        # A cursor knows lists only.
        object.__setattr__(self, "after", tuple(map(str, self.after)))

    @classmethod
    def parse(cls, cursor: str) -> DayPosition:
        """The position a cursor tells; "" is the beginning. Raises ConfigError."""
        return parse_cursor(cls, cursor, of="cash counts")

    @property
    def start(self) -> date:
        """The first day still to be read."""
        return date.fromisoformat(self.day) + ONE_DAY if self.day else BEGINNING

    def __str__(self) -> str:
        """The cursor."""
        return write_cursor(self, always="day")


@dataclass(frozen=True, slots=True)
class CountBatch:
    """Final counts and the position behind them."""

    records: list[Record]
    position: DayPosition
    more: bool


def rewind_days(position: DayPosition) -> DayPosition:
    """A month back, and to the oldest draft that may have become final."""
    if not position.day:
        return position
    reached = date.fromisoformat(position.day)
    day = reached - OVERLAP
    if position.open:
        drafted = date.fromisoformat(position.open) - ONE_DAY
        day = max(min(day, drafted), reached - LONGEST_WAIT)
    return DayPosition(day=max(day, BEGINNING).isoformat())


def read_counts(
    client: Client, position: DayPosition, limit: int, *, today: date | None = None
) -> CountBatch:
    """The next final counts, at most ``limit``, oldest day first.

    Stretches without any are gone through in one go.
    """
    today, limit = today or datetime.now(SHOP_ZONE).date(), max(limit, 1)
    while True:
        start = position.start
        end = start + WINDOW
        last = end >= today
        found = _ask(client, start, None if last else end)
        position = _note_drafts(position, found)
        final = [each for each in found if is_final(each)]
        # Never beyond the newest count: the days behind it are still to be counted.
        days = [*filter(None, map(day_of, found))]
        none = min(start - ONE_DAY, today - WINDOW)
        reached = max(days, default=none) if last else end
        batch = _cut(final, position, limit=limit, reached=reached, more=not last)
        if batch.records or last:
            return batch
        position = batch.position


def find_count(client: Client, key: str, *, today: date | None = None) -> Record:
    """One count by its id, looked for from now backwards. Raises NotFound."""
    end = today or datetime.now(SHOP_ZONE).date()
    for place in range(LOOKED_BACK):
        start = end - WINDOW
        for each in _ask(client, start, end if place else None):
            if each.get("cashCountId") == key:
                return each
        end = start - ONE_DAY
    raise NotFound(
        f"The till has no cash count {key} of the last two years.",
        code="cash_count",
        reference=key,
    )


class Closings:
    """Which days of which tills are counted and final; asked only where it matters."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked: dict[date, list[Record]] = {}

    def close(
        self, documents: Sequence[Order | Unreadable]
    ) -> tuple[Order | Unreadable, ...]:
        """The documents; what is open on a day that is closed is final."""
        days = {
            each.date
            for each in documents
            if isinstance(each, Order) and not each.final
        }
        if not days:
            return tuple(documents)
        self._ask(days)
        return tuple(
            replace(each, final=True)
            if isinstance(each, Order) and not each.final and self._is_closed(each)
            else each
            for each in documents
        )

    def _ask(self, days: Iterable[date]) -> None:
        wanted = sorted(set(days) - set(self._asked))
        while wanted:
            start = wanted[0]
            end = max(day for day in wanted if day <= start + WINDOW)
            for offset in range((end - start).days + 1):
                self._asked.setdefault(start + offset * ONE_DAY, [])
            for each in self._find(start, end):
                day = day_of(each)
                if day is not None:
                    self._asked.setdefault(day, []).append(each)
            wanted = [day for day in wanted if day > end]

    def _find(self, start: date, end: date) -> list[Record]:
        """The counts; none for a login that may not read them, which its check says."""
        try:
            return _ask(self._client, start, end)
        except ConfigError as error:
            if error.code != NO_PERMISSION:
                raise
            return []

    def _is_closed(self, order: Order) -> bool:
        return any(_closes(each, order) for each in self._asked[order.date])


def _closes(record: Mapping[str, Any], order: Order) -> bool:
    """Whether a count is final and holds the receipt.

    A count in the middle of the day holds what was rung up before it; what is
    entered on another day than the count was made is late, and waits for nothing.
    """
    if not is_final(record):
        return False
    branches = {order.branch, order.entry_branch}
    extra = record.get("extraWorkplaceNumbers") or ()
    tills = {str(each) for each in (record.get("workplaceNumber"), *extra)}
    if str(record.get("branchNumber")) not in branches or order.till not in tills:
        return False
    counted = attempt(lambda: to_moment(record.get("entryTimestamp")))
    if counted is None:
        return True
    entered = order.entered_at.astimezone(SHOP_ZONE)
    return entered <= counted or _shop_day(entered) != _shop_day(counted)


def _shop_day(moment: datetime) -> date:
    """The day that a moment belongs to at the counter: nights are of the day before."""
    return (moment - NIGHT).date()


def _ask(client: Client, start: date, end: date | None) -> list[Record]:
    found = client.cash_counts(start=start, end=end)
    # Also from a till that does not look at the dates.
    return [each for each in found if _is_within(each, start, end)]


def _is_within(record: Record, start: date, end: date | None) -> bool:
    day = day_of(record)
    # One with a broken date is Unreadable, and told once per window that is open.
    return (day is None and end is None) or (
        day is not None and start <= day and (end is None or day <= end)
    )


def _note_drafts(position: DayPosition, found: Iterable[Record]) -> DayPosition:
    drafts = [day_of(each) for each in found if not is_final(each)]
    days = [day.isoformat() for day in drafts if day is not None]
    return replace(position, open=min(filter(None, [position.open, *days]), default=""))


def _cut(
    records: list[Record],
    position: DayPosition,
    *,
    limit: int,
    reached: date,
    more: bool,
) -> CountBatch:
    """At most ``limit`` of the records that are not read, and what to read next."""
    left = [each for each in records if _key(each) not in position.after]
    left.sort(key=lambda each: (day_of(each) or reached, _key(each)))
    if len(left) <= limit:
        end = replace(position, day=reached.isoformat(), after=())
        return CountBatch(left, end, more=more)
    page = left[:limit]
    split = day_of(page[-1]) or reached
    within = [_key(each) for each in page if (day_of(each) or reached) == split]
    if position.start == split:
        within += position.after
    day = (split - ONE_DAY).isoformat()
    return CountBatch(page, replace(position, day=day, after=tuple(within)), more=True)


def _key(record: Record) -> str:
    return str(record.get("cashCountId") or "")
