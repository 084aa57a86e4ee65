"""Workers at the same day: one of them asks the target, the others wait for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from connectors.writes import Sighting
from flows import leases, links, services, tasks
from flows.models import Flow, Lease, Run, Survey, SyncRecord
from integration_hub.core.errors import Unavailable
from tests.factories import RunFactory
from tests.flows.memory import Ledger, MemoryBooks, order, sale_of

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]


@pytest.fixture
def others(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Another worker is surveying the day; it ends while this one waits."""

    def finish() -> None:
        run = Run.objects.latest("pk")
        Survey.objects.create(run=run, day=day_of(), foreign=[])
        Lease.objects.all().delete()

    monkeypatch.setattr(leases.time, "sleep", lambda _: finish())
    return finish


def day_of() -> date:
    return order("1").date


def test_what_another_worker_asks_is_not_asked_again(
    flow: Flow, others: Callable[[], None], ledger: Ledger, shelf: list, work: Work
) -> None:
    shelf += [order("1")]
    number = RunFactory(flow=flow, stage="finished").pk + 1
    leases.take_lease(f"survey {number}", "another", seconds=60)
    assert work().counts == {"synced": 1}
    assert ledger.days == []


def test_what_another_worker_finds_of_a_closed_period_is_not_held(
    flow: Flow,
    others: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    ledger: Ledger,
    shelf: list,
    work: Work,
) -> None:
    late = order("1", reference="late")
    shelf += [late]
    ledger.basis = "March"
    there = ledger.put(sale_of(late), "Sale", str(late.total_incl))

    def find(_: float) -> None:
        links.adopt(flow.integration, [Sighting("Sale", there, sale_of(late))])
        others()

    monkeypatch.setattr(leases.time, "sleep", find)
    number = RunFactory(flow=flow, stage="finished").pk + 1
    leases.take_lease(f"survey {number}", "another", seconds=60)
    assert work().counts == {"synced": 1}
    assert (ledger.days, ledger.calls) == ([], [])


def test_who_waits_too_long_gives_its_records_back(
    flow: Flow, ledger: Ledger, shelf: list, settings: Any
) -> None:
    settings.TASK_BUDGET = 0.3
    shelf += [order("1")]
    run = services.run_flow(flow).run
    tasks.read(run.pk)
    leases.take_lease(f"survey {run.pk}", "another", seconds=2)
    assert tasks.deliver(run.pk) == "more"
    assert ledger.days == []
    record = SyncRecord.objects.get()
    assert (record.state, record.lease_owner, record.tries) == ("pending", "", 0)
    assert Lease.objects.get().owner == "another"


def test_a_survey_that_failed_is_left_to_the_next(
    ledger: Ledger, shelf: list, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("Closed for lunch.")

    shelf += [order("1")]
    monkeypatch.setattr(MemoryBooks, "survey", fail)
    work()
    assert not Lease.objects.exists()
    assert not Survey.objects.exists()
