from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.oracle import decide_all
from tests.oracle_example.common import CARDS
from tests.oracle_example.wire import (
    DEPOSIT,
    NO_CODE,
    WIRE_SHIRT,
    ExampleTill,
    Json,
    make_count,
    make_day,
    make_line,
    make_payment,
    make_receipt,
)
from tests.oracle_parts.expected import FAILED, Bundle, Expected
from tests.oracle_parts.setup import Setup, load_setup

SALES = ("Sales", "VAT 21%")
BACK = make_line(-1210, -1000)
VAT = {"1": (1000, 210)}


def make_sale(*payments: Json, **more: object) -> Json:
    plain = {"lines": [WIRE_SHIRT], "vat": VAT}
    return make_receipt(1, payments=list(payments), **{**plain, **more})


@pytest.fixture(scope="module")
def setup() -> Setup:
    root = Path(__file__).parents[1]
    return load_setup(root / "integration_hub" / "demo" / "shop.json")


def expect_one(setup: Setup, record: Json) -> Expected:
    (expected,) = expect(setup, record).forms
    return expected


def expect(setup: Setup, record: Json, *counts: Json) -> Bundle:
    (decision,) = decide_all(ExampleTill([record], CARDS, list(counts)), setup)
    assert decision.bundle, decision.reason
    return decision.bundle


def choose(setup: Setup, **choices: object) -> Setup:
    return replace(setup, choices=replace(setup.choices, **choices))


def refuse(setup: Setup, record: Json) -> tuple[str, str]:
    (decision,) = decide_all(ExampleTill([record], CARDS), setup)
    return decision.outcome, decision.reason


def test_subtotal_lines_are_no_sales(setup):
    subtotal = {**make_line(1210, 1000), "lineKind": "LINE-KIND-SUBTOTAL"}
    record = make_sale(
        make_payment("PIN", 1210), lines=[WIRE_SHIRT, subtotal], totalInclAmount=1210
    )
    assert expect_one(setup, record).parts == {SALES: 1210}


def test_vat_that_is_rounded_on_the_sum_is_no_fault(setup):
    record = make_sale(
        make_payment("PIN", 87),
        vatMethod="VAT-METHOD-EXCLUSIVE",
        lines=[make_line(15, 12)] * 6,
        vat={"1": (72, 15)},
        totalInclAmount=87,
        totalExclAmount=72,
    )
    bundle = expect(setup, record)
    (expected,) = bundle.forms
    assert expected.total == 87
    assert expected.parts == {SALES: 87}
    code = bundle.codes["VAT 21%"]
    assert (code.gross, code.vat) == (87, 15)


@pytest.mark.parametrize("kind", ["LINE-TYPE-PREPARATION", "LINE-TYPE-COMPONENT"])
def test_sub_lines_that_carry_an_amount_are_posted(setup, kind):
    extra = {**make_line(109, 100, "2", turnoverGroup=30), "lineType": kind}
    record = make_sale(
        make_payment("PIN", 1319),
        lines=[make_line(1210, 1000, subs=[extra])],
        vat={**VAT, "2": (100, 9)},
        totalInclAmount=1319,
    )
    food = ("Sales of food", "VAT 9%")
    assert expect_one(setup, record).parts == {SALES: 1210, food: 109}


def test_kind_of_a_sub_line_may_be_told_by_the_newer_field(setup):
    extra = {
        **make_line(109, 100, "2", turnoverGroup=30),
        "lineType": "LINE-TYPE-NONE",
        "subLineType": "SUB-LINE-TYPE-V2-PREPARATION",
    }
    part = {**make_line(50, 41), "lineType": "LINE-TYPE-COMPONENT"}
    record = make_sale(
        make_payment("PIN", 1319),
        lines=[make_line(1210, 1000, subs=[extra, part])],
        vat={**VAT, "2": (100, 9)},
        totalInclAmount=1319,
    )
    food = ("Sales of food", "VAT 9%")
    assert expect_one(setup, record).parts == {SALES: 1210, food: 109}


def test_sub_lines_that_only_describe_are_not_posted(setup):
    sub = {**make_line(1210, 1000), "lineType": "LINE-TYPE-COMPONENT"}
    record = make_sale(
        make_payment("PIN", 1210), lines=[make_line(1210, 1000, subs=[sub])]
    )
    assert expect_one(setup, record).parts == {SALES: 1210}


def test_composite_without_code_is_posted_by_its_parts(setup):
    subs = [make_line(1210, 1000), make_line(109, 100, "2", turnoverGroup=30)]
    record = make_sale(
        make_payment("PIN", 1319),
        lines=[make_line(1319, 1100, NO_CODE, subs=subs)],
        vat={**VAT, "2": (100, 9)},
    )
    codes = expect(setup, record).codes
    assert (codes["VAT 21%"].gross, codes["VAT 9%"].gross) == (1210, 109)


def test_one_tender_on_two_days_is_two_payments(setup):
    later = make_payment("PIN", 210, financialDate=make_day("2026-03-07"))
    expected = expect_one(setup, make_sale(make_payment("PIN", 1000), later))
    assert expected.entity == "Invoice"
    days = {payment.day: payment.amount for payment in expected.payments}
    assert days == {date(2026, 3, 5): 1000, date(2026, 3, 7): 210}


def test_payment_goes_to_the_account_of_its_own_branch(setup):
    record = make_sale(make_payment("CONTANT", 1210, branchNumber=2))
    expected = expect_one(setup, record)
    assert expected.account == "Till cash Markt"
    assert expected.location == "Centrum"


