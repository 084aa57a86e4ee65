"""Companies that apply credits by themselves, before a payment of ours comes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flows import services, tasks
from flows.engine.bench import open_bench
from flows.models import SyncRecord
from tests.flows.bookkeeper import documents
from tests.flows.shop import BATCH, record_of, sell, sell_many, settle
from tests.flows.test_changes import forget_everything
from tests.flows.test_rare_sales import ON_ACCOUNT, REFUSED, credit, left_on
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVABLE = "Accounts Receivable (A/R)"
PIN = {"method": "PIN", "amount": 1000}
SPLIT: dict[str, Any] = {
    "payments": [PIN, {"method": "CONTANT", "amount": 210}],
    "relation": 1001,
}
PART: dict[str, Any] = {"payments": [PIN, {"method": "OPREKENING"}], "relation": 1001}


@pytest.fixture
def eager(plant: Plant) -> Plant:
    """A company that applies credits by itself; a customer has one of 12.10."""
    plant.books.switch(auto_apply_credit=True)
    credit(plant, "")
    plant.run()
    return plant


def payments(plant: Plant) -> list[tuple[Decimal, Decimal]]:
    """Amount and what is unapplied of each payment of ours."""
    rows = documents(plant, "Payment")
    ours = (row for row in rows if row["TotalAmt"])
    return sorted((money(r["TotalAmt"]), money(r["UnappliedAmt"])) for r in ours)


def money(value: Any) -> Decimal:
    """An amount of an answer."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def assert_posted(plant: Plant, *wanted: tuple[str, str]) -> None:
    """These payments are there, and the books are the till's to the cent."""
    settle(plant)
    assert set(plant.states()) == {"synced"}
    assert payments(plant) == [(Decimal(a), Decimal(b)) for a, b in wanted]
    assert plant.judge().problems == ()
    assert plant.compare_balances() == {}


def test_what_a_credit_has_paid_stays_unapplied_of_the_payments(eager: Plant) -> None:
    sale = sell(eager, **SPLIT)
    eager.run()
    assert_posted(eager, ("2.10", "2.10"), ("10.00", "10.00"))
    assert left_on(eager, RECEIVABLE) == Decimal("-12.10")
    (invoice,) = documents(eager, "Invoice")
    assert invoice["Balance"] == 0
    first, second = record_of(sale).differences
    number = invoice["DocNumber"]
    assert first["what"] == f"Payment {number}-1 on its invoice"
    assert (first["source"], Decimal(first["target"])) == ("10.00", 0)
    assert "credit" in first["reason"]
    assert second["what"] == f"Payment {number}-2 on its invoice"


def test_a_credit_that_pays_only_what_is_on_account_is_in_nobodys_way(
    eager: Plant,
) -> None:
    line = {"article": 1001, "quantity": 1, "price": 2210}
    sale = sell(eager, **{**PART, "lines": [line]})
    eager.run()
    assert_posted(eager, ("10.00", "0.00"))
    assert record_of(sale).differences == []
    assert left_on(eager, RECEIVABLE) == 0


def test_a_part_of_a_payment_that_still_fits_is_applied(eager: Plant) -> None:
    sale = sell(eager, **PART)
    eager.run()
    # 12.10 of 12.10 are paid by the credit.
    assert_posted(eager, ("10.00", "10.00"))
    line = {"article": 1001, "quantity": -1, "price": 300}
    credit(eager, "", lines=[line])
    second = sell(eager, **PART)
    eager.run()
    # The credit of 3.00 takes the 2.10 that are on account and 0.90 of the payment.
    assert_posted(eager, ("10.00", "0.90"), ("10.00", "10.00"))
    assert len(record_of(sale).differences) == 1
    (told,) = record_of(second).differences
    assert (told["source"], told["target"]) == ("10.00", "9.10")


