"""Changed receipts reversed and posted again: held against the till by the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.quickbooks.targets.copies import find_copy
from flows import services
from flows.models import SyncRecord
from tests.flows.bookkeeper import ask_books, documents
from tests.flows.shop import BATCH, LINE, record_of, sell, settle, wait_and_work
from tests.flows.test_after_posting import split
from tests.flows.test_closed_periods import choose, close
from tests.flows.test_not_sales import count_flow
from tests.oracle_parts.records import TillReceipt
from tests.oracle_parts.shop import Knowledge
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
ON_ACCOUNT = [{"method": "OPREKENING"}]
TWO_CARDS = [{"method": "PIN", "amount": 210}, {"method": "CREDITCARD"}]
CASH_BACK = [
    {"method": "PIN", "amount": 2210},
    {"method": "CONTANT", "amount": -1000},
]
OWNER: dict[str, Any] = {"relation": 1081}
SALES: dict[str, dict[str, Any]] = {
    "not paid": {**OWNER, "payments": ON_ACCOUNT},
    "paid in part": {**OWNER, "payments": split(210, 1000)},
    "paid in two tenders": {"payments": TWO_CARDS},
    "paid in full by a relation": {**OWNER, "payments": TWO_CARDS},
    "with cash back": {"payments": CASH_BACK},
    "sold and returned": {
        "lines": [LINE, {"article": 1003, "quantity": -1, "price": 500}],
        "payments": TWO_CARDS[1:],
    },
    "returned": {"lines": [{**LINE, "quantity": -1}]},
    "returned in two tenders": {
        "lines": [{**LINE, "quantity": -2}],
        "payments": [{"method": "PIN", "amount": -1000}, {"method": "CONTANT"}],
    },
}
MOVEMENTS: dict[str, dict[str, Any]] = {
    "cash in": {
        "type": "RECEIPT-TYPE-CASH-INFLOW",
        "lines": [{"article": 9031, "price": 5000}],
        "payments": [{"method": "CONTANT"}],
    },
    "cash out with VAT": {
        "type": "RECEIPT-TYPE-CASH-OUTFLOW",
        "lines": [{"article": 9033, "price": -2420}],
        "payments": [{"method": "CONTANT"}],
    },
    "own use": {"payments": [{"method": "PRIVE"}]},
}


@dataclass
class Shop:
    """A plant whose changed receipts are reversed, and what the till said before."""

    plant: Plant
    versions: list[dict[str, TillReceipt]] = field(default_factory=list)
    choices: dict[str, str] = field(
        default_factory=lambda: {"after_posting": "reverse"}
    )

    def run(self) -> None:
        """Run the flow and remember what was posted."""
        self.plant.run()
        self.remember()

    def remember(self) -> None:
        """What the till says now was posted."""
        receipts = self.plant.open_till().receipts()
        self.versions.append({receipt.id: receipt for receipt in receipts})

    def change(self, source_id: str, what: str = "lines", **values: Any) -> None:
        """Change a receipt at the till."""
        values = {"receiptId": source_id, "what": what, **values}
        self.plant.till.do("change_receipt", **values)

    def choose(self, **choices: str) -> None:
        """Change settings."""
        self.choices |= choices
        choose(self.plant, **choices)

    def assert_right(self, *, at_rest: bool = True) -> None:
        """The books are what the till says, document by document and in sum."""
        if at_rest:
            settle(self.plant)
        assert set(self.plant.states()) == {"synced"}
        known = self.know()
        assert self.plant.judge(known=known, **self.choices).problems == ()
        assert self.plant.compare_balances(known, **self.choices) == {}

    def know(self) -> Knowledge:
        """What the oracle has to be told."""
        first, *others = self.versions
        between = {
            key: tuple(version[key] for version in others if key in version)
            for key in first
        }
        return Knowledge(posted=first, between=between)


@pytest.fixture
def shop(plant: Plant) -> Shop:
    """A shop whose changed receipts are reversed and posted again."""
    choose(plant, after_posting="reverse")
    return Shop(plant)


def totals(plant: Plant, entity: str) -> list[Any]:
    """The totals of the company's documents of a kind."""
    return [row["TotalAmt"] for row in documents(plant, entity)]


