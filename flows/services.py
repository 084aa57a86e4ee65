"""What a person can do with flows and records; admin and commands call only these."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from flows import alerts, leases, links, tasks
from flows.bulk import update_in_order
from flows.engine import finishing, rereading, surveying, ticking
from flows.engine.kept_lists import forget_lists
from flows.engine.previewing import Preview, preview_flow, preview_record
from flows.engine.staging import CHANGED_AFTER_POSTING
from flows.models import Flow, RecordState, Run, RunStage, SyncRecord
from flows.models.records import RETRYABLE
from flows.reasons import SKIPPED_BY

READ_AGAIN = 20

__all__ = [
    "RETRYABLE",
    "Preview",
    "preview_flow",
    "preview_record",
    "retry",
    "run_flow",
    "skip",
]


@dataclass(frozen=True, slots=True)
class Started:
    """The run that works now, and whether it was started just now."""

    run: Run
    is_new: bool


def run_flow(flow: Flow, *, trigger: str = "manual") -> Started:
    """Start a run, or give the one that is at work already."""
    run, is_new = ticking.start_or_join(flow, trigger=trigger)
    return Started(run, is_new)


def retry(records: QuerySet[SyncRecord]) -> int:
    """Let records be tried again, resuming at the first write that is missing.

    Failed, waiting and skipped records; gives how many. One run per flow is started
    for them. A few, and those that could not be read, are read again first. A record
    that was changed after posting is left alone: it needs a person.
    """
    settled = records.filter(leases.is_free(), state__in=RETRYABLE).exclude(
        reason=CHANGED_AFTER_POSTING
    )
    flows = list(Flow.objects.filter(records__in=settled.values("pk")).distinct())
    surveying.forget_days(flows, settled.values("date"))
    marked = rereading.mark(_worth_reading(settled))
    chosen = settled.filter(readable=True, payload__isnull=False, read_again=False)
    with transaction.atomic():
        links.mark_stale(chosen)
        count = update_in_order(
            SyncRecord.objects.filter(pk__in=chosen.values("pk")),
            state=RecordState.PENDING,
            reason="",
            message="",
            action="",
            fingerprint="",
            retry_at=None,
            tries=0,
            lost_leases=0,
            updated_at=timezone.now(),
        )
    for flow in flows:
        forget_lists(flow.integration.target)
        if count:
            ticking.wake_flow(flow)
        alerts.refresh(flow)
    return count + marked


def _worth_reading(records: QuerySet[SyncRecord]) -> QuerySet[SyncRecord]:
    """Records to be read again before they are tried: a few, or those without content.

    What was mended in the source since then (a customer's address, say) counts then.
    For thousands that failed for one cause in the target it would be a call each.
    """
    if records[: READ_AGAIN + 1].count() <= READ_AGAIN:
        return records
    return records.filter(Q(readable=False) | Q(payload__isnull=True))


def skip(records: QuerySet[SyncRecord], *, by: str) -> int:
    """Leave records out for good; a person answers for it. Gives how many."""
    chosen = records.filter(
        leases.is_free(), state__in=(RecordState.FAILED, RecordState.WAITING)
    )
    flows = list(Flow.objects.filter(records__in=chosen.values("pk")).distinct())
    count = update_in_order(
        SyncRecord.objects.filter(pk__in=chosen.values("pk")),
        state=RecordState.SKIPPED,
        reason=f"{SKIPPED_BY}{by}"[:80],
        fingerprint="",
        retry_at=None,
        posted_payload=None,
        updated_at=timezone.now(),
    )
    for flow in flows:
        alerts.refresh(flow)
    return count


def work_here(run: Run) -> None:
    """Do a run's work in this process, for hosts and tests without a worker.

    Leaves a run that rests, because a system cannot be reached, to the tick.
    """
    while True:
        run.refresh_from_db()
        if not run.is_active or finishing.is_paused(run):
            return
        if run.stage == RunStage.READING:
            tasks.read(run.pk)
        elif tasks.deliver(run.pk) != "more":
            return


def progress(run: Run) -> dict[str, int]:
    """How far an active run is: records read and, of those, by state."""
    run.refresh_from_db()
    return {"read": run.read, **finishing.counts_of(run)}
