"""Numbers that are taken, receipts that change, customers of many, a lost database."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from flows import services, tasks
from flows.models import (
    Alert,
    Envelope,
    Flow,
    Link,
    Run,
    Survey,
    SyncRecord,
)
from tests.flows.bookkeeper import documents, number_of, take_number_of
from tests.flows.shop import (
    BATCH,
    assert_right,
    only_alert,
    open_alerts,
    record_of,
    ring_up,
    sell,
    sell_many,
    settle,
    wait_and_work,
    work_queue,
)
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)


# ----------------------------------------------------------------------------- numbers


def test_numbers_that_are_replaced_stop_the_flow(plant: Plant) -> None:
    ring_up(plant, 40)
    plant.books.switch(numbers="replaced")
    run = plant.run()
    assert run.stage == "stopped"
    alert = only_alert()
    assert "R1-" in alert.message or "R2-" in alert.message or "R3-" in alert.message
    assert "Custom transaction numbers" in alert.action
    assert len(documents(plant)) <= 30


def test_a_number_that_another_document_has_is_named(plant: Plant) -> None:
    first, second = sell(plant), sell(plant, date="2026-10-06")
    take_number_of(plant, second)
    plant.run()
    assert (record_of(first).state, record_of(second).state) == ("synced", "failed")
    alert = only_alert()
    assert number_of(plant, second) in alert.message
    assert "number" in alert.action


def test_a_number_taken_on_another_day_is_named_too(plant: Plant) -> None:
    first, second = sell(plant), sell(plant, date="2026-10-06")
    take_number_of(plant, second, TxnDate="2026-09-01")
    plant.run()
    settle(plant)
    assert (record_of(first).state, record_of(second).state) == ("synced", "failed")
    record = record_of(second)
    assert number_of(plant, second) in record.message
    assert record.reason == "Conflict"


def test_a_number_that_our_own_document_has_is_adopted(plant: Plant) -> None:
    source_id = sell(plant)
    plant.run()
    forget_everything()
    run = services.run_flow(plant.flow).run
    # Nobody looks at the day: the number is found to be taken when it is sent.
    Survey.objects.create(run=run, day="2026-10-05")
    services.work_here(run)
    assert_right(plant)
    assert len(documents(plant)) == 1
    assert Link.objects.get(key=source_id).state == "linked"


def forget_everything() -> None:
    """The hub's database is lost; connections and settings were restored."""
    for model in (SyncRecord, Link, Envelope, Run, Alert):
        model.objects.all().delete()
    Flow.objects.update(cursor="")


def test_a_lost_database_finds_its_own_work_again(plant: Plant) -> None:
    ring_up(plant, 12)
    ring_up(plant, 3, "several_tenders")
    ring_up(plant, 3, "on_account")
    plant.run()
    forget_everything()
    writes = plant.books.writes()
    plant.run()
    assert plant.books.writes() == writes
    assert_right(plant)


# -------------------------------------------------------------- receipts that change


@pytest.mark.parametrize("what", ["tenders", "lines"])
def test_a_receipt_that_changed_after_posting_is_told(plant: Plant, what: str) -> None:
    source_id = sell(plant)
    plant.run()
    before = documents(plant)
    plant.till.do("change_receipt", receiptId=source_id, what=what)
    plant.run()
    record = record_of(source_id)
    assert (record.state, record.reason) == ("failed", "changed after posting")
    assert only_alert().records == 1
    assert services.retry(SyncRecord.objects.all()) == 0
    work_queue()
    assert documents(plant) == before


def test_a_mail_event_changes_nothing(plant: Plant) -> None:
    source_id = sell(plant)
    plant.run()
    plant.till.do("change_receipt", receiptId=source_id, what="mail")
    run = plant.run()
    assert (run.staged, run.unchanged) == (0, 1)
    assert_right(plant)


def test_a_receipt_that_is_finished_later_is_posted_then(plant: Plant) -> None:
    ring_up(plant, 1, "not_final")
    plant.run()
    assert plant.states() == {"waiting": 1}
    assert open_alerts() == []
    source_id = SyncRecord.objects.get().source_id
    wait_and_work()
    assert plant.states() == {"waiting": 1}
    plant.till.do("finish_receipt", receiptId=source_id)
    plant.run()
    assert_right(plant)


def test_a_marker_that_becomes_visible_late_is_read(plant: Plant) -> None:
    sell_many(plant, 5)
    plant.till.switch(late_markers=3)
    plant.run()
    assert len(plant.states()) == 1
    assert plant.states()["synced"] < 5
    plant.till.do("show_late")
    plant.run()
    assert plant.states() == {"synced": 5}
    assert_right(plant)


# --------------------------------------------------------------------------- customers


def test_a_customer_of_many_is_made_once_by_two_workers(plant: Plant) -> None:
    for _ in range(45):
        sell(plant, relation=1081, payments=[{"method": "OPREKENING"}])
    run = services.run_flow(plant.flow).run
    tasks.read(run.pk)
    gate = threading.Barrier(2)

    def work() -> None:
        gate.wait()
        tasks.deliver(run.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    services.work_here(run)
    assert_right(plant)
    assert Link.objects.filter(kind="customer").count() == 1


def test_a_name_that_a_vendor_has_gets_the_relation_number(plant: Plant) -> None:
    sell(plant, relation=1081)
    services.preview_flow(plant.flow)
    (preview,) = services.preview_flow(plant.flow)
    name = preview.writes[0].body["DisplayName"]
    plant.books.do("create_name", kind="Vendor", name=name)
    plant.run()
    assert plant.states() == {"synced": 1}
    names = {row["DisplayName"] for row in documents(plant, "Customer")}
    assert f"{name} (1081)" in names
    assert Link.objects.get(kind="customer").use_fallback


def test_a_lost_answer_of_a_second_name_makes_no_third(plant: Plant) -> None:
    sell(plant, relation=1081)
    (preview,) = services.preview_flow(plant.flow)
    name = preview.writes[0].body["DisplayName"]
    plant.books.do("create_name", kind="Vendor", name=name)
    plant.books.switch(requestid="forgotten")
    plant.books.fault(action="lose", match=BATCH, times=1, after=1)
    plant.run()
    settle(plant)
    assert plant.states() == {"synced": 1}
    names = [row["DisplayName"] for row in documents(plant, "Customer")]
    assert sum(name in each for each in names) == 1
