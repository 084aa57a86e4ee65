"""One worked example per sort of receipt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors import datamodel as dm
from connectors.writes import Difference, Ref
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    DAY,
    SALE,
    SOURCE,
    amounts,
    bottle,
    card,
    line,
    pay,
    plan,
    receipt,
    sale_of,
)

CARDS = "special:gift_card:cards"


def test_one_tender_becomes_a_sales_receipt() -> None:
    made = plan(receipt([line("12.10")], [pay("PIN", "12.10")]))
    sale = sale_of(made)
    assert (sale.entity, sale.number) == ("SalesReceipt", "R1-2-26-17")
    assert sale.expected_total == Decimal("12.10")
    assert sale.body == {
        "DocNumber": "R1-2-26-17",
        "TxnDate": "2026-03-14",
        "CurrencyRef": {"value": "EUR"},
        "PrivateNote": f"[hub:order:{SOURCE}:sale] 1-2-2026-17",
        "DepartmentRef": {"value": "loc1"},
        "CustomerRef": {"value": "77"},
        "DepositToAccountRef": {"value": "pin"},
        "PaymentMethodRef": {"value": "m2"},
        "GlobalTaxCalculation": "TaxInclusive",
        "Line": [
            {
                "Amount": Decimal("10.00"),
                "DetailType": "SalesItemLineDetail",
                "Description": "Tea",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": Ref("product", "1001", "item")},
                    "Qty": Decimal(1),
                    "UnitPrice": Decimal("10.00"),
                    "TaxCodeRef": {"value": "t21"},
                    "TaxInclusiveAmt": Decimal("12.10"),
                },
            }
        ],
    }


def test_the_article_is_there_before_the_document() -> None:
    made = plan(receipt([line("12.10")], [pay("PIN", "12.10")]))
    item, sale = made.writes
    assert (item.entity, item.shared, item.search) == ("Item", True, {"sku": "1001"})
    assert sale.needs == (item.ref,)


def test_change_is_netted() -> None:
    tenders = [pay("CASH", "20.00", "a"), pay("CASH", "-7.90", "b")]
    sale = sale_of(plan(receipt([line("12.10")], tenders)))
    assert sale.entity == "SalesReceipt"
    assert sale.body["DepositToAccountRef"] == {"value": "till"}


def test_several_tenders_become_an_invoice_with_payments() -> None:
    order = receipt([line("12.10")], [pay("PIN", "10.00"), pay("CASH", "2.10")])
    _item, sale, first, second = plan(order).writes
    assert (sale.entity, sale.expected_total) == ("Invoice", Decimal("12.10"))
    assert "DepositToAccountRef" not in sale.body
    assert [w.role for w in (first, second)] == ["payment:p-PIN", "payment:p-CASH"]
    assert first.needs == second.needs == (SALE,)
    assert first.body == {
        "TxnDate": "2026-03-14",
        "PaymentRefNum": "R1-2-26-17-1",
        "PrivateNote": f"[hub:order:{SOURCE}:payment:p-PIN] 1-2-2026-17",
        "CustomerRef": {"value": "77"},
        "CurrencyRef": {"value": "EUR"},
        "TotalAmt": Decimal("10.00"),
        "DepositToAccountRef": {"value": "pin"},
        "PaymentMethodRef": {"value": "m2"},
        "Line": [
            {
                "Amount": Decimal("10.00"),
                "LinkedTxn": [{"TxnId": SALE, "TxnType": "Invoice"}],
            }
        ],
    }


def test_a_payment_keeps_its_own_date() -> None:
    later = date(2026, 3, 16)
    tenders = [pay("PIN", "10.00"), pay("PIN", "2.10", "late", later)]
    payments = plan(receipt([line("12.10")], tenders)).writes[2:]
    assert [w.date for w in payments] == [DAY, later]


def test_the_same_tender_twice_on_one_day_is_one() -> None:
    tenders = [pay("PIN", "10.00", "a"), pay("PIN", "2.10", "b")]
    assert sale_of(plan(receipt([line("12.10")], tenders))).entity == "SalesReceipt"


def test_a_refund_in_one_tender_turns_every_sign() -> None:
    order = receipt([line("-12.10")], [pay("CASH", "-12.10")], type=dm.OrderType.CREDIT)
    made = plan(order)
    sale = sale_of(made)
    assert (sale.entity, sale.expected_total) == ("RefundReceipt", Decimal("12.10"))
    assert amounts(made) == [("12.10", "10.00", "t21", "1001")]
    assert sale.body["Line"][0]["SalesItemLineDetail"]["Qty"] == 1
    assert sale.body["DepositToAccountRef"] == {"value": "till"}


def test_sold_and_returned_has_negative_quantities() -> None:
    made = plan(receipt([line("12.10"), line("-1.09", "2")], [pay("PIN", "11.01")]))
    assert sale_of(made).entity == "SalesReceipt"
    assert amounts(made)[1] == ("-1.09", "-1.00", "t9", "1001")
    assert sale_of(made).body["Line"][1]["SalesItemLineDetail"]["Qty"] == -1


def test_on_account_becomes_an_invoice_of_the_relation() -> None:
    order = receipt([line("12.10")], [pay("ACCOUNT", "12.10")], customer=ANNA)
    header = {"terms": "net14", "due_date": date(2026, 3, 28)}
    made = plan(order, fields={"header": header})
    sale = sale_of(made)
    assert (sale.entity, len(made.writes)) == ("Invoice", 3)
    assert sale.body["CustomerRef"] == {"value": Ref("customer", "12", "customer")}
    assert sale.body["SalesTermRef"] == {"value": "net14"}
    assert sale.body["DueDate"] == "2026-03-28"


def test_a_part_on_account_is_an_invoice_with_one_payment() -> None:
    tenders = [pay("ACCOUNT", "10.00"), pay("PIN", "2.10")]
    made = plan(receipt([line("12.10")], tenders, customer=ANNA))
    assert [w.entity for w in made.writes] == ["Customer", "Item", "Invoice", "Payment"]
    payment = made.writes[-1]
    assert payment.expected_total == Decimal("2.10")
    assert payment.body["CustomerRef"] == {"value": Ref("customer", "12", "customer")}


def test_a_gift_card_sold_raises_the_liability_outside_vat() -> None:
    made = plan(receipt([line("12.10"), card("25.00")], [pay("PIN", "37.10")]))
    assert amounts(made)[1] == ("25.00", "25.00", "none", CARDS)
    item = next(w for w in made.writes if w.key == CARDS)
    assert item.body["IncomeAccountRef"] == {"value": "cards"}
    assert item.body["SalesTaxCodeRef"] == {"value": "none"}


def test_a_vat_code_that_the_till_put_on_a_gift_card_wins() -> None:
    gift = card("25.00", vat_code="3")
    made = plan(receipt([gift], [pay("PIN", "25.00")]))
    assert amounts(made) == [("25.00", "25.00", "t0", CARDS)]


def test_a_gift_card_redeemed_is_a_negative_line() -> None:
    tenders = [pay("CARD", "10.00"), pay("PIN", "2.10")]
    made = plan(receipt([line("12.10")], tenders))
    sale = sale_of(made)
    assert (sale.entity, sale.expected_total) == ("SalesReceipt", Decimal("2.10"))
    assert amounts(made)[1] == ("-10.00", "-10.00", "none", CARDS)
    assert made.bridge is not None
    assert made.bridge.liability_tenders == Decimal("10.00")
    assert made.bridge.target_total == Decimal("2.10")


@pytest.mark.parametrize(
    ("lines", "tenders"),
    [
        ([line("12.10")], [pay("CARD", "12.10")]),
        ([line("-5.00", "1"), line("5.00", "2")], []),
        ([line("-12.10"), card("12.10")], []),
    ],
    ids=["full gift card sale", "even exchange", "refund onto a gift card"],
)
def test_a_total_of_zero_is_a_sales_receipt(
    lines: list[dm.Line], tenders: list[dm.Tender]
) -> None:
    sale = sale_of(plan(receipt(lines, tenders)))
    assert (sale.entity, sale.expected_total) == ("SalesReceipt", Decimal(0))
    assert sale.body["DepositToAccountRef"] == {"value": "split"}


def test_a_refundable_deposit_is_a_liability_outside_vat() -> None:
    made = plan(receipt([line("12.10"), bottle("0.25")], [pay("PIN", "12.35")]))
    assert amounts(made)[1] == ("0.25", "0.25", "none", "special:deposit:bottles")


def test_a_refundable_deposit_with_a_vat_code_keeps_it() -> None:
    made = plan(receipt([bottle("3.27", "2")], [pay("PIN", "3.27")]))
    assert amounts(made) == [("3.27", "3.00", "t9", "special:deposit:bottles")]


def test_bottles_returned_only_are_a_refund() -> None:
    made = plan(receipt([bottle("-0.75")], [pay("CASH", "-0.75")]))
    assert sale_of(made).entity == "RefundReceipt"
    assert amounts(made) == [("0.75", "0.75", "none", "special:deposit:bottles")]


def test_cash_rounding_goes_to_payment_differences() -> None:
    order = receipt(
        [line("12.12")], [pay("CASH", "12.10")], cash_rounding=Decimal("-0.02")
    )
    made = plan(order)
    assert sale_of(made).expected_total == Decimal("12.10")
    differences = "special:payment_differences:diff"
    assert amounts(made)[1] == ("-0.02", "-0.02", "none", differences)
    assert made.bridge is not None
    assert made.bridge.rounding == Decimal("-0.02")


def test_cash_rounding_is_turned_on_a_refund() -> None:
    order = receipt(
        [line("-12.12")], [pay("CASH", "-12.10")], cash_rounding=Decimal("0.02")
    )
    assert amounts(plan(order))[1][0] == "-0.02"


def test_a_cent_of_the_till_goes_to_rounding() -> None:
    order = receipt(
        [line("12.11")], [pay("PIN", "12.10")], sum_rounding=Decimal("-0.01")
    )
    made = plan(order)
    assert amounts(made)[1] == ("-0.01", "-0.01", "none", "special:rounding:round")
    assert sale_of(made).expected_total == Decimal("12.10")


def test_a_voucher_of_others_is_a_payment() -> None:
    sale = sale_of(plan(receipt([line("12.10")], [pay("VVV", "12.10")])))
    assert sale.body["DepositToAccountRef"] == {"value": "vvv"}
    assert "PaymentMethodRef" not in sale.body


def test_an_own_voucher_is_spread_over_the_rates() -> None:
    tenders = [pay("VOUCHER", "3.00"), pay("PIN", "18.80")]
    made = plan(receipt([line("10.90"), line("10.90", "2")], tenders))
    item = "special:voucher:sales"
    assert amounts(made)[2:] == [
        ("-1.50", "-1.24", "t21", item),
        ("-1.50", "-1.38", "t9", item),
    ]
    assert made.differences[0] == Difference(
        "VAT 21 %", Decimal("1.89"), Decimal("1.63"), "own discount voucher"
    )


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        (bottle("12.10", "2"), [("-3.00", "t21")]),
        (card("12.10", vat_code="3"), [("-3.00", "t21")]),
        (line("-6.05", "2"), [("-3.00", "t21")]),
    ],
    ids=["deposit on goods", "gift card", "returned at another rate"],
)
def test_an_own_voucher_is_spread_over_the_goods_sold_only(
    other: dm.Line, shares: list[tuple[str, str]]
) -> None:
    paid = str(Decimal("9.10") + other.amount_incl)
    made = plan(
        receipt([line("12.10"), other], [pay("VOUCHER", "3"), pay("PIN", paid)])
    )
    vouchers = [entry for entry in amounts(made) if entry[3].startswith("special:vou")]
    assert [(gross, code) for gross, _, code, _ in vouchers] == shares


def test_a_deposit_used_is_a_negative_line() -> None:
    tenders = [pay("DEPOSIT", "5.00"), pay("PIN", "7.10")]
    made = plan(receipt([line("12.10")], tenders), customer_deposit_account="held")
    item = "special:customer_deposit:held"
    assert amounts(made)[1] == ("-5.00", "-5.00", "none", item)


def test_by_turnover_group_lines_are_gathered() -> None:
    lines = [line("12.10"), line("1.21", article="1002"), line("1.09", "2")]
    made = plan(receipt(lines, [pay("PIN", "14.40")]), lines_by="turnover_group")
    item = "group:40:sales"
    assert amounts(made) == [
        ("13.31", "11.00", "t21", item),
        ("1.09", "1.00", "t9", item),
    ]


def test_gathered_lines_of_a_refund_have_positive_quantities_and_prices() -> None:
    lines = [line("-12.10"), line("-1.21", article="1002")]
    made = plan(receipt(lines, [pay("PIN", "-13.31")]), lines_by="turnover_group")
    detail = sale_of(made).body["Line"][0]["SalesItemLineDetail"]
    assert (detail["Qty"], detail["UnitPrice"]) == (1, Decimal("11.00"))


def test_sub_lines_and_discount_are_told_in_the_description() -> None:
    sub = line("0.00", text="Milk")
    menu = line("12.10", discount=Decimal("2.00"), sub_lines=(sub,))
    sale = sale_of(plan(receipt([menu], [pay("PIN", "12.10")])))
    assert sale.body["Line"][0]["Description"] == "Tea (Milk) (discount 2.00)"
