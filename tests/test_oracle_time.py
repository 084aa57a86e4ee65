from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.oracle import decide_all, judge, trial_balance
from tests.oracle_example.books import (
    ExampleBooks,
    Json,
    make_entry_line,
    make_item_line,
    make_ref,
    make_tax,
)
from tests.oracle_example.common import CARDS, CASH, PIN, SHIRT, SHIRT_TAX
from tests.oracle_example.money import (
    COMPANY,
    SPLIT,
    sell_shirt,
    take_shirt_back,
)
from tests.oracle_example.wire import (
    ExampleTill,
    make_count,
    make_day,
    make_payment,
    source_id,
)
from tests.oracle_parts.setup import Setup, load_setup
from tests.oracle_parts.shop import Knowledge

TAX: Json = {"TxnTaxDetail": make_tax(**SHIRT_TAX)}
PAID = make_payment("PIN", 1210)
LATE = Knowledge(late=frozenset({source_id(1)}))
IN_TIME = Knowledge(late=frozenset())


@pytest.fixture(scope="module")
def setup() -> Setup:
    root = Path(__file__).parents[1]
    return load_setup(root / "integration_hub" / "demo" / "shop.json")


@pytest.fixture
def till() -> ExampleTill:
    return ExampleTill(cards=CARDS)


@pytest.fixture
def books() -> ExampleBooks:
    return ExampleBooks()


def choose(setup: Setup, **choices: object) -> Setup:
    return replace(setup, choices=replace(setup.choices, **choices))


def close(books: ExampleBooks, day: str) -> None:
    prefs = {"Id": "1", "AccountingInfoPrefs": {"BookCloseDate": day}}
    books.objects["Preferences"] = [prefs]


# ------------------------------------------------------------- closed periods


def test_late_receipt_is_held(till, books, setup):
    sell_shirt(till, 1, PAID)
    close(books, "2026-03-31")
    verdict = judge(till, books, setup, known=LATE)
    assert verdict.good
    assert verdict.count_reasons("waiting") == {"closed period": 1}


def test_late_receipt_that_was_posted_is_named(till, books, setup):
    sell_shirt(till, 1, PAID)
    books.add_sale("SalesReceipt", 1, [SHIRT], **TAX, **PIN)
    close(books, "2026-03-31")
    (problem,) = judge(till, books, setup, known=LATE).problems
    assert "must have no document (waiting: closed period)" in problem


def test_receipt_that_came_in_time_must_be_there(till, books, setup):
    sell_shirt(till, 1, PAID)
    close(books, "2026-03-31")
    (problem,) = judge(till, books, setup, known=IN_TIME).problems
    assert "SalesReceipt R1-2-26-1 is missing" in problem


def test_both_are_right_where_nobody_knows(till, books, setup):
    sell_shirt(till, 1, PAID)
    close(books, "2026-03-31")
    verdict = judge(till, books, setup)
    assert verdict.good
    assert verdict.count_reasons("waiting") == {"closed period": 1}
    books.add_sale("SalesReceipt", 1, [SHIRT], **TAX, **PIN)
    verdict = judge(till, books, setup)
    assert verdict.good
    assert verdict.count_reasons("waiting") == {}


@pytest.mark.parametrize(
    ("day", "good"),
    [("2026-04-01", True), ("2026-03-05", False), ("2026-04-02", False)],
)
def test_late_receipt_may_move_to_the_first_open_day(till, books, setup, day, good):
    sell_shirt(till, 1, PAID)
    note = f"[hub] {source_id(1)} 1-2-2026-1 of 2026-03-05"
    more = {"TxnDate": day, "PrivateNote": note, **TAX, **PIN}
    books.add_sale("SalesReceipt", 1, [SHIRT], **more)
    close(books, "2026-03-31")
    moving = choose(setup, closed_period="first_open_day")
    verdict = judge(till, books, moving, known=LATE)
    assert verdict.good == good, verdict.problems


