"""Records that wait until the source is done with them are read again in each run.

What makes a receipt final (the day's cash count) need not give it a new marker, so
that no page of the feed would ever hold it again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors.contract import Connector
from connectors.datamodel import Document, Unreadable
from connectors.writes import NOT_FINAL
from flows import leases
from flows.engine.contents import hash_of
from flows.engine.staging import renew
from flows.models import Flow, RecordState, Run, SyncRecord

MOST_IN_A_RUN = 200
AT_ONCE = 20
# The part of a task's budget that this may take from reading pages.
PART = 0.5


def look_again(run: Run, source: Connector) -> int:
    """Ask for the records that wait longest; gives how many are tried again.

    Raises what reading does. Those that were asked for go to the end of the line.
    """
    until = time.monotonic() + settings.TASK_BUDGET * PART
    ids = list(_waiting(run.flow).values_list("pk", flat=True)[:MOST_IN_A_RUN])
    released = 0
    for start in range(0, len(ids), AT_ONCE):
        if start and time.monotonic() > until:
            break
        released += _ask(run, source, ids[start : start + AT_ONCE])
    return released


def _waiting(flow: Flow) -> QuerySet[SyncRecord]:
    waiting = SyncRecord.objects.filter(
        leases.is_free(),
        flow=flow,
        state=RecordState.WAITING,
        reason__startswith=NOT_FINAL,
    )
    return waiting.order_by("updated_at", "pk")


def _ask(run: Run, source: Connector, ids: Sequence[int]) -> int:
    keys = dict(SyncRecord.objects.filter(pk__in=ids).values_list("source_id", "pk"))
    found = source.read_many(run.flow.feed, list(keys))
    with transaction.atomic():
        rows = _waiting(run.flow).filter(pk__in=ids).order_by("pk")
        return sum(
            _take(run, record, found.get(record.source_id))
            for record in rows.select_for_update()
        )


def _take(run: Run, record: SyncRecord, document: Document | Unreadable | None) -> bool:
    if document is None or hash_of(document) == record.content_hash:
        SyncRecord.objects.filter(pk=record.pk).update(updated_at=timezone.now())
        return False
    record.run = run
    renew(record, document)
    record.save()
    return True