def balances(plant: Plant, entity: str) -> list[Any]:
    """What is open of the company's documents of a kind."""
    return [row["Balance"] for row in documents(plant, entity)]


def amounts(total: int, first: str = "CONTANT", part: int = 0) -> list[dict[str, Any]]:
    """Payments of a total in cents, a part of them by the first tender."""
    rest = [{"method": "CREDITCARD", "amount": total - part}] if part else []
    return [{"method": first, "amount": part or total}, *rest]


def pay(plant: Plant, invoice: dict[str, Any], amount: float) -> None:
    """Let a bookkeeper post a payment of an invoice."""
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    line = {"Amount": amount, "LinkedTxn": [link]}
    body = {"CustomerRef": invoice["CustomerRef"], "TotalAmt": amount, "Line": [line]}
    ask_books(plant, "payment", body)


# --------------------------------------------------------------------- sort by sort


@pytest.mark.parametrize("what", ["lines", "tenders", "branch", "date"])
@pytest.mark.parametrize("sort", SALES)
def test_it_is_reversed_to_the_cent_and_posted_again(
    shop: Shop, sort: str, what: str
) -> None:
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    values = {
        "tenders": {"payments": amounts(int(record_of(source_id).amount * 100))},
        "branch": {"branch": 2},
        "date": {"date": "2026-10-06"},
    }
    shop.change(source_id, what, **values.get(what, {}))
    shop.plant.run()
    shop.assert_right()


@pytest.mark.parametrize("sort", MOVEMENTS)
def test_an_entry_is_reversed_with_its_sides_turned(shop: Shop, sort: str) -> None:
    source_id = sell(shop.plant, **MOVEMENTS[sort])
    shop.run()
    shop.change(source_id, "date", date="2026-10-06")
    shop.plant.run()
    assert len(documents(shop.plant, "JournalEntry")) == 3
    shop.assert_right()


def test_a_cash_count_is_reversed_and_posted_again(plant: Plant) -> None:
    choose(plant, after_posting="reverse")
    books = Plant(plant.till, plant.books, count_flow(plant))
    for difference, banked in ((-350, 10000), (150, 5000), (0, 0)):
        amounts = {
            "differences": {"CONTANT": difference},
            "banked": {"CONTANT": banked},
        }
        plant.till.do("close_day", date="2026-10-05", branch=1, till=1, **amounts)
        books.run()
        assert plant.states() == {"synced": 1}
        assert plant.compare_balances(cash_counts=True) == {}
    assert len(documents(plant, "JournalEntry")) == 4


@pytest.mark.parametrize("sort", SALES)
def test_it_is_reversed_again_when_it_changes_again(shop: Shop, sort: str) -> None:
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    for day in ("2026-10-06", "2026-10-07"):
        shop.change(source_id, "date", date=day)
        shop.run()
    shop.versions.pop()
    shop.assert_right()
    letters = {row["DocNumber"][-1] for row in all_sales(shop.plant)}
    assert letters >= {"a", "b", "c", "d"}


def all_sales(plant: Plant) -> list[dict[str, Any]]:
    """Every sales document."""
    sorts = ("SalesReceipt", "RefundReceipt", "Invoice", "CreditMemo")
    return [row for entity in sorts for row in documents(plant, entity)]


@pytest.mark.parametrize("sort", SALES)
def test_a_change_that_is_undone_is_a_change(shop: Shop, sort: str) -> None:
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    for branch in (2, 1):
        shop.change(source_id, "branch", branch=branch)
        shop.run()
    shop.versions.pop()
    shop.assert_right()


