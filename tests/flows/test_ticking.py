"""The tick: what it starts, what it takes up, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Success

from connectors.contract import Page
from connectors.models import Connection
from flows.engine import ticking
from flows.engine.staging import stage_page
from flows.models import (
    Envelope,
    EnvelopeMember,
    Flow,
    Link,
    Run,
    Slot,
    SyncRecord,
)
from flows.tasks import tick
from tests.factories import (
    EnvelopeFactory,
    EnvelopeMemberFactory,
    FlowFactory,
    LinkFactory,
    RunFactory,
    SyncRecordFactory,
)
from tests.flows.memory import Ledger, order
from tests.flows.shop import only_alert

pytestmark = pytest.mark.django_db


def ago(**length: float) -> datetime:
    return timezone.now() - timedelta(**length)


def queued() -> list[str]:
    """What waits in the queue, without the module."""
    return [row.task["func"].rpartition(".")[2] for row in OrmQ.objects.order_by("pk")]


def lost(flow: Flow, **values: Any) -> SyncRecord:
    """A record whose worker was lost."""
    lease = {"lease_owner": "gone", "lease_until": ago(minutes=1)}
    return SyncRecordFactory(
        **{"flow": flow, "state": "pending", "order": order("1"), **lease, **values}
    )


# ----------------------------------------------------------------- leases that ran out


@pytest.fixture
def stage_newer(flow: Flow) -> Callable[[], None]:
    """Stores a newer version of the record."""

    def stage() -> None:
        document = order("1", version="2", total="13.00")
        page = Page((document,), "c", more=False)
        stage_page(flow, RunFactory(flow=flow), page)

    return stage


def test_a_lost_record_is_pending_again_and_counted(flow: Flow) -> None:
    record = lost(flow, state="waiting", retry_at=ago(minutes=5))
    assert ticking.reap_records() == 1
    record.refresh_from_db()
    assert (record.state, record.lease_owner, record.lost_leases) == ("pending", "", 1)
    assert record.retry_at is None


def test_a_record_leased_before_the_clock_was_set_back_is_lost_too(flow: Flow) -> None:
    record = lost(flow, lease_until=ago(days=-1))
    assert ticking.reap_records() == 1
    record.refresh_from_db()
    assert (record.state, record.lease_owner) == ("pending", "")


def test_a_lease_that_holds_is_left_alone(flow: Flow) -> None:
    lost(flow, lease_until=timezone.now() + timedelta(minutes=1))
    assert ticking.reap_records() == 0


@pytest.mark.parametrize("state", ["sending", "in_doubt"])
def test_a_lost_record_with_an_open_write_is_in_doubt(flow: Flow, state: str) -> None:
    record = lost(flow, lost_leases=2)
    LinkFactory(record=record, state=state)
    ticking.reap_records()
    record.refresh_from_db()
    assert (record.state, record.lost_leases) == ("in_doubt", 2)
    assert record.retry_at is not None


def test_a_record_that_was_lost_three_times_fails(flow: Flow) -> None:
    record = lost(flow, lost_leases=2)
    ticking.reap_records()
    record.refresh_from_db()
    assert (record.state, record.lease_owner) == ("failed", "")
    assert "lost three times" in record.message
    assert "worker's log" in record.action


def test_a_newer_version_takes_the_place_of_a_lost_one(
    flow: Flow, stage_newer: Callable[[], None]
) -> None:
    record = lost(flow)
    stage_newer()
    ticking.reap_records()
    record.refresh_from_db()
    assert (record.version, record.state, record.next_version) == ("2", "pending", "")


def test_a_newer_version_of_a_lost_one_in_doubt_goes_on_waiting(
    flow: Flow, stage_newer: Callable[[], None]
) -> None:
    record = lost(flow)
    LinkFactory(record=record, state="sending")
    stage_newer()
    ticking.reap_records()
    record.refresh_from_db()
    assert (record.version, record.next_version) == ("1", "2")


def test_a_lost_call_puts_its_writes_in_doubt(flow: Flow) -> None:
    envelope = EnvelopeFactory(
        integration=flow.integration, state="sending", lease_until=ago(minutes=1)
    )
    link = LinkFactory(state="sending", envelope=envelope)
    assert ticking.reap_envelopes() == 1
    link.refresh_from_db()
    envelope.refresh_from_db()
    assert (link.state, envelope.state) == ("in_doubt", "in_doubt")


def test_a_call_under_way_is_left_alone(flow: Flow) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    EnvelopeFactory(integration=flow.integration, state="sending", lease_until=soon)
    assert ticking.reap_envelopes() == 0


def test_slots_and_runs_of_lost_workers_are_free(flow: Flow) -> None:
    connection = flow.integration.target
    Slot.objects.create(
        connection=connection, number=0, owner="gone", until=ago(minutes=1)
    )
    run = RunFactory(
        flow=flow, stage="reading", lease_owner="gone", lease_until=ago(minutes=1)
    )
    assert ticking.reap_slots() == 1
    run.refresh_from_db()
    assert run.lease_owner == ""


# ------------------------------------------------------------- runs that stand still


def test_a_run_that_reads_and_has_no_reader_gets_one(flow: Flow) -> None:
    assert ticking.wake(RunFactory(flow=flow, stage="reading")) == 1
    assert queued() == ["read"]


def test_a_run_whose_reader_reads_gets_help_with_what_is_there(flow: Flow) -> None:
    run = RunFactory(
        flow=flow,
        stage="reading",
        lease_owner="me",
        lease_until=timezone.now() + timedelta(minutes=1),
    )
    assert ticking.wake(run) == 0
    SyncRecordFactory(flow=flow, state="pending")
    assert ticking.wake(run) == 1
    assert queued() == ["deliver"]


def test_a_run_with_doubts_that_are_due_gets_a_worker(flow: Flow) -> None:
    EnvelopeFactory(
        integration=flow.integration, state="in_doubt", resolve_at=ago(seconds=1)
    )
    assert ticking.wake(RunFactory(flow=flow, stage="delivering")) == 1


def test_a_run_that_is_over_is_closed(flow: Flow) -> None:
    run = RunFactory(flow=flow, stage="delivering")
    assert ticking.wake(run) == 0
    run.refresh_from_db()
    assert run.stage == "finished"


def test_a_resting_run_is_left_alone(flow: Flow) -> None:
    until = timezone.now() + timedelta(minutes=1)
    run = RunFactory(flow=flow, stage="reading", pause_until=until)
    assert ticking.wake(run) == 0


def test_a_run_whose_connector_is_gone_stops_and_keeps_nobody_waiting(
    flow: Flow, ledger: Ledger
) -> None:
    gone = RunFactory(stage="delivering")
    SyncRecordFactory(flow=gone.flow, state="pending")
    Connection.objects.filter(pk=gone.flow.integration.target_id).update(connector="x")
    Flow.objects.filter(pk=flow.pk).update(enabled=True)
    tick()
    gone.refresh_from_db()
    assert gone.stage == "stopped"
    assert "x" in only_alert().message
    assert Run.objects.get(flow=flow).stage == "reading"


# --------------------------------------------------------------------- flows that are due


@pytest.mark.parametrize(
    ("values", "starts"),
    [
        ({"enabled": True}, True),
        ({"enabled": True, "next_run_at": ago(days=1)}, True),
        ({"enabled": True, "next_run_at": ago(days=-1)}, False),
        ({"enabled": False}, False),
        ({"enabled": True, "interval_minutes": 0}, False),
    ],
    ids=["never ran", "due", "not due", "switched off", "on demand"],
)
def test_which_flows_start(
    ledger: Ledger, values: dict[str, Any], starts: bool
) -> None:
    FlowFactory(**values)
    assert ticking.start_due() == int(starts)
    assert queued() == ["read"] * starts


def test_a_flow_that_is_at_work_is_not_started_but_comes_again(flow: Flow) -> None:
    Flow.objects.update(enabled=True)
    RunFactory(flow=flow, stage="delivering")
    assert ticking.start_due() == 0
    flow.refresh_from_db()
    assert flow.next_run_at is not None
    assert flow.next_run_at > timezone.now()


def test_two_hosts_start_a_flow_once(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    Flow.objects.update(enabled=True)

    def meanwhile(**length: float) -> timedelta:
        Flow.objects.update(next_run_at=timezone.now())
        return timedelta(**length)

    monkeypatch.setattr(ticking, "timedelta", meanwhile)
    assert ticking.start_due() == 0


# ------------------------------------------------------------- what waited in the end


def test_waiting_records_are_taken_up(flow: Flow) -> None:
    SyncRecordFactory(flow=flow, state="waiting", retry_at=ago(seconds=1))
    assert ticking.resume_waiting() == 1
    run = Run.objects.get()
    assert (run.trigger, run.stage) == ("retry", "delivering")
    assert queued() == ["deliver"]


def test_doubts_are_taken_up(flow: Flow) -> None:
    EnvelopeFactory(
        integration=flow.integration, state="in_doubt", resolve_at=ago(seconds=1)
    )
    assert ticking.resume_waiting() == 1


@pytest.mark.parametrize("state", ["pending", "failed", "synced"])
def test_nothing_else_starts_a_run(flow: Flow, state: str) -> None:
    SyncRecordFactory(flow=flow, state=state)
    assert ticking.resume_waiting() == 0


@pytest.mark.parametrize("stage", ["stopped", "broken"])
def test_a_flow_that_was_stopped_is_not_tried_every_minute(
    flow: Flow, stage: str
) -> None:
    SyncRecordFactory(flow=flow, state="waiting", retry_at=ago(hours=3))
    RunFactory(flow=flow, stage=stage, finished_at=ago(minutes=5))
    assert ticking.resume_waiting() == 0
    Run.objects.update(finished_at=ago(hours=2))
    assert ticking.resume_waiting() == 1


def test_a_run_that_ends_between_two_looks_makes_room(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFactory(flow=flow, stage="delivering")

    def ends(_: Flow) -> None:
        Run.objects.filter(pk=run.pk).update(stage="finished")

    monkeypatch.setattr(ticking, "active_run", ends)
    started, is_new = ticking.start_or_join(flow, trigger="retry")
    assert is_new
    assert started.pk != run.pk


@pytest.mark.django_db(transaction=True)
def test_a_flow_that_was_deleted_meanwhile_is_not_waited_for(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([None, None, None])
    monkeypatch.setattr(ticking, "active_run", lambda _: next(looks))
    Flow.objects.filter(pk=flow.pk).delete()
    with pytest.raises(Flow.DoesNotExist):
        ticking.start_or_join(flow, trigger="manual")


def test_waking_a_flow_that_reads_only_ends_its_rest(flow: Flow) -> None:
    until = timezone.now() + timedelta(minutes=1)
    RunFactory(flow=flow, stage="reading", pause_until=until)
    assert ticking.wake_flow(flow).pause_until is not None
    assert Run.objects.get().pause_until is None
    assert queued() == []


def test_waking_a_flow_whose_run_has_just_closed_starts_another(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = RunFactory(flow=flow, stage="finished")
    start_or_join = ticking.start_or_join
    answers = [(closed, False)]
    monkeypatch.setattr(
        ticking,
        "start_or_join",
        lambda *a, **k: answers.pop() if answers else start_or_join(*a, **k),
    )
    assert ticking.wake_flow(flow).pk != closed.pk


# -------------------------------------------------------------------------- pruning


def test_what_was_kept_long_enough_goes(flow: Flow) -> None:
    old = SyncRecordFactory(flow=flow, state="synced")
    failed = SyncRecordFactory(flow=flow, state="failed")
    young = SyncRecordFactory(flow=flow, state="skipped")
    SyncRecord.objects.exclude(pk=young.pk).update(updated_at=ago(days=200))
    ticking.prune()
    kept = {r.pk: r.payload is not None for r in SyncRecord.objects.all()}
    assert kept == {old.pk: False, failed.pk: True, young.pk: True}


def test_what_was_sent_goes_but_its_outcome_stays(flow: Flow) -> None:
    member = EnvelopeMemberFactory()
    doubtful = EnvelopeFactory(integration=flow.integration, state="in_doubt")
    Envelope.objects.update(created_at=ago(days=200))
    ticking.prune()
    assert not EnvelopeMember.objects.exists()
    assert list(Envelope.objects.all()) == [doubtful]
    assert Link.objects.get().pk == member.link_id


def test_the_queues_old_notes_go(db: None) -> None:
    for name, days in (("old", 8), ("new", 1)):
        at = ago(days=days)
        Success.objects.create(
            id=name, name=name, func="f", started=at, stopped=at, success=True
        )
    ticking.prune()
    assert [note.id for note in Success.objects.all()] == ["new"]


def test_a_tick_does_all_of_it(flow: Flow) -> None:
    lost(flow)
    Flow.objects.update(enabled=True)
    assert tick() == "0 in doubt, 1 reaped, 0 woken, 1 started"
