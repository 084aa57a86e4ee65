"""What a person can do with flows and records; admin and commands call only these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connectors.services import open_connection
from flows import alerts, leases, tasks
from flows.engine import ticking
from flows.engine.bench import forget_lists
from flows.engine.finishing import counts_of
from flows.engine.previewing import Preview, preview_flow, preview_record
from flows.engine.staging import CHANGED_AFTER_POSTING
from flows.models import Flow, RecordState, Run, RunStage, SyncRecord
from flows.models.runs import ACTIVE_STAGES

RETRYABLE = (RecordState.FAILED, RecordState.WAITING, RecordState.SKIPPED)

__all__ = ["Preview", "preview_flow", "preview_record", "retry", "run_flow", "skip"]


@dataclass(frozen=True, slots=True)
class Started:
    """The run that works now, and whether it was started just now."""

    run: Run
    is_new: bool


def run_flow(flow: Flow, *, trigger: str = "manual") -> Started:
    """Start a run, or give the one that is at work already."""
    run = ticking.start(flow, trigger=trigger)
    if run is not None:
        return Started(run, is_new=True)
    return Started(_active_run(flow), is_new=False)


def retry(records: QuerySet[SyncRecord]) -> int:
    """Let records be tried again, resuming at the first write that is missing.

    Failed, waiting and skipped records; gives how many. One run per flow is started
    for them. Those that could not be read are read again first. A record that was
    changed after posting is left alone: it would be posted twice or passed over.
    """
    settled = records.filter(leases.is_free(), state__in=RETRYABLE)
    unreadable = list(settled.filter(readable=False).values_list("pk", flat=True))
    for pk in unreadable:
        async_task("flows.tasks.read_again", pk)
    chosen = settled.filter(readable=True, payload__isnull=False).exclude(
        reason=CHANGED_AFTER_POSTING
    )
    flows = list(Flow.objects.filter(records__in=chosen.values("pk")).distinct())
    with transaction.atomic():
        ids = chosen.values("pk")
        count = SyncRecord.objects.filter(pk__in=ids).update(
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
        forget_lists(open_connection(flow.integration.target))
        wake(flow)
        alerts.refresh(flow)
    return count + len(unreadable)


def wake(flow: Flow) -> Run:
    """See to it that somebody works on what is pending in a flow."""
    run = ticking.start(flow, trigger="retry", stage=RunStage.DELIVERING)
    if run is None:
        run = _active_run(flow)
        Run.objects.filter(pk=run.pk).update(pause_until=None)
        if run.stage == RunStage.DELIVERING:
            async_task("flows.tasks.deliver", run.pk)
    return run


def skip(records: QuerySet[SyncRecord], *, by: str) -> int:
    """Leave records out for good; a person answers for it. Gives how many."""
    chosen = records.filter(
        leases.is_free(), state__in=(RecordState.FAILED, RecordState.WAITING)
    )
    flows = list(Flow.objects.filter(records__in=chosen.values("pk")).distinct())
    count = SyncRecord.objects.filter(pk__in=chosen.values("pk")).update(
        state=RecordState.SKIPPED,
        reason=f"skipped by {by}"[:80],
        fingerprint="",
        retry_at=None,
        updated_at=timezone.now(),
    )
    for flow in flows:
        alerts.refresh(flow)
    return count


def work_here(run: Run) -> None:
    """Do a run's work in this process, for hosts and tests without a worker."""
    while True:
        run.refresh_from_db()
        if run.stage == RunStage.READING:
            tasks.read(run.pk)
        elif not run.is_active or tasks.deliver(run.pk) != "more":
            return


def progress(run: Run) -> dict[str, int]:
    """How far an active run is: records read and, of those, by state."""
    run.refresh_from_db()
    return {"read": run.read, **counts_of(run)}


def active_runs() -> Iterator[Run]:
    """All runs at work now."""
    return Run.objects.filter(stage__in=ACTIVE_STAGES).iterator()


def _active_run(flow: Flow) -> Run:
    return Run.objects.filter(flow=flow, stage__in=ACTIVE_STAGES).latest("pk")
