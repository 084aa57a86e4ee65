"""Rate limits that hold across all processes and hosts.

An exact sliding window: in no window of ``seconds`` are more than ``calls`` units
reserved. The moment of each call is reserved before it is made, by one conditional
update of one small row; the clock is the database's, so hosts need not agree.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from integration_hub.core.errors import RateLimited
from integration_hub.core.models import RateBucket

# A stamp further ahead than this is a clock that was set back, not a reservation.
HORIZON_MS = 600_000
# A system may ask for longer than that, but hardly for more than a day.
LONGEST_PAUSE_MS = 86_400_000
# Each lost race means that somebody else's reservation went through.
MAX_RACES = 1_000

Stamps = dict[str, list[list[int]]]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``calls`` units in any ``seconds``, at least ``spacing`` s apart.

    A call of n units keeps the next one away for n × ``spacing``. Calls wait in turn:
    where a narrow limit (batches) shares its budget with a wide one (all calls), give
    the narrow one a spacing, or everything waits behind it.
    """

    name: str
    calls: int
    seconds: float
    spacing: float = 0.0


def spend(bucket: str, limit: Limit, max_wait: float, units: int = 1) -> float:
    """Reserve ``units`` of one limit; see ``spend_all``."""
    return spend_all(bucket, {limit: units}, max_wait=max_wait)


def spend_all(bucket: str, units: Mapping[Limit, int], *, max_wait: float) -> float:
    """Reserve the next moment that all limits allow; seconds to wait until then.

    Raises RateLimited, reserving nothing, when the wait is longer than ``max_wait``.
    """
    for _ in range(MAX_RACES):
        row = _load(bucket)
        slot = find_slot(row.stamps, units, now=row.now, earliest=row.slow_until)
        wait = (slot - row.now) / 1000
        if wait > max_wait:
            raise RateLimited(
                f"The next call is allowed in {wait:.1f} s.",
                retry_after=wait,
                code="limit",
            )
        stamps = add_stamps(row.stamps, units, slot=slot, now=row.now)
        if _store(bucket, row.version, stamps):
            return wait
        time.sleep(random.uniform(0, 0.002))  # noqa: S311  no secret, only a jitter
    raise RateLimited("The rate limit table is too busy.", retry_after=1.0)


def find_room(bucket: str, limits: Collection[Limit], limit: Limit) -> int:
    """How many units of ``limit`` the next call could take without waiting for more.

    ``limits`` are all that it spends from. At least 1; nothing is reserved.
    """
    row = _load(bucket)
    units = dict.fromkeys(limits, 1)
    slot = find_slot(row.stamps, units, now=row.now, earliest=row.slow_until)
    return count_room(row.stamps, limit, slot=slot)


def slow_down(bucket: str, seconds: float) -> None:
    """Let nobody spend from ``bucket`` during the next ``seconds`` (after a 429).

    A pause of more than a day is taken for a day.
    """
    row = _load(bucket)
    until = row.now + min(math.ceil(seconds * 1000), LONGEST_PAUSE_MS)
    RateBucket.objects.filter(bucket=bucket, slow_until__lt=until).update(
        slow_until=until, version=F("version") + 1
    )


def find_slot(
    stamps: Stamps, units: Mapping[Limit, int], *, now: int, earliest: int = 0
) -> int:
    """The first millisecond at which all limits allow their units. Pure."""
    slot = max(now, earliest)
    for limit, count in units.items():
        if count > limit.calls:
            raise ValueError(f"{count} units can never fit limit {limit.name}.")
        known = [s for s in stamps.get(limit.name, []) if s[0] <= now + HORIZON_MS]
        if known:
            latest, used = known[-1]
            slot = max(slot, latest + math.ceil(used * limit.spacing * 1000))
        slot = max(slot, _find_time(known, limit, count))
    return slot


def _find_time(known: list[list[int]], limit: Limit, count: int) -> int:
    """When enough of the latest units have left the window for ``count`` more."""
    room = limit.calls - count
    for stamp, used in reversed(known):
        room -= used
        if room < 0:
            # One more than the window: stamps are cut to whole milliseconds.
            return stamp + math.ceil(limit.seconds * 1000) + 1
    return 0


def count_room(stamps: Stamps, limit: Limit, *, slot: int) -> int:
    """How many units of a limit are free at a moment behind all stamps. Pure."""
    oldest = slot - math.ceil(limit.seconds * 1000)
    used = [s[1] for s in stamps.get(limit.name, []) if oldest <= s[0] <= slot]
    return limit.calls - sum(used)


def add_stamps(
    stamps: Stamps, units: Mapping[Limit, int], *, slot: int, now: int
) -> Stamps:
    """``stamps`` with the reservation, less what no window can hold any more. Pure."""
    merged = dict(stamps)
    for limit, count in units.items():
        oldest = now - math.ceil(limit.seconds * 1000) - 1
        kept = [
            s for s in stamps.get(limit.name, []) if oldest <= s[0] <= now + HORIZON_MS
        ]
        merged[limit.name] = [*kept, [slot, count]]
    return merged


@dataclass(frozen=True, slots=True)
class _Row:
    version: int
    stamps: Stamps
    slow_until: int
    now: int


def _load(bucket: str) -> _Row:
    query = RateBucket.objects.filter(bucket=bucket).annotate(now=Now())
    found = query.values_list("version", "stamps", "slow_until", "now").first()
    if found is None:
        RateBucket.objects.bulk_create(
            [RateBucket(bucket=bucket)], ignore_conflicts=True
        )
        return _load(bucket)
    version, stamps, slow_until, now = found
    now_ms = _to_milliseconds(now)
    if slow_until > now_ms + LONGEST_PAUSE_MS:
        slow_until = 0
    return _Row(version, json.loads(stamps), slow_until, now_ms)


def _store(bucket: str, version: int, stamps: Stamps) -> bool:
    text = json.dumps(stamps, separators=(",", ":"))
    query = RateBucket.objects.filter(bucket=bucket, version=version)
    return query.update(version=version + 1, stamps=text) == 1


def _to_milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
