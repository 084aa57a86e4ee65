"""Sales without VAT, goods under the margin scheme, and what the shop buys in."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle_example.books import (
    ExampleBooks,
    Json,
    make_item_line,
    make_ref,
    make_tax,
)
from tests.oracle_example.common import CASH, PIN, SHIRT, SHIRT_TAX
from tests.oracle_example.money import COMPANY, sell_shirt
from tests.oracle_example.wire import (
    NO_CODE,
    WIRE_SHIRT,
    ExampleTill,
    make_line,
    make_payment,
)

SHIFTED: Json = {
    "vatMethod": "VAT-METHOD-SHIFTED",
    "lines": [make_line(1000, 1000)],
    "vat": {"1": (1000, 0)},
}
TRADE = make_line(-500, -500, NO_CODE, turnoverGroup=70, quantity=1)


def sell_untaxed(books: ExampleBooks, number: int, code: str, rate: str) -> Json:
    """A shirt of 10.00 without VAT, by card."""
    line = make_item_line("Shirt", code, 10.00, 10.00)
    tax = make_tax(**{rate: (10.00, 0)})
    books.add_sale("SalesReceipt", number, [line], TxnTaxDetail=tax, **PIN)
    return books.find("SalesReceipt", f"R1-2-26-{number}")


def add_reverse_charge(till: ExampleTill, books: ExampleBooks) -> None:
    """81: to a company at home; 82: goods and services to one in Germany."""
    sell_shirt(till, 81, make_payment("PIN", 1000), relationNumber=7, **SHIFTED)
    sell_untaxed(books, 81, "VAT reverse charge", "rc").update(COMPANY)
    repair = make_line(500, 500, turnoverGroup=50)
    more = {**SHIFTED, "lines": [make_line(1000, 1000), repair]}
    sell_shirt(till, 82, make_payment("PIN", 1500), relationNumber=9, **more)
    lines = [
        make_item_line("Shirt", "VAT EU goods", 10.00, 10.00),
        make_item_line("Shirt", "VAT EU services", 5.00, 5.00),
    ]
    books.add_sale(
        "SalesReceipt",
        82,
        lines,
        TxnTaxDetail=make_tax(eg=(10.00, 0), es=(5.00, 0)),
        CustomerRef=make_ref("Müller GmbH"),
        **PIN,
    )


def add_export(till: ExampleTill, books: ExampleBooks) -> None:
    """83: without VAT to somebody in Switzerland."""
    sell_shirt(
        till,
        83,
        make_payment("PIN", 1000),
        vatMethod="VAT-METHOD-NONE",
        lines=[make_line(1000, 1000, NO_CODE)],
        vat={},
        relationNumber=10,
    )
    row = sell_untaxed(books, 83, "VAT export", "ex")
    row["CustomerRef"] = make_ref("Berg AG")


def add_second_hand(till: ExampleTill, books: ExampleBooks) -> None:
    """84: second-hand goods; 85: a trade-in beside a shirt; 86: only bought in."""
    used = make_line(2000, 2000, NO_CODE, turnoverGroup=25)
    sell_shirt(till, 84, make_payment("PIN", 2000), lines=[used], vat={})
    sell_shirt(till, 85, make_payment("PIN", 710), lines=[WIRE_SHIRT, TRADE])
    sell_shirt(till, 86, make_payment("CONTANT", -500), lines=[TRADE], vat={})
    sold = make_item_line("Second-hand", "VAT margin", 20.00, 20.00)
    tax = make_tax(ma=(20.00, 0))
    books.add_sale("SalesReceipt", 84, [sold], TxnTaxDetail=tax, **PIN)
    traded = make_item_line("Trade-in", "VAT margin", -5.00, -5.00)
    tax = make_tax(**SHIRT_TAX, ma=(-5.00, 0))
    books.add_sale("SalesReceipt", 85, [SHIRT, traded], TxnTaxDetail=tax, **PIN)
    bought = make_item_line("Trade-in", "VAT margin", 5.00, 5.00)
    tax = make_tax(ma=(5.00, 0))
    books.add_sale("RefundReceipt", 86, [bought], TxnTaxDetail=tax, **CASH)


CASES: tuple[Callable[[ExampleTill, ExampleBooks], None], ...] = (
    add_reverse_charge,
    add_export,
    add_second_hand,
)
