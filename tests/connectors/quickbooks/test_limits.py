"""The limits that the connector declares hold at the service, not only at the hub."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from connectors.quickbooks.connector import QuickBooks
from integration_hub.core.limits import add_stamps, find_slot

LIMITS = {limit.name: limit for limit in QuickBooks.limits}
# How much longer one call may be on its way than another, in milliseconds.
JITTER = 300


def reserve(names: list[str], count: int) -> list[int]:
    """The milliseconds at which so many calls leave that are made without a pause."""
    units = {LIMITS[name]: 1 for name in names}
    stamps: dict[str, list[list[int]]] = {}
    slots = []
    for _ in range(count):
        slot = find_slot(stamps, units, now=0)
        stamps = add_stamps(stamps, units, slot=slot, now=0)
        slots.append(slot)
    return slots


@pytest.mark.parametrize("seed", range(5))
def test_calls_that_are_held_up_on_their_way_are_never_too_many(seed: int) -> None:
    rng = random.Random(seed)
    sent = reserve(["calls", "burst"], 300)
    arrived = sorted(slot + rng.randrange(JITTER) for slot in sent)
    # Intuit: 10 a second. The eleventh arrives at least a second after the first.
    assert all(arrived[n + 10] - arrived[n] >= 1000 for n in range(len(arrived) - 10))


def test_a_batch_waits_for_its_turn() -> None:
    sent = reserve(["calls", "burst", "batches"], 45)
    assert all(later - earlier >= 1500 for earlier, later in pairwise(sent))
    assert sent[40] - sent[0] > 60_000
