"""Answers that are lost, odd or late, and books and tills that change meanwhile."""

from __future__ import annotations

import json

import pytest

from flows import services
from flows.models import (
    SyncRecord,
)
from tests.flows.shop import (
    BATCH,
    assert_right,
    open_alerts,
    ring_up,
    sell,
    sell_many,
    work_queue,
)
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST_IDS = ("per_item", "whole", "refused", "forgotten")


# ---------------------------------------------------------------- lost and odd answers


@pytest.mark.parametrize("request_id", REQUEST_IDS)
def test_a_lost_answer_doubles_nothing(plant: Plant, request_id: str) -> None:
    plant.books.switch(requestid=request_id)
    ring_up(plant, 6)
    ring_up(plant, 3, "several_tenders")
    plant.books.fault(action="lose", match=BATCH, times=4)
    plant.run()
    assert_right(plant)


@pytest.mark.parametrize("request_id", REQUEST_IDS)
def test_a_batch_cut_in_the_middle_doubles_nothing(
    plant: Plant, request_id: str
) -> None:
    plant.books.switch(requestid=request_id)
    ring_up(plant, 8)
    plant.books.fault(action="cut", match=BATCH, stage="inside", after_items=3, times=3)
    plant.run()
    assert_right(plant)


@pytest.mark.parametrize("done", [True, False])
def test_items_that_fail_inside_the_system_are_looked_up(
    plant: Plant, done: bool
) -> None:
    ring_up(plant, 6)
    plant.books.do("fail_items", count=5, done=done)
    plant.run()
    assert_right(plant)


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_of_the_system_is_no_refusal(plant: Plant, status: int) -> None:
    ring_up(plant, 6)
    plant.books.fault(action="status", status=status, match=BATCH, times=2)
    plant.run()
    assert "failed" not in plant.states()
    assert_right(plant)


def test_too_many_calls_let_records_wait(plant: Plant) -> None:
    ring_up(plant, 6)
    plant.books.fault(action="status", status=429, match=BATCH)
    run = plant.run()
    assert set(plant.states()) == {"waiting"}
    assert run.pause_until is not None
    assert open_alerts() == []
    assert_right(plant)


def test_one_call_that_is_refused_whole_fails_nobody_else(plant: Plant) -> None:
    sell(plant)
    plant.run()
    sell_many(plant, 5)
    body = {"Error": [{"Message": "No.", "Detail": "Cannot be read.", "code": "2010"}]}
    text = json.dumps({"Fault": {**body, "type": "ValidationFault"}})
    plant.books.fault(action="status", status=400, match=BATCH, times=2, body=text)
    plant.run()
    assert plant.states() == {"synced": 5, "failed": 1}
    services.retry(SyncRecord.objects.filter(state="failed"))
    work_queue()
    assert_right(plant)
