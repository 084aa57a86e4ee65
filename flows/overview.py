"""What is going on, in few queries: for lists and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone
from django_q.models import OrmQ

from flows.models import Alert, Flow, Run, SyncRecord, WorkerStamp

KEPT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many records of one flow and business day are in one state."""

    flow: int
    day: date
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """Tasks that wait, and when a worker last started one."""

    waiting: int
    last_started_at: datetime | None
    is_alive: bool


def with_last_run(flows: QuerySet[Flow]) -> QuerySet[Flow]:
    """Flows with ``last_run_id``, ``last_run_stage``, ``last_run_at``, ``failures``.

    ``failures`` is how many records open alerts stop; None without alerts.
    """
    runs = Run.objects.filter(flow=OuterRef("pk")).order_by("-pk")
    failures = (
        Alert.objects.filter(flow=OuterRef("pk"), resolved_at__isnull=True)
        .order_by()
        .values("flow")
        .annotate(stopped=Sum("records"))
        .values("stopped")
    )
    return flows.annotate(
        last_run_id=Subquery(runs.values("pk")[:1]),
        last_run_stage=Subquery(runs.values("stage")[:1]),
        last_run_at=Subquery(runs.values("started_at")[:1]),
        failures=Subquery(failures),
    )


def count_days(days: int) -> list[DayCount]:
    """Records by flow, state and business day over the last ``days`` days with any.

    The days end at the newest record, so that a back-fill shows too. Kept for a few
    seconds, because everybody's dashboard asks it.
    """
    key = f"day-counts:{days}"
    kept: list[DayCount] | None = cache.get(key)
    if kept is None:
        kept = _count_days(days)
        cache.set(key, kept, timeout=KEPT_SECONDS)
    return kept


def _count_days(days: int) -> list[DayCount]:
    dated = SyncRecord.objects.filter(date__isnull=False).order_by("-date", "-id")
    newest = dated.values_list("date", flat=True).first()
    if newest is None:
        return []
    rows = (
        dated.filter(date__gt=newest - timedelta(days=days))
        .order_by()
        .values_list("flow", "date", "state")
        .annotate(n=Count("pk"))
    )
    return [DayCount(*row) for row in rows]


def check_queue() -> QueueHealth:
    """Whether somebody works on the queue.

    A tick is started every ``settings.TICK_SECONDS`` where there is a worker.
    """
    latest = WorkerStamp.objects.aggregate(latest=Max("started_at"))["latest"]
    patience = timedelta(seconds=max(3 * settings.TICK_SECONDS, settings.TASK_TIMEOUT))
    return QueueHealth(
        waiting=OrmQ.objects.count(),
        last_started_at=latest,
        is_alive=latest is not None and latest > timezone.now() - patience,
    )