def test_another_sort_of_sale_takes_its_place(shop: Shop) -> None:
    source_id = sell(shop.plant, **SALES["paid in part"])
    shop.run()
    shop.change(source_id, "tenders", payments=amounts(1210, "PIN"))
    shop.run()
    shop.change(source_id, "tenders", payments=split(210, 1000))
    shop.plant.run()
    shop.assert_right()


def test_a_payment_that_comes_after_a_reversal_is_added(shop: Shop) -> None:
    source_id = sell(shop.plant, **SALES["not paid"])
    shop.run()
    shop.change(source_id)
    shop.run()
    shop.plant.till.do("pay_receipt", receiptId=source_id, amount=500)
    shop.plant.run()
    settle(shop.plant)
    assert record_of(source_id).state == "synced"
    (payment,) = [row for row in documents(shop.plant, "Payment") if row["TotalAmt"]]
    assert payment["PaymentRefNum"].endswith("b-1")
    assert sorted(balances(shop.plant, "Invoice")) == [0, 19.2]


def test_an_update_goes_to_what_was_posted_last(shop: Shop) -> None:
    source_id = sell(shop.plant)
    shop.run()
    shop.change(source_id)
    shop.run()
    shop.choose(after_posting="update")
    shop.change(source_id, lines=[{**LINE, "article": 1002, "quantity": 2}])
    shop.plant.run()
    assert record_of(source_id).state == "synced"
    first, last = documents(shop.plant)
    assert (first["SyncToken"], last["SyncToken"]) == ("0", "1")
    shop.remember()
    shop.choose(after_posting="reverse")
    shop.change(source_id, "date", date="2026-10-06")
    shop.plant.run()
    settle(shop.plant)
    assert record_of(source_id).state == "synced"
    assert len(totals(shop.plant, "RefundReceipt")) == 2
    assert shop.plant.compare_balances(shop.know(), **shop.choices) == {}


def test_what_comes_to_nothing_is_only_reversed(shop: Shop) -> None:
    source_id = sell(shop.plant, **SALES["paid in two tenders"])
    shop.run()
    shop.change(source_id, lines=[{**LINE, "price": 0}])
    shop.change(source_id, "tenders", payments=[])
    shop.run()
    shop.assert_right()
    shop.change(source_id, lines=[LINE])
    shop.change(source_id, "tenders", payments=amounts(1210, "PIN", 210))
    shop.plant.run()
    settle(shop.plant)
    assert record_of(source_id).state == "synced"
    assert len(documents(shop.plant, "Invoice")) == 2
    assert totals(shop.plant, "RefundReceipt") == [12.1]


# -------------------------------------------------------------- the customer's account


@pytest.mark.parametrize("auto", [True, False], ids=["auto", "by hand"])
@pytest.mark.parametrize("sort", ["not paid", "paid in part"])
def test_other_invoices_of_the_customer_stay_owed_in_sum(
    shop: Shop, sort: str, auto: bool
) -> None:
    shop.plant.books.switch(auto_apply_credit=auto)
    other = sell(shop.plant, **SALES["not paid"], date="2026-10-04")
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    shop.change(source_id)
    shop.plant.run()
    settle(shop.plant)
    assert {record_of(each).state for each in (other, source_id)} == {"synced"}
    known = shop.know()
    assert shop.plant.compare_balances(known, **shop.choices) == {}
    if not auto:
        shop.assert_right()
        assert sorted(balances(shop.plant, "Invoice"))[:2] == [0, 12.1]
        assert balances(shop.plant, "CreditMemo") == [0]


@pytest.mark.parametrize("amount", [4, 10])
def test_what_somebody_else_has_paid_stays_the_customers(
    shop: Shop, amount: int
) -> None:
    source_id = sell(shop.plant, **SALES["paid in part"])
    shop.run()
    pay(shop.plant, documents(shop.plant, "Invoice")[0], amount)
    shop.change(source_id)
    shop.plant.run()
    settle(shop.plant)
    assert record_of(source_id).state == "synced"
    assert balances(shop.plant, "CreditMemo") == [amount]
    assert sorted(balances(shop.plant, "Invoice")) == [0, 22.1]
    found = shop.plant.compare_balances(shop.know(), **shop.choices)
    assert {name: there - right for name, (there, right) in found.items()} == {
        "Accounts Receivable (A/R)": -100 * amount,
        "Undeposited Funds": 100 * amount,
    }


