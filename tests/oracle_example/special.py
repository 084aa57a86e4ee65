"""Tips, gift cards of one rate, vouchers, own use, and what moves cash."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle_example.books import (
    ExampleBooks,
    make_entry_line,
    make_item_line,
    make_tax,
)
from tests.oracle_example.common import BREAD, PIN, SHIRT, SHIRT_TAX
from tests.oracle_example.money import sell_shirt
from tests.oracle_example.wire import (
    GIFT_CARD,
    NO_CODE,
    WIRE_BREAD,
    WIRE_SHIRT,
    ExampleTill,
    make_line,
    make_payment,
    make_receipt,
)

TAX = make_tax(**SHIRT_TAX)
BOTH = {"lines": [WIRE_SHIRT, WIRE_BREAD], "vat": {"1": (1000, 210), "2": (200, 18)}}


def add_tip(till: ExampleTill, books: ExampleBooks) -> None:
    """33: more is paid than is due."""
    sell_shirt(till, 33, make_payment("PIN", 1310))
    tip = make_item_line("Tip", "No VAT", 1.00, 1.00)
    books.add_sale("SalesReceipt", 33, [SHIRT, tip], TxnTaxDetail=TAX, **PIN)


def add_single_purpose_cards(till: ExampleTill, books: ExampleBooks) -> None:
    """34 and 35: a gift card for 21 % goods is sold, the till counting its VAT or not;
    36: one is redeemed."""
    for number, vat in ((34, {"1": (1000, 210)}), (35, {})):
        card = make_line(1210, 1000, **GIFT_CARD)
        sell_shirt(till, number, make_payment("PIN", 1210), lines=[card], vat=vat)
        sold = make_item_line("Gift card", "VAT 21%", 10.00, 12.10)
        books.add_sale("SalesReceipt", number, [sold], TxnTaxDetail=TAX, **PIN)
    card, pin = make_payment("CADEAUBON21", 1210), make_payment("PIN", 218)
    sell_shirt(till, 36, card, pin, **BOTH)
    used = make_item_line("Gift card", "VAT 21%", -10.00, -12.10)
    tax = make_tax(r21=(0, 0), r9=(2.00, 0.18))
    lines = [SHIRT, BREAD, used]
    books.add_sale("SalesReceipt", 36, lines, TxnTaxDetail=tax, **PIN)


def add_own_voucher(till: ExampleTill, books: ExampleBooks) -> None:
    """37: a voucher of the shop's own for 1.43 on 14.28 at two rates."""
    voucher, pin = make_payment("KORTINGSBON", 143), make_payment("PIN", 1285)
    sell_shirt(till, 37, voucher, pin, **BOTH)
    lines = [
        SHIRT,
        BREAD,
        make_item_line("Own voucher", "VAT 21%", -1.00, -1.21),
        make_item_line("Own voucher", "VAT 9%", -0.20, -0.22),
    ]
    tax = make_tax(r21=(9.00, 1.89), r9=(1.80, 0.16))
    books.add_sale("SalesReceipt", 37, lines, TxnTaxDetail=tax, **PIN)


def add_part_own_use(till: ExampleTill, books: ExampleBooks) -> None:
    """38: the till counts VAT on all; 39: on what was paid; 40: it stands at the line;
    47: it stands at the line, whose amounts leave it out."""
    own, pin = make_payment("EIGENGEBRUIK", 1000), make_payment("PIN", 210)
    sell_shirt(till, 38, own, pin)
    sell_shirt(till, 39, own, pin, vat={"1": (174, 36)})
    sell_shirt(till, 40, pin, lines=[make_line(1210, 1000, bpeAmount=1000)])
    rest = make_line(210, 174, bpeAmount=1000, bpeAmountExcl=826)
    sell_shirt(till, 47, pin, lines=[rest], vat={"1": (174, 36)})
    plain = make_item_line("Own use", "No VAT", -10.00, -10.00)
    for number in (38, 40):
        books.add_sale("SalesReceipt", number, [SHIRT, plain], TxnTaxDetail=TAX, **PIN)
    taxed = make_item_line("Own use", "VAT 21%", -8.26, -10.00)
    tax = make_tax(r21=(1.74, 0.36))
    for number in (39, 47):
        lines = [SHIRT, taxed]
        books.add_sale("SalesReceipt", number, lines, TxnTaxDetail=tax, **PIN)


def add_whole_own_use(till: ExampleTill, books: ExampleBooks) -> None:
    """41: taken home at cost; 42: broken; 43: given away."""
    goods = [make_line(2420, 2000, quantity=2, purchasePrice=400)]
    vat = {"1": (2000, 420)}
    for number, method in ((41, "PRIVE"), (42, "BREUK"), (43, "PROMOTIE")):
        sell_shirt(till, number, make_payment(method, 2420), lines=goods, vat=vat)
    taxed = {"code": "VAT 21%", "vat": 1.68, "side": "Sales"}
    books.add_entry(
        41,
        make_entry_line("Drawings", 9.68),
        make_entry_line("Cost of Goods Sold", -8.00, **taxed),
    )
    for number, account in ((42, "Breakage"), (43, "Promotion")):
        books.add_entry(
            number,
            make_entry_line(account, 8.00),
            make_entry_line("Cost of Goods Sold", -8.00),
        )


def add_movements(till: ExampleTill, books: ExampleBooks) -> None:
    """44: cash in; 45: cash out with VAT; 46: cash becomes card money."""
    cash_in = make_line(5000, 5000, NO_CODE, turnoverGroup=80, article=9031)
    cash_out = make_line(-1210, -1210, NO_CODE, turnoverGroup=81, article=9033)
    till.records += [
        make_receipt(
            44,
            receiptType="RECEIPT-TYPE-CASH-INFLOW",
            lines=[cash_in],
            payments=[make_payment("CONTANT", 5000)],
        ),
        make_receipt(
            45,
            receiptType="RECEIPT-TYPE-CASH-OUTFLOW",
            lines=[cash_out],
            payments=[make_payment("CONTANT", -1210)],
        ),
        make_receipt(
            46,
            receiptType="RECEIPT-TYPE-PAYMENT-METHOD-TRANSFER",
            payments=[make_payment("CONTANT", -5000), make_payment("PIN", 5000)],
        ),
    ]
    cash = "Till cash Centrum"
    books.add_entry(
        44, make_entry_line(cash, 50.00), make_entry_line("Bank account", -50.00)
    )
    taxed = {"code": "VAT 21%", "vat": 2.10, "side": "Purchase"}
    books.add_entry(
        45,
        make_entry_line(cash, -12.10),
        make_entry_line("Petty expenses", 10.00, **taxed),
    )
    books.add_entry(
        46, make_entry_line(cash, -50.00), make_entry_line("Till cards Centrum", 50.00)
    )


CASES: tuple[Callable[[ExampleTill, ExampleBooks], None], ...] = (
    add_tip,
    add_single_purpose_cards,
    add_own_voucher,
    add_part_own_use,
    add_whole_own_use,
    add_movements,
)
