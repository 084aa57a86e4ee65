"""Customers' accounts: credits, settled debts, payments that come later."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors import datamodel as dm
from connectors.writes import Known, Plan, Ref, Write
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    DAY,
    SALE,
    SOURCE,
    line,
    pay,
    plan,
    receipt,
)

CREDITED = "5f0c3a52-1111-11f0-9c7a-0242ac120001"
CUSTOMER = Ref("customer", "12", "customer")
INVOICES = Ref("order", SOURCE, "balance:Invoice")
CREDITS = Ref("order", SOURCE, "balance:CreditMemo")
LATER = DAY + timedelta(days=3)


def answer(**open_ones: tuple[str, str]) -> Known:
    """An answered question: id and balance by name."""
    return Known("", facts={"open": {k: list(v) for k, v in open_ones.items()}})


def order_writes(made: Plan) -> list[Write]:
    """The writes of a plan that belong to the receipt alone."""
    assert made.error is None, made.error
    return [write for write in made.writes if not write.shared]


def credit(credits: str = CREDITED, customer: Any = ANNA) -> dm.Order:
    """A sale on account that is credited."""
    tenders = [pay("ACCOUNT", "-12.10")]
    return receipt([line("-12.10")], tenders, credits=credits, customer=customer)


def posted(left: str, owed: str | None = None) -> dict[Ref, Known]:
    """A credit that is posted and asked for: what is left of it, and what is owed."""
    invoices = {CREDITED: ("77", owed)} if owed else {}
    memos = {SOURCE: ("501", left)} if Decimal(left) else {}
    return {
        SALE: Known("501", "R1-2-26-17", total=Decimal("12.10")),
        INVOICES: answer(**invoices),
        CREDITS: answer(**memos),
    }


def test_the_credit_of_a_sale_on_account_is_a_credit_memo() -> None:
    memo, *asks = order_writes(plan(credit()))
    assert (memo.entity, memo.role, memo.number) == ("CreditMemo", "sale", "R1-2-26-17")
    assert memo.expected_total == Decimal("12.10")
    assert memo.body["CustomerRef"] == {"value": CUSTOMER}
    assert memo.body["Line"][0]["Amount"] == Decimal("10.00")
    assert "DepositToAccountRef" not in memo.body
    assert [ask.role for ask in asks] == ["balance:Invoice", "balance:CreditMemo"]
    assert all(ask.asks and SALE in ask.needs for ask in asks)


@pytest.mark.parametrize(
    ("left", "owed", "applied"),
    [("12.10", "12.10", "12.10"), ("12.10", "5.00", "5.00"), ("3.00", "9.00", "3.00")],
)
def test_a_credit_is_applied_as_far_as_there_is_a_balance(
    left: str, owed: str, applied: str
) -> None:
    payment = order_writes(plan(credit(), posted(left, owed)))[-1]
    assert (payment.entity, payment.role) == ("Payment", "apply")
    assert (payment.number, payment.expected_total) == ("R1-2-26-17-a", Decimal(0))
    assert payment.body["TotalAmt"] == Decimal(0)
    assert payment.body["Line"] == [
        {
            "Amount": Decimal(applied),
            "LinkedTxn": [{"TxnId": target, "TxnType": entity}],
        }
        for target, entity in (("77", "Invoice"), (SALE, "CreditMemo"))
    ]
    assert "DepositToAccountRef" not in payment.body


@pytest.mark.parametrize(
    ("left", "owed"),
    [("12.10", None), ("0", "12.10"), ("0", None)],
    ids=["nothing is owed", "the company applied it", "both"],
)
def test_a_credit_that_cannot_be_applied_stays_the_customers(
    left: str, owed: str | None
) -> None:
    assert "apply" not in {w.role for w in plan(credit(), posted(left, owed)).writes}


def test_a_credit_of_nothing_known_asks_for_nothing() -> None:
    assert [w.role for w in order_writes(plan(credit(credits="")))] == ["sale"]


def test_what_was_applied_stays_in_the_plan_when_it_is_asked_anew() -> None:
    known = posted("0")
    known[Ref("order", SOURCE, "apply")] = Known("90", "R1-2-26-17-a", total=Decimal(0))
    assert order_writes(plan(credit(), known))[-1].role == "apply"


def test_the_default_debtor_never_holds_a_credit() -> None:
    error = plan(credit(customer=None), force_default_debtor=True).error
    assert error is not None
    assert error.code == "no relation"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (
            receipt([line("-12.10")], [pay("ACCOUNT", "-10"), pay("PIN", "-2.10")]),
            "credit partly on account",
        ),
        (
            receipt([line("12.10")], [pay("ACCOUNT", "20"), pay("CASH", "-7.90")]),
            "cash back on account",
        ),
        (
            receipt([line("-5", "", type=dm.LineType.SETTLEMENT)], [pay("PIN", "-5")]),
            "negative settlement",
        ),
    ],
)
def test_money_that_makes_no_document_is_named(order: dm.Order, code: str) -> None:
    error = plan(dataclasses.replace(order, customer=ANNA)).error
    assert error is not None
    assert error.code == code


def debt(amount: str, settles: str = "1-2-2026-9", id: str = "7") -> dm.Line:
    """A line that settles an earlier debt."""
    kind = dm.LineType.SETTLEMENT
    return line(amount, "", type=kind, id=id, settles=settles, text="Betaling bon")


SETTLEMENT = receipt([debt("50.00")], [pay("PIN", "50.00")], customer=ANNA)


def test_a_settled_debt_asks_first_what_is_open() -> None:
    (ask,) = order_writes(plan(SETTLEMENT))
    assert ask.asks
    assert ask.body["wanted"] == {"1-2-2026-9": "R1-2-26-9"}
    assert ask.body["Query"][1] == CUSTOMER


def settled_with(order: dm.Order, **open_ones: tuple[str, str]) -> list[Write]:
    """The writes of a receipt whose question is answered."""
    return order_writes(plan(order, {INVOICES: answer(**open_ones)}))


def test_a_settled_debt_is_a_payment_on_the_invoice_that_it_names() -> None:
    payment = settled_with(SETTLEMENT, **{"1-2-2026-9": ("77", "60.00")})[-1]
    assert (payment.entity, payment.role) == ("Payment", "settlement:7")
    assert payment.body == {
        "TxnDate": "2026-03-14",
        "PaymentRefNum": "R1-2-26-17-s1",
        "PrivateNote": f"[hub:order:{SOURCE}:settlement:7] 1-2-2026-17",
        "CurrencyRef": {"value": "EUR"},
        "DepositToAccountRef": {"value": "pin"},
        "PaymentMethodRef": {"value": "m2"},
        "CustomerRef": {"value": CUSTOMER},
        "TotalAmt": Decimal("50.00"),
        "Line": [
            {
                "Amount": Decimal("50.00"),
                "LinkedTxn": [{"TxnId": "77", "TxnType": "Invoice"}],
            }
        ],
    }


@pytest.mark.parametrize("open_ones", [{}, {"1-2-2026-9": ("77", "49.99")}])
def test_a_debt_that_is_not_open_enough_is_paid_unapplied(
    open_ones: dict[str, tuple[str, str]],
) -> None:
    payment = settled_with(SETTLEMENT, **open_ones)[-1]
    assert payment.expected_total == Decimal("50.00")
    assert "Line" not in payment.body


def test_an_unapplied_payment_is_right_as_it_came_back() -> None:
    ref = Ref("order", SOURCE, "settlement:7")
    known = {
        INVOICES: answer(),
        ref: Known("9", "R1-2-26-17-s1", total=Decimal(50), facts={"unapplied": "50"}),
    }
    assert plan(SETTLEMENT, known).error is None
    known[INVOICES] = answer(**{"1-2-2026-9": ("77", "60.00")})
    error = plan(SETTLEMENT, known).error
    assert error is not None
    assert error.code == "payment not applied"


def test_a_debt_that_names_nothing_is_paid_at_once() -> None:
    order = receipt([debt("50.00", "")], [pay("PIN", "50.00")], customer=ANNA)
    (payment,) = order_writes(plan(order))
    assert "Line" not in payment.body


def test_two_lines_do_not_pay_an_invoice_twice() -> None:
    lines = [debt("30.00"), debt("30.00", id="8")]
    order = receipt(lines, [pay("PIN", "60.00")], customer=ANNA)
    first, second = settled_with(order, **{"1-2-2026-9": ("77", "50.00")})[-2:]
    assert (first.number, second.number) == ("R1-2-26-17-s1", "R1-2-26-17-s2")
    assert "Line" in first.body
    assert "Line" not in second.body


def test_goods_beside_a_settled_debt_are_a_document_of_the_rest() -> None:
    lines = [line("12.10"), debt("50.00")]
    order = receipt(lines, [pay("PIN", "62.10")], customer=ANNA)
    sale, _ask, payment = settled_with(order)
    assert (sale.entity, sale.expected_total) == ("SalesReceipt", Decimal("12.10"))
    accounts = [w.body["DepositToAccountRef"] for w in (sale, payment)]
    assert accounts == [{"value": "pin"}, {"value": "pin"}]
    assert len(sale.body["Line"]) == 1


def test_several_tenders_for_goods_and_a_debt_are_divided() -> None:
    lines = [line("12.10"), debt("50.00", "")]
    tenders = [pay("PIN", "60.00"), pay("CASH", "2.10")]
    sale, payment, journal = order_writes(plan(receipt(lines, tenders, customer=ANNA)))
    accounts = [w.body["DepositToAccountRef"] for w in (sale, payment)]
    assert accounts == [{"value": "split"}, {"value": "split"}]
    assert journal.role == "split"
    assert set(journal.needs) == {sale.ref, payment.ref}
    assert [entry["Amount"] for entry in journal.body["Line"]] == [
        Decimal("60.00"),
        Decimal("2.10"),
        Decimal("62.10"),
    ]


def test_returned_goods_beside_a_settled_debt_are_a_refund() -> None:
    lines = [line("-12.10"), debt("50.00", "")]
    order = receipt(lines, [pay("PIN", "37.90")], customer=ANNA)
    refund, payment = order_writes(plan(order))
    assert (refund.entity, refund.expected_total) == ("RefundReceipt", Decimal("12.10"))
    assert payment.expected_total == Decimal("50.00")


def test_a_debt_settled_without_a_relation_fails() -> None:
    error = plan(receipt([debt("5.00")], [pay("PIN", "5.00")])).error
    assert error is not None
    assert error.code == "no relation"


UNPAID = receipt([line("12.10")], [], outstanding=Decimal("12.10"), customer=ANNA)


def test_what_nobody_paid_is_an_invoice_of_the_relation() -> None:
    (invoice,) = order_writes(plan(UNPAID))
    assert (invoice.entity, invoice.expected_total) == ("Invoice", Decimal("12.10"))
    assert invoice.body["CustomerRef"] == {"value": CUSTOMER}


def test_what_was_paid_of_it_is_a_payment() -> None:
    order = receipt(
        [line("12.10")],
        [pay("PIN", "2.10")],
        outstanding=Decimal("10.00"),
        customer=ANNA,
    )
    invoice, payment = order_writes(plan(order))
    assert (invoice.entity, payment.expected_total) == ("Invoice", Decimal("2.10"))


def test_what_nobody_paid_fails_without_a_relation() -> None:
    error = plan(dataclasses.replace(UNPAID, customer=None)).error
    assert error is not None
    assert error.code == "no relation"


def invoiced(*payments: tuple[str, str]) -> dict[Ref, Known]:
    """An invoice that is there, with its payments."""
    facts = {"customer": "34"}
    there = Known("501", "R1-2-26-17", total=Decimal("12.10"), facts=facts)
    known = {SALE: dataclasses.replace(there, entity="Invoice")}
    for id, total in payments:
        ref = Ref("order", SOURCE, f"payment:{id}")
        known[ref] = Known(id, total=Decimal(total), facts={"unapplied": "0"})
    return known


def test_a_payment_that_comes_later_is_one_more_payment() -> None:
    order = receipt(
        [line("12.10")], [pay("PIN", "12.10", "late", LATER)], customer=ANNA
    )
    invoice, payment = order_writes(plan(order, invoiced()))
    assert invoice.entity == "Invoice"
    assert (payment.role, payment.date) == ("payment:late", LATER)
    assert payment.body["CustomerRef"] == {"value": "34"}


def test_what_is_paid_later_is_an_invoice_also_when_it_is_seen_late() -> None:
    order = receipt(
        [line("12.10")], [pay("PIN", "12.10", "late", LATER)], customer=ANNA
    )
    assert [w.entity for w in order_writes(plan(order))] == ["Invoice", "Payment"]


def test_a_payment_that_was_posted_is_not_changed_by_another_of_its_day() -> None:
    tenders = [
        pay("PIN", "2.10", "a"),
        pay("PIN", "4.00", "b"),
        pay("PIN", "6.00", "c"),
    ]
    order = receipt([line("12.10")], tenders, customer=ANNA)
    payments = order_writes(plan(order, invoiced(("a", "2.10"), ("b", "4.00"))))[1:]
    assert [(w.role, w.expected_total) for w in payments] == [
        ("payment:a", Decimal("2.10")),
        ("payment:b", Decimal("4.00")),
        ("payment:c", Decimal("6.00")),
    ]


def test_a_payment_that_was_added_has_no_number_of_another() -> None:
    tenders = [pay("PIN", "2.10", "a"), pay("PIN", "4.00", "b"), pay("CASH", "6.00")]
    order = receipt([line("12.10")], tenders, customer=ANNA)
    known = invoiced(("a", "2.10"), ("p-CASH", "6.00"))
    for place, id in enumerate(("a", "p-CASH"), start=1):
        ref = Ref("order", SOURCE, f"payment:{id}")
        known[ref] = dataclasses.replace(known[ref], number=f"R1-2-26-17-{place}")
    payments = order_writes(plan(order, known))[1:]
    assert [(w.role, w.number) for w in payments] == [
        ("payment:a", "R1-2-26-17-1"),
        ("payment:b", "R1-2-26-17-3"),
        ("payment:p-CASH", "R1-2-26-17-2"),
    ]


def test_what_was_on_account_and_is_paid_now_stays_the_relations() -> None:
    tenders = [
        pay("ACCOUNT", "12.10", "a"),
        pay("ACCOUNT", "-12.10", "b", LATER),
        pay("PIN", "12.10", "c", LATER),
    ]
    order = receipt([line("12.10")], tenders, customer=ANNA)
    made = plan(order, force_default_debtor=True)
    invoice, payment = order_writes(made)
    assert invoice.body["CustomerRef"] == {"value": CUSTOMER}
    assert payment.role == "payment:c"


def test_money_given_back_on_an_invoice_fails() -> None:
    tenders = [pay("PIN", "20.00"), pay("CASH", "-7.90", "b", date(2026, 3, 15))]
    error = plan(receipt([line("12.10")], tenders, customer=ANNA), invoiced()).error
    assert error is not None
    assert error.code == "cash back on account"