def test_a_credit_is_reversed(shop: Shop) -> None:
    sold = sell(shop.plant, **SALES["not paid"])
    lines, sort = [{**LINE, "quantity": -1}], "RECEIPT-TYPE-CREDIT-RECEIPT"
    credit = {**SALES["not paid"], "lines": lines, "type": sort, "credits": sold}
    source_id = sell(shop.plant, **credit)
    shop.run()
    shop.change(source_id, "date", date="2026-10-06")
    shop.plant.run()
    settle(shop.plant)
    known = shop.know()
    assert record_of(source_id).state == "synced"
    assert shop.plant.compare_balances(known, **shop.choices) == {}


def test_a_settled_debt_is_reported(shop: Shop) -> None:
    line = {"article": 9041, "quantity": 1, "price": 5000}
    source_id = sell(shop.plant, lines=[line], **OWNER)
    shop.run()
    shop.change(source_id, "date", date="2026-10-06")
    shop.plant.run()
    record = record_of(source_id)
    assert record.reason == "changed after posting"
    assert "settles an earlier debt" in record.message
    assert totals(shop.plant, "Payment") == [50]


def test_without_an_account_of_what_is_owed_it_says_so(shop: Shop) -> None:
    source_id = sell(shop.plant, **SALES["paid in part"])
    shop.run()
    shop.choose(receivable_account="")
    shop.change(source_id)
    shop.plant.run()
    assert "Accounts receivable" in record_of(source_id).message
    assert documents(shop.plant, "CreditMemo") == []


# ----------------------------------------------------------------------- closed periods


@pytest.mark.parametrize("policy", ["hold", "first_open_day"])
@pytest.mark.parametrize("filed", [True, False], ids=["filed", "closed"])
@pytest.mark.parametrize(
    "sort", ["paid in part", "paid in two tenders", "with cash back"]
)
def test_a_closed_period_is_left_alone(
    shop: Shop, sort: str, filed: bool, policy: str
) -> None:
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    there = all_sales(shop.plant)
    shop.choose(closed_period=policy)
    if filed:
        shop.choose(vat_filed_through="2026-10-31")
    else:
        close(shop.plant, "2026-10-31")
    shop.change(source_id)
    shop.plant.run()
    settle(shop.plant)
    assert record_of(source_id).state == "synced"
    new = [row for row in all_sales(shop.plant) if row["Id"] not in ids(there)]
    assert {row["TxnDate"] for row in new} == {"2026-11-01"}
    assert all("2026-10-05" in row["PrivateNote"] for row in new)
    if not filed:
        shop.assert_right()


@pytest.mark.parametrize(
    "sort", ["paid in part", "paid in two tenders", "with cash back", "own use"]
)
def test_what_went_to_the_first_open_day_is_reversed_there(
    shop: Shop, sort: str
) -> None:
    shop.choose(closed_period="first_open_day")
    close(shop.plant, "2026-10-31")
    source_id = sell(shop.plant, **{**SALES, **MOVEMENTS}[sort])
    shop.run()
    close(shop.plant, "2026-09-30")
    shop.change(source_id, "branch", branch=2)
    shop.plant.run()
    settle(shop.plant)
    assert record_of(source_id).state == "synced"
    assert shop.plant.compare_balances(shop.know(), **shop.choices) == {}
    rows = [*all_sales(shop.plant), *documents(shop.plant, "JournalEntry")]
    assert {(find_copy(row["DocNumber"]), row["TxnDate"]) for row in rows} == {
        *{("", "2026-11-01"), ("a", "2026-11-01")},
        ("b", "2026-10-05"),
    }
    # The receipt's own day stands in the note, once.
    moved = [row for row in rows if row["TxnDate"] == "2026-11-01"]
    assert [row["PrivateNote"].count("(dated ") for row in moved] == [1] * len(moved)
    assert all("(dated 2026-10-05)" in row["PrivateNote"] for row in moved)


