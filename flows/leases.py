"""Leases: rows that say who works on what, taken by conditional update.

Nothing is ever locked: a lease is a column with an owner and an end, and whoever
changes it first has it. All times are UTC; the hosts' clocks must agree to within a
few seconds (leases are minutes).
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from connectors.models import Connection
from flows.models import Lease, Slot

WAIT_FOR_LEASE = 0.1


def new_owner() -> str:
    """A name for one piece of work that no other process or task has."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def lease_end(seconds: float | None = None) -> datetime:
    """When a lease taken now runs out."""
    length = settings.LEASE_SECONDS if seconds is None else seconds
    return timezone.now() + timedelta(seconds=length)


def quiet_end() -> datetime:
    """When what was sent now will certainly have been committed or lost.

    Counted from now, which is after the call began: late enough in any case.
    """
    return lease_end(settings.QUIET_SECONDS)


def is_over(column: str = "until") -> Q:
    """The condition that a lease has ended.

    One that lasts longer than any is taken for was taken before a clock was set back:
    nobody waits for the time it is of.
    """
    now = timezone.now()
    longest = timedelta(seconds=2 * settings.QUEUE_RETRY)
    return Q(**{f"{column}__lt": now}) | Q(**{f"{column}__gt": now + longest})


def is_free() -> Q:
    """The condition that nobody holds a row, or nobody any more."""
    return Q(lease_owner="") | is_over("lease_until")


def take_lease(name: str, owner: str, *, seconds: float) -> bool:
    """Take a named lease for so many seconds; false if somebody else has it."""
    until = lease_end(seconds)
    taken = Lease.objects.filter(Q(name=name), is_over() | Q(owner=owner))
    if taken.update(owner=owner, until=until):
        return True
    _, created = Lease.objects.get_or_create(
        name=name, defaults={"owner": owner, "until": until}
    )
    return created


def end_lease(name: str, owner: str = "") -> None:
    """Give a named lease back; without an owner, whoever has it."""
    held = Lease.objects.filter(name=name)
    if owner:
        held = held.filter(owner=owner)
    held.update(until=timezone.now() - timedelta(seconds=1))


@contextmanager
def alone(name: str, *, patience: float) -> Iterator[bool]:
    """Do something while nobody else does; false where somebody does for too long.

    The lease outlasts the task that takes it, so that whoever is slow is not joined;
    of one that was killed it has to run out first.
    """
    owner = new_owner()
    ends = time.monotonic() + patience
    while not (taken := take_lease(name, owner, seconds=settings.TASK_TIMEOUT)):
        if time.monotonic() >= ends:
            break
        time.sleep(WAIT_FOR_LEASE)
    try:
        yield taken
    finally:
        Lease.objects.filter(name=name, owner=owner).delete()


def is_held() -> Q:
    """The condition that somebody has a named lease."""
    return ~is_over()


def prepare_slots(connection: Connection, parallel: int) -> None:
    """See to it that a connection has its slot rows, and no more of them."""
    numbers = set(connection.slots.values_list("number", flat=True))
    missing = [n for n in range(parallel) if n not in numbers]
    if missing:
        Slot.objects.bulk_create(
            [Slot(connection=connection, number=n) for n in missing],
            ignore_conflicts=True,
        )
    if any(number >= parallel for number in numbers):
        connection.slots.filter(number__gte=parallel, owner="").delete()


@contextmanager
def slot_of(connection: Connection, parallel: int, owner: str) -> Iterator[Slot | None]:
    """Hold one of the connection's slots; None if all are taken."""
    prepare_slots(connection, parallel)
    slot = _take_slot(connection, owner)
    try:
        yield slot
    finally:
        if slot is not None:
            Slot.objects.filter(pk=slot.pk, owner=owner).update(owner="", until=None)


def _take_slot(connection: Connection, owner: str) -> Slot | None:
    free = Q(owner="") | is_over()
    for slot in Slot.objects.filter(free, connection=connection).order_by("number"):
        if Slot.objects.filter(free, pk=slot.pk).update(owner=owner, until=lease_end()):
            return slot
    return None


def renew_slot(slot: Slot, owner: str) -> bool:
    """Hold on to a slot; false if it was lost meanwhile."""
    mine = Slot.objects.filter(pk=slot.pk, owner=owner)
    return bool(mine.update(until=lease_end()))
