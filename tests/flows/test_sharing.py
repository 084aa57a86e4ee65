"""Several workers at one flow: slots, leases that were lost, and waiting for others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from connectors.writes import Ref
from flows import leases, services
from flows.engine import (
    choosing,
    claiming,
    delivering,
    doubt,
    preparing,
    session,
    surveying,
)
from flows.engine.bench import Bench, open_bench
from flows.models import Envelope, Flow, Link, Run, Slot, SyncRecord
from flows.tasks import deliver, read
from integration_hub.core.errors import MappingError, OutcomeUnknown, Rejected
from mapping.models import Filter
from tests.flows.memory import Ledger, MemoryBooks, order
from tests.flows.shop import pass_time

pytestmark = pytest.mark.django_db
CUSTOMER = Ref("customer", "7", "customer")


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    """What is in doubt is looked up later."""
    settings.QUIET_SECONDS = 60


@pytest.fixture
def run(flow: Flow, shelf: list) -> Run:
    """A run that has read three receipts of one customer."""
    shelf += [order(str(n), customer="7") for n in (1, 2, 3)]
    run = services.run_flow(flow).run
    read(run.pk)
    run.refresh_from_db()
    return run


@pytest.fixture
def opened(run: Run) -> session.Session:
    """A deliver task with the three records on its bench."""
    bench = open_bench(run)
    owner = leases.new_owner()
    leases.prepare_slots(run.flow.integration.target, 1)
    Slot.objects.update(owner=owner, until=leases.lease_end())
    made = session.open_session(bench, Slot.objects.get(), owner)
    records = claiming.claim(run, owner, 10)
    preparing.take_up(bench, records)
    preparing.look_up(bench, records)
    return made


def states() -> set[str]:
    return set(SyncRecord.objects.values_list("state", flat=True))


def others_have(state: str, **values: Any) -> None:
    """Another worker has taken the customer."""
    Link.objects.filter(kind="customer").update(state=state, **values)


def test_no_slot_no_work(run: Run, ledger: Ledger) -> None:
    leases.prepare_slots(run.flow.integration.target, MemoryBooks.parallel)
    Slot.objects.update(owner="others", until=leases.lease_end())
    assert deliver(run.pk) == "no slot"
    assert ledger.calls == []
    assert states() == {"pending"}


def test_what_others_took_meanwhile_is_not_sent(
    run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def others_come_first(self: MemoryBooks) -> int:
        if not looks:
            others_have("sending")
        looks.append(1)
        return self.batch_size

    def they_are_done(_: float) -> None:
        others_have("linked", target_id="T99")

    monkeypatch.setattr(MemoryBooks, "find_room", others_come_first)
    monkeypatch.setattr(delivering.time, "sleep", they_are_done)
    assert deliver(run.pk) == "finished"
    assert states() == {"synced"}
    assert CUSTOMER not in ledger.objects
    assert Envelope.objects.count() == len(ledger.calls)


def test_waiting_for_others_has_an_end(
    run: Run, opened: session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    others_have("sending")
    monkeypatch.setattr(delivering.time, "sleep", naps.append)
    delivering._drain(opened)
    assert 0 < sum(naps) < 30
    assert states() == {"pending"}
    assert not SyncRecord.objects.exclude(lease_owner="").exists()


def test_whoever_waits_for_a_doubt_is_in_doubt(
    run: Run, opened: session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    others_have("sending")
    monkeypatch.setattr(delivering.time, "sleep", lambda _: others_have("in_doubt"))
    delivering._drain(opened)
    assert states() == {"in_doubt"}


def test_leases_are_renewed_in_good_time(opened: session.Session) -> None:
    SyncRecord.objects.update(lease_until=timezone.now())
    assert session.keep_leases(opened)
    assert not SyncRecord.objects.filter(lease_until__gt=timezone.now()).exists()
    opened.renewed_at -= 10_000
    assert session.keep_leases(opened)
    assert not SyncRecord.objects.filter(lease_until__lte=timezone.now()).exists()


def test_records_that_were_lost_are_forgotten(opened: session.Session) -> None:
    SyncRecord.objects.filter(source_id="id-2").update(lease_owner="another")
    opened.renewed_at -= 10_000
    assert session.keep_leases(opened)
    kept = {work.key for work in opened.bench.works.values()}
    assert kept == {"id-1", "id-3"}


def test_whoever_lost_its_slot_sends_nothing(
    opened: session.Session, ledger: Ledger
) -> None:
    Slot.objects.update(owner="another")
    opened.renewed_at -= 10_000
    delivering._drain(opened)
    assert ledger.calls == []
    assert (states(), opened.bench.works) == ({"pending"}, {})


def test_a_day_is_not_asked_for_without_a_slot(
    opened: session.Session, ledger: Ledger
) -> None:
    Slot.objects.update(owner="another")
    opened.renewed_at -= 10_000
    surveying.survey_days(opened)
    assert ledger.days == []
    assert opened.bench.works == {}


def test_an_envelope_that_another_took_first_is_left_to_them(
    run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.script = [OutcomeUnknown("No answer.")]
    deliver(run.pk)
    pass_time()
    bench = open_bench(run)
    seen = list(doubt.due_envelopes(bench.integration.pk))
    Envelope.objects.update(lease_owner="another", lease_until=leases.lease_end())
    monkeypatch.setattr(doubt, "due_envelopes", lambda _: seen)
    assert not doubt.resolve_next(bench, "me")
    assert len(ledger.finds) == 1


def test_a_customer_that_is_refused_fails_all_that_need_it_with_one_call(
    run: Run, ledger: Ledger
) -> None:
    ledger.refused[CUSTOMER] = Rejected("The address is wrong.", action="Mend it.")
    deliver(run.pk)
    assert states() == {"failed"}
    assert len(ledger.calls) == 1


def test_a_refused_write_is_not_ready(opened: session.Session) -> None:
    bench: Bench = opened.bench
    assert [w.ref for w in choosing.ready_writes(bench, 9)] == [CUSTOMER]
    bench.refused[CUSTOMER] = Rejected("No.")
    assert choosing.ready_writes(bench, 9) == []


# ----------------------------------------------------------------------- rules, filters


def test_a_rule_that_gives_no_value_fails_its_record(
    flow: Flow, shelf: list, work: Callable[[], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf += [order("1"), order("2")]
    real = preparing.map_record

    def refuse_one(record: Any, mapping: Any) -> Any:
        if record.source_id == "id-1":
            raise MappingError("No value.", action="Mend the rule.")
        return real(record, mapping)

    monkeypatch.setattr(preparing, "map_record", refuse_one)
    work()
    found = dict(SyncRecord.objects.values_list("source_id", "state"))
    assert found == {"id-1": "failed", "id-2": "synced"}


def test_a_filter_leaves_a_record_out_with_its_reason(
    flow: Flow, ledger: Ledger, shelf: list, work: Callable[[], Run]
) -> None:
    Filter.objects.create(
        mapping=flow.mapping, expression='order.branch = "1"', reason="another shop"
    )
    shelf += [order("1")]
    work()
    record = SyncRecord.objects.get()
    assert (record.state, record.reason) == ("skipped", "filtered: another shop")
    assert ledger.calls == []