def ids(rows: list[dict[str, Any]]) -> set[str]:
    """The ids of documents."""
    return {row["Id"] for row in rows}


# ---------------------------------------------------------------------- exactly once


@pytest.mark.parametrize("lost", range(5))
@pytest.mark.parametrize(
    "sort", ["paid in part", "paid in two tenders", "with cash back"]
)
def test_lost_answers_make_nothing_twice(shop: Shop, sort: str, lost: int) -> None:
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    shop.plant.books.switch(requestid="forgotten")
    shop.plant.books.fault(action="lose", match=BATCH, times=1, after=lost)
    shop.change(source_id)
    shop.plant.run()
    shop.assert_right()


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("sort", ["paid in part", "paid in two tenders"])
def test_what_the_company_failed_at_is_looked_up(
    shop: Shop, sort: str, count: int, done: bool
) -> None:
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    shop.change(source_id)
    shop.plant.books.do("fail_items", count=count, done=done)
    shop.plant.run()
    shop.assert_right()


def test_a_mail_in_between_changes_nothing(shop: Shop) -> None:
    """The same content with another version is known by the version it was posted by."""
    source_id = sell(shop.plant, **SALES["paid in two tenders"])
    shop.run()
    shop.change(source_id, "branch", branch=2)
    shop.run()
    for what in ("mail", "reference"):
        shop.change(source_id, what)
        shop.plant.run()
    services.retry(SyncRecord.objects.all())
    wait_and_work()
    shop.change(source_id, "date", date="2026-10-06")
    shop.plant.run()
    shop.assert_right()


def interrupt(shop: Shop, source_id: str, *, after: int) -> None:
    """Change the receipt; after so many calls the company refuses all."""
    error = {"Message": "No.", "Detail": "Cannot be read.", "code": "2010"}
    text = json.dumps({"Fault": {"Error": [error], "type": "ValidationFault"}})
    rule = {"action": "status", "status": 400, "match": BATCH, "times": 3}
    shop.plant.books.fault(**rule, body=text, after=after)
    shop.change(source_id)
    shop.plant.run()
    assert record_of(source_id).state == "failed"
    shop.plant.books.ask("DELETE", "faults")


def test_the_next_version_takes_the_place_of_one_that_was_not_posted(
    shop: Shop,
) -> None:
    """The reversal is there already, the version that asked for it is not."""
    source_id = sell(shop.plant, **SALES["paid in two tenders"])
    shop.run()
    interrupt(shop, source_id, after=1)
    assert totals(shop.plant, "Invoice") == [12.1]
    assert totals(shop.plant, "RefundReceipt") == [12.1]
    shop.change(source_id, "date", date="2026-10-06")
    shop.plant.run()
    # What the version before had in mind is never sent.
    shop.assert_right(at_rest=False)


@pytest.mark.parametrize("back", [True, False])
def test_a_change_of_what_was_posted_by_half_is_reported(
    shop: Shop, back: bool
) -> None:
    """The new invoice is there without its payments, and its content is not kept."""
    source_id = sell(shop.plant, **SALES["paid in two tenders"])
    shop.run()
    interrupt(shop, source_id, after=2)
    assert totals(shop.plant, "Invoice") == [12.1, 24.2]
    there = all_sales(shop.plant)
    shop.change(source_id, lines=[LINE] if back else [{**LINE, "quantity": 3}])
    if back:
        shop.change(source_id, "tenders", payments=amounts(1210, "PIN", 210))
    shop.plant.run()
    record = record_of(source_id)
    assert record.reason == "changed after posting"
    assert "not posted to its end" in record.message
    assert all_sales(shop.plant) == there
