"""The common sorts of receipts beside the documents that a bookkeeper makes of it.

Written by hand, by the rules of posting; nothing is computed by the code under test.
"""

from __future__ import annotations

from tests.oracle_example.books import (
    ExampleBooks,
    make_item_line,
    make_ref,
    make_tax,
)
from tests.oracle_example.common import (
    BREAD,
    CASH,
    PIN,
    SHIRT,
    SHIRT_TAX,
    VOUCHER,
)
from tests.oracle_example.wire import (
    DEPOSIT,
    FOOD,
    GIFT_CARD,
    NO_CODE,
    WIRE_BREAD,
    WIRE_SHIRT,
    ExampleTill,
    make_line,
    make_payment,
    make_receipt,
)


def add_sale(till: ExampleTill, books: ExampleBooks) -> None:
    """1: a shirt and bread by card."""
    till.records.append(
        make_receipt(
            1,
            lines=[WIRE_SHIRT, WIRE_BREAD],
            vat={"1": (1000, 210), "2": (200, 18)},
            payments=[make_payment("PIN", 1428)],
        )
    )
    tax = make_tax(r21=(10.00, 2.10), r9=(2.00, 0.18))
    books.add_sale("SalesReceipt", 1, [SHIRT, BREAD], TxnTaxDetail=tax, **PIN)


def add_several_tenders(till: ExampleTill, books: ExampleBooks) -> None:
    """2: two cards and cash with change."""
    till.records.append(
        make_receipt(
            2,
            lines=[WIRE_SHIRT],
            vat={"1": (1000, 210)},
            payments=[
                make_payment("PIN", 400),
                make_payment("CONTANT", 1000),
                make_payment("CONTANT", -490),
                make_payment("PIN", 300),
            ],
        )
    )
    tax = make_tax(**SHIRT_TAX)
    invoice = books.add_sale("Invoice", 2, [SHIRT], TxnTaxDetail=tax, Balance=0)
    books.add_payment(2, 1, 7.00, invoice=invoice, **PIN)
    books.add_payment(2, 2, 5.10, invoice=invoice, **CASH)


def add_refund(till: ExampleTill, books: ExampleBooks) -> None:
    """3: the shirt comes back, cash."""
    till.records.append(
        make_receipt(
            3,
            receiptType="RECEIPT-TYPE-CREDIT-RECEIPT",
            lines=[make_line(-1210, -1000)],
            vat={"1": (-1000, -210)},
            payments=[make_payment("CONTANT", -1210)],
        )
    )
    tax = make_tax(**SHIRT_TAX)
    books.add_sale("RefundReceipt", 3, [SHIRT], TxnTaxDetail=tax, **CASH)


def add_exchange(till: ExampleTill, books: ExampleBooks) -> None:
    """4: a shirt sold, bread returned."""
    back = make_line(-218, -200, "2", **FOOD)
    till.records.append(
        make_receipt(
            4,
            lines=[WIRE_SHIRT, back],
            vat={"1": (1000, 210), "2": (-200, -18)},
            payments=[make_payment("PIN", 992)],
        )
    )
    returned = make_item_line("Bread", "VAT 9%", -2.00, -2.18)
    tax = make_tax(r21=(10.00, 2.10), r9=(-2.00, -0.18))
    books.add_sale("SalesReceipt", 4, [SHIRT, returned], TxnTaxDetail=tax, **PIN)


def add_on_account(till: ExampleTill, books: ExampleBooks) -> None:
    """5: a company buys on account, 14 days."""
    till.records.append(
        make_receipt(
            5,
            relationNumber=7,
            lines=[WIRE_SHIRT],
            vat={"1": (1000, 210)},
            payments=[make_payment("OPREKENING", 1210)],
        )
    )
    books.add_sale(
        "Invoice",
        5,
        [SHIRT],
        TxnTaxDetail=make_tax(**SHIRT_TAX),
        CustomerRef=make_ref("De Vries BV"),
        SalesTermRef=make_ref("Net 14"),
        DueDate="2026-03-19",
        Balance=12.10,
    )


def add_part_on_account(till: ExampleTill, books: ExampleBooks) -> None:
    """6: the company pays a part by card."""
    till.records.append(
        make_receipt(
            6,
            relationNumber=7,
            lines=[WIRE_SHIRT],
            vat={"1": (1000, 210)},
            payments=[make_payment("OPREKENING", 1000), make_payment("PIN", 210)],
        )
    )
    customer = {"CustomerRef": make_ref("De Vries BV")}
    invoice = books.add_sale(
        "Invoice",
        6,
        [SHIRT],
        TxnTaxDetail=make_tax(**SHIRT_TAX),
        SalesTermRef=make_ref("Net 14"),
        DueDate="2026-03-19",
        Balance=10.00,
        **customer,
    )
    books.add_payment(6, 1, 2.10, invoice=invoice, **PIN, **customer)


