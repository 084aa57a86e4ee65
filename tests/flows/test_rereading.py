"""Reading records again on Retry: one task for many, and a source that cannot say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from connectors.contract import Page
from connectors.datamodel import Order
from flows import leases, services, tasks
from flows.engine.staging import stage_page
from flows.models import Flow, Lease, Run, SyncRecord
from integration_hub.core.errors import TaskFailed, Unavailable
from tests.flows.memory import Ledger, MemoryTill, order, sale, unreadable
from tests.flows.shop import work_queue

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
MANY = 25


def retry_all() -> int:
    return services.retry(SyncRecord.objects.all())


def queued() -> list[str]:
    return [row.task["func"].rpartition(".")[2] for row in OrmQ.objects.order_by("pk")]


@pytest.fixture
def odd(work: Work, shelf: list) -> None:
    """Many records that could not be read; all of them are mended in the source."""
    shelf += [unreadable(str(n)) for n in range(MANY)]
    work()
    OrmQ.objects.all().delete()
    shelf[:] = [order(str(n)) for n in range(MANY)]


@pytest.fixture
def pruned(work: Work, ledger: Ledger, shelf: list) -> SyncRecord:
    """A record that was left out long ago: its content was removed since."""
    shelf += [order("1", total="-1.00")]
    work()
    SyncRecord.objects.update(payload=None)
    return SyncRecord.objects.get()


@pytest.mark.usefixtures("odd")
def test_one_task_reads_many(ledger: Ledger) -> None:
    assert retry_all() == MANY
    assert queued() == ["read_again"]
    assert f"{MANY} read again" in work_queue()
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}
    assert sale("0") in ledger.objects


@pytest.mark.usefixtures("odd")
def test_a_budget_that_is_spent_queues_a_successor(flow: Flow, settings) -> None:
    retry_all()
    OrmQ.objects.all().delete()
    settings.TASK_BUDGET = -1
    assert tasks.read_again(flow.pk) == "1 read again"
    assert "read_again" in queued()
    assert SyncRecord.objects.filter(read_again=True).count() == MANY - 1


@pytest.mark.usefixtures("odd")
def test_the_tick_takes_up_what_a_lost_worker_left(flow: Flow) -> None:
    retry_all()
    OrmQ.objects.all().delete()
    tasks.tick()
    assert queued() == ["read_again"]


@pytest.mark.usefixtures("odd")
def test_only_one_reads_again(flow: Flow) -> None:
    until = timezone.now() + timedelta(minutes=1)
    Lease.objects.create(name=f"read again {flow.pk}", owner="another", until=until)
    retry_all()
    assert queued() == []
    assert tasks.read_again(flow.pk) == "another reads"


@pytest.mark.usefixtures("odd")
def test_a_reader_that_lost_its_lease_stores_nothing(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    retry_all()
    real = MemoryTill.read_one

    def slow(self, feed: str, key: str):  # type: ignore[no-untyped-def]
        leases.end_lease(f"read again {flow.pk}")
        assert leases.take_lease(f"read again {flow.pk}", "another", seconds=60)
        return real(self, feed, key)

    monkeypatch.setattr(MemoryTill, "read_one", slow)
    assert tasks.read_again(flow.pk) == "0 read again"
    assert not SyncRecord.objects.filter(state="pending").exists()


def test_an_answer_that_a_newer_version_has_overtaken_is_not_taken(
    work: Work, flow: Flow, shelf: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf += [order("1", total="0.00")]
    run = work()
    newer = order("1", total="12.10", version="2")

    def slow(*_: object) -> Order:
        stage_page(flow, run, Page((newer,), "1", more=False))
        SyncRecord.objects.update(state="failed")
        return order("1", total="0.00")

    monkeypatch.setattr(MemoryTill, "read_one", slow)
    assert retry_all() == 1
    work_queue()
    record = SyncRecord.objects.get()
    assert (record.version, record.state) == ("2", "synced")


@pytest.mark.usefixtures("odd")
def test_a_defect_with_one_record_stops_it_alone(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    retry_all()
    with monkeypatch.context() as defect:
        defect.setattr(MemoryTill, "read_one", lambda *_: 1 // 0)
        with pytest.raises(TaskFailed, match="ZeroDivisionError"):
            tasks.read_again(flow.pk)
    assert tasks.read_again(flow.pk) == f"{MANY - 1} read again"


@pytest.mark.usefixtures("odd")
def test_a_source_that_is_down_is_asked_once() -> None:
    retry_all()
    MemoryTill.troubles += [Unavailable("No till.")]
    work_queue()
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"failed"}
    assert not SyncRecord.objects.filter(read_again=True).exists()


def test_what_was_removed_after_its_time_is_read_again(
    pruned: SyncRecord, shelf: list
) -> None:
    shelf[0] = order("1", version="2")
    retry_all()
    work_queue()
    pruned.refresh_from_db()
    assert pruned.state == "synced"


def test_what_cannot_be_read_any_more_fails_alone_and_is_read_again(
    work: Work, shelf: list, flow: Flow
) -> None:
    shelf += [order("1"), order("2")]
    run = services.run_flow(flow).run
    tasks.read(run.pk)
    SyncRecord.objects.filter(source_id="id-1").update(payload='{"kind": "order"}')
    services.work_here(run)
    garbled, sound = SyncRecord.objects.order_by("source_id")
    assert "cannot be read by this version" in garbled.message
    assert (garbled.state, sound.state) == ("failed", "synced")
    assert retry_all() == 1
    OrmQ.objects.all().delete()
    tasks.read_again(flow.pk)
    work()
    garbled.refresh_from_db()
    assert garbled.state == "synced"


def test_what_was_removed_and_cannot_be_read_again_stays(pruned: SyncRecord) -> None:
    MemoryTill.troubles += [Unavailable("No till.")]
    retry_all()
    work_queue()
    pruned.refresh_from_db()
    assert pruned.state == "skipped"
    assert "removed after" in pruned.message
    assert "No till." in pruned.message
    assert "Retry" in pruned.action


def test_of_many_those_without_content_are_read_again(pruned: SyncRecord) -> None:
    rows = [
        SyncRecord(flow_id=pruned.flow_id, source_id=f"p{n}", state="skipped")
        for n in range(MANY)
    ]
    SyncRecord.objects.bulk_create(rows)
    assert retry_all() == MANY + 1
    assert SyncRecord.objects.filter(read_again=True).count() == MANY + 1


def test_a_record_without_content_fails_and_stops_nobody(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]
    run = services.run_flow(Flow.objects.get()).run
    tasks.read(run.pk)
    SyncRecord.objects.filter(source_id="id-1").update(payload=None)
    assert work().stage == "finished"
    record = SyncRecord.objects.get(source_id="id-1")
    assert (record.state, "content" in record.message) == ("failed", True)
    assert ledger.sent() == [[sale("2")]]
