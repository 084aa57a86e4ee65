"""What closed periods hold, and on what basis; it comes back when that changes."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from connectors.writes import CLOSED_PERIOD, Plan
from flows.bulk import update_in_order
from flows.engine.claiming import keep_bridge, mark_waiting
from flows.models import RecordState, Run, SyncRecord
from integration_hub.core.errors import RecordError

MOST_LATE = 3


def mark_held(
    record: SyncRecord,
    cause: RecordError | None,
    basis: str,
    *,
    plan: Plan | None = None,
) -> None:
    """Its period is closed; it comes back when that rests on another basis."""
    mark_waiting(record, CLOSED_PERIOD, None, cause=cause)
    keep_bridge(record, plan)
    record.fingerprint = held_by(basis)


def mark_late(record: SyncRecord, error: RecordError, basis: str) -> None:
    """The target says that its period is closed, whatever was known of that.

    It is sent again by the next runs, a few times, because the basis was read before.
    """
    mark_held(record, error, basis)
    if record.tries < MOST_LATE:
        record.fingerprint = held_by(f"refused, {basis}")


def held_by(basis: str) -> str:
    """The fingerprint of what is held on a basis."""
    return f"Closed:{basis}"[:200]


def held_in(run: Run) -> QuerySet[SyncRecord]:
    """What closed periods hold in the flow of a run."""
    return SyncRecord.objects.filter(
        flow_id=run.flow_id,
        state=RecordState.WAITING,
        reason=CLOSED_PERIOD,
        lease_owner="",
    )


def release_held(run: Run, basis: str) -> int:
    """Let records be planned anew that earlier runs held on another basis."""
    others = held_in(run).exclude(fingerprint=held_by(basis)).exclude(run=run)
    return update_in_order(
        others,
        state=RecordState.PENDING,
        reason="",
        message="",
        action="",
        fingerprint="",
        updated_at=timezone.now(),
    )
