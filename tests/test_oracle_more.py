from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests.oracle import decide_all, judge, trial_balance
from tests.oracle_example.books import ITEMS, ExampleBooks, Json
from tests.oracle_example.common import CARDS
from tests.oracle_example.example import make_example
from tests.oracle_example.money import DEBT
from tests.oracle_example.money_mutations import MONEY_MUTATIONS
from tests.oracle_example.special_mutations import SPECIAL_MUTATIONS
from tests.oracle_example.wire import (
    ExampleTill,
    make_day,
    make_line,
    make_payment,
    make_receipt,
)
from tests.oracle_parts.books import to_cents
from tests.oracle_parts.expected import Bundle
from tests.oracle_parts.setup import Setup, load_setup

ROOT = Path(__file__).parents[1]
MORE_MUTATIONS = [*MONEY_MUTATIONS, *SPECIAL_MUTATIONS]
FORMS = {"SalesReceipt": 1, "Invoice": 1, "RefundReceipt": -1, "CreditMemo": -1}
DEBTORS = "Accounts Receivable (A/R)"
VAT = "VAT Control"
# These spoil what belongs to two receipts, or to none.
OF_TWO = frozenset(
    {
        "leave_credit_unapplied",
        "apply_credit_to_nothing",
        "credit_the_default_debtor",
        "settle_nothing",
        "settle_another_invoice",
        "receive_what_nobody_paid",
        "credit_what_nobody_returned",
    }
)


@pytest.fixture(scope="module")
def setup() -> Setup:
    return load_setup(ROOT / "integration_hub" / "demo" / "shop.json")


@pytest.fixture
def till() -> ExampleTill:
    return make_example()[0]


@pytest.fixture
def books() -> ExampleBooks:
    return make_example()[1]


@pytest.mark.parametrize(
    ("mutate", "sentence"), MORE_MUTATIONS, ids=[m.__name__ for m, _ in MORE_MUTATIONS]
)
def test_wrong_books_are_named(till, books, setup, mutate, sentence):
    mutate(books)
    problems = judge(till, books, setup).problems
    assert any(sentence in problem for problem in problems), problems


@pytest.mark.parametrize(
    "mutate", [m for m, _ in MORE_MUTATIONS if m.__name__ not in OF_TWO]
)
def test_wrong_books_are_not_blamed_on_other_receipts(till, books, setup, mutate):
    mutate(books)
    named = {p.split("(")[0] for p in judge(till, books, setup).problems}
    assert len(named) == 1


# --------------------------------------------------------------- trial balance


def post(books: ExampleBooks) -> dict[str, int]:
    """What a bookkeeper finds when he adds the example's documents up."""
    sums: dict[str, int] = defaultdict(int)
    for entity, sign in FORMS.items():
        for row in books.rows(entity):
            post_form(row, sign, entity in ("Invoice", "CreditMemo"), sums)
    for row in books.rows("Payment"):
        account = row.get("DepositToAccountRef", {"name": DEBTORS})["name"]
        sums[account] += to_cents(row["TotalAmt"])
        sums[DEBTORS] -= to_cents(row["TotalAmt"])
    for row in books.rows("JournalEntry"):
        for line in row["Line"]:
            detail = line["JournalEntryLineDetail"]
            side = 1 if detail["PostingType"] == "Debit" else -1
            sums[detail["AccountRef"]["name"]] += side * to_cents(line["Amount"])
            sums[VAT] += side * to_cents(detail.get("TaxAmount"))
    return {name: cents for name, cents in sums.items() if cents}


def post_form(row: Json, sign: int, on_account: bool, sums: dict[str, int]) -> None:
    money = DEBTORS if on_account else row["DepositToAccountRef"]["name"]
    sums[money] += sign * to_cents(row["TotalAmt"])
    for line in row["Line"]:
        detail = line.get("SalesItemLineDetail")
        if detail:
            net, gross = to_cents(line["Amount"]), to_cents(detail["TaxInclusiveAmt"])
            sums[ITEMS[detail["ItemRef"]["name"]]] -= sign * net
            sums[VAT] -= sign * (gross - net)


def test_trial_balance_is_that_of_right_books(till, books, setup):
    balances = trial_balance(till, setup)
    assert balances == post(books)
    assert sum(balances.values()) == 0
    assert "Split tenders" not in balances


def test_trial_balance_comes_from_the_till_alone(till, books, setup):
    before = trial_balance(till, setup)
    till.records = till.records[1:]
    after = trial_balance(till, setup)
    changed = {name for name in before if before[name] != after.get(name, 0)}
    assert changed == {"Till cards Centrum", "Sales", "Sales of food", VAT}


# ------------------------------------------------- VAT that the till does not count


def test_vat_that_the_till_does_not_count_is_listed_by_reason(till, books, setup):
    told = judge(till, books, setup).to_json()["expected_vat_differences"]
    found = {(each["reason"], each["code"], each["difference"]) for each in told}
    assert found == {
        ("single-purpose gift card", "VAT 21%", "2.10"),
        ("single-purpose gift card", "VAT 21%", "-2.10"),
        ("own discount voucher", "VAT 21%", "-0.21"),
        ("own discount voucher", "VAT 9%", "-0.02"),
    }


def test_vat_of_an_entry_may_be_in_its_lines(till, books, setup):
    for number, gross in ((41, 9.68), (45, 12.10)):
        books.find("JournalEntry", f"J1-2-26-{number}")["Line"][1]["Amount"] = gross
    assert judge(till, books, setup).problems == ()


# ------------------------------------------------------------------------ edges


def post_one(setup: Setup, record: Json) -> Bundle:
    (decision,) = decide_all(ExampleTill([record], CARDS), setup)
    assert decision.bundle, decision.reason
    return decision.bundle


def test_voucher_is_for_goods_that_are_sold_and_not_for_those_returned(setup):
    back = make_line(-218, -200, "2", turnoverGroup=30)
    voucher, pin = make_payment("KORTINGSBON", 200), make_payment("PIN", 792)
    vat = {"1": (1000, 210), "2": (-200, -18)}
    lines = [make_line(1210, 1000), back]
    (form,) = post_one(
        setup, make_receipt(1, lines=lines, vat=vat, payments=[voucher, pin])
    ).forms
    assert form.parts["Own vouchers", "VAT 21%"] == -200
    assert ("Own vouchers", "VAT 9%") not in form.parts


def test_debt_that_a_gift_card_pays_goes_over_split_tenders(setup):
    debt = make_line(1000, 1000, "0", **DEBT)
    card = make_payment("CADEAUBON", 1000)
    bundle = post_one(
        setup, make_receipt(1, lines=[debt], payments=[card], relationNumber=7)
    )
    (received,), (form,) = bundle.received, bundle.forms
    assert (received.account, received.total) == ("Split tenders", 1000)
    assert (form.entity, form.account, form.total) == (
        "RefundReceipt",
        "Split tenders",
        1000,
    )
    assert bundle.entries == ()


def test_sale_on_account_that_was_paid_later_may_be_an_invoice(setup):
    payments = [
        make_payment("OPREKENING", 1210),
        make_payment("PIN", 1210, financialDate=make_day("2026-03-07")),
    ]
    record = make_receipt(
        1,
        lines=[make_line(1210, 1000)],
        vat={"1": (1000, 210)},
        payments=payments,
        relationNumber=7,
    )
    (decision,) = decide_all(ExampleTill([record], CARDS), setup)
    (other,) = decision.others
    (invoice,) = other.forms
    assert (invoice.entity, invoice.balance, len(invoice.payments)) == ("Invoice", 0, 1)
