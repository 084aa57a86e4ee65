"""The tick: starts what is due and takes up what was left lying.

It may run as often as it likes and on every host; whatever it does is decided by
conditional updates.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django_q.models import Success
from django_q.tasks import async_task

from flows import leases
from flows.bulk import update_in_order
from flows.engine import claiming, envelopes, finishing, staging
from flows.engine.queueing import queue_deliveries
from flows.models import (
    Envelope,
    Flow,
    Link,
    LinkState,
    RecordState,
    Run,
    RunStage,
    Slot,
    SyncRecord,
)
from flows.models.records import SETTLED
from flows.models.runs import ACTIVE_STAGES
from integration_hub.core.errors import ConfigError, RecordError

AT_ONCE = 500
# Enough to know whether all slots have work.
MOST_COUNTED = 1000


def tick() -> str:
    """One round: leases that ran out, runs that stand still, flows that are due."""
    doubted = reap_envelopes()
    reaped = reap_records()
    reap_slots()
    woken = sum(_wake_or_stop(run) for run in _active_runs())
    started = start_due()
    started += resume_waiting()
    prune()
    return f"{doubted} in doubt, {reaped} reaped, {woken} woken, {started} started"


def reap_envelopes() -> int:
    """Put in doubt what a worker had sent when its lease ran out."""
    gone = Envelope.objects.filter(
        leases.is_over("lease_until"), state=envelopes.SENDING
    )
    reaper = leases.new_owner()
    taken = 0
    for row in gone[:200]:
        if envelopes.take_over(row, reaper):
            envelopes.put_in_doubt(row, "the worker that sent it was lost")
            taken += 1
    return taken


def reap_records() -> int:
    """Give back records whose lease ran out: pending, or in doubt where a write is.

    A record that was lost three times fails, because it may be what kills workers.
    """
    lost = SyncRecord.objects.exclude(lease_owner="").filter(
        leases.is_over("lease_until")
    )
    ids = list(lost.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    gone = lost.filter(pk__in=ids)
    open_link = Link.objects.filter(
        record=OuterRef("pk"), state__in=(LinkState.SENDING, LinkState.IN_DOUBT)
    )
    free = {"lease_owner": "", "lease_until": None}
    update_in_order(
        gone.filter(Exists(open_link)),
        state=RecordState.IN_DOUBT,
        reason="no answer to a write",
        retry_at=leases.quiet_end(),
        **free,
    )
    for record in gone.filter(lost_leases__gte=claiming.MOST_LOST_LEASES - 1):
        _fail_lost(record)
    update_in_order(
        gone,
        state=RecordState.PENDING,
        lost_leases=F("lost_leases") + 1,
        retry_at=None,
        **free,
    )
    _take_newer(ids)
    return len(ids)


def _take_newer(ids: list[int]) -> None:
    """Let newer versions take the place of records that nobody works on any more."""
    with transaction.atomic():
        waiting = SyncRecord.objects.select_for_update().filter(
            pk__in=ids, lease_owner="", state=RecordState.PENDING
        )
        for record in waiting.exclude(next_version="").order_by("pk"):
            staging.take_newer(record)
            record.save()


def reap_slots() -> int:
    """Free the slots and runs of workers that were lost."""
    Run.objects.exclude(lease_owner="").filter(leases.is_over("lease_until")).update(
        lease_owner="", lease_until=None
    )
    return Slot.objects.filter(leases.is_over()).update(owner="", until=None)


def _fail_lost(record: SyncRecord) -> None:
    error = RecordError(
        "The worker was lost three times while it worked on this record.",
        code="lost",
        action="Look at the worker's log (memory, crashes), then choose Retry.",
    )
    claiming.mark_failed(record, error, None)
    with transaction.atomic():
        claiming.give_back([record], record.lease_owner)


def _active_runs() -> list[Run]:
    return list(
        Run.objects.filter(stage__in=ACTIVE_STAGES).select_related(
            "flow__integration__target"
        )
    )


def _wake_or_stop(run: Run) -> int:
    """Wake a run; one whose connector is not installed any more keeps no other back."""
    try:
        return wake(run)
    except ConfigError as error:
        finishing.stop(run, error)
        return 0


def wake(run: Run) -> int:
    """Queue the next task of a run that stands still; close it if it is over."""
    if finishing.is_paused(run):
        return 0
    if run.stage == RunStage.READING and _is_unleased(run):
        async_task("flows.tasks.read", run.pk)
        return 1
    work = claiming.due(run.flow_id)[:MOST_COUNTED].count()
    if work or _doubts_due(run.flow):
        return queue_deliveries(run, work=work)
    finishing.close(run)
    return 0


def _is_unleased(run: Run) -> bool:
    return Run.objects.filter(leases.is_free(), pk=run.pk).exists()


def _doubts_due(flow: Flow) -> bool:
    return Envelope.objects.filter(
        leases.is_free(),
        integration_id=flow.integration_id,
        state=envelopes.IN_DOUBT,
        resolve_at__lte=timezone.now(),
    ).exists()


def start_due() -> int:
    """Start the flows whose time has come."""
    now = timezone.now()
    due = Flow.objects.filter(enabled=True, interval_minutes__gt=0).filter(
        Q(next_run_at__isnull=True) | Q(next_run_at__lte=now)
    )
    started = 0
    for flow in due:
        next_run = now + timedelta(minutes=flow.interval_minutes)
        mine = Flow.objects.filter(pk=flow.pk, next_run_at=flow.next_run_at)
        if mine.update(next_run_at=next_run):
            started += start(flow, trigger="schedule") is not None
    return started


def resume_waiting() -> int:
    """Take up waiting and doubtful records of flows that have no active run.

    A flow that was stopped for something that a person has to mend is left alone for
    the longest time between two tries.
    """
    pause = timedelta(seconds=settings.RETRY_SECONDS[-1])
    latest = Run.objects.filter(flow=OuterRef("pk")).order_by("-pk")
    flows = Flow.objects.exclude(runs__stage__in=ACTIVE_STAGES).annotate(
        last_stage=Subquery(latest.values("stage")[:1]),
        last_end=Subquery(latest.values("finished_at")[:1]),
    )
    stopped = Q(last_stage__in=(RunStage.STOPPED, RunStage.BROKEN))
    rested = Q(last_end__lte=timezone.now() - pause)
    started = 0
    for flow in flows.filter(Q(last_stage__isnull=True) | ~stopped | rested):
        if claiming.waiting_in(flow) or _doubts_due(flow):
            stage = RunStage.DELIVERING
            started += start(flow, trigger="retry", stage=stage) is not None
    return started


def start(
    flow: Flow, *, trigger: str, stage: RunStage = RunStage.READING
) -> Run | None:
    """Start a run and queue its first task in one transaction.

    None if the flow has an active run already.
    """
    task = "flows.tasks.read" if stage == RunStage.READING else "flows.tasks.deliver"
    try:
        with transaction.atomic():
            run = Run.objects.create(flow=flow, trigger=trigger, stage=stage)
            async_task(task, run.pk)
    except IntegrityError:
        return None
    return run


def wake_flow(flow: Flow) -> Run:
    """See to it that somebody works on what is pending in a flow."""
    while True:
        run, is_new = start_or_join(flow, trigger="retry", stage=RunStage.DELIVERING)
        if is_new or _join(run):
            return run


def _join(run: Run) -> bool:
    """Have an active run go on at once; false if it has just been closed."""
    with transaction.atomic():
        active = Run.objects.filter(pk=run.pk, stage__in=ACTIVE_STAGES)
        locked = active.select_for_update().first()
        if locked is None:
            return False
        active.update(pause_until=None)
        if locked.stage == RunStage.DELIVERING:
            async_task("flows.tasks.deliver", run.pk)
    return True


def start_or_join(
    flow: Flow, *, trigger: str, stage: RunStage = RunStage.READING
) -> tuple[Run, bool]:
    """A new run, or the one that is at work; and whether it is new.

    Raises Flow.DoesNotExist for a flow that was deleted meanwhile.
    """
    while True:
        run = start(flow, trigger=trigger, stage=stage)
        if run is not None:
            return run, True
        run = active_run(flow)
        # It may have ended between the two looks: then a new one can start.
        if run is not None:
            return run, False
        flow.refresh_from_db()


def active_run(flow: Flow) -> Run | None:
    """The run that is at work for a flow."""
    return Run.objects.filter(flow=flow, stage__in=ACTIVE_STAGES).first()


def prune() -> None:
    """Remove what was kept long enough, a little at each tick.

    The queue's notes of tasks that went well go after a week, payloads and what was
    sent after the retention period; the outcome of every record stays.
    """
    now = timezone.now()
    Success.objects.filter(stopped__lt=now - timedelta(days=7)).delete()
    cutoff = now - timedelta(days=settings.RETENTION_DAYS)
    kept = SyncRecord.objects.filter(
        updated_at__lt=cutoff, payload__isnull=False, state__in=SETTLED
    )
    some = SyncRecord.objects.filter(pk__in=kept.values("pk")[:AT_ONCE])
    update_in_order(some, payload=None)
    sent = Envelope.objects.filter(created_at__lt=cutoff, state=envelopes.DONE)
    ids = list(sent.values_list("pk", flat=True)[:AT_ONCE])
    Envelope.objects.filter(pk__in=ids).delete()
