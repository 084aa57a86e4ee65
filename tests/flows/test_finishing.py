"""The end of a run: closing, stopping, resting; and who is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.exceptions import TimeoutException

from flows import services
from flows.engine import finishing, ticking
from flows.models import Alert, Flow, Run, SyncRecord
from flows.tasks import deliver, read
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    RateLimited,
    Unavailable,
)
from tests.factories import RunFactory, SyncRecordFactory
from tests.flows.memory import Ledger, MemoryBooks, MemoryTill, order
from tests.flows.shop import only_alert, open_alerts, pass_time, work_queue

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
DOWN = "The books cannot be reached."


@pytest.fixture
def run(flow: Flow) -> Run:
    return RunFactory(flow=flow, stage="delivering")


def down(flow: Flow) -> Unavailable:
    target = flow.integration.target.name
    return Unavailable(DOWN, action="Look at the address.", system=target)


# ------------------------------------------------------------------------- closing


def test_a_run_closes_with_its_counts_and_totals(work: Work, shelf: list) -> None:
    shelf += [order("1"), order("2", total="-1.00"), order("3", total="0.00")]
    run = work()
    assert run.counts == {"synced": 1, "skipped": 1, "failed": 1}
    assert run.totals["till_total"] == "12.10"
    assert run.finished_at is not None


@pytest.mark.parametrize(
    ("values", "closes"),
    [
        ({"state": "pending"}, False),
        ({"state": "synced", "lease_owner": "another"}, False),
        ({"state": "waiting"}, True),
        ({"state": "in_doubt"}, True),
        ({"state": "pending", "readable": False}, True),
    ],
)
def test_a_run_closes_when_nothing_is_pending_or_leased(
    run: Run, values: dict, closes: bool
) -> None:
    SyncRecordFactory(flow=run.flow, **values)
    assert finishing.close(run) is closes


def test_a_run_that_still_reads_does_not_close(flow: Flow) -> None:
    assert not finishing.close(RunFactory(flow=flow, stage="reading"))


def test_a_run_closes_once(run: Run) -> None:
    assert finishing.close(run)
    assert not finishing.close(run)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", [1, 2])
def test_a_retry_while_a_run_closes_is_not_lost(
    run: Run, look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = SyncRecordFactory(flow=run.flow, run=run, state="failed")
    unfinished, looks = finishing.unfinished, []

    def retry() -> None:
        SyncRecord.objects.filter(pk=record.pk).update(state="pending")
        ticking.wake_flow(run.flow)
        connection.close()

    thread = threading.Thread(target=retry)

    def meanwhile(run: Run) -> bool:
        result = unfinished(run)
        looks.append(result)
        if len(looks) == look:
            thread.start()
            thread.join(0.3)
        return result

    monkeypatch.setattr(finishing, "unfinished", meanwhile)
    finishing.close(run)
    thread.join()
    assert Run.objects.filter(stage="delivering").count() == 1


# ------------------------------------------------------------------------- going on


def test_a_closed_run_does_not_go_on(flow: Flow) -> None:
    assert finishing.go_on(RunFactory(flow=flow).pk) == "closed"


def test_a_resting_run_does_not_go_on(run: Run) -> None:
    Run.objects.update(pause_until=timezone.now() + timedelta(minutes=1))
    SyncRecordFactory(flow=run.flow, state="pending")
    assert finishing.go_on(run.pk) == "paused"
    assert deliver(run.pk) == "closed or paused"


def test_a_run_with_work_left_goes_on(run: Run) -> None:
    SyncRecordFactory(flow=run.flow, state="pending")
    assert finishing.go_on(run.pk) == "more"


def test_a_run_whose_work_others_have_is_left_to_them(run: Run) -> None:
    SyncRecordFactory(flow=run.flow, state="pending", lease_owner="another")
    assert finishing.go_on(run.pk) == "others are at work"


# ----------------------------------------------------------------- stopping, defects


@pytest.mark.parametrize("kind", [AuthError, ConfigError])
def test_a_run_stops_for_what_a_person_must_mend(
    work: Work, flow: Flow, ledger: Ledger, shelf: list, kind: type
) -> None:
    shelf += [order(str(n)) for n in range(9)]
    target = flow.integration.target
    ledger.script = [kind("Sign in again.", action="Connect it.", system=target.name)]
    run = work()
    assert (run.stage, run.problem, run.action) == (
        *("stopped", "Sign in again."),
        "Connect it.",
    )
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"pending"}
    target.refresh_from_db()
    assert target.problem == "Sign in again."


def test_a_stop_raises_one_alert_that_goes_when_a_run_goes_through(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    error = AuthError("Sign in again.", system=flow.integration.target.name)
    ledger.script = [error, error]
    work()
    work()
    assert only_alert().message == "Sign in again."
    work()
    assert open_alerts() == []


def test_a_run_that_sends_nothing_proves_nothing_of_the_target(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    ledger.script = [AuthError("Sign in.", system=flow.integration.target.name)]
    shelf += [order("1")]
    work()
    SyncRecord.objects.update(state="skipped")
    work()
    assert only_alert().message == "Sign in."


def test_a_run_that_reads_nothing_proves_nothing_of_the_source(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    MemoryTill.troubles.append(
        AuthError("Wrong secret.", system=flow.integration.source.name)
    )
    assert work().stage == "stopped"
    SyncRecordFactory(flow=flow, state="pending")
    services.work_here(ticking.wake_flow(flow))
    assert only_alert().message == "Wrong secret."
    work()
    assert open_alerts() == []


def test_a_defect_breaks_the_run_and_is_told_without_secrets(
    work: Work, shelf: list
) -> None:
    shelf += [order("1", reference="defect")]
    run = work()
    assert run.stage == "broken"
    assert "ZeroDivisionError" in run.traceback
    assert "defect of the hub" in only_alert().message
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"pending"}


def test_the_traceback_of_a_defect_names_no_secret_and_nobody(
    work: Work, flow: Flow, monkeypatch: Any
) -> None:
    secret = flow.integration.source.credentials["secret"]

    def fail(*_: object) -> None:
        raise ValueError(f"{secret} of ann.smit@example.com cannot be read")

    monkeypatch.setattr(MemoryTill, "read", fail)
    text = work().traceback
    assert "*** of *** cannot be read" in text
    assert secret not in text
    assert "ann.smit" not in text


# -------------------------------------------------------------------------- resting


def test_an_outage_lets_the_run_rest_and_says_so(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [down(flow)]
    run = work()
    assert (run.stage, run.problem) == ("delivering", DOWN)
    assert run.action == "Look at the address."
    assert SyncRecord.objects.get().state == "waiting"
    assert open_alerts() == []


def test_an_outage_that_lasts_is_told_once_until_it_is_over(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n)) for n in range(3)]
    ledger.script = [down(flow) for _ in range(4)]
    work()
    for _ in range(3):
        pass_time()
        ticking.tick()
        work_queue()
    assert only_alert().message == DOWN
    pass_time()
    ticking.tick()
    work_queue()
    assert open_alerts() == []
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}
    assert Run.objects.latest("pk").problem == ""


def test_a_resting_run_rests_as_long_as_it_was_asked_to(
    work: Work, ledger: Ledger, shelf: list, settings
) -> None:
    settings.RETRY_SECONDS = [1.0]
    shelf += [order("1")]
    ledger.script = [RateLimited("Slow down.", retry_after=600.0)]
    before = timezone.now()
    run = work()
    record = SyncRecord.objects.get()
    for until in (run.pause_until, record.retry_at):
        assert until is not None
        assert until >= before + timedelta(seconds=600)


def test_a_source_that_is_down_lets_reading_rest(work: Work, shelf: list) -> None:
    shelf += [order("1")]
    MemoryTill.troubles += [Unavailable("No till.", action="Look.") for _ in range(3)]
    run = work()
    for _ in range(2):
        assert (run.stage, run.problem) == ("reading", "No till.")
        assert (ticking.wake(run), read(run.pk)) == (0, "not mine, or resting")
        pass_time()
        ticking.tick()
        work_queue()
        run.refresh_from_db()
    assert only_alert().message == "No till."
    pass_time()
    ticking.tick()
    work_queue()
    run.refresh_from_db()
    assert (run.stage, run.problem) == ("finished", "")
    assert open_alerts() == []


def overdue() -> None:
    """Let a task run out of its time, as the queue's worker does."""
    raise TimeoutException("Task exceeded maximum timeout value")


