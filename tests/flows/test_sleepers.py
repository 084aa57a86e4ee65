"""A worker that sleeps between storing an envelope and sending it, and wakes late.

A paused machine, a long wait for a token or a limit: meanwhile its lease runs out,
others look its writes up, send them again and settle them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from flows.engine import delivering, doubt, envelopes, ticking
from flows.engine.bench import open_bench
from flows.models import Attempt, Envelope, Run, Slot, SyncRecord
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)

JSON = "application/json"


@pytest.fixture
def plant(make_plant: Callable[..., Plant]) -> Plant:
    return make_plant(receipts=30)


def run_out_leases() -> None:
    past = timezone.now() - timedelta(minutes=10)
    Envelope.objects.exclude(lease_owner="").update(lease_until=past)
    SyncRecord.objects.exclude(lease_owner="").update(lease_until=past)
    Slot.objects.exclude(owner="").update(until=past)


def sleep_before_call(monkeypatch: Any, plant: Plant, meanwhile: Any) -> None:
    """Let ``meanwhile`` happen between the first sale's envelope and its call."""
    send = envelopes.send
    slept: list[str] = []

    def send_later(target: Any, row: Envelope, envelope: Any) -> Any:
        if not slept and any(m.entity == "SalesReceipt" for m in envelope.members):
            slept.append(envelope.id)
            meanwhile()
        return send(target, row, envelope)

    monkeypatch.setattr(delivering.envelopes, "send", send_later)


def resolve_doubts() -> None:
    run = Run.objects.select_related(
        "flow__integration__target", "flow__integration__value_maps", "flow__mapping"
    ).get(stage="delivering")
    bench = open_bench(run)
    while doubt.resolve_next(bench, "another worker"):
        pass


def settle_all(plant: Plant) -> None:
    """Everything that is in doubt or was lost comes to rest."""
    for _ in range(3):
        run_out_leases()
        ticking.reap_envelopes()
        ticking.reap_records()
        past = timezone.now() - timedelta(days=1)
        Envelope.objects.filter(state="in_doubt").update(resolve_at=past)
        SyncRecord.objects.filter(state="in_doubt").update(retry_at=past)
        plant.work()


def test_a_worker_whose_lease_ran_out_does_not_send(
    plant: Plant, monkeypatch: Any
) -> None:
    asleep: list[Envelope] = []

    def meanwhile() -> None:
        run_out_leases()
        asleep.append(Envelope.objects.latest("created_at"))

    sleep_before_call(monkeypatch, plant, meanwhile)
    plant.run()
    assert not Attempt.objects.filter(envelope=asleep[0]).exists()
    settle_all(plant)
    assert plant.judge().problems == ()


@pytest.mark.parametrize("request_id", ["per_item", "whole", "forgotten", "refused"])
@pytest.mark.parametrize("answer", ["comes", "is lost"])
def test_what_others_sent_meanwhile_is_not_sent_twice(
    plant: Plant, monkeypatch: Any, request_id: str, answer: str
) -> None:
    plant.books.switch(requestid=request_id, duplicate_numbers="accepted")

    def meanwhile() -> None:
        run_out_leases()
        ticking.reap_envelopes()
        ticking.reap_records()
        if answer == "is lost":
            plant.books.fault(match="batch", action="cut", stage="after", times=1)
        resolve_doubts()

    sleep_before_call(monkeypatch, plant, meanwhile)
    plant.run()
    settle_all(plant)
    assert plant.judge().problems == ()


def test_a_key_that_was_used_puts_a_first_call_in_doubt(plant: Plant) -> None:
    plant.books.switch(requestid="refused", duplicate_numbers="accepted")
    plant.books.fault(
        match="batch", action="status", status=400, times=1, content_type=JSON,
        body='{"Fault":{"Error":[{"Message":"Duplicate Request ID","code":"600"}],'
        '"type":"ValidationFault"},"time":"2026-10-31T00:00:00Z"}',
    )  # fmt: skip
    plant.run()
    first = Attempt.objects.earliest("pk").envelope
    assert first.state in ("in_doubt", "done")
    assert first.resolve_at is not None
    settle_all(plant)
    assert plant.judge().problems == ()
