"""Leasing records, and giving them back with what became of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from random import uniform

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connectors.writes import CHANGED, Plan
from flows import leases, margins
from flows.bulk import update_in_order, update_rows
from flows.engine import staging
from flows.engine.sums import bridge_data, difference_data
from flows.models import Flow, RecordState, Run, RunStage, SyncRecord
from flows.reasons import name_reason
from integration_hub.core.errors import RecordError

MOST_LOST_LEASES = 3
# As much as the column holds.
MOST_TRIES = 32767


def due(flow_id: int) -> QuerySet[SyncRecord]:
    """Records that can be worked on now.

    Those whose lease ran out are not among them: the tick counts that and gives them
    back.
    """
    now = timezone.now()
    timed = (RecordState.PENDING, RecordState.WAITING, RecordState.IN_DOUBT)
    open_states = Q(state=RecordState.PENDING, retry_at__isnull=True) | Q(
        state__in=timed, retry_at__lte=now
    )
    return SyncRecord.objects.filter(
        open_states, lease_owner="", flow_id=flow_id, readable=True
    )


def fair_share(run: Run, workers: int, least: int, most: int) -> int:
    """How many records to lease at once: each worker's part, within these bounds."""
    waiting = due(run.flow_id).order_by()[: most * workers].count()
    return max(least, min(most, math.ceil(waiting / workers)))


def claim(
    run: Run, owner: str, most: int, *, may_be_risky: bool = True
) -> list[SyncRecord]:
    """Lease up to ``most`` records, oldest business date first.

    A record whose lease was lost before is claimed alone (``may_be_risky``), so that
    one that kills its worker takes no others with it.
    """
    with transaction.atomic():
        ids = _pick(due(run.flow_id).filter(lost_leases=0), most)
        if not ids and may_be_risky:
            ids = _pick(due(run.flow_id).filter(lost_leases__gt=0), 1)
        if not ids:
            return []
        due(run.flow_id).filter(pk__in=ids).update(
            lease_owner=owner,
            lease_until=leases.lease_end(),
            run=run,
            updated_at=timezone.now(),
        )
    mine = SyncRecord.objects.filter(pk__in=ids, lease_owner=owner)
    # A version that waits beside a record is read when the record is given back.
    return list(mine.defer("next_payload").order_by("date", "id"))


def _pick(records: QuerySet[SyncRecord], most: int) -> list[int]:
    """The first of these records; what others are busy with is left to them."""
    free = records.select_for_update(skip_locked=True).order_by("date", "id")
    return list(free.values_list("pk", flat=True)[:most])


def first_elsewhere(run: Run, owner: str) -> tuple[date, int] | None:
    """Date and id of the earliest record that may still be written, None for none.

    Another worker holds it, or it is to be tried again by itself, a doubt included.
    Before all others while the run reads: what was touched later comes later.
    """
    if is_reading(run):
        return date.min, 0
    unsettled = (
        Q(lease_until__gt=timezone.now())
        | Q(state__in=(RecordState.PENDING, RecordState.IN_DOUBT))
        | Q(state=RecordState.WAITING, retry_at__isnull=False)
    )
    held = SyncRecord.objects.filter(
        unsettled, flow_id=run.flow_id, readable=True, date__isnull=False
    ).exclude(lease_owner=owner)
    found = held.order_by("date", "id").values_list("date", "pk").first()
    return (found[0], found[1]) if found and found[0] else None


def is_reading(run: Run) -> bool:
    """Whether the source may still give records to a run."""
    return Run.objects.filter(pk=run.pk, stage=RunStage.READING).exists()


def renew(records: Sequence[SyncRecord], owner: str) -> set[int]:
    """Hold on to leased records; gives the ids that are still ours."""
    ids = [record.pk for record in records]
    with transaction.atomic():
        mine = SyncRecord.objects.filter(pk__in=ids, lease_owner=owner)
        kept = list(
            mine.select_for_update().order_by("pk").values_list("pk", flat=True)
        )
        SyncRecord.objects.filter(pk__in=kept).update(lease_until=leases.lease_end())
    return set(kept)


def mark_synced(record: SyncRecord, plan: Plan) -> None:
    """All writes are linked and the totals agree."""
    _done(record, RecordState.SYNCED)
    if plan.margins or record.posted_payload is not None:
        record.margins = plan.margins
    record.posted_payload = None
    record.bridge = bridge_data(plan.bridge)
    record.expected_total = plan.bridge.target_total if plan.bridge else None
    record.differences = [difference_data(d) for d in plan.differences]