@pytest.mark.parametrize(
    ("system", "verb", "task"),
    [(MemoryTill, "read", read), (MemoryBooks, "find_room", deliver)],
)
def test_a_task_that_runs_out_of_time_lets_its_run_rest_and_is_told_if_it_lasts(
    flow: Flow, shelf: list, monkeypatch: Any, system: type, verb: str, task: Any
) -> None:
    shelf += [order("1")]
    run = services.run_flow(flow).run
    if task is deliver:
        read(run.pk)
    with monkeypatch.context() as patch:
        patch.setattr(system, verb, lambda *_: overdue())
        for _ in range(3):
            with pytest.raises(TimeoutException):
                task(run.pk)
            assert task(run.pk) in ("not mine, or resting", "closed or paused")
            pass_time()
    assert "longer than" in only_alert().message
    services.work_here(run)
    assert open_alerts() == []
    assert SyncRecord.objects.get().state == "synced"


def test_the_target_answering_again_ends_the_rest(
    flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n)) for n in range(30)]
    ledger.script = [down(flow)]
    run = services.run_flow(flow).run
    read(run.pk)
    deliver(run.pk)
    pass_time()
    deliver(run.pk)
    run.refresh_from_db()
    assert run.problem == ""


def test_alerts_of_records_come_and_go_with_them(work: Work, shelf: list) -> None:
    shelf += [order("1", total="0.00"), order("2", total="0.00")]
    work()
    assert (only_alert().records, Alert.objects.count()) == (2, 1)
    services.skip(SyncRecord.objects.all(), by="boss")
    assert open_alerts() == []


def test_a_run_that_went_through_mends_the_health_of_both_ends(
    work: Work, flow: Flow, shelf: list
) -> None:
    ends = (flow.integration.source, flow.integration.target)
    for end in ends:
        end.status, end.problem = end.Status.PROBLEM, "It was down."
        end.save()
    shelf += [order("1")]
    work()
    for end in ends:
        end.refresh_from_db()
        assert (end.status, end.problem) == (end.Status.OK, "")
        assert end.last_ok_at is not None


def test_a_run_without_a_write_says_nothing_of_the_target(
    work: Work, flow: Flow
) -> None:
    work()
    flow.integration.target.refresh_from_db()
    assert flow.integration.target.last_ok_at is None
