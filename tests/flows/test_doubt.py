"""Writes without an answer are looked up, and sent again under the same key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.writes import Known, Ref
from flows.engine import ticking
from flows.models import Envelope, Flow, Link, Run, SyncRecord
from integration_hub.core.errors import (
    ConfigError,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from tests.flows.memory import Ledger, order, sale
from tests.flows.shop import only_alert, open_alerts, pass_time, work_queue
from tests.plant import open_rows

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
LOST = OutcomeUnknown("No answer.")


@pytest.fixture(autouse=True)
def quiet(settings) -> None:  # type: ignore[no-untyped-def]
    """Nothing is looked up before the test lets the time pass."""
    settings.QUIET_SECONDS = 60


def states() -> dict[str, str]:
    return dict(SyncRecord.objects.values_list("source_id", "state"))


def look() -> None:
    """Let the quiet period pass, and a worker work."""
    pass_time()
    ticking.tick()
    work_queue()


def test_a_write_without_an_answer_is_in_doubt(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST]
    run = work()
    assert run.stage == "finished"
    assert states() == {"id-1": "in_doubt"}
    assert len(ledger.calls) == 1
    assert Envelope.objects.get().resolve_at > timezone.now() + timedelta(seconds=50)


def test_nothing_is_looked_up_before_it_is_quiet(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST]
    work()
    ticking.tick()
    work_queue()
    work()
    assert ledger.finds == []
    assert len(ledger.calls) == 1


def test_what_was_done_all_the_same_is_adopted(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.after = [LOST, LOST]
    work()
    look()
    look()
    assert states() == {"id-1": "synced"}
    assert len(ledger.calls) == 2
    assert not any(open_rows().values())


def test_what_is_not_there_goes_again_alone_under_the_same_key(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n)) for n in (1, 2, 3)]
    ledger.script = [LOST]
    work()
    ledger.put(sale("2"), "Sale", "12.10")
    look()
    assert ledger.calls[0].id == ledger.calls[1].id
    assert ledger.sent()[1] == [sale("1"), sale("3")]
    assert [m.position for m in ledger.calls[1].members] == [0, 2]
    assert ledger.calls[1].members[0] == ledger.calls[0].members[0]
    assert set(states().values()) == {"synced"}


def test_a_customer_with_its_second_name_is_found_by_it(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.taken = {"C7"}
    ledger.after = [LOST]
    work()
    look()
    asked = ledger.found_by[-1]
    assert asked.fallback == {"Name": "C7 (7)"}


def test_a_number_that_another_document_has_fails_the_record(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]
    ledger.script = [LOST]
    work()
    ledger.foreign = {"Sid-1"}
    look()
    assert states() == {"id-1": "failed", "id-2": "synced"}
    record = SyncRecord.objects.get(source_id="id-1")
    assert "Sid-1" in record.message
    assert "F1" in record.message
    assert record.reason == "Conflict"
    assert "Retry" in record.action
    assert only_alert().records == 1


def test_a_name_that_somebody_took_meanwhile_gives_way(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.script = [LOST]
    work()
    ledger.taken = {"C7"}
    look()
    assert states() == {"id-1": "synced"}
    names = [m.body.get("Name") for call in ledger.calls for m in call.members]
    assert names == ["C7", "C7 (7)", None]


def test_no_answer_again_waits_again(work: Work, ledger: Ledger, shelf: list) -> None:
    shelf += [order("1")]
    ledger.script = [LOST, LOST]
    work()
    look()
    assert states() == {"id-1": "in_doubt"}
    assert Envelope.objects.get().resends == 1
    look()
    assert states() == {"id-1": "synced"}
    assert len({call.id for call in ledger.calls}) == 1


def test_a_doubt_that_lasts_is_told_until_it_is_over(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]
    ledger.script = [LOST] * 5
    work()
    for _ in range(2):
        look()
    assert open_alerts() == []
    for _ in range(2):
        look()
        assert "Sid-1, Sid-2" in only_alert().message
    look()
    assert open_alerts() == []
    assert set(states().values()) == {"synced"}


def test_a_key_that_counts_as_used_is_given_up(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST, Rejected("Used.", code="duplicate request")]
    work()
    look()
    assert states() == {"id-1": "synced"}
    assert [call.id == ledger.calls[0].id for call in ledger.calls] == [
        *(True, True),
        False,
    ]


def test_a_write_that_the_second_answer_leaves_out_goes_into_a_new_call(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]

    def forget(_) -> None:  # type: ignore[no-untyped-def]
        ledger.silent.clear()
        ledger.objects.pop(sale("1"), None)

    ledger.script = [LOST]
    work()
    ledger.silent = {sale("1")}
    ledger.after = [forget]
    look()
    assert set(states().values()) == {"synced"}
    assert ledger.sent()[2] == [sale("1")]


def test_an_outage_while_looking_leaves_the_doubt(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST]
    work()
    ledger.find_troubles = [Unavailable("Down.")]
    look()
    envelope = Envelope.objects.get()
    assert (envelope.state, envelope.lease_owner) == ("in_doubt", "")
    look()
    assert states() == {"id-1": "synced"}


def test_an_outage_while_sending_again_leaves_the_doubt(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST, Unavailable("Down.")]
    work()
    look()
    assert Link.objects.get().state == "in_doubt"
    look()
    assert states() == {"id-1": "synced"}


def test_a_stop_of_the_second_answer_is_obeyed(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST]
    work()
    ledger.stop = ConfigError("Numbers are replaced.")
    look()
    assert Run.objects.latest("pk").stage == "stopped"
    assert Link.objects.get().state == "linked"


def test_an_envelope_that_somebody_looks_into_is_left_to_them(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST]
    work()
    pass_time()
    soon = timezone.now() + timedelta(minutes=1)
    Envelope.objects.update(lease_owner="another", lease_until=soon)
    ticking.tick()
    work_queue()
    assert ledger.finds == []


def test_an_envelope_whose_links_were_settled_meanwhile_is_done(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LOST]
    work()
    Link.objects.update(state="linked", target_id="T9", total="12.10")
    look()
    assert ledger.finds == []
    assert Envelope.objects.get().state == "done"
    assert states() == {"id-1": "synced"}


def test_a_survey_meanwhile_does_not_settle_what_is_in_doubt(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.after = [LOST]
    work()
    shelf += [order("2")]
    work()
    assert Link.objects.get(key="id-1").state == "in_doubt"
    look()
    assert set(states().values()) == {"synced"}
    assert ledger.doubles == []


def test_a_correction_without_an_answer_is_looked_up_too(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    correction = Ref("order", "id-1", "correction:1")
    shelf += [order("1")]
    there = ledger.put(sale("1"), "Sale", "12.09")
    ledger.script = [LOST]
    work()
    assert ledger.sent() == [[correction]]
    ledger.objects[sale("1")] = ("Sale", Known(there.id, total=order("1").total_incl))
    look()
    assert states() == {"id-1": "synced"}


def test_a_failed_record_may_leave_a_doubt_that_is_looked_up_all_the_same(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]
    ledger.silent = {sale("1")}
    ledger.script = [lambda _: None]
    work()
    SyncRecord.objects.filter(source_id="id-1").update(state="failed")
    look()
    assert Link.objects.get(key="id-1").state == "linked"
    assert not Envelope.objects.exclude(state="done").exists()
