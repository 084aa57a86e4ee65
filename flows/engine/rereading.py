"""Reading single records again: what a person mended in the source counts on Retry."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django_q.tasks import async_task

from connectors.contract import Connector
from connectors.datamodel import Document, Unreadable
from connectors.services import open_connection
from flows import alerts, leases, links
from flows.bulk import update_in_order
from flows.engine import ticking
from flows.engine.contents import reset
from flows.engine.staging import CHANGED_AFTER_POSTING, renew
from flows.models import Flow, Lease, SyncRecord
from flows.models.records import RETRYABLE
from integration_hub.core.errors import HubError, RecordError

logger = logging.getLogger(__name__)


def mark(records: QuerySet[SyncRecord]) -> int:
    """Have records read again, by one task per flow; gives how many."""
    with transaction.atomic():
        chosen = SyncRecord.objects.filter(pk__in=records.values("pk"))
        count = update_in_order(chosen, read_again=True)
        queue_marked()
    return count


def queue_marked() -> None:
    """Queue a task for every flow with marked records that nobody reads."""
    marked = SyncRecord.objects.filter(read_again=True)
    for flow_id in marked.order_by().values_list("flow_id", flat=True).distinct():
        if not Lease.objects.filter(leases.is_held(), name=_lease(flow_id)).exists():
            async_task("flows.tasks.read_again", flow_id)


def read_again(flow_id: int) -> str:
    """Read a flow's marked records again; what they are now takes their place.

    Ends when none is left or the budget is spent. Where the source cannot be asked, a
    record is tried with what was read before.
    """
    owner = leases.new_owner()
    if not leases.take_lease(_lease(flow_id), owner, seconds=settings.LEASE_SECONDS):
        return "another reads"
    flow = Flow.objects.select_related("integration__source").get(pk=flow_id)
    try:
        read = _read_marked(flow, owner)
    finally:
        leases.end_lease(_lease(flow_id), owner)
    if _marked(flow).exists():
        async_task("flows.tasks.read_again", flow_id)
    if read:
        alerts.refresh(flow)
        ticking.wake_flow(flow)
    return f"{read} read again"


def _lease(flow_id: int) -> str:
    return f"read again {flow_id}"


def _marked(flow: Flow) -> QuerySet[SyncRecord]:
    return SyncRecord.objects.filter(flow=flow, read_again=True).order_by("pk")


def _read_marked(flow: Flow, owner: str) -> int:
    """Read until the budget is spent, one record at least; gives how many."""
    until = time.monotonic() + settings.TASK_BUDGET
    source = _Source(flow)
    read = 0
    while (record := _marked(flow).first()) is not None:
        if read and time.monotonic() > until:
            break
        try:
            answer = source.ask(record)
        except BaseException:
            # A defect with one record does not keep the others from being read.
            SyncRecord.objects.filter(pk=record.pk).update(read_again=False)
            raise
        seconds = settings.LEASE_SECONDS
        if not leases.take_lease(_lease(flow.pk), owner, seconds=seconds):
            break
        _take_up(record, answer)
        read += 1
    return read


@dataclass(slots=True)
class _Source:
    """A source that is not asked any more once it did not answer."""

    flow: Flow
    connector: Connector | None = None
    trouble: HubError | None = None

    def ask(self, record: SyncRecord) -> Document | Unreadable | HubError:
        """What the record is now, or why that cannot be said."""
        if self.trouble is not None:
            return self.trouble
        try:
            if self.connector is None:
                self.connector = open_connection(self.flow.integration.source)
            return self.connector.read_one(self.flow.feed, record.source_id)
        except RecordError as error:
            return error
        except HubError as error:
            logger.warning("%s is not asked again: %s", self.flow, error.message)
            self.trouble = error
            return error


def _take_up(asked: SyncRecord, answer: Document | Unreadable | HubError) -> None:
    """Let a record be tried; one that is at work or done by now is left alone.

    An answer that a newer version has overtaken since it was asked for is not taken.
    """
    with transaction.atomic():
        there = SyncRecord.objects.select_for_update().filter(pk=asked.pk)
        settled = there.filter(leases.is_free(), state__in=RETRYABLE).exclude(
            reason=CHANGED_AFTER_POSTING
        )
        for record in settled:
            links.mark_stale(settled)
            overtaken = record.version != asked.version
            if not isinstance(answer, HubError) and not overtaken:
                renew(record, answer)
            elif isinstance(answer, HubError) and _is_pruned(record):
                _say_pruned(record, answer)
            elif record.readable:
                reset(record)
            record.save()
        there.update(read_again=False)


def _is_pruned(record: SyncRecord) -> bool:
    return record.readable and record.payload is None


def _say_pruned(record: SyncRecord, error: HubError) -> None:
    record.message = (
        f"What was read of this record was removed after {settings.RETENTION_DAYS} "
        f"days, and the source could not give it again: {error.message}"
    )
    record.action = "Choose Retry when the source gives it again."
