"""Receipts in several tenders, of 0.00, on credit, and what settles debts."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle_example.books import (
    ExampleBooks,
    Json,
    make_entry_line,
    make_item_line,
    make_ref,
    make_tax,
)
from tests.oracle_example.common import BREAD, CASH, PIN, SHIRT, SHIRT_TAX
from tests.oracle_example.wire import (
    FOOD,
    GIFT_CARD,
    NO_CODE,
    WIRE_BREAD,
    WIRE_SHIRT,
    ExampleTill,
    make_count,
    make_day,
    make_line,
    make_payment,
    make_receipt,
)

CREDIT = "RECEIPT-TYPE-CREDIT-RECEIPT"
WIRE_BACK = make_line(-1210, -1000)
SPLIT: Json = {"DepositToAccountRef": make_ref("Split tenders")}
COMPANY: Json = {"CustomerRef": make_ref("De Vries BV")}
PERSON: Json = {"CustomerRef": make_ref("Jan Bos")}
DEBT: Json = {
    "turnoverGroup": 85,
    "turnoverGroupType": "TURNOVER-GROUP-TYPE-SUSPENSE",
}
TAX: Json = {"TxnTaxDetail": make_tax(**SHIRT_TAX)}


def sell_shirt(till: ExampleTill, number: int, *payments: Json, **more: object) -> None:
    plain = {"lines": [WIRE_SHIRT], "vat": {"1": (1000, 210)}}
    till.records.append(
        make_receipt(number, payments=list(payments), **{**plain, **more})
    )


def take_shirt_back(
    till: ExampleTill, number: int, *payments: Json, **more: object
) -> None:
    lines, vat = [WIRE_BACK], {"1": (-1000, -210)}
    sell_shirt(
        till, number, *payments, lines=lines, vat=vat, receiptType=CREDIT, **more
    )


def add_refund_in_two_tenders(till: ExampleTill, books: ExampleBooks) -> None:
    """21: a shirt comes back, by card and cash."""
    pin, cash = make_payment("PIN", -1000), make_payment("CONTANT", -210)
    take_shirt_back(till, 21, pin, cash)
    books.add_sale("RefundReceipt", 21, [SHIRT], **TAX, **SPLIT)
    books.add_entry(
        21,
        make_entry_line("Till cards Centrum", -10.00),
        make_entry_line("Till cash Centrum", -2.10),
        make_entry_line("Split tenders", 12.10),
    )


def add_cash_back(till: ExampleTill, books: ExampleBooks) -> None:
    """22: a card with cash back."""
    sell_shirt(till, 22, make_payment("PIN", 2210), make_payment("CONTANT", -1000))
    books.add_sale("SalesReceipt", 22, [SHIRT], **TAX, **SPLIT)
    books.add_entry(
        22,
        make_entry_line("Till cards Centrum", 22.10),
        make_entry_line("Till cash Centrum", -10.00),
        make_entry_line("Split tenders", -12.10),
    )


def add_even_exchange(till: ExampleTill, books: ExampleBooks) -> None:
    """23: a shirt for bread of the same price."""
    bread = make_line(1210, 1110, "2", **FOOD)
    vat = {"1": (-1000, -210), "2": (1110, 100)}
    till.records.append(make_receipt(23, lines=[WIRE_BACK, bread], vat=vat))
    lines = [
        make_item_line("Shirt", "VAT 21%", -10.00, -12.10),
        make_item_line("Bread", "VAT 9%", 11.10, 12.10),
    ]
    tax = make_tax(r21=(-10.00, -2.10), r9=(11.10, 1.00))
    books.add_sale("SalesReceipt", 23, lines, TxnTaxDetail=tax, **SPLIT)


def add_full_gift_cards(till: ExampleTill, books: ExampleBooks) -> None:
    """24: a gift card pays all; 25: returned goods become a gift card."""
    sell_shirt(till, 24, make_payment("CADEAUBON", 1210))
    card = make_line(1210, 1210, NO_CODE, **GIFT_CARD)
    till.records.append(
        make_receipt(25, lines=[WIRE_BACK, card], vat={"1": (-1000, -210)})
    )
    paid = make_item_line("Gift card", "No VAT", -12.10, -12.10)
    books.add_sale("SalesReceipt", 24, [SHIRT, paid], **TAX, **SPLIT)
    lines = [
        make_item_line("Shirt", "VAT 21%", -10.00, -12.10),
        make_item_line("Gift card", "No VAT", 12.10, 12.10),
    ]
    tax = make_tax(r21=(-10.00, -2.10))
    books.add_sale("SalesReceipt", 25, lines, TxnTaxDetail=tax, **SPLIT)


def add_credit_and_settlement(till: ExampleTill, books: ExampleBooks) -> None:
    """27: two shirts on account; 28: one comes back; 29: 5.00 is paid, beside bread."""
    sell_shirt(
        till,
        27,
        make_payment("OPREKENING", 2420),
        lines=[WIRE_SHIRT, WIRE_SHIRT],
        vat={"1": (2000, 420)},
        relationNumber=7,
    )
    take_shirt_back(
        till,
        28,
        make_payment("OPREKENING", -1210),
        relationNumber=7,
        creditedReceiptId=till.records[-1]["receiptId"],
    )
    debt = make_line(500, 500, NO_CODE, text="Betaling bon 1-2-2026-27", **DEBT)
    sell_shirt(
        till,
        29,
        make_payment("PIN", 718),
        lines=[debt, WIRE_BREAD],
        vat={"2": (200, 18)},
        relationNumber=7,
    )
    invoice = books.add_sale(
        "Invoice",
        27,
        [SHIRT, SHIRT],
        TxnTaxDetail=make_tax(r21=(20.00, 4.20)),
        SalesTermRef=make_ref("Net 14"),
        DueDate="2026-03-19",
        Balance=7.10,
        **COMPANY,
    )
    credit = books.add_sale("CreditMemo", 28, [SHIRT], Balance=0, **TAX, **COMPANY)
    links = [("Invoice", invoice, 12.10), ("CreditMemo", credit, 12.10)]
    books.add_received(28, "-a", 0, links=links, **COMPANY)
    paid = [("Invoice", invoice, 5.00)]
    books.add_received(29, "-s1", 5.00, links=paid, **COMPANY, **PIN)
    tax = make_tax(r9=(2.00, 0.18))
    books.add_sale("SalesReceipt", 29, [BREAD], TxnTaxDetail=tax, **COMPANY, **PIN)


def add_settlement_in_two_tenders(till: ExampleTill, books: ExampleBooks) -> None:
    """30: a debt of which the till does not know the invoice is paid in two ways."""
    debt = make_line(1000, 1000, NO_CODE, text="Betaling", **DEBT)
    pin, cash = make_payment("PIN", 600), make_payment("CONTANT", 400)
    sell_shirt(till, 30, pin, cash, lines=[debt], vat={}, relationNumber=8)
    books.add_received(30, "-s1", 10.00, **PERSON, **SPLIT)
    books.add_entry(
        30,
        make_entry_line("Till cards Centrum", 6.00),
        make_entry_line("Till cash Centrum", 4.00),
        make_entry_line("Split tenders", -10.00),
    )


def add_not_fully_paid(till: ExampleTill, books: ExampleBooks) -> None:
    """31: a part is still owed when the day's cash is counted; 32: paid two days later.

    Both on 6 March, whose cash was counted.
    """
    day = {"financialDate": make_day("2026-03-06"), "relationNumber": 8}
    till.counts.append(make_count(900, "2026-03-06"))
    part = make_payment("PIN", 210, **{"financialDate": make_day("2026-03-06")})
    sell_shirt(till, 31, part, state="RECEIPT-STATE-PARTLY-PAID", **day)
    late = make_payment("CONTANT", 1210, financialDate=make_day("2026-03-08"))
    sell_shirt(till, 32, late, **day)
    for number, balance in ((31, 10.00), (32, 0)):
        invoice = books.add_sale(
            "Invoice",
            number,
            [SHIRT],
            Balance=balance,
            TxnDate="2026-03-06",
            **TAX,
            **PERSON,
        )
        paid, how = (2.10, PIN) if number == 31 else (12.10, CASH)
        paid_on = "2026-03-06" if number == 31 else "2026-03-08"
        books.add_payment(
            number, 1, paid, invoice=invoice, TxnDate=paid_on, **how, **PERSON
        )


CASES: tuple[Callable[[ExampleTill, ExampleBooks], None], ...] = (
    add_refund_in_two_tenders,
    add_cash_back,
    add_even_exchange,
    add_full_gift_cards,
    add_credit_and_settlement,
    add_settlement_in_two_tenders,
    add_not_fully_paid,
)
