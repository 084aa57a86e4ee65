"""Reading a source page by page."""

from __future__ import annotations

import time

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_q.tasks import async_task

from connectors.contract import Connector, Page
from connectors.services import open_connection
from flows import leases, twins
from flows.engine import unfinished
from flows.engine.queueing import queue_deliveries
from flows.engine.staging import stage_page
from flows.models import Flow, Run, RunStage


def read(run_id: int) -> str:
    """Read pages into the flow until there are none left or the budget is spent.

    Gives a short text for the queue's log. A successor is queued in the same
    transaction that says it is needed.
    """
    owner = leases.new_owner()
    if not _take(run_id, owner):
        return "not mine, or resting"
    run = Run.objects.select_related(
        "flow__integration__source", "flow__integration__target", "flow__mapping"
    ).get(pk=run_id)
    try:
        twins.require_single(run.flow)
        return _read_pages(run, owner)
    finally:
        Run.objects.filter(pk=run_id, lease_owner=owner).update(
            lease_owner="", lease_until=None
        )


def _take(run_id: int, owner: str) -> bool:
    awake = Q(pause_until__isnull=True) | Q(pause_until__lte=timezone.now())
    reading = Run.objects.filter(awake, pk=run_id, stage=RunStage.READING)
    free = reading.filter(leases.is_free())
    return bool(free.update(lease_owner=owner, lease_until=leases.lease_end()))


def _read_pages(run: Run, owner: str) -> str:
    flow = run.flow
    source = open_connection(flow.integration.source)
    until = time.monotonic() + settings.TASK_BUDGET
    if not run.read:
        unfinished.look_again(run, source)
    cursor = flow.cursor if run.read else source.rewind(flow.feed, flow.cursor)
    while True:
        page = source.read(flow.feed, cursor, flow.page_size)
        if not _keep(run, owner, page):
            return "lease lost"
        cursor = page.cursor
        if not page.more:
            return f"read {run.read}"
        if time.monotonic() > until:
            async_task("flows.tasks.read", run.pk)
            return "budget spent"


def _keep(run: Run, owner: str, page: Page) -> bool:
    """Stage a page, provided that the run is still ours; queue what follows."""
    with transaction.atomic():
        mine = Run.objects.filter(pk=run.pk, lease_owner=owner, stage=RunStage.READING)
        stage = RunStage.READING if page.more else RunStage.DELIVERING
        renewed = mine.update(lease_until=leases.lease_end(), stage=stage)
        if not renewed:
            return False
        staged = stage_page(run.flow, run, page)
        Run.objects.filter(pk=run.pk).update(
            read=F("read") + len(page.documents),
            staged=F("staged") + staged.staged,
            unchanged=F("unchanged") + staged.unchanged,
            problem="",
            action="",
        )
        if staged.staged or not page.more:
            queue_deliveries(run, work=staged.staged, at_least=int(not page.more))
    run.read += len(page.documents)
    return True


def first_page(flow: Flow, source: Connector, limit: int) -> Page:
    """What a run would read first; nothing is stored."""
    cursor = source.rewind(flow.feed, flow.cursor)
    return source.read(flow.feed, cursor, limit)
