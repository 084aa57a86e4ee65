"""Fixtures of the flows' tests: plants between both sandboxes, waits of nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command

from connectors import registry
from flows import services
from flows.models import Flow, Run
from tests.factories import FlowFactory
from tests.flows.memory import Ledger, MemoryBooks, MemoryTill
from tests.plant import Plant, build


@pytest.fixture(autouse=True)
def no_waiting(settings: Any) -> None:
    """Nothing is waited for; whatever is to come back does so when told."""
    settings.READ_WAITS = (0, 0)
    settings.QUIET_SECONDS = 0
    settings.RETRY_SECONDS = [3600.0]


@pytest.fixture
def make_plant(transactional_db: None) -> Iterator[Callable[..., Plant]]:
    """Builds plants; all of them are stopped after the test."""
    call_command("createcachetable", verbosity=0)
    cache.clear()
    made: list[Plant] = []

    def make(receipts: int = 0, **till: Any) -> Plant:
        made.append(build(receipts=receipts, till=till))
        return made[-1]

    yield make
    for plant in made:
        plant.stop()


@pytest.fixture
def plant(make_plant: Callable[..., Plant]) -> Plant:
    """A plant whose till has sold nothing yet."""
    return make_plant()


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """What the books in memory hold; a till and books in memory are registered."""
    known = {"books": MemoryBooks, "till": MemoryTill}
    monkeypatch.setattr(registry, "all_connectors", lambda: known)
    monkeypatch.setattr(MemoryBooks, "ledger", Ledger(), raising=False)
    monkeypatch.setattr(MemoryTill, "shelf", [])
    monkeypatch.setattr(MemoryTill, "troubles", [])
    return MemoryBooks.ledger


@pytest.fixture
def shelf(ledger: Ledger) -> list[Any]:
    """The receipts of the till in memory."""
    return MemoryTill.shelf


@pytest.fixture
def flow(db: None, ledger: Ledger) -> Flow:
    """A flow between the two systems in memory."""
    call_command("createcachetable", verbosity=0)
    cache.clear()
    return FlowFactory()


@pytest.fixture
def work(flow: Flow) -> Callable[[], Run]:
    """Runs the flow in this process, from reading to the end."""

    def run() -> Run:
        run = services.run_flow(flow).run
        services.work_here(run)
        run.refresh_from_db()
        return run

    return run
