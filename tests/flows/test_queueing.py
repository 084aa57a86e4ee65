"""How many deliver tasks are queued: enough for the work, and no crowd."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from flows import leases
from flows.engine.queueing import queue_deliveries
from flows.engine.ticking import wake
from flows.models import Flow, Run, Slot
from tests.factories import RunFactory, SyncRecordFactory
from tests.flows.memory import order

# The books in memory take batches of 4 and two calls at a time.
pytestmark = pytest.mark.django_db


@pytest.fixture
def run(flow: Flow) -> Run:
    leases.prepare_slots(flow.integration.target, 2)
    return RunFactory(flow=flow, stage="delivering")


def hold_slots(count: int) -> None:
    """Let others work on the connection."""
    until = timezone.now() + timedelta(hours=1)
    for slot in Slot.objects.order_by("number")[:count]:
        Slot.objects.filter(pk=slot.pk).update(owner="another", until=until)


def hold_record(flow: Flow) -> None:
    """Let somebody work on a record of the flow."""
    until = timezone.now() + timedelta(hours=1)
    SyncRecordFactory(flow=flow, order=order("9"), lease_owner="x", lease_until=until)


@pytest.mark.parametrize(("work", "tasks"), [(1, 1), (4, 1), (5, 2), (900, 2)])
def test_there_is_a_task_for_each_batch_and_slot(
    run: Run, work: int, tasks: int
) -> None:
    assert queue_deliveries(run, work=work) == tasks
    assert OrmQ.objects.count() == tasks


def test_what_waits_in_the_queue_is_enough(run: Run) -> None:
    for _ in range(5):
        queue_deliveries(run, work=900)
    assert OrmQ.objects.count() == 2


def test_a_task_that_a_worker_has_taken_does_not_wait(run: Run) -> None:
    async_task("flows.tasks.deliver", run.pk)
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))
    assert queue_deliveries(run, work=900) == 2


def test_who_is_at_work_counts(run: Run) -> None:
    hold_slots(1)
    assert queue_deliveries(run, work=900) == 1


def test_whoever_has_the_slots_will_go_on(run: Run) -> None:
    hold_slots(2)
    hold_record(run.flow)
    assert queue_deliveries(run, work=900) == 0


def test_slots_that_another_flow_has_do_not_starve_this_one(run: Run) -> None:
    hold_slots(2)
    assert queue_deliveries(run, work=900) == 1


def test_tasks_that_wait_for_another_flow_do_not_starve_this_one(run: Run) -> None:
    for _ in range(9):
        async_task("flows.tasks.deliver", run.pk + 1)
    async_task("flows.tasks.read", run.pk)
    assert [queue_deliveries(run, work=1) for _ in range(3)] == [1, 0, 0]


def test_a_worker_that_may_be_dead_is_not_relied_on(run: Run) -> None:
    hold_slots(1)
    hold_record(run.flow)
    assert queue_deliveries(run, work=1) == 1


def test_a_run_without_work_needs_a_task_to_end_it(run: Run) -> None:
    hold_slots(2)
    hold_record(run.flow)
    assert queue_deliveries(run, work=0, at_least=1) == 1


def test_ticks_do_not_pile_up_tasks(run: Run) -> None:
    for number in range(20):
        SyncRecordFactory(flow=run.flow, order=order(str(number)), state="pending")
    assert [wake(run) for _ in range(3)] == [2, 0, 0]
