"""The loop of a deliver task: what is sent when, and what becomes of each answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connectors.writes import Known, Plan, Ref, Write
from flows.engine.bench import Bench, open_bench
from flows.engine.bench import Work as BenchWork
from flows.engine.choosing import ready_writes
from flows.models import Attempt, Envelope, Flow, Link, Run, SyncRecord
from integration_hub.core.errors import ConfigError, OutcomeUnknown, Rejected
from tests.flows.memory import Ledger, order, sale
from tests.flows.shop import pass_time
from tests.plant import open_rows

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]


def states() -> dict[str, str]:
    """State of each record by source id."""
    return dict(SyncRecord.objects.values_list("source_id", "state"))


def test_ready_writes_of_any_record_share_a_call(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n)) for n in range(1, 6)]
    assert work().stage == "finished"
    assert [len(call) for call in ledger.sent()] == [4, 1]


def test_a_payment_rides_with_the_next_documents(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", reference="pay"), *(order(str(n)) for n in range(2, 7))]
    work()
    assert Ref("order", "id-1", "payment:1") in ledger.sent()[1]
    assert len(ledger.calls) == 2


def test_a_shared_customer_is_written_once_and_first(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n), customer="77") for n in range(1, 4)]
    work()
    customer = Ref("customer", "77", "customer")
    assert ledger.sent() == [[customer], [sale("1"), sale("2"), sale("3")]]


def test_a_refused_write_fails_its_record_only(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]
    ledger.refused[sale("1")] = Rejected("Account 12 is closed.", action="Open it.")
    work()
    assert states() == {"id-1": "failed", "id-2": "synced"}


def test_a_name_that_is_taken_gives_way_to_the_second_choice(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.taken = {"C7"}
    work()
    assert states() == {"id-1": "synced"}
    assert ledger.calls[0].members[0].body["Name"] == "C7 (7)"


def test_a_name_that_is_taken_meanwhile_gives_way_too(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.script = [lambda _: ledger.taken.add("C7")]
    work()
    assert states() == {"id-1": "synced"}
    assert ledger.calls[1].members[0].body["Name"] == "C7 (7)"


def test_a_second_choice_that_is_taken_too_fails_the_record(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.taken = {"C7", "C7 (7)"}
    work()
    assert states() == {"id-1": "failed"}
    assert len(ledger.calls) == 1


def test_the_second_choice_is_left_after_another_refusal(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    customer = Ref("customer", "7", "customer")
    shelf += [order("1", customer="7")]
    ledger.refused[customer] = Rejected("The address is wrong.")
    work()
    del ledger.refused[customer]
    SyncRecord.objects.update(state="pending")
    ledger.script = [lambda _: ledger.taken.add("C7")]
    work()
    assert states() == {"id-1": "synced"}


def test_a_call_refused_whole_fails_only_the_write_that_is_wrong(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n)) for n in range(1, 9)]

    def refuse(envelope) -> None:  # type: ignore[no-untyped-def]
        ledger.script.insert(0, refuse)
        if any(m.body["Ref"][1] == "id-2" for m in envelope.members):
            raise Rejected("The body cannot be read.", code="2010")

    ledger.script = [refuse]
    work()
    assert states() == {
        f"id-{n}": "failed" if n == 2 else "synced" for n in range(1, 9)
    }
    assert [len(call) for call in ledger.sent()] == [4, 1, 1, 1, 1, 4]


def test_a_key_that_the_target_says_was_used_is_looked_up_first(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [Rejected("Used.", code="duplicate request")] * 2
    work()
    assert states() == {"id-1": "synced"}
    first, again, new = [call.id for call in ledger.calls]
    assert first == again != new


def test_a_write_of_which_the_answer_says_it_was_used_is_sent_again(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.refused[sale("1")] = Rejected("Used.", code="duplicate request")
    ledger.script = [None, lambda _: ledger.refused.clear()]
    work()
    assert states() == {"id-1": "synced"}


def test_a_total_that_is_a_cent_off_is_mended_at_once(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.off[sale("1")] = Decimal("-0.01")
    work()
    assert states() == {"id-1": "synced"}
    assert ledger.sent()[-1] == [Ref("order", "id-1", "correction:1")]


def test_a_stop_is_obeyed_after_the_outcomes_are_stored(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n)) for n in range(1, 7)]
    ledger.stop = ConfigError("Numbers are replaced.", action="Switch it off.")
    run = work()
    assert (run.stage, run.problem) == ("stopped", "Numbers are replaced.")
    assert len(ledger.calls) == 1
    assert Link.objects.filter(state="linked").count() == 4


def test_an_answer_that_leaves_a_write_out_puts_it_in_doubt(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]
    ledger.silent = {sale("1")}
    work()
    assert states() == {"id-1": "synced", "id-2": "synced"}
    assert ledger.doubles == []


def test_three_calls_without_an_answer_let_the_run_rest(
    work: Work, ledger: Ledger, shelf: list, settings
) -> None:
    settings.QUIET_SECONDS = 60
    shelf += [order(str(n)) for n in range(1, 21)]
    ledger.script = [OutcomeUnknown("No answer.") for _ in range(3)]
    run = work()
    assert len(ledger.calls) == 3
    assert run.pause_until is not None
    assert set(states().values()) == {"in_doubt", "waiting"}


def test_a_defect_puts_what_was_sent_in_doubt(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]

    def interrupt(_) -> None:  # type: ignore[no-untyped-def]
        raise KeyError("x")

    ledger.script = [interrupt]
    run = work()
    assert run.stage == "broken"
    assert "KeyError" in run.traceback
    assert Envelope.objects.get().state == "in_doubt"


def test_every_call_leaves_an_attempt(work: Work, ledger: Ledger, shelf: list) -> None:
    shelf += [order("1")]
    ledger.script = [Rejected("No.")]
    work()
    attempt = Attempt.objects.get()
    assert (attempt.result, attempt.message) == ("Rejected", "No.")


def test_nothing_is_left_open(work: Work, ledger: Ledger, shelf: list) -> None:
    shelf += [order(str(n), customer=str(n % 3), reference="pay") for n in range(1, 30)]
    ledger.after = [OutcomeUnknown("No answer."), None, OutcomeUnknown("No answer.")]
    work()
    pass_time()
    work()
    assert set(states().values()) == {"synced"}
    assert ledger.doubles == []
    assert not any(open_rows().values())


def lay_down(bench: Bench, pk: int, day: int, *writes: Write) -> None:
    """Put a record with these writes, all planned, on the bench."""
    record = SyncRecord(pk=pk, source_id=f"id-{pk}", date=date(2026, 3, day))
    plan = Plan(record.source_id, writes=writes)
    bench.works[pk] = BenchWork(record, None, plan)  # type: ignore[arg-type]
    bench.links.update({write.ref: Link(state="planned") for write in writes})


def test_a_question_waits_for_what_is_earlier_however_it_was_taken(flow: Flow) -> None:
    bench = open_bench(Run(flow=flow))
    customer = Ref("customer", "7", "customer")
    bench.learn(customer, Known("C7"))
    question = Write("order", "id-1", "balance:Invoice", "Balance", {}, asks=True)
    question = replace(question, needs=(customer,))
    document = Write("order", "id-2", "sale", "Sale", {})
    lay_down(bench, 1, 20, question)
    lay_down(bench, 2, 10, document)
    assert ready_writes(bench, 9) == [document]
    bench.learn(document.ref, Known("T1"))
    assert ready_writes(bench, 9) == [question]
