"""A worker that slept while another took over its call changes nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.writes import Bridge, Difference, Plan
from flows import services
from flows.engine import claiming, delivering, envelopes, ticking
from flows.models import (
    Envelope,
    Flow,
    Lease,
    Link,
    Run,
    Slot,
    Survey,
    SyncRecord,
)
from flows.tasks import deliver, read
from integration_hub.core.errors import (
    LeaseLost,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from tests.factories import (
    AlertFactory,
    AttemptFactory,
    EnvelopeFactory,
    EnvelopeMemberFactory,
    SyncRecordFactory,
)
from tests.flows.memory import Ledger, order, sale
from tests.flows.shop import pass_time

pytestmark = pytest.mark.django_db
Task = Callable[[], str]


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    """What is in doubt is looked up later."""
    settings.QUIET_SECONDS = 60


@pytest.fixture
def task(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Reads, and then does one deliver task, which waits for nobody."""
    monkeypatch.setattr(delivering.time, "sleep", lambda _: None)

    def once() -> str:
        run = services.run_flow(flow).run
        read(run.pk)
        return deliver(run.pk)

    return once


def steal(_: object = None) -> None:
    """Another worker takes the call over."""
    Envelope.objects.update(lease_owner="another", lease_until=soon())


def soon() -> Any:
    return timezone.now() + timedelta(minutes=5)


def link_states() -> dict[str, str]:
    return dict(Link.objects.values_list("key", "state"))


def test_what_certainly_is_in_the_target_is_stored_all_the_same(
    task: Task, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1"), order("2")]
    ledger.refused[sale("2")] = Rejected("No.")
    ledger.script = [steal]
    task()
    assert link_states() == {"id-1": "linked", "id-2": "sending"}
    envelope = Envelope.objects.get()
    assert (envelope.state, envelope.lease_owner) == ("sending", "another")


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("No answer."), Unavailable("Down."), Rejected("No.")]
)
def test_an_error_of_a_call_that_was_taken_over_says_nothing(
    task: Task, ledger: Ledger, shelf: list, error: Exception
) -> None:
    def fail(envelope: object) -> None:
        steal()
        raise error

    shelf += [order("1")]
    ledger.script = [fail]
    task()
    assert link_states() == {"id-1": "sending"}
    assert Envelope.objects.get().lease_owner == "another"


def test_a_call_that_was_taken_over_before_it_left_is_not_made(
    task: Task, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [LeaseLost("Taken over.", code="lease lost")]
    task()
    assert link_states() == {"id-1": "sending"}
    assert not Slot.objects.exclude(owner="").exists()
    assert SyncRecord.objects.get().lease_owner != ""


def test_a_call_that_is_sent_again_may_be_taken_over_too(
    task: Task, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.script = [OutcomeUnknown("No answer."), LeaseLost("Taken over.")]
    task()
    pass_time()
    ticking.tick()
    task()
    assert link_states() == {"id-1": "in_doubt"}


def test_an_envelope_is_held_by_its_owner_only(flow: Flow) -> None:
    row = EnvelopeFactory(
        integration=flow.integration,
        state="sending",
        lease_owner="me",
        lease_until=soon(),
    )
    envelopes.hold(row)
    steal()
    with pytest.raises(LeaseLost):
        envelopes.hold(row)


def test_a_tick_takes_over_only_what_is_still_lost(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    EnvelopeFactory(
        integration=flow.integration,
        state="sending",
        lease_owner="slow",
        lease_until=timezone.now() - timedelta(minutes=1),
    )
    real = envelopes.take_over

    def renewed_meanwhile(row: Envelope, owner: str) -> bool:
        Envelope.objects.update(lease_until=soon())
        return real(row, owner)

    monkeypatch.setattr(envelopes, "take_over", renewed_meanwhile)
    assert ticking.reap_envelopes() == 0
    assert Envelope.objects.get().state == "sending"


def test_a_record_keeps_what_differs(flow: Flow) -> None:
    record = SyncRecordFactory.build(flow=flow)
    told = Difference("VAT 21 %", Bridge(2).till_total, 3, "computed")  # type: ignore[arg-type]
    claiming.mark_synced(record, Plan("x", differences=(told,)))
    assert record.bridge == {}
    assert record.differences == [
        {"what": "VAT 21 %", "source": "2", "target": "3", "reason": "computed"}
    ]


def test_rows_have_names(flow: Flow) -> None:
    member, attempt = EnvelopeMemberFactory(), AttemptFactory()
    run = Run.objects.create(flow=flow)
    survey = Survey.objects.create(run=run, day="2026-03-01")
    slot = Slot.objects.create(connection=flow.integration.target, number=0)
    lease = Lease.objects.create(name="tick", until=soon())
    rows = (member, attempt, member.link, member.envelope, run, survey, slot, lease)
    for row in (*rows, AlertFactory(), flow, flow.integration):
        assert str(row)
