"""The end of a run: going on, stopping, closing, totals and alerts."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connectors.services import record_problem, record_success
from flows import alerts
from flows.engine import claiming
from flows.models import Attempt, Envelope, RecordState, Run, RunStage, SyncRecord
from flows.models.runs import ACTIVE_STAGES
from integration_hub.core.errors import AuthError, ConfigError, HubError
from integration_hub.core.redaction import redact_traceback

logger = logging.getLogger(__name__)

# So many tries in vain, and a person is told.
LASTING = 3


def go_on(run_id: int) -> str:
    """Queue a successor if there is work left, else close the run if it is over."""
    run = Run.objects.select_related("flow").get(pk=run_id)
    if not run.is_active:
        return "closed"
    if is_paused(run):
        return "paused"
    if run.stage == RunStage.DELIVERING:
        claiming.release_aside(run)
    if claiming.due(run.flow_id).exists():
        async_task("flows.tasks.deliver", run.pk)
        return "more"
    if close(run):
        return "finished"
    return "others are at work"


def close(run: Run) -> bool:
    """Close a run that has read everything and has nothing pending or leased.

    Decided under a lock on the run, so that whoever adds work meanwhile either finds
    the run open and is seen here, or finds it closed and starts another.
    """
    if run.stage != RunStage.DELIVERING or unfinished(run):
        return False
    with transaction.atomic():
        open_run = Run.objects.filter(pk=run.pk, stage=RunStage.DELIVERING)
        if open_run.select_for_update().first() is None or unfinished(run):
            return False
        open_run.update(
            stage=RunStage.FINISHED,
            finished_at=timezone.now(),
            counts=counts_of(run),
            totals=totals_of(run),
            **({} if _waits_for_a_time(run) else {"problem": "", "action": ""}),
        )
        alerts.refresh(run.flow)
        ends = mended_by(run)
        alerts.resolve_run_alerts(run.flow, ends)
    # Not inside: what is one flow's source may be another's target.
    _note_health(run, ends)
    return True


def _note_health(run: Run, ends: set[str]) -> None:
    """What a run has proved to be in order is shown as such."""
    if alerts.SOURCE in ends:
        record_success(run.flow.integration.source)
    if alerts.TARGET in ends:
        record_success(run.flow.integration.target)


def _waits_for_a_time(run: Run) -> bool:
    waiting = run.records.filter(state=RecordState.WAITING)
    return waiting.filter(retry_at__isnull=False).exists()


def mended_by(run: Run) -> set[str]:
    """The ends that a run which went through has proved to be in order."""
    ends = {alerts.HUB}
    if run.trigger != "retry":
        ends.add(alerts.SOURCE)
    if Attempt.objects.filter(envelope__run=run, result="answered").exists():
        ends.add(alerts.TARGET)
    if not lasting_doubts(run.flow.integration_id).exists():
        ends.add(alerts.DOUBT)
    return ends


def lasting_doubts(integration_id: int) -> QuerySet[Envelope]:
    """Calls that were sent again and again and still have no answer."""
    return Envelope.objects.filter(
        integration_id=integration_id, state="in_doubt", resends__gte=LASTING
    )


def unfinished(run: Run) -> bool:
    """Whether a record of the flow is pending or in somebody's hands."""
    records = SyncRecord.objects.filter(flow_id=run.flow_id)
    return (
        records.filter(state=RecordState.PENDING, readable=True).exists()
        or records.exclude(lease_owner="").exists()
    )


def counts_of(run: Run) -> dict[str, int]:
    """How many records of a run are in which state."""
    rows = run.records.values_list("state").annotate(n=Count("pk"))
    return dict(rows)


def totals_of(run: Run) -> dict[str, str]:
    """The bridge from the source's total to the target's over the synced records.

    Decimal texts: till_total, liability_tenders, tips, rounding, target_total.
    """
    sums: dict[str, Decimal] = {}
    bridges = run.records.filter(state=RecordState.SYNCED).values_list(
        "bridge", flat=True
    )
    for bridge in bridges.iterator(chunk_size=2000):
        for part, amount in bridge.items():
            sums[part] = sums.get(part, Decimal(0)) + Decimal(amount)
    return {part: str(amount) for part, amount in sums.items()}


def count_again(runs: Iterable[Run]) -> None:
    """Let runs that are over say how their records stand now: some were taken back."""
    for run in runs:
        Run.objects.filter(pk=run.pk).update(
            counts=counts_of(run), totals=totals_of(run)
        )


def pause(run: Run, error: HubError, *, until: datetime, tries: int) -> None:
    """Let a run rest: a system asked for it or cannot be reached.

    The run says why at once; an alert is raised when it lasts for ``tries`` tries.
    """
    Run.objects.filter(pk=run.pk).update(
        pause_until=until, problem=error.message, action=error.action
    )
    run.pause_until, run.problem = until, error.message
    if tries >= LASTING:
        alerts.raise_for_run(run.flow, error)


def note_answer(run: Run) -> None:
    """The system answers again: what made the run rest is over."""
    if run.problem:
        Run.objects.filter(pk=run.pk).update(problem="", action="")
        run.problem = ""


def is_paused(run: Run) -> bool:
    """Whether a run rests now."""
    return run.pause_until is not None and run.pause_until > timezone.now()


def stop(run: Run, error: AuthError | ConfigError) -> None:
    """Stop a run for something that a person has to mend; records stay pending."""
    _end(run, RunStage.STOPPED, error)
    integration = run.flow.integration
    for connection in (integration.source, integration.target):
        if connection.name == error.system:
            record_problem(connection, error)
    alerts.raise_for_run(run.flow, error)


def rest(run: Run, error: HubError) -> None:
    """A task could not do its work: the tick queues another later."""
    tries = (run.counts.get("read_tries") or 0) + 1
    until = claiming.retry_time(tries - 1, at_least=getattr(error, "retry_after", 0.0))
    Run.objects.filter(pk=run.pk).update(counts={"read_tries": tries})
    pause(run, error, until=until, tries=tries)


def break_off(run_id: int, defect: BaseException) -> None:
    """End a run that met a defect of the hub, with its traceback, redacted."""
    run = Run.objects.select_related("flow__integration").get(pk=run_id)
    text = redact_traceback(defect)
    logger.error("Run %s broke off: %s", run_id, type(defect).__name__)
    error = ConfigError(
        f"The run broke off with a defect of the hub ({type(defect).__name__}).",
        code="defect",
        action="Report the traceback on the run's page; run again when it is mended.",
    )
    _end(run, RunStage.BROKEN, error, traceback=text)
    alerts.raise_for_run(run.flow, error)


def _end(run: Run, stage: RunStage, error: HubError, **more: Any) -> None:
    Run.objects.filter(pk=run.pk, stage__in=ACTIVE_STAGES).update(
        stage=stage,
        finished_at=timezone.now(),
        problem=error.message,
        action=error.action,
        counts=counts_of(run),
        totals=totals_of(run),
        **more,
    )