def add_gift_cards(till: ExampleTill, books: ExampleBooks) -> None:
    """7: a gift card of 25.00 is sold; 8: one pays a part of a shirt."""
    till.records += [
        make_receipt(
            7,
            lines=[make_line(2500, 2500, NO_CODE, **GIFT_CARD)],
            payments=[make_payment("PIN", 2500)],
        ),
        make_receipt(
            8,
            lines=[WIRE_SHIRT],
            vat={"1": (1000, 210)},
            payments=[make_payment("CADEAUBON", 1000), make_payment("CONTANT", 210)],
        ),
    ]
    sold = make_item_line("Gift card", "No VAT", 25.00, 25.00)
    redeemed = make_item_line("Gift card", "No VAT", -10.00, -10.00)
    tax = make_tax(**SHIRT_TAX)
    books.add_sale("SalesReceipt", 7, [sold], **PIN)
    books.add_sale("SalesReceipt", 8, [SHIRT, redeemed], TxnTaxDetail=tax, **CASH)


def add_deposits(till: ExampleTill, books: ExampleBooks) -> None:
    """9: bread, a bottle and a crate with VAT; 10: bottles come back."""
    bottle = make_line(15, 15, NO_CODE, **DEPOSIT)
    crate = make_line(109, 100, "2", **DEPOSIT)
    till.records += [
        make_receipt(
            9,
            lines=[WIRE_BREAD, bottle, crate],
            vat={"2": (300, 27)},
            payments=[make_payment("PIN", 342)],
        ),
        make_receipt(
            10,
            lines=[make_line(-150, -150, NO_CODE, **DEPOSIT)],
            payments=[make_payment("CONTANT", -150)],
        ),
    ]
    lines = [
        BREAD,
        make_item_line("Bottle", "No VAT", 0.15, 0.15),
        make_item_line("Bottle", "VAT 9%", 1.00, 1.09),
    ]
    tax = make_tax(r9=(3.00, 0.27))
    books.add_sale("SalesReceipt", 9, lines, TxnTaxDetail=tax, **PIN)
    back = make_item_line("Bottle", "No VAT", 1.50, 1.50)
    books.add_sale("RefundReceipt", 10, [back], **CASH)


def add_cash_rounding(till: ExampleTill, books: ExampleBooks) -> None:
    """11: 2.18 is paid with 2.20 in cash; 12: given back with 2.20."""
    back = make_line(-218, -200, "2", **FOOD)
    till.records += [
        make_receipt(
            11,
            lines=[WIRE_BREAD],
            vat={"2": (200, 18)},
            payments=[make_payment("CONTANT", 220)],
        ),
        make_receipt(
            12,
            receiptType="RECEIPT-TYPE-CREDIT-RECEIPT",
            lines=[back],
            vat={"2": (-200, -18)},
            payments=[make_payment("CONTANT", -220)],
        ),
    ]
    lines = [BREAD, make_item_line("Cash rounding", "No VAT", 0.02, 0.02)]
    tax = make_tax(r9=(2.00, 0.18))
    books.add_sale("SalesReceipt", 11, lines, TxnTaxDetail=tax, **CASH)
    books.add_sale("RefundReceipt", 12, lines, TxnTaxDetail=tax, **CASH)


def add_cent(till: ExampleTill, books: ExampleBooks) -> None:
    """13: prices without VAT; the lines are a cent short of the till's total."""
    line = make_line(121, 100)
    till.records.append(
        make_receipt(
            13,
            vatMethod="VAT-METHOD-EXCLUSIVE",
            totalInclAmount=243,
            lines=[line, line],
            vat={"1": (201, 42)},
            payments=[make_payment("PIN", 243)],
        )
    )
    goods = make_item_line("Shirt", "VAT 21%", 1.00, 1.21)
    lines = [goods, goods, make_item_line("Cent", "No VAT", 0.01, 0.01)]
    tax = make_tax(r21=(2.00, 0.42))
    books.add_sale("SalesReceipt", 13, lines, TxnTaxDetail=tax, **PIN)


def add_voucher(till: ExampleTill, books: ExampleBooks) -> None:
    """14: somebody else's voucher and a card."""
    till.records.append(
        make_receipt(
            14,
            lines=[WIRE_SHIRT],
            vat={"1": (1000, 210)},
            payments=[make_payment("VVVBON", 1000), make_payment("PIN", 210)],
        )
    )
    tax = make_tax(**SHIRT_TAX)
    invoice = books.add_sale("Invoice", 14, [SHIRT], TxnTaxDetail=tax, Balance=0)
    books.add_payment(14, 1, 10.00, invoice=invoice, **VOUCHER)
    books.add_payment(14, 2, 2.10, invoice=invoice, **PIN)


def add_person(till: ExampleTill, books: ExampleBooks) -> None:
    """15: a person buys a composite article whose parts carry no amount."""
    parts = [make_line(0, 0, "2", **FOOD)]
    till.records.append(
        make_receipt(
            15,
            relationNumber=8,
            lines=[make_line(1210, 1000, subs=parts)],
            vat={"1": (1000, 210)},
            payments=[make_payment("CREDITCARD", 1210)],
        )
    )
    books.add_sale(
        "SalesReceipt",
        15,
        [SHIRT],
        TxnTaxDetail=make_tax(**SHIRT_TAX),
        CustomerRef=make_ref("Jan Bos"),
        DepositToAccountRef=make_ref("Till credit cards"),
        PaymentMethodRef=make_ref("Credit card"),
    )


COMMON = (
    add_sale,
    add_several_tenders,
    add_refund,
    add_exchange,
    add_on_account,
    add_part_on_account,
    add_gift_cards,
    add_deposits,
    add_cash_rounding,
    add_cent,
    add_voucher,
    add_person,
)
