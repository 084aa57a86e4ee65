"""Sales on account, and sales that nobody paid, that are paid later at the till."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.flows.bookkeeper import documents
from tests.flows.shop import BATCH, LINE, record_of, sell, settle
from tests.flows.test_changes import forget_everything
from tests.flows.test_rare_sales import ON_ACCOUNT, left_on
from tests.plant import Plant
from tests.posting_examples import read_ledger

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVABLE = "Accounts Receivable (A/R)"


def test_a_sale_on_account_that_is_paid_later_is_paid_once(plant: Plant) -> None:
    sale = sell(plant, **ON_ACCOUNT)
    plant.run()
    for amount, day in ((500, "2026-10-07"), (710, "2026-10-09")):
        plant.till.do("pay_receipt", receiptId=sale, amount=amount, date=day)
        plant.run()
        plant.run()
    assert record_of(sale).state == "synced"
    (invoice,) = documents(plant, "Invoice")
    assert invoice["Balance"] == 0
    days = [p["TxnDate"] for p in documents(plant, "Payment")]
    assert sorted(days) == ["2026-10-07", "2026-10-09"]


@pytest.mark.parametrize("read_between", [True, False])
def test_a_sale_on_account_that_is_paid_whole_at_once_is_no_tip(
    plant: Plant, read_between: bool
) -> None:
    sale = sell(plant, **ON_ACCOUNT)
    if read_between:
        plant.run()
    plant.till.do("pay_receipt", receiptId=sale, minutes=5)
    plant.run()
    assert plant.states() == {"synced": 1}
    (invoice,) = documents(plant, "Invoice")
    assert (invoice["TotalAmt"], invoice["Balance"]) == (12.1, 0)
    assert plant.judge().problems == ()


@pytest.mark.parametrize(
    ("owed", "cash", "rounded"), [(1213, 1215, "-0.02"), (1211, 1210, "0.01")]
)
@pytest.mark.parametrize("turned", [False, True])
def test_cash_that_pays_later_is_posted_with_its_rounding(
    plant: Plant, owed: int, cash: int, rounded: str, turned: bool
) -> None:
    line = {**LINE, "price": owed}
    sale = sell(plant, **{**ON_ACCOUNT, "lines": [line]})
    plant.run()
    paid = {"receiptId": sale, "method": "CONTANT", "turned": turned}
    plant.till.do("pay_receipt", **paid, amount=500, date="2026-10-07")
    plant.run()
    plant.till.do("pay_receipt", **paid, amount=cash - 500, date="2026-10-08")
    plant.run()
    plant.run()
    assert_rounded(plant, owed, cash, rounded)
    before = read_ledger(plant)
    forget_everything()
    plant.run()
    assert read_ledger(plant) == before
    assert_rounded(plant, owed, cash, rounded)


@pytest.mark.parametrize("requestid", ["per_item", "forgotten"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_lost_answer_rounds_nothing_twice(
    plant: Plant, after: int, requestid: str
) -> None:
    line = {**LINE, "price": 1213}
    sale = sell(plant, **{**ON_ACCOUNT, "lines": [line]})
    plant.run()
    paid = {"receiptId": sale, "method": "CONTANT", "amount": 1215}
    plant.till.do("pay_receipt", **paid, date="2026-10-08")
    plant.books.switch(requestid=requestid)
    plant.books.fault(match=BATCH, action="lose", after=after, times=1)
    plant.run()
    settle(plant)
    assert_rounded(plant, 1213, 1215, "-0.02")


def assert_rounded(plant: Plant, owed: int, cash: int, rounded: str) -> None:
    """An invoice that is paid in cash, and what was rounded beside it."""
    assert plant.states() == {"synced": 1}
    (invoice,) = documents(plant, "Invoice")
    assert (invoice["TotalAmt"], invoice["Balance"]) == (owed / 100, 0)
    (entry,) = documents(plant, "JournalEntry")
    assert entry["TxnDate"] == "2026-10-08"
    assert left_on(plant, "Payment differences") == Decimal(rounded)
    assert left_on(plant, "Till cash Centrum") == Decimal(cash) / 100
    assert left_on(plant, RECEIVABLE) == 0
    assert plant.judge().problems == ()
    assert plant.compare_balances() == {}


@pytest.mark.parametrize("cash", [1215, 1210])
def test_cash_for_what_nobody_paid_is_posted_with_its_rounding(
    plant: Plant, cash: int
) -> None:
    owed = 1213 if cash > 1210 else 1211
    line = {**LINE, "price": owed}
    state = {"state": "RECEIPT-STATE-OUTSTANDING", "payments": []}
    sale = sell(plant, lines=[line], relation=1001, **state)
    plant.till.do("close_day", date="2026-10-05")
    plant.run()
    assert plant.states() == {"synced": 1}
    paid = {"receiptId": sale, "method": "CONTANT", "amount": cash}
    plant.till.do("pay_receipt", **paid, date="2026-10-08")
    plant.run()
    rounded = Decimal(owed - cash) / 100
    assert_rounded(plant, owed, cash, str(rounded))
