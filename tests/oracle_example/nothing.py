"""Receipts that become no document, each with what must be said about it."""

from __future__ import annotations

from tests.oracle_example.wire import (
    GIFT_CARD,
    NO_CODE,
    WIRE_SHIRT,
    Json,
    make_day,
    make_line,
    make_payment,
    make_receipt,
)


def make_shirt_sale(number: int, *payments: Json, **more: object) -> Json:
    """A shirt paid in some way."""
    plain = {"lines": [WIRE_SHIRT], "vat": {"1": (1000, 210)}}
    return make_receipt(number, payments=list(payments), **{**plain, **more})


def make_credit(number: int, *payments: Json, **more: object) -> Json:
    """A shirt taken back in some way."""
    return make_shirt_sale(
        number,
        *payments,
        receiptType="RECEIPT-TYPE-CREDIT-RECEIPT",
        lines=[make_line(-1210, -1000)],
        vat={"1": (-1000, -210)},
        **more,
    )


BACK = make_line(-1210, -1000)
PAID = make_payment("PIN", 1210)

# What becomes no document, with what the oracle must say about it.
NOTHING: list[tuple[str, str, Json]] = [
    ("skipped", "zero sale", make_receipt(50, lines=[make_line(0, 0)])),
    (
        "failed",
        "unknown receipt type",
        make_shirt_sale(51, PAID, receiptType="RECEIPT-TYPE-TABLE-TRANSFER"),
    ),
    ("failed", "unreadable", make_shirt_sale(52, PAID, totalInclAmount=1310)),
    ("failed", "unreadable", make_shirt_sale(53, make_payment("PIN", 900))),
    (
        "waiting",
        "not final",
        make_shirt_sale(54, state="RECEIPT-STATE-OUTSTANDING"),
    ),
    (
        "waiting",
        "not final",
        make_shirt_sale(
            55, make_payment("PIN", 900), state="RECEIPT-STATE-PARTLY-PAID"
        ),
    ),
    (
        "skipped",
        "not a sale",
        make_shirt_sale(56, make_payment("EIGENGEBRUIK", 1210)),
    ),
    (
        "skipped",
        "cash in",
        make_receipt(
            57,
            receiptType="RECEIPT-TYPE-CASH-INFLOW",
            lines=[make_line(5000, 5000, NO_CODE)],
            payments=[make_payment("CONTANT", 5000)],
        ),
    ),
    (
        "skipped",
        "cash out",
        make_receipt(
            58,
            receiptType="RECEIPT-TYPE-CASH-OUTFLOW",
            lines=[make_line(-5000, -5000, NO_CODE)],
            payments=[make_payment("CONTANT", -5000)],
        ),
    ),
    (
        "skipped",
        "transfer between tenders",
        make_receipt(
            59,
            receiptType="RECEIPT-TYPE-PAYMENT-METHOD-TRANSFER",
            payments=[make_payment("CONTANT", -5000), make_payment("PIN", 5000)],
        ),
    ),
    (
        "skipped",
        "before start",
        make_shirt_sale(60, PAID, financialDate=make_day("2025-12-31")),
    ),
    (
        "failed",
        "refund in several tenders or tenders of mixed sign",
        make_credit(61, make_payment("PIN", -1000), make_payment("CONTANT", -210)),
    ),
    (
        "failed",
        "refund in several tenders or tenders of mixed sign",
        make_shirt_sale(62, make_payment("PIN", 2210), make_payment("CONTANT", -1000)),
    ),
    (
        "failed",
        "total of zero",
        make_receipt(63, lines=[BACK, make_line(1210, 1110, "2")]),
    ),
    (
        "failed",
        "total of zero",
        make_shirt_sale(64, make_payment("CADEAUBON", 1210)),
    ),
    (
        "failed",
        "total of zero",
        make_receipt(65, lines=[BACK, make_line(1210, 1210, NO_CODE, **GIFT_CARD)]),
    ),
    (
        "failed",
        "total of zero",
        make_credit(66, make_payment("CADEAUBON", -1210)),
    ),
    (
        "failed",
        "credit of an on-account sale",
        make_credit(67, make_payment("OPREKENING", -1210), relationNumber=7),
    ),
    (
        "failed",
        "settlement of a debt",
        make_receipt(
            68,
            relationNumber=7,
            lines=[
                make_line(
                    1210,
                    1210,
                    NO_CODE,
                    turnoverGroup=85,
                    turnoverGroupType="TURNOVER-GROUP-TYPE-SUSPENSE",
                )
            ],
            payments=[PAID],
        ),
    ),
    ("failed", "tip", make_shirt_sale(69, make_payment("PIN", 1300))),
    (
        "failed",
        "reverse charge or no VAT",
        make_shirt_sale(70, PAID, vatMethod="VAT-METHOD-SHIFTED", relationNumber=7),
    ),
    (
        "failed",
        "reverse charge or no VAT",
        make_shirt_sale(71, PAID, vatMethod="VAT-METHOD-NONE"),
    ),
    (
        "failed",
        "trade-in",
        make_receipt(
            72,
            lines=[
                WIRE_SHIRT,
                make_line(-500, -500, NO_CODE, turnoverGroup=70, quantity=1),
            ],
            vat={"1": (1000, 210)},
            payments=[make_payment("PIN", 710)],
        ),
    ),
    (
        "failed",
        "part own use",
        make_shirt_sale(
            73, make_payment("EIGENGEBRUIK", 1000), make_payment("PIN", 210)
        ),
    ),
    ("failed", "unmapped tender", make_shirt_sale(74, make_payment("BITCOIN", 1210))),
    (
        "failed",
        "on account without a relation",
        make_shirt_sale(75, make_payment("OPREKENING", 1210)),
    ),
    (
        "failed",
        "unmapped VAT code",
        make_receipt(76, lines=[make_line(1210, 1210, NO_CODE)], payments=[PAID]),
    ),
    (
        "failed",
        "single-purpose gift card",
        make_shirt_sale(77, PAID, lines=[make_line(1210, 1000, **GIFT_CARD)]),
    ),
    (
        "failed",
        "unreadable",
        make_shirt_sale(78, PAID, financialDate=make_day("2026-13-45")),
    ),
]