def test_gift_card_beside_cash_with_change_is_a_refund(setup):
    record = make_sale(make_payment("CADEAUBON", 2000), make_payment("CONTANT", -790))
    expected = expect_one(setup, record)
    assert (expected.entity, expected.total) == ("RefundReceipt", 790)
    gift_card = ("Gift cards outstanding", "No VAT")
    assert expected.parts == {SALES: -1210, gift_card: 2000}


def test_cash_beside_a_gift_card_is_rounded(setup):
    record = make_sale(make_payment("CADEAUBON", 333), make_payment("CONTANT", 875))
    expected = expect_one(setup, record)
    assert expected.total == 875
    assert expected.parts["Payment differences", "No VAT"] == -2


@pytest.mark.parametrize(
    ("record", "parts"),
    [
        (
            make_sale(make_payment("CADEAUBON", 1210)),
            {SALES: 1210, ("Gift cards outstanding", "No VAT"): -1210},
        ),
        (
            make_receipt(1, lines=[BACK, make_line(1210, 1110, "2")]),
            {SALES: -1210, ("Sales", "VAT 9%"): 1210},
        ),
    ],
    ids=["gift card", "exchange"],
)
def test_total_of_zero_is_posted_where_it_is_chosen(setup, record, parts):
    expected = expect_one(setup, record)
    assert (expected.entity, expected.total) == ("SalesReceipt", 0)
    assert expected.parts == parts
    assert refuse(choose(setup, zero_totals="fail"), record)[0] == FAILED


def test_total_of_zero_may_be_two_documents(setup):
    bundle = expect(
        choose(setup, zero_totals="two_documents"),
        make_sale(make_payment("CADEAUBON", 1210)),
    )
    sold, back = bundle.forms
    assert (sold.entity, sold.numbers, sold.total) == (
        "SalesReceipt",
        ("R1-2-26-1",),
        1210,
    )
    assert (back.entity, back.numbers, back.total) == (
        "RefundReceipt",
        ("R1-2-26-1-r",),
        1210,
    )
    assert {sold.account, back.account} == {"Split tenders"}
    assert back.parts == {("Gift cards outstanding", "No VAT"): 1210}
    assert bundle.entries == ()


def test_mixed_refund_may_be_two_documents(setup):
    record = make_receipt(
        1,
        lines=[make_line(-2420, -2000), WIRE_SHIRT],
        vat={"1": (-1000, -210)},
        payments=[make_payment("PIN", -1210)],
    )
    assert expect_one(setup, record).entity == "RefundReceipt"
    bundle = expect(choose(setup, mixed_refunds="two_documents"), record)
    assert [form.total for form in bundle.forms] == [1210, 2420]
    (entry,) = bundle.entries
    assert entry.lines == {
        ("Till cards Centrum", ""): -1210,
        ("Split tenders", ""): 1210,
    }
    assert bundle.codes["VAT 21%"].vat == -210


def test_tenders_of_mixed_sign_may_come_to_zero(setup):
    record = make_receipt(
        1,
        lines=[BACK, WIRE_SHIRT],
        payments=[make_payment("PIN", 1000), make_payment("CONTANT", -1000)],
    )
    bundle = expect(setup, record)
    assert [form.total for form in bundle.forms] == [0]
    (entry,) = bundle.entries
    assert set(entry.lines) == {("Till cards Centrum", ""), ("Till cash Centrum", "")}


def test_discount_line_with_vat_is_no_trade_in(setup):
    discount = make_line(-210, -174, quantity=1)
    record = make_sale(
        make_payment("PIN", 1000), lines=[WIRE_SHIRT, discount], vat={"1": (826, 174)}
    )
    assert expect_one(setup, record).parts == {SALES: 1000}


def test_deposit_without_sale_is_no_turnover(setup):
    record = make_sale(
        make_payment("PIN", 30),
        lines=[make_line(30, 30, NO_CODE, **DEPOSIT)],
        vat={},
    )
    bundle = expect(setup, record)
    assert bundle.forms[0].parts == {("Refundable deposits", "No VAT"): 30}
    assert bundle.codes == {}


def test_relation_without_days_has_no_terms(setup):
    record = make_sale(make_payment("OPREKENING", 1210), relationNumber=8)
    expected = expect_one(setup, record)
    assert (expected.term, expected.due, expected.balance) == ("", "", 1210)


def test_bridge_holds_gift_card_and_rounding(setup):
    record = make_sale(make_payment("CADEAUBON", 333), make_payment("CONTANT", 875))
    bridge = expect(setup, record).bridge
    assert (bridge.till, bridge.liability, bridge.rounding) == (1210, 333, -2)
    assert bridge.target == 875


def test_credit_that_nobody_paid_back_stays_the_customers(setup):
    record = make_receipt(
        1,
        lines=[BACK],
        vat={"1": (-1000, -210)},
        relationNumber=7,
        state="RECEIPT-STATE-OUTSTANDING-CREDIT",
    )
    assert refuse(setup, record) == ("waiting", "not final")
    (credit,) = expect(setup, record, make_count(900, "2026-03-05")).forms
    assert (credit.entity, credit.balance) == ("CreditMemo", 1210)


@pytest.mark.parametrize("turned", [True, False])
def test_money_that_comes_later_is_taken_off_the_account(setup, turned):
    payments = [
        make_payment("OPREKENING", 1210),
        make_payment("PIN", 500, financialDate=make_day("2026-03-07")),
    ]
    payments += [make_payment("OPREKENING", -500)] if turned else []
    expected = expect_one(setup, make_sale(*payments, relationNumber=7))
    assert (expected.entity, expected.balance) == ("Invoice", 710)
    assert [(p.amount, p.day.day) for p in expected.payments] == [(500, 7)]
