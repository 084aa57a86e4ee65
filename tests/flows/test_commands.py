"""run_flow, retry and worker from the command line, and their exit codes."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from flows import services
from flows.management.commands import run_flow, worker
from flows.models import Flow, Run, SyncRecord
from integration_hub.core.errors import AuthError, Rejected, Unavailable
from tests.factories import FailedRecordFactory, FlowFactory
from tests.flows.memory import Ledger, MemoryTill, order, sale
from tests.flows.shop import work_queue

pytestmark = pytest.mark.django_db
NOTHING_NEW = "Finished: 0 read, nothing new\n"


def call(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str]:
    """Exit code and output of a command."""
    code = 0
    try:
        call_command(*arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, capsys.readouterr().out


def test_a_run_in_this_process_says_what_became_of_it(
    flow: Flow, shelf: list, capsys
) -> None:
    shelf += [order("1"), order("2", total="-1.00")]
    code, text = call(capsys, "run_flow", flow.name, "--here")
    assert code == 0
    assert "2 read" in text
    assert "1 synced" in text


def test_a_run_without_anything_new_says_so(flow: Flow, shelf: list, capsys) -> None:
    assert call(capsys, "run_flow", flow.name, "--here") == (0, NOTHING_NEW)


def test_a_run_as_json_can_be_read_by_a_program(
    flow: Flow, shelf: list, capsys
) -> None:
    shelf += [order("1")]
    code, text = call(capsys, "run_flow", str(flow.pk), "--here", "--json")
    told = json.loads(text)
    assert (code, told["stage"], told["counts"]) == (0, "finished", {"synced": 1})
    assert told["totals"]["target_total"] == "12.10"


def test_a_failed_record_makes_the_exit_code_1(
    flow: Flow, ledger: Ledger, shelf: list, capsys
) -> None:
    shelf += [order("1")]
    ledger.refused[sale("1")] = Rejected("No.")
    assert call(capsys, "run_flow", flow.name, "--here")[0] == 1


def test_a_run_that_stops_says_what_to_do(flow: Flow, shelf: list, capsys) -> None:
    MemoryTill.troubles.append(AuthError("Wrong secret.", action="Correct it."))
    code, text = call(capsys, "run_flow", flow.name, "--here")
    assert code == 1
    assert "Wrong secret. Correct it." in text


def test_a_run_that_rests_is_not_waited_for_here(
    flow: Flow, shelf: list, capsys
) -> None:
    MemoryTill.troubles.append(Unavailable("No till.", action="Look."))
    code, text = call(capsys, "run_flow", flow.name, "--here")
    assert code == 1
    assert "No till. Look." in text


@pytest.mark.django_db(transaction=True)
def test_a_run_is_followed_until_a_worker_has_done_it(
    flow: Flow, shelf: list, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf += [order("1")]

    def work() -> None:
        work_queue()
        connection.close()

    def let_others_work(_: float) -> None:
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()

    monkeypatch.setattr(run_flow.time, "sleep", let_others_work)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    code, text = call(capsys, "run_flow", flow.name)
    assert (code, Run.objects.get().stage) == (0, "finished")


@pytest.mark.parametrize(
    ("counts", "bar"),
    [
        ({"read": 0}, "[..............................] 0/1"),
        (
            {"read": 4, "pending": 3, "synced": 1},
            "[#######.......................] 1/4",
        ),
        ({"read": 2, "synced": 2}, "[##############################] 2/2"),
    ],
)
def test_the_bar_grows(counts: dict[str, int], bar: str) -> None:
    assert run_flow._bar(counts) == bar


def test_a_preview_changes_nothing(flow: Flow, shelf: list, capsys) -> None:
    shelf += [order("1"), order("2", total="-1.00"), order("3")]
    code, text = call(capsys, "run_flow", flow.name, "--preview", "--limit", "2")
    assert code == 0
    assert "create Sale Sid-1" in text
    assert "a refund" in text
    assert "id-3" not in text
    assert not SyncRecord.objects.exists()


def test_a_preview_as_json(flow: Flow, shelf: list, capsys) -> None:
    shelf += [order("1")]
    _code, text = call(capsys, "run_flow", flow.name, "--preview", "--json")
    assert json.loads(text)[0]["writes"][0]["number"] == "Sid-1"


def test_a_preview_that_cannot_ask_says_why(flow: Flow, shelf: list, capsys) -> None:
    MemoryTill.troubles.append(Unavailable("No till.", action="Look."))
    with pytest.raises(CommandError, match="No till. Look."):
        call(capsys, "run_flow", flow.name, "--preview")


def test_an_unknown_flow_names_those_there_are(flow: Flow, capsys) -> None:
    with pytest.raises(CommandError, match=f"Flows: {flow}"):
        call(capsys, "run_flow", "nothing")


def test_a_name_that_two_flows_have_needs_their_integration(
    shelf: list, capsys
) -> None:
    one, two = FlowFactory(name="Receipts"), FlowFactory(name="Receipts")
    shelf += [order("1")]
    with pytest.raises(CommandError, match=f"Several.*{one}.*{two}"):
        call(capsys, "run_flow", "Receipts", "--here")
    with pytest.raises(CommandError, match="Several"):
        call(capsys, "retry", "Receipts")
    assert not Run.objects.exists()
    call(capsys, "run_flow", str(two), "--here")
    assert Run.objects.get().flow == two


def test_there_may_be_no_flow_at_all(db: None, capsys) -> None:
    with pytest.raises(CommandError, match="Flows: none"):
        call(capsys, "run_flow", "7")


@pytest.fixture
def failed(flow: Flow) -> Flow:
    for cause, number in (("a", "1"), ("a", "2"), ("b", "3")):
        FailedRecordFactory(flow=flow, fingerprint=cause, number=number)
    FailedRecordFactory(flow=FlowFactory())
    return flow


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "3 records will be tried again."),
        (["--cause", "a"], "2 records will be tried again."),
        (["--number", "3"], "1 record will be tried again."),
    ],
    ids=["all", "by cause", "by number"],
)
def test_what_a_retry_takes(
    failed: Flow, capsys, arguments: list[str], said: str
) -> None:
    _code, text = call(capsys, "retry", failed.name, *arguments)
    assert text.strip() == said
    _code, text = call(capsys, "retry", failed.name, "--json", "--number", "none")
    assert json.loads(text) == {"retried": 0}


def test_a_worker_makes_the_cache_and_is_supervised(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []
    monkeypatch.setattr(worker.Supervisor, "run", lambda self: ran.append(self))
    call_command("worker")
    assert len(ran) == 1


def test_what_a_run_is_doing_can_be_asked(flow: Flow) -> None:
    assert services.progress(services.run_flow(flow).run) == {"read": 0}