def mark_skipped(record: SyncRecord, reason: str) -> None:
    """Not moved, and nobody has to do anything."""
    _done(record, RecordState.SKIPPED)
    record.reason = reason[:80]


def mark_failed(record: SyncRecord, error: RecordError, plan: Plan | None) -> None:
    """A person has to change something; the record says what and where."""
    _done(record, RecordState.FAILED)
    record.reason = name_reason(error)
    record.message = error.message
    record.action = error.action
    record.fingerprint = error.fingerprint
    if error.code == CHANGED:
        staging.report_changed(record, error.message, error.action)
    keep_bridge(record, plan)


def keep_bridge(record: SyncRecord, plan: Plan | None) -> None:
    """Remember what a plan makes of the totals, if there is one."""
    if plan is not None and plan.bridge is not None:
        record.bridge = bridge_data(plan.bridge)
        record.expected_total = plan.bridge.target_total


def mark_waiting(
    record: SyncRecord,
    reason: str,
    retry_at: datetime | None,
    *,
    cause: RecordError | None = None,
) -> None:
    """Comes back by itself: at a time, or when what it waits for has changed."""
    _done(record, RecordState.WAITING)
    record.reason = reason[:80]
    record.retry_at = retry_at
    record.tries = min(record.tries + 1, MOST_TRIES)
    if cause is not None:
        record.message, record.action = cause.message, cause.action
        record.fingerprint = cause.fingerprint


def mark_in_doubt(record: SyncRecord, retry_at: datetime) -> None:
    """One of its writes was sent and no answer came; it is looked up later."""
    _done(record, RecordState.IN_DOUBT)
    record.reason = "no answer to a write"
    record.retry_at = retry_at


def mark_pending(record: SyncRecord) -> None:
    """Nothing was done with it."""
    _done(record, RecordState.PENDING)


def mark_aside(record: SyncRecord) -> None:
    """It is taken again when its run has read everything; see ``release_aside``."""
    _done(record, RecordState.PENDING)
    record.reason = "asks what is open once all is read"
    record.retry_at = retry_time(0)


def release_aside(run: Run) -> None:
    """Let what was set aside be worked on, because the run has read everything."""
    aside = SyncRecord.objects.filter(
        flow_id=run.flow_id, state=RecordState.PENDING, retry_at__isnull=False
    )
    update_in_order(aside, reason="", retry_at=None)


def retry_time(tries: int, *, at_least: float = 0.0) -> datetime:
    """When to try again after so many tries: growing steps with jitter."""
    steps = settings.RETRY_SECONDS
    step = max(steps[min(tries, len(steps) - 1)], at_least)
    return timezone.now() + timedelta(seconds=step * uniform(1.0, 1.25))  # noqa: S311


_STORED = (
    "state",
    "reason",
    "message",
    "action",
    "fingerprint",
    "retry_at",
    "tries",
    "lease_owner",
    "lease_until",
    "lost_leases",
    "posted_payload",
    "expected_total",
    "bridge",
    "differences",
    "updated_at",
)


def give_back(records: Iterable[SyncRecord], owner: str) -> None:
    """Store what became of leased records and end their leases, in bulk.

    Records whose lease was lost meanwhile are left to whoever has them now. A newer
    version that came in the meantime takes the record's place.
    """
    rows = {record.pk: record for record in records}
    if not rows:
        return
    current = SyncRecord.objects.select_for_update().filter(
        pk__in=list(rows), lease_owner=owner
    )
    mine = []
    # Without the contents, which take long to decrypt and are seldom there.
    for now_stored in current.only("next_version", "next_hash").order_by("pk"):
        record = rows[now_stored.pk]
        record.next_version = now_stored.next_version
        record.next_hash = now_stored.next_hash
        record.next_payload = now_stored.next_payload if record.next_version else ""
        mine.append(record)
    newer = [r for r in mine if r.next_version and r.state != RecordState.IN_DOUBT]
    for record in mine:
        record.lease_owner = ""
        record.lease_until = None
        record.updated_at = timezone.now()
    update_rows(mine, _STORED)
    found = [(r, r.margins) for r in mine if r.margins is not None]
    if found:
        margins.keep(found)
    for record in newer:
        staging.take_newer(record)
        record.save()


def _done(record: SyncRecord, state: RecordState) -> None:
    record.state = state
    record.reason = record.message = record.action = record.fingerprint = ""
    record.retry_at = None
    record.differences = []


def waiting_in(flow: Flow) -> bool:
    """Whether records of a flow wait for a time that has come."""
    return due(flow.pk).exclude(state=RecordState.PENDING).exists()
