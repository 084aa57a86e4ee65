"""Reads receipts by sync marker, page by page, without skipping one.

The till gives every receipt a new, higher marker when it is made or changed, and a
read returns receipts with a marker from the one asked on (the vendor's tutorial).
Nobody says in which order it picks them when there are more than fit, nor how many
fit. If it picks the lowest, going on behind the highest marker of a page is safe; if
not, that skips receipts. So a page is trusted only

* when nothing can lie between its markers, because there is no gap; or
* when it is not full, and nothing lies behind it; or
* when a second look from the same place, much wider and without lines, holds the
  whole page and beyond it only higher markers.

Else the reading turns into a sweep by financial date: a window of dates that holds
less than the till gives at once is complete in whatever order it picks. Only a till
that gives less than it is asked for *and* picks in no order could still hide receipts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from connectors.mplus.client import MOST_PER_CALL, Client
from connectors.mplus.cursors import parse_cursor, write_cursor
from connectors.mplus.sources.values import WireError, to_date

Record = dict[str, Any]
# The second look at a page is at least twice as wide, and still within one call.
LARGEST_PAGE = MOST_PER_CALL // 2
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the receipts are read.

    All up to ``marker`` are read. While a sweep goes on, ``top`` is the marker that
    is reached when it ends, ``day`` the first financial date it has not read ("" for
    the beginning of time), and ``after`` how far that day is read.
    """

    marker: int = 0
    top: int = 0
    day: str = ""
    after: int = 0

    def __post_init__(self) -> None:
        numbers = (self.marker, self.top, self.after)
        if not all(isinstance(each, int) and each >= 0 for each in numbers):
            raise ValueError("markers are whole numbers")
        if self.day or self.after:
            date.fromisoformat(self.day)

    @classmethod
    def parse(cls, cursor: str) -> Position:
        """The position a cursor tells; "" is the beginning. Raises ConfigError."""
        return parse_cursor(cls, cursor, of="receipts")

    @property
    def start(self) -> int:
        """The lowest marker still to be read."""
        return self.marker + 1 if self.marker else 0

    def __str__(self) -> str:
        """The cursor."""
        return write_cursor(self, always="marker")


@dataclass(frozen=True, slots=True)
class Batch:
    """Records, and the position behind them. ``more`` false: none left for now."""

    records: list[Record]
    position: Position
    more: bool


def rewind(position: Position, overlap: int) -> Position:
    """The position moved back, for markers that became visible late."""
    if position.top:
        return position
    return replace(position, marker=max(0, position.marker - overlap))


def read_batch(client: Client, position: Position, limit: int) -> Batch:
    """The next records, at most ``limit``, lowest markers first."""
    limit = min(max(limit, 1), LARGEST_PAGE)
    if position.top:
        return _Sweep(client, position, limit).read()
    page = client.receipts(marker=position.start, limit=limit)
    page.sort(key=marker_of)
    # A server that ignores the marker asked for would be read for ever.
    if not page or marker_of(page[-1]) <= position.marker:
        return Batch(page, position, more=False)
    reached = Position(marker_of(page[-1]))
    if _has_no_gap(page, position) or _is_lowest(client, page, position, limit=limit):
        return Batch(page, reached, more=True)
    if len(page) < limit and not _is_more_behind(client, page):
        return Batch(page, reached, more=False)
    top = max(client.newest_receipt_marker(), reached.marker)
    return _Sweep(client, replace(position, top=top), limit).read()


def read_day(
    client: Client,
    day: date,
    *,
    start: int = 0,
    branches: Sequence[int] = (),
    most: int = MOST_PER_CALL,
) -> list[Record]:
    """All receipts of one financial date with a marker from ``start`` on.

    A day with more than the till gives at once (``most``, or less than there is) is read branch by branch, and such a
    branch's day by markers, trusting that the lowest come first.
    """
    page = client.receipts(marker=start, start=day, end=day, branches=branches)
    if not page:
        return page
    if len(page) < most and not _is_more_behind(client, page, start=day, end=day):
        return page
    numbers = branches or [each["branchNumber"] for each in client.branches()]
    return [
        record
        for branch in numbers
        for record in _read_branch_day(client, day, start=start, branch=branch)
    ]