def test_payments_that_come_later_fit_too(eager: Plant) -> None:
    sale = sell(eager, **{**ON_ACCOUNT, "relation": 1002})
    eager.run()
    back = [{"article": 1001, "quantity": -1, "price": 800}]
    credit(eager, "", lines=back, relation=1002)
    eager.till.do("pay_receipt", receiptId=sale, amount=500, date="2026-10-07")
    eager.run()
    assert_posted(eager, ("5.00", "0.90"))
    eager.till.do("pay_receipt", receiptId=sale, amount=710, date="2026-10-09")
    eager.run()
    assert_posted(eager, ("5.00", "0.90"), ("7.10", "7.10"))


def test_what_was_fitted_stays_so(eager: Plant) -> None:
    sale = sell(eager, **SPLIT)
    eager.run()
    before = documents(eager, "Payment")
    SyncRecord.objects.filter(source_id=sale).update(state="failed")
    services.retry(SyncRecord.objects.filter(source_id=sale))
    settle(eager)
    assert documents(eager, "Payment") == before
    assert len(record_of(sale).differences) == 2


@pytest.mark.parametrize("automatic", [True, False])
def test_a_hub_that_was_lost_finds_fitted_payments(
    eager: Plant, automatic: bool
) -> None:
    sell(eager, **SPLIT)
    eager.run()
    before = documents(eager, "Payment")
    eager.books.switch(auto_apply_credit=automatic)
    forget_everything()
    eager.run()
    assert_posted(eager, ("2.10", "2.10"), ("10.00", "10.00"))
    assert documents(eager, "Payment") == before


@pytest.mark.parametrize("requestid", ["per_item", "forgotten"])
@pytest.mark.parametrize("action", ["lose", "late"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_lost_answer_makes_no_second_payment(
    eager: Plant, action: str, after: int, requestid: str
) -> None:
    sell(eager, **SPLIT)
    eager.books.switch(requestid=requestid)
    eager.books.fault(match=BATCH, action=action, after=after, times=1)
    eager.run()
    assert_posted(eager, ("2.10", "2.10"), ("10.00", "10.00"))
    assert len(documents(eager, "Invoice")) == 1


def test_a_credit_that_comes_between_is_asked_for_anew(eager: Plant) -> None:
    sale = sell(eager, **{**SPLIT, "relation": 1002})
    rule = {"action": "status", "status": 400, "body": REFUSED}
    eager.books.fault(match=BATCH, after=2, **rule)
    eager.run()
    assert record_of(sale).state == "failed"
    eager.books.ask("DELETE", "faults")
    credit(eager, "", relation=1002)
    eager.run()
    (invoice,) = documents(eager, "Invoice")
    assert invoice["Balance"] == 0
    services.retry(SyncRecord.objects.filter(source_id=sale))
    tasks.read_again(eager.flow.pk)
    eager.work()
    assert_posted(eager, ("2.10", "2.10"), ("10.00", "10.00"))


def test_a_switch_that_was_turned_while_a_run_works_is_told(plant: Plant) -> None:
    credit(plant, "")
    plant.run()
    sale = sell(plant, **SPLIT)
    run = services.run_flow(plant.flow).run
    tasks.read(run.pk)
    open_bench(run)
    plant.books.switch(auto_apply_credit=True)
    services.work_here(run)
    record = record_of(sale)
    assert record.state == "failed"
    assert "“Automatically apply credits”" in record.action
    services.retry(SyncRecord.objects.filter(source_id=sale))
    tasks.read_again(plant.flow.pk)
    plant.work()
    assert_posted(plant, ("2.10", "2.10"), ("10.00", "10.00"))


def test_the_question_holds_nobody_up(eager: Plant) -> None:
    before = eager.books.writes()
    sell_many(eager, 20, **{**SPLIT, "relation": 0})
    eager.run()
    assert eager.states() == {"synced": 21}
    # Item, invoices, questions, and two payments each.
    assert eager.books.writes() - before <= 6
