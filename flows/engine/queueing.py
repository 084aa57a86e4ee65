"""How many deliver tasks there should be: enough for the work, and no crowd.

Each deliver task queues its own successor while there is work, so what is queued too
much stays, and whoever queues after it (the reading of the next pages) waits behind.
"""

from __future__ import annotations

from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from connectors import registry
from flows.models import Run, Slot, SyncRecord

DELIVER = "flows.tasks.deliver"


def queue_deliveries(run: Run, *, work: int, at_least: int = 0) -> int:
    """Queue deliver tasks for so many records; gives how many.

    As many as there are batches and slots, less those at work and those of this run
    that wait in the queue. One where none waits and a slot is free or nobody works for
    this flow: whoever holds the others may be about to end, or be dead.
    """
    target = run.flow.integration.target
    declared = registry.get(target.connector)
    batches = -(-work // max(declared.batch_size, 1))
    waiting = _count_waiting(run)
    taken = Slot.objects.filter(connection=target).exclude(owner="").count()
    missing = min(declared.parallel, batches) - taken - waiting
    free = taken < declared.parallel
    if missing < 1 and not waiting and (free or not _is_at_work(run)):
        missing = 1
    missing = max(missing, at_least)
    for _ in range(missing):
        async_task(DELIVER, run.pk)
    return max(missing, 0)


def _count_waiting(run: Run) -> int:
    """What waits for other flows says nothing: they may keep the queue full for hours."""
    queued = OrmQ.objects.filter(lock__lte=timezone.now())
    tasks = [(row.task.get("func"), row.args()) for row in queued]
    return tasks.count((DELIVER, (run.pk,)))


def _is_at_work(run: Run) -> bool:
    """Whether somebody holds records of the run's flow."""
    records = SyncRecord.objects.filter(flow_id=run.flow_id)
    return records.exclude(lease_owner="").exists()
