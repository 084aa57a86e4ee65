"""Closed periods: held, counted, posted by themselves when it is possible again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count, Sum

from flows import services, tasks
from flows.engine.bench import open_bench
from flows.models import Flow, Link, Run, SyncRecord
from integration_hub.core.errors import Rejected
from tests.flows.bookkeeper import documents
from tests.flows.memory import LATE, Ledger, order, sale
from tests.flows.shop import (
    BATCH,
    assert_right,
    open_alerts,
    record_of,
    sell,
    settle,
    wait_and_work,
)
from tests.plant import Plant

Work = Callable[[], Run]


# ---------------------------------------------------------------- with books in memory


@pytest.fixture
def held(db: None, work: Work, ledger: Ledger, shelf: list[Any]) -> SyncRecord:
    """A record of a period that is closed, and one of a period that is open."""
    ledger.basis = "March"
    shelf += [order("1", reference="late"), order("2")]
    work()
    return SyncRecord.objects.get(source_id="id-1")


def test_what_is_late_is_held_and_told(held: SyncRecord, ledger: Ledger) -> None:
    assert (held.state, held.reason) == ("waiting", "closed period")
    assert (held.message, held.action) == ("March is closed.", "Open it.")
    assert held.retry_at is None
    assert sale("1") not in ledger.objects
    assert sale("2") in ledger.objects
    assert open_alerts() == []


def test_it_comes_back_when_the_period_is_opened(
    held: SyncRecord, work: Work, ledger: Ledger
) -> None:
    ledger.basis = ""
    work()
    held.refresh_from_db()
    assert (held.state, held.message, held.fingerprint) == ("synced", "", "")
    assert sale("1") in ledger.objects


def test_it_is_planned_once_on_one_basis(
    held: SyncRecord, work: Work, ledger: Ledger
) -> None:
    before = held.updated_at
    work()
    held.refresh_from_db()
    assert held.updated_at == before
    ledger.basis = "April"
    work()
    held.refresh_from_db()
    assert held.updated_at > before
    assert held.state == "waiting"


def test_retry_tries_it_too(held: SyncRecord, ledger: Ledger, flow: Flow) -> None:
    ledger.basis = ""
    assert services.retry(SyncRecord.objects.filter(reason="closed period")) == 1
    wait_and_work()
    held.refresh_from_db()
    assert held.state == "synced"


def test_a_refusal_of_a_closed_period_holds_it(
    db: None, work: Work, ledger: Ledger, shelf: list[Any]
) -> None:
    ledger.refused[sale("1")] = LATE
    ledger.refused[sale("2")] = Rejected("No.", code="6000")
    shelf += [order("1"), order("2")]
    work()
    record = SyncRecord.objects.get(source_id="id-1")
    assert (record.state, record.reason) == ("waiting", "closed period")
    assert record.message == "March is closed."
    assert SyncRecord.objects.get(source_id="id-2").state == "failed"
    ledger.refused.clear()
    work()
    assert SyncRecord.objects.get(source_id="id-1").state == "synced"


def test_what_is_refused_again_and_again_rests(
    db: None, work: Work, ledger: Ledger, shelf: list[Any]
) -> None:
    ledger.refused[sale("1")] = LATE
    shelf += [order("1")]
    for _ in range(5):
        work()
    assert len(ledger.calls) == 3
    ledger.refused.clear()
    ledger.basis = "another"
    work()
    assert SyncRecord.objects.get().state == "synced"


# ------------------------------------------------------------- between both sandboxes

pytestmark = pytest.mark.django_db(transaction=True)


def close(plant: Plant, day: str) -> None:
    """Let a bookkeeper close the books up to a day."""
    plant.books.do(
        "set_preferences", preferences={"AccountingInfoPrefs": {"BookCloseDate": day}}
    )


def choose(plant: Plant, **values: str) -> None:
    """Change settings of the integration."""
    integration = plant.flow.integration
    integration.defaults = {**integration.defaults, **values}
    integration.save(update_fields=["defaults"])


def test_held_records_are_counted_with_their_amount(plant: Plant) -> None:
    close(plant, "2026-10-10")
    for day in ("2026-10-09", "2026-10-10", "2026-10-11"):
        sell(plant, date=day)
    plant.run()
    held = SyncRecord.objects.filter(state="waiting", reason="closed period")
    assert held.aggregate(n=Count("pk"), s=Sum("amount")) == {
        "n": 2,
        "s": 2 * record_of(held[0].source_id).amount,
    }
    assert "2026-10-10" in held[0].message
    assert len(documents(plant)) == 1
    close(plant, "2026-09-30")
    plant.run()
    assert_right(plant)


def test_a_held_record_shows_what_the_books_would_get(plant: Plant) -> None:
    close(plant, "2026-10-10")
    sell(plant, date="2026-10-10")
    plant.run()
    held = SyncRecord.objects.get()
    assert (held.state, held.expected_total) == ("waiting", held.amount)
    assert Decimal(held.bridge["till_total"]) == held.amount
    assert Decimal(held.bridge["target_total"]) == held.expected_total


def test_filed_vat_closes_a_period_as_well(plant: Plant) -> None:
    choose(plant, vat_filed_through="2026-10-31")
    sell(plant)
    plant.run()
    assert plant.states() == {"waiting": 1}
    choose(plant, vat_filed_through="2026-09-30")
    plant.run()
    assert_right(plant)


def test_what_is_late_goes_to_the_first_open_day(plant: Plant) -> None:
    choose(plant, closed_period="first_open_day")
    close(plant, "2026-10-31")
    source_id = sell(plant)
    plant.run()
    assert record_of(source_id).state == "synced"
    (document,) = documents(plant)
    assert document["TxnDate"] == "2026-11-01"
    assert "2026-10-05" in document["PrivateNote"]
    close(plant, "2026-11-30")
    plant.run()
    assert len(documents(plant)) == 1


def test_its_payments_go_there_too(plant: Plant) -> None:
    choose(plant, closed_period="first_open_day")
    close(plant, "2026-10-31")
    payments = [{"method": "PIN", "amount": 500}, {"method": "CONTANT", "amount": 710}]
    sell(plant, payments=payments)
    plant.run()
    days = {p["TxnDate"] for p in documents(plant, "Payment")}
    assert days == {"2026-11-01"}
    assert plant.states() == {"synced": 1}


def test_a_lost_answer_on_the_first_open_day_makes_no_second(plant: Plant) -> None:
    choose(plant, closed_period="first_open_day")
    close(plant, "2026-10-31")
    sell(plant)
    plant.books.switch(requestid="forgotten")
    plant.books.fault(action="lose", match=BATCH, times=1, after=1)
    plant.run()
    settle(plant)
    assert plant.states() == {"synced": 1}
    assert len(documents(plant)) == 1


def test_it_never_goes_to_another_year_by_itself(plant: Plant) -> None:
    choose(plant, closed_period="first_open_day")
    close(plant, "2026-12-31")
    sell(plant)
    plant.run()
    assert plant.states() == {"waiting": 1}
    assert "year" in SyncRecord.objects.get().action


def test_another_year_of_the_books_lets_held_records_go(plant: Plant) -> None:
    choose(plant, closed_period="first_open_day")
    close(plant, "2026-12-31")
    sell(plant)
    plant.run()
    assert plant.states() == {"waiting": 1}
    books = {"AccountingInfoPrefs": {"FirstMonthOfFiscalYear": "April"}}
    plant.books.do("set_preferences", preferences=books)
    plant.run()
    assert plant.states() == {"synced": 1}
    (document,) = documents(plant)
    assert document["TxnDate"] == "2027-01-01"


@pytest.mark.parametrize(
    ("month", "state"), [("October", "waiting"), ("January", "synced")]
)
def test_the_books_year_counts_also_where_only_vat_is_filed(
    plant: Plant, month: str, state: str
) -> None:
    books = {"AccountingInfoPrefs": {"FirstMonthOfFiscalYear": month}}
    plant.books.do("set_preferences", preferences=books)
    choose(plant, closed_period="first_open_day", vat_filed_through="2026-09-30")
    sell(plant, date="2026-09-15")
    plant.run()
    assert plant.states() == {state: 1}


def test_the_policy_lets_held_records_go(plant: Plant) -> None:
    close(plant, "2026-10-31")
    sell(plant)
    plant.run()
    assert plant.states() == {"waiting": 1}
    choose(plant, closed_period="first_open_day")
    plant.run()
    assert plant.states() == {"synced": 1}


def test_books_that_are_closed_while_a_run_works(plant: Plant) -> None:
    sell(plant)
    run = services.run_flow(plant.flow).run
    tasks.read(run.pk)
    open_bench(run)
    close(plant, "2026-10-31")
    services.work_here(run)
    record = SyncRecord.objects.get()
    assert (record.state, record.reason) == ("waiting", "closed period")
    assert Link.objects.get(role="sale").state == "refused"
    close(plant, "2026-09-30")
    plant.run()
    assert plant.states() == {"synced": 1}


@pytest.mark.parametrize("policy", ["hold", "first_open_day"])
def test_what_stands_in_a_period_is_recognised_after_it_was_closed(
    plant: Plant, policy: str
) -> None:
    choose(plant, closed_period=policy)
    source_id = sell(plant)
    plant.run()
    fail(source_id)
    close(plant, "2026-10-31")
    retry(source_id)
    assert record_of(source_id).state == "synced"
    assert len(documents(plant)) == 1


@pytest.mark.parametrize("closed", ["2026-09-30", "2026-11-30"])
def test_what_was_moved_is_recognised_where_it_stands(
    plant: Plant, closed: str
) -> None:
    choose(plant, closed_period="first_open_day")
    close(plant, "2026-10-31")
    source_id = sell(plant)
    plant.run()
    fail(source_id)
    close(plant, closed)
    retry(source_id)
    assert record_of(source_id).state == "synced"
    (document,) = documents(plant)
    assert document["TxnDate"] == "2026-11-01"


def fail(source_id: str) -> None:
    """Let a record fail that is posted, as one whose totals differ does."""
    SyncRecord.objects.filter(source_id=source_id).update(state="failed")


def retry(source_id: str) -> None:
    """Press Retry and let the workers work."""
    services.retry(SyncRecord.objects.filter(source_id=source_id))
    wait_and_work()