def marker_of(record: Record) -> int:
    """The receipt's sync marker, 0 where there is none."""
    marker = record.get("syncMarker")
    return marker if isinstance(marker, int) else 0


def _read_branch_day(
    client: Client, day: date, *, start: int, branch: int
) -> list[Record]:
    found: list[Record] = []
    while page := client.receipts(marker=start, start=day, end=day, branches=[branch]):
        found += page
        start = max(map(marker_of, page)) + 1
    return found


def _has_no_gap(page: Sequence[Record], position: Position) -> bool:
    return marker_of(page[-1]) - position.marker == len(page)


def _is_lowest(
    client: Client, page: Sequence[Record], position: Position, *, limit: int
) -> bool:
    """Whether a full page is what the till would give first, whatever the limit."""
    if len(page) < limit:
        return False
    limit = max(2 * len(page), LARGEST_PAGE)
    wider = client.receipts(marker=position.start, limit=limit, lines=False)
    ids = {record.get("receiptId") for record in page}
    seen = {record.get("receiptId") for record in wider}
    highest = marker_of(page[-1])
    return ids <= seen and all(
        marker_of(each) > highest for each in wider if each.get("receiptId") not in ids
    )


def _is_more_behind(client: Client, page: Sequence[Record], **dates: Any) -> bool:
    """Whether the till has more than the page, though it was not asked to stop there.

    With ``start`` and ``end``, only of these financial dates.
    """
    highest = max(map(marker_of, page))
    return bool(client.receipts(marker=highest + 1, limit=1, lines=False, **dates))


class _Sweep:
    """One step of reading by financial date, oldest first."""

    def __init__(self, client: Client, position: Position, limit: int) -> None:
        self._client = client
        self._position = position
        self._limit = limit
        day = position.day
        self._first = date.fromisoformat(day) if day else None

    def read(self) -> Batch:
        """The next window, or the end of the sweep."""
        ahead = self._ask(end=None, lines=False)
        days = sorted(filter(None, map(_day_of, ahead)))
        if not days:
            return Batch([], Position(self._position.top), more=True)
        end = self._first if self._position.after else _choose_end(days, self._limit)
        return self._read_window(end or days[0], most=len(ahead))

    def _read_window(self, end: date, *, most: int) -> Batch:
        """Everything through ``end``, or less where that is too much.

        ``most`` is what the till gave without an end: a window with as many may be
        cut off, so it is made narrower.
        """
        first = self._first
        while first is None or end > first:
            page = self._ask(end=end, lines=True)
            if len(page) <= self._limit and (len(page) < most or not page):
                return self._finish(page, end)
            days = sorted(filter(None, map(_day_of, page)))
            end = min(days[len(days) // 2], end - ONE_DAY) if days else end - ONE_DAY
        return self._read_part(first, most=most)

    def _read_part(self, day: date, *, most: int) -> Batch:
        """As much of one day as fits, in the order of the markers."""
        start = max(self._position.after, self._position.marker) + 1
        records = read_day(self._client, day, start=start, most=most)
        records.sort(key=marker_of)
        if len(records) <= self._limit:
            return self._finish(records, day)
        part = records[: self._limit]
        position = replace(self._position, after=marker_of(part[-1]))
        return Batch(part, position, more=True)

    def _finish(self, records: list[Record], end: date) -> Batch:
        records.sort(key=marker_of)
        following = (end + ONE_DAY).isoformat()
        position = replace(self._position, day=following, after=0)
        return Batch(records, position, more=True)

    def _ask(self, *, end: date | None, lines: bool) -> list[Record]:
        return self._client.receipts(
            marker=self._position.start, start=self._first, end=end, lines=lines
        )


def _choose_end(days: Sequence[date], limit: int) -> date:
    """The last of the sorted days up to which at most ``limit`` receipts are seen."""
    end, seen = days[0], 0
    for day, count in sorted(Counter(days).items()):
        seen += count
        if seen > limit:
            break
        end = day
    return end


def _day_of(record: Record) -> date | None:
    try:
        return to_date(record.get("financialDate"))
    except WireError:
        return None
