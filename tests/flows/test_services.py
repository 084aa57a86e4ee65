"""What a person can do with flows and records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from connectors.contract import Field
from flows import services, tasks
from flows.engine.kept_lists import list_key
from flows.models import Flow, Run, Survey, SyncRecord
from integration_hub.core.errors import Rejected, Unavailable
from tests.factories import LinkFactory, RunFactory, SyncRecordFactory
from tests.flows.memory import Ledger, MemoryBooks, MemoryTill, order, sale, unreadable
from tests.flows.shop import only_alert, open_alerts, work_queue

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]


def soon() -> datetime:
    return timezone.now() + timedelta(minutes=5)


def record() -> SyncRecord:
    return SyncRecord.objects.get()


def everything() -> int:
    """Retry all records and do what was queued."""
    count = services.retry(SyncRecord.objects.all())
    work_queue()
    return count


@pytest.fixture
def failed(work: Work, ledger: Ledger, shelf: list) -> SyncRecord:
    """A record whose document was refused."""
    shelf += [order("1")]
    ledger.refused[sale("1")] = Rejected("Account 12 is closed.", action="Open it.")
    work()
    ledger.refused.clear()
    return record()


def test_a_flow_at_work_is_not_started_twice(flow: Flow) -> None:
    first = services.run_flow(flow)
    second = services.run_flow(flow)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.run == second.run


def test_a_retry_finishes_the_job_and_ends_the_alert(failed: SyncRecord) -> None:
    assert len(open_alerts()) == 1
    assert everything() == 1
    assert record().state == "synced"
    assert open_alerts() == []


def test_a_retry_of_nothing_does_nothing(flow: Flow) -> None:
    SyncRecordFactory(flow=flow, state="synced")
    assert everything() == 0
    assert not Run.objects.exists()


def test_a_retry_of_a_few_asks_the_targets_lists_again(
    failed: SyncRecord, flow: Flow
) -> None:
    key = list_key(flow.integration.target_id, "tax_codes")
    assert cache.get(key)
    services.retry(SyncRecord.objects.all())
    assert cache.get(key) is None


def test_a_retry_takes_what_was_mended_in_the_source(work: Work, shelf: list) -> None:
    shelf += [order("1", total="0.00")]
    work()
    shelf[0] = order("1", version="2")
    everything()
    assert (record().state, record().version) == ("synced", "2")


def test_a_retry_takes_a_customer_that_was_mended(
    work: Work, ledger: Ledger, shelf: list, failed: SyncRecord
) -> None:
    shelf[0] = order("1", customer="7")
    everything()
    assert ("customer", "7") in {(ref.kind, ref.key) for ref in ledger.objects}


def test_a_retry_does_not_post_what_was_changed_after_posting(
    failed: SyncRecord, ledger: Ledger, shelf: list
) -> None:
    LinkFactory(record=failed, role="payment:1", entity="Payment")
    shelf[0] = order("1", version="2", total="99.00")
    calls = len(ledger.calls)
    everything()
    assert (record().state, record().reason) == ("failed", "changed after posting")
    assert len(ledger.calls) == calls
    assert everything() == 0


def test_a_retry_without_the_source_tries_what_was_read(failed: SyncRecord) -> None:
    MemoryTill.troubles.append(Unavailable("No till."))
    services.retry(SyncRecord.objects.all())
    work_queue()
    assert record().state == "synced"


def test_a_retry_of_what_cannot_be_read_reads_it_again(work: Work, shelf: list) -> None:
    shelf += [unreadable("1")]
    work()
    MemoryTill.troubles.append(Unavailable("No till."))
    everything()
    assert record().state == "failed"
    shelf[0] = order("1")
    everything()
    assert record().state == "synced"


@pytest.mark.parametrize("state", ["synced", "in_doubt", "pending"])
def test_what_was_settled_meanwhile_is_not_read_again(
    failed: SyncRecord, shelf: list, state: str
) -> None:
    SyncRecord.objects.update(state=state, reason="as it is", read_again=True)
    shelf[0] = order("1", version="2", total="99.00")
    tasks.read_again(failed.flow_id)
    there = record()
    assert (there.state, there.reason, there.version) == (state, "as it is", "1")


def test_what_somebody_works_on_is_not_read_again(
    failed: SyncRecord, flow: Flow
) -> None:
    RunFactory(flow=flow, stage="reading")
    SyncRecord.objects.update(lease_owner="another", version="old")
    assert everything() == 0
    SyncRecord.objects.update(read_again=True)
    tasks.read_again(failed.flow_id)
    assert record().version == "old"


def test_a_retry_of_many_reads_only_what_could_not_be_read(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n), total="0.00") for n in range(25)]
    shelf += [unreadable("99")]
    work()
    shelf[:] = [order(str(n), version="2") for n in range(25)] + [order("99")]
    assert services.retry(SyncRecord.objects.all()) == 26
    assert work_queue().count("1 read again") == 1
    assert ledger.sent() == [[sale("99")]]


def test_a_person_may_leave_records_out(failed: SyncRecord) -> None:
    assert services.skip(SyncRecord.objects.all(), by="boss") == 1
    assert (record().state, record().reason) == ("skipped", "skipped by boss")
    assert open_alerts() == []


@pytest.mark.parametrize("state", ["pending", "synced", "in_doubt", "skipped"])
def test_what_is_at_work_or_done_is_not_left_out(flow: Flow, state: str) -> None:
    SyncRecordFactory(flow=flow, state=state)
    assert services.skip(SyncRecord.objects.all(), by="boss") == 0


def test_progress_tells_states_by_count(work: Work, shelf: list) -> None:
    shelf += [order("1"), order("2", total="-1.00")]
    assert services.progress(work()) == {"read": 2, "synced": 1, "skipped": 1}


def test_a_retry_where_the_target_is_not_complete_is_told_by_its_run(
    failed: SyncRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = (Field("client_id", "Client id", required=True),)
    monkeypatch.setattr(MemoryBooks, "credentials", needed)
    assert everything() == 1
    assert record().state == "pending"
    assert Run.objects.latest("pk").stage == "stopped"
    assert "Client id missing" in only_alert().message


def test_a_retry_asks_anew_for_numbers_that_were_taken_when_its_run_looked(
    flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    run = services.run_flow(flow).run
    tasks.read(run.pk)
    Survey.objects.create(
        run=run, day=order("1").date, foreign=[["Sale", "Sid-1", "F"]]
    )
    # Somebody is at work all the time, so that the run goes on.
    SyncRecordFactory(flow=flow, order=order("9"), lease_owner="x", lease_until=soon())
    tasks.deliver(run.pk)
    failed = SyncRecord.objects.get(state="failed")
    assert "Sid-1" in failed.message
    assert everything() == 1
    failed.refresh_from_db()
    assert (failed.state, failed.run) == ("synced", run)
