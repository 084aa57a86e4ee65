"""kill -9 at every point of the path: afterwards the books are as if undisturbed."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from flows import services
from flows.models import SyncRecord
from tests.crash.workers import Workers, idle_worker, kill, reader, sender
from tests.plant import Plant, open_rows, wait_until

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

ALL = os.environ.get("CRASH") == "all"
REQUEST_IDS = ("per_item", "whole", "refused", "forgotten")
CHOSEN = REQUEST_IDS if ALL else REQUEST_IDS[:1]
BATCH = r"POST .*batch"

# What is held when the worker is killed: rule for which sandbox, whom to kill.
Rule = dict[str, object]
POINTS: dict[str, tuple[str, Rule, Callable[[], int | None]]] = {
    "page staged": (
        "till",
        {"action": "hold", "match": "getReceipts", "after": 1},
        reader,
    ),
    "envelope committed": (
        "books",
        {"action": "hold", "match": BATCH, "stage": "before"},
        sender,
    ),
    "write held inside": (
        "books",
        {"action": "hold", "match": BATCH, "stage": "inside", "after_items": 3},
        sender,
    ),
    "write held after": (
        "books",
        {"action": "hold", "match": BATCH, "stage": "after"},
        sender,
    ),
    "between customer and document": (
        "books",
        {"action": "hold", "match": BATCH, "stage": "before", "after": 1},
        sender,
    ),
    "between invoice and payment": (
        "books",
        {"action": "hold", "match": BATCH, "stage": "before", "after": 2},
        sender,
    ),
}


@pytest.mark.parametrize("request_id", CHOSEN)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_here_loses_and_doubles_nothing(
    plant: Plant, workers: Workers, point: str, request_id: str
) -> None:
    where, rule, victim = POINTS[point]
    sandbox = plant.till if where == "till" else plant.books
    plant.books.switch(requestid=request_id)
    plant.till.switch(one_item_pages=False)
    plant.flow.page_size = 40
    plant.flow.save()
    sandbox.fault(**rule)
    workers.start()
    services.run_flow(plant.flow)
    wait_for_held(sandbox, victim)
    sandbox.ask("POST", "release", {})
    assert_undisturbed(plant)


def wait_for_held(sandbox, victim) -> None:  # type: ignore[no-untyped-def]
    """Wait until a call is held, then kill who made it."""
    held = sandbox.ask("GET", "held?wait=30")["held"]
    assert held, "no call was held"
    pid = victim()
    assert pid is not None
    assert kill(pid)


def wait_for_rest(plant: Plant, *, seconds: float = 90) -> None:
    """Wait until no row is left open."""
    wait_until(
        lambda: SyncRecord.objects.exists() and not any(open_rows().values()),
        seconds=seconds,
        what=lambda: f"everything at rest {open_rows()} {plant.states()}",
    )


def assert_undisturbed(plant: Plant) -> None:
    """Everything comes to rest, and the oracle is content."""
    wait_for_rest(plant)
    verdict = plant.judge()
    assert verdict.problems == ()
    assert set(plant.states()) <= {"synced", "skipped", "failed", "waiting"}


def test_an_idle_worker_killed_does_not_silence_the_cluster(
    plant: Plant, workers: Workers
) -> None:
    workers.start()
    wait_until(
        lambda: idle_worker() is not None, seconds=30, what=lambda: "an idle worker"
    )
    for _ in range(4):
        pid = idle_worker()
        if pid is not None:
            kill(pid)
    services.run_flow(plant.flow)
    assert_undisturbed(plant)


def test_a_whole_host_killed_is_replaced_by_another(
    plant: Plant, workers: Workers
) -> None:
    plant.books.fault(action="hold", match=BATCH, stage="after")
    workers.start()
    services.run_flow(plant.flow)
    assert plant.books.ask("GET", "held?wait=30")["held"]
    workers.kill_host()
    plant.books.ask("POST", "release", {})
    assert_undisturbed(plant)