def test_note_of_what_moved_tells_the_original_date(till, books, setup):
    sell_shirt(till, 1, PAID)
    books.add_sale("SalesReceipt", 1, [SHIRT], TxnDate="2026-04-01", **TAX, **PIN)
    close(books, "2026-03-31")
    moving = choose(setup, closed_period="first_open_day")
    (problem,) = judge(till, books, moving, known=LATE).problems
    assert "does not tell the date of the receipt, 2026-03-05" in problem


def test_filed_vat_closes_a_period_too(till, books, setup):
    sell_shirt(till, 1, PAID)
    filed = choose(setup, filed_through=date(2026, 3, 31))
    close(books, "2026-01-31")
    verdict = judge(till, books, filed, known=LATE)
    assert verdict.count_reasons("waiting") == {"closed period": 1}
    assert trial_balance(till, filed, LATE) == {}


def test_nothing_moves_across_the_end_of_a_year(till, books, setup):
    sell_shirt(till, 1, PAID)
    moving = choose(setup, closed_period="first_open_day")
    close(books, "2026-12-31")
    verdict = judge(till, books, moving, known=LATE)
    assert verdict.count_reasons("waiting") == {"closed period": 1}


# ------------------------------------------------------- changed after posting


def know(till: ExampleTill, **more: object) -> Knowledge:
    """The till's receipts as they are now were posted."""
    return Knowledge(posted={r.id: r for r in till.receipts()}, **more)


def change(till: ExampleTill, **values: object) -> None:
    till.records[0] = {**till.records[0], **values}


def sell_and_change(till: ExampleTill, books: ExampleBooks) -> Knowledge:
    """A shirt by card that turns out to have been paid in cash."""
    sell_shirt(till, 1, PAID)
    books.add_sale("SalesReceipt", 1, [SHIRT], **TAX, **PIN)
    known = know(till)
    cash = make_payment("CONTANT", 1210)
    change(till, paymentList={"payment": [cash]})
    return known


def test_change_is_only_reported(till, books, setup):
    known = sell_and_change(till, books)
    assert judge(till, books, setup, known=known).good
    assert not judge(till, books, setup).good


def test_change_back_is_no_change(till, books, setup):
    known = sell_and_change(till, books)
    change(till, paymentList={"payment": [PAID]}, state="RECEIPT-STATE-HANDLED")
    assert judge(till, books, choose(setup, after_posting="update"), known=known).good


def test_changed_tenders_are_not_updated(till, books, setup):
    known = sell_and_change(till, books)
    updating = choose(setup, after_posting="update")
    assert judge(till, books, updating, known=known).good


def test_changed_customer_is_updated(till, books, setup):
    sell_shirt(till, 1, PAID)
    books.add_sale("SalesReceipt", 1, [SHIRT], **TAX, **PIN)
    known = know(till)
    change(till, relationNumber=7)
    updating = choose(setup, after_posting="update")
    problems = judge(till, books, updating, known=known).problems
    assert "is of customer 'Counter sales', not 'De Vries BV'" in problems[0]
    books.find("SalesReceipt", "R1-2-26-1").update(COMPANY)
    assert judge(till, books, updating, known=known).good
    touched = replace(known, touched=frozenset({source_id(1)}))
    assert not judge(till, books, updating, known=touched).good


def test_change_is_reversed(till, books, setup):
    known = sell_and_change(till, books)
    reversing = choose(setup, after_posting="reverse")
    problems = judge(till, books, reversing, known=known).problems
    assert any("RefundReceipt R1-2-26-1a is missing" in each for each in problems)
    numbers = {"RefundReceipt": "R1-2-26-1a", "SalesReceipt": "R1-2-26-1b"}
    for (entity, number), how in zip(numbers.items(), (PIN, CASH), strict=True):
        books.add_sale(entity, 1, [SHIRT], DocNumber=number, **TAX, **how)
    assert judge(till, books, reversing, known=known).problems == ()
    balances = trial_balance(till, reversing, known)
    assert "Till cards Centrum" not in balances
    assert balances["Till cash Centrum"] == 1210


