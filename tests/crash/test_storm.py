"""Everything at once: kills, lost answers, refusals, late commits, lost refreshes."""

from __future__ import annotations

import os
import random
import time

import pytest

from flows import services
from tests.crash.test_points import (
    BATCH,
    REQUEST_IDS,
    assert_undisturbed,
    wait_for_rest,
)
from tests.crash.workers import Workers, idle_worker, kill, sender
from tests.plant import Plant, open_rows

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

ALL = os.environ.get("CRASH") == "all"
CHOSEN = REQUEST_IDS if ALL else REQUEST_IDS[1:2]
LOST_ANSWERS = 56 if ALL else 16


@pytest.mark.parametrize("request_id", CHOSEN)
def test_a_storm_leaves_the_books_as_if_undisturbed(
    plant: Plant, workers: Workers, request_id: str
) -> None:
    plant.books.switch(requestid=request_id)
    order_faults(plant)
    workers.start()
    workers.start()
    services.run_flow(plant.flow)
    kill_now_and_then(workers, times=8 if ALL else 4)
    wait_for_rest(plant, seconds=400)
    struck = {rule["action"]: rule["struck"] for rule in faults(plant)}
    # The oracle asks too, and is not to be refused.
    plant.books.ask("DELETE", "faults")
    assert_undisturbed(plant)
    assert struck["lose"] > 0
    assert struck["late"] > 0


def order_faults(plant: Plant) -> None:
    """Lose answers, cut batches, commit late, refuse 5 % of the calls."""
    books = plant.books
    plant.flow.page_size = 10
    plant.flow.save()
    books.fault(action="lose", match=BATCH, times=LOST_ANSWERS // 2, probability=0.4)
    for k in (1, 2, 5):
        books.fault(
            action="cut", match=BATCH, stage="inside", after_items=k, times=2, seed=k
        )
    books.fault(action="late", match=BATCH, seconds=2.5, times=3, probability=0.3)
    for status in (429, 500, 503):
        books.fault(
            action="status",
            status=status,
            match="v3/company",
            probability=0.017,
            times=None,
            seed=status,
        )
    books.fault(action="lose", match="tokens/bearer", times=2)
    books.do("expire_access_tokens")


def faults(plant: Plant) -> list[dict[str, object]]:
    """The rules with how often they struck."""
    rules: list[dict[str, object]] = plant.books.ask("GET", "faults")["faults"]
    return rules


def kill_now_and_then(workers: Workers, *, times: int) -> None:
    """Kill a busy worker, an idle one or a host, at random but repeatable moments."""
    dice = random.Random(7)
    for _ in range(times):
        time.sleep(dice.uniform(0.5, 2.5))
        if not any(open_rows().values()):
            return
        choice = dice.choice(("busy", "busy", "idle", "host"))
        if choice == "host":
            workers.kill_host()
            continue
        pid = sender() if choice == "busy" else idle_worker()
        if pid is not None:
            kill(pid)
