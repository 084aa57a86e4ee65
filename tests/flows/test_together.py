"""Many workers, a reader, the tick and a person at once: nothing is doubled or lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from flows import services
from flows.engine import ticking
from flows.models import Run, SyncRecord
from tests.flows.shop import BATCH, sell
from tests.plant import Plant, open_rows, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def take_task() -> None:
    """Take one task from the queue, if there is one, and do it."""
    row = OrmQ.objects.order_by("pk").first()
    if row is not None and OrmQ.objects.filter(pk=row.pk).delete()[0]:
        import_string(row.task["func"])(*row.task["args"])


@contextmanager
def busy(
    *workers: Callable[[], Any], people: tuple[Callable[[], Any], ...] = ()
) -> Iterator[list[BaseException]]:
    """Do each of these again and again, at the same time, until the block ends.

    People do something every second only.
    """
    over, defects = threading.Event(), []

    def go(work: Callable[[], Any]) -> None:
        try:
            while not over.wait(1.0 if work in people else 0.02):
                work()
        except BaseException as defect:  # noqa: BLE001 - told to the test
            defects.append(defect)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=go, args=(work,)) for work in (*workers, *people)
    ]
    for thread in threads:
        thread.start()
    try:
        yield defects
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("request_id", ["per_item", "whole"])
def test_everybody_at_once(
    make_plant: Callable[..., Plant], settings: Any, request_id: str
) -> None:
    settings.RETRY_SECONDS, settings.QUIET_SECONDS = [0.1], 0.3
    plant = make_plant(120)
    plant.flow.page_size = 15
    plant.flow.save()
    plant.books.switch(requestid=request_id)
    plant.books.fault(action="lose", match=BATCH, times=6, probability=0.3)
    plant.books.fault(action="status", status=429, match=BATCH, times=2, after=3)
    plant.books.fault(action="status", status=503, match="query", times=2, after=9)
    plant.books.fault(action="cut", match=BATCH, stage="inside", after_items=2, times=3)

    def change_a_receipt() -> None:
        sold = plant.till.do("receipts", sort="sale")["receipts"]
        for receipt in sold[:3]:
            what = {"receiptId": receipt["receiptId"], "what": "mail"}
            plant.till.do("change_receipt", **what)

    def press_buttons() -> None:
        services.run_flow(plant.flow)
        services.retry(SyncRecord.objects.filter(state="failed", readable=True))

    services.run_flow(plant.flow)
    people = (change_a_receipt, press_buttons)
    with busy(*[take_task] * 4, ticking.tick, people=people) as defects:
        wait_until(lambda: Run.objects.count() > 6, seconds=120, what=open_rows_text)
    with busy(*[take_task] * 4, ticking.tick) as more:
        wait_until(
            lambda: not any(open_rows().values()), seconds=120, what=open_rows_text
        )
    assert (defects, more) == ([], [])
    # The last tick may have begun one more run, which would not read what comes now.
    plant.run()
    sell(plant)
    plant.run()
    assert not Run.objects.filter(stage="broken").exists()
    assert plant.judge().problems == ()


def open_rows_text() -> str:
    return str(open_rows())