def test_payment_that_was_added_is_a_payment(till, books, setup):
    day = {"financialDate": make_day("2026-03-06"), "relationNumber": 7}
    till.counts.append(make_count(900, "2026-03-06"))
    sell_shirt(till, 1, state="RECEIPT-STATE-OUTSTANDING", **day)
    known = know(till)
    late = make_payment("PIN", 1210, financialDate=make_day("2026-03-09"))
    change(till, paymentList={"payment": [late]}, state="RECEIPT-STATE-PAID")
    invoice = books.add_sale(
        "Invoice", 1, [SHIRT], TxnDate="2026-03-06", Balance=0, **TAX, **COMPANY
    )
    more = {"TxnDate": "2026-03-09", **PIN, **COMPANY}
    books.add_payment(1, 1, 12.10, invoice=invoice, **more)
    assert judge(till, books, setup, known=known).problems == ()


# ----------------------------------------------------------------- cash counts


def count_cash(till: ExampleTill, **more: object) -> None:
    line = {
        "paymentMethod": "CONTANT",
        "differenceAmount": -50,
        "depositedAmount": 9000,
    }
    till.counts.append(make_count(900, "2026-03-05", line, **more))


def test_cash_count_is_an_entry(till, books, setup):
    count_cash(till)
    counting = choose(setup, cash_counts=True)
    (problem,) = judge(till, books, counting).problems
    assert "JournalEntry of the cash count is missing" in problem
    books.add_entry(
        900,
        make_entry_line("Till cash Centrum", -90.50),
        make_entry_line("Cash over and short", 0.50),
        make_entry_line("Money in transit", 90.00),
    )
    assert judge(till, books, counting).problems == ()
    (problem,) = judge(till, books, setup).problems
    assert "no receipt asks for it" in problem
    balances = trial_balance(till, counting)
    assert balances["Money in transit"] == 9000


def test_cash_count_that_is_not_final_waits(till, setup):
    count_cash(till, final=False)
    (decision,) = decide_all(till, choose(setup, cash_counts=True))
    assert (decision.outcome, decision.reason) == ("waiting", "not final")


# ------------------------------------------------- what the company does itself


def test_credit_that_the_company_sets_off_itself_is_right(till, books, setup):
    sell_shirt(till, 1, make_payment("OPREKENING", 1210), relationNumber=7)
    credited = till.records[0]["receiptId"]
    back = make_payment("OPREKENING", -1210)
    take_shirt_back(till, 2, back, relationNumber=7, creditedReceiptId=credited)
    term = {"SalesTermRef": make_ref("Net 14"), "DueDate": "2026-03-19"}
    invoice = books.add_sale("Invoice", 1, [SHIRT], Balance=0, **TAX, **COMPANY, **term)
    credit = books.add_sale("CreditMemo", 2, [SHIRT], Balance=0, **TAX, **COMPANY)
    note = "Created by QB Online to link credits to charges."
    links = [("Invoice", invoice, 12.10), ("CreditMemo", credit, 12.10)]
    more = {"PaymentRefNum": "", "PrivateNote": note}
    books.add_received(2, "", 0, links=links, **more, **COMPANY)
    assert judge(till, books, setup).problems == ()
    books.objects["Payment"][0]["TotalAmt"] = 1
    assert not judge(till, books, setup).good


def test_split_documents_of_a_total_of_zero(till, books, setup):
    sell_shirt(till, 1, make_payment("CADEAUBON", 1210))
    books.add_sale("SalesReceipt", 1, [SHIRT], **TAX, **SPLIT)
    card = make_item_line("Gift card", "No VAT", 12.10, 12.10)
    back = {"DocNumber": "R1-2-26-1-r", **SPLIT}
    books.add_sale("RefundReceipt", 1, [card], **back)
    splitting = choose(setup, zero_totals="two_documents")
    assert judge(till, books, splitting).problems == ()
    books.remove("RefundReceipt", "R1-2-26-1-r")
    problems = judge(till, books, splitting).problems
    assert any("R1-2-26-1-r is missing" in problem for problem in problems)
    assert any("leaves 12.10 on account 'Split tenders'" in each for each in problems)
