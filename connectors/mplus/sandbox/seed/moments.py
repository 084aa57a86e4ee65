"""When and where receipts are rung up: the last day is always 2026-10-31."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.mplus.sandbox.seed.shop import EMPLOYEES, TILLS

LAST_DAY = date(2026, 10, 31)
MAX_DAYS = (LAST_DAY - date(2026, 1, 1)).days
SHOP_ZONE = ZoneInfo("Europe/Amsterdam")

_NIGHT_SHARE = 0.03
_OPENING = 9 * 3600
_OPEN_SECONDS = 9 * 3600 + 1800
_NIGHT_SECONDS = 4 * 3600
_CASHIERS = tuple(number for number in EMPLOYEES if number != 999999)


@dataclass(frozen=True, slots=True)
class Moment:
    """A till, its cashier and the time; ``day`` is the book date, ``entered`` is
    aware shop time."""

    branch: int
    till: int
    employee: int
    day: date
    entered: datetime


def draw_moments(
    count: int, rng: random.Random, *, days: int, last: date = LAST_DAY
) -> Iterator[Moment]:
    """``count`` moments spread over the days, in order of time.

    Raises ValueError for more days than the year has had.
    """
    if not 1 <= days <= MAX_DAYS:
        raise ValueError(f"days must be 1 to {MAX_DAYS}, not {days}.")
    first = last - timedelta(days=days - 1)
    for offset in range(days):
        share = (offset + 1) * count // days - offset * count // days
        day = first + timedelta(days=offset)
        for seconds in sorted(_draw_seconds(rng) for _ in range(share)):
            yield draw_moment(rng, day, seconds)


def draw_moment(rng: random.Random, day: date, seconds: int) -> Moment:
    """A moment ``seconds`` after the day's midnight, which may be the next day's."""
    branch, till = rng.choice(TILLS)
    wall = datetime.combine(day, time()) + timedelta(seconds=seconds)
    entered = wall.replace(tzinfo=SHOP_ZONE)
    return Moment(branch, till, rng.choice(_CASHIERS), day, entered)


def _draw_seconds(rng: random.Random) -> int:
    if rng.random() < _NIGHT_SHARE:
        return 24 * 3600 + rng.randrange(_NIGHT_SECONDS)
    return _OPENING + rng.randrange(_OPEN_SECONDS)
