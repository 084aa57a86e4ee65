"""One deliver task at work: what it holds, and giving records back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from connectors.writes import Ref
from flows import leases
from flows.engine import claiming
from flows.engine.bench import Bench
from flows.models import Slot, SyncRecord

# The part of the budget at its end in which no more records are leased.
LAST_PART = 0.1


@dataclass(slots=True)
class Session:
    """One deliver task at work: its bench, slot, owner name and end of budget.

    ``alone`` are writes of a call that was refused whole: they go one by one, to see
    which of them it was. ``asked_again`` are records whose questions were asked anew.
    """

    bench: Bench
    slot: Slot
    owner: str
    until: float
    renewed_at: float
    alone: set[Ref] = field(default_factory=set)
    asked_again: set[int] = field(default_factory=set)
    unknown_in_a_row: int = 0
    waited: float = 0.0

    @property
    def time_left(self) -> bool:
        """Whether another call fits into the budget."""
        return self.seconds_left > 0

    @property
    def seconds_left(self) -> float:
        """What is left of the budget."""
        return self.until - time.monotonic()

    @property
    def takes_more(self) -> bool:
        """Whether to lease more records; what is left at the end is mapped again."""
        last_part: float = settings.TASK_BUDGET * LAST_PART
        return time.monotonic() < self.until - last_part


def open_session(bench: Bench, slot: Slot, owner: str) -> Session:
    """A session whose budget begins now."""
    now = time.monotonic()
    return Session(bench, slot, owner, now + settings.TASK_BUDGET, now)


def keep_leases(session: Session) -> bool:
    """Renew slot and records in good time; forget records that were lost.

    False if the slot was lost.
    """
    now = time.monotonic()
    if now - session.renewed_at < settings.LEASE_SECONDS / 4:
        return True
    works = session.bench.works
    kept = claiming.renew([w.record for w in works.values()], session.owner)
    session.bench.drop([w for pk, w in list(works.items()) if pk not in kept])
    session.renewed_at = now
    is_ours = leases.renew_slot(session.slot, session.owner)
    if not is_ours:
        session.until = now
    return is_ours


def finish(session: Session, records: Sequence[SyncRecord]) -> None:
    """Store what became of records that are done with, and end their leases."""
    if records:
        with transaction.atomic():
            claiming.give_back(records, session.owner)
