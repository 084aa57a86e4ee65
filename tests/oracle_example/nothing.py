"""Receipts that become no document, each with what must be said about it."""

from __future__ import annotations

from tests.oracle_example.wire import (
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


def make_cash_out(number: int, group: int, article: int, how: str = "CONTANT") -> Json:
    """50.00 taken out of the drawer."""
    line = make_line(-5000, -5000, NO_CODE, turnoverGroup=group, article=article)
    return make_receipt(
        number,
        receiptType="RECEIPT-TYPE-CASH-OUTFLOW",
        lines=[line],
        payments=[make_payment(how, -5000)],
    )


def make_settlement(number: int, amount: int, how: str = "PIN", **more: object) -> Json:
    """An earlier debt is paid."""
    line = make_line(
        amount,
        amount,
        NO_CODE,
        turnoverGroup=85,
        turnoverGroupType="TURNOVER-GROUP-TYPE-SUSPENSE",
    )
    return make_receipt(
        number, lines=[line], payments=[make_payment(how, amount)], **more
    )


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
        "own use",
        make_shirt_sale(56, make_payment("EIGENGEBRUIK", 1210)),
    ),
    ("skipped", "cash out", make_cash_out(57, 81, 9034)),
    ("waiting", "unmapped cash movement", make_cash_out(58, 82, 9035)),
    ("failed", "tender without an account", make_cash_out(59, 81, 9032, "OPREKENING")),
    (
        "skipped",
        "before start",
        make_shirt_sale(60, PAID, financialDate=make_day("2025-12-31")),
    ),
    (
        "failed",
        "credit partly on account",
        make_credit(
            61,
            make_payment("OPREKENING", -1000),
            make_payment("PIN", -210),
            relationNumber=7,
        ),
    ),
    (
        "failed",
        "cash back on account",
        make_shirt_sale(
            62,
            make_payment("OPREKENING", 2210),
            make_payment("CONTANT", -1000),
            relationNumber=7,
        ),
    ),
    (
        "failed",
        "on account without a relation",
        make_credit(63, make_payment("OPREKENING", -1210)),
    ),
    ("failed", "settlement without a relation", make_settlement(64, 1210)),
    ("failed", "negative settlement", make_settlement(65, -1210, relationNumber=7)),
    (
        "failed",
        "cash back on account",
        make_settlement(66, 1210, "OPREKENING", relationNumber=7),
    ),
    (
        "failed",
        "no relation",
        make_shirt_sale(67, PAID, vatMethod="VAT-METHOD-SHIFTED"),
    ),
    (
        "failed",
        "no VAT number",
        make_shirt_sale(68, PAID, vatMethod="VAT-METHOD-SHIFTED", relationNumber=8),
    ),
    (
        "failed",
        "reverse charge outside the EU",
        make_shirt_sale(69, PAID, vatMethod="VAT-METHOD-SHIFTED", relationNumber=11),
    ),
    (
        "failed",
        "no VAT",
        make_shirt_sale(70, PAID, vatMethod="VAT-METHOD-NONE", relationNumber=9),
    ),
    (
        "failed",
        "no VAT",
        make_shirt_sale(71, PAID, vatMethod="VAT-METHOD-NONE"),
    ),
    (
        "failed",
        "part own use",
        make_shirt_sale(
            72,
            make_payment("EIGENGEBRUIK", 1000),
            make_payment("PIN", 210),
            vat={"1": (500, 105)},
        ),
    ),
    (
        "failed",
        "no purchase price",
        make_shirt_sale(73, make_payment("PRIVE", 1210)),
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
        "no relation",
        make_shirt_sale(
            77,
            state="RECEIPT-STATE-OUTSTANDING",
            financialDate=make_day("2026-03-06"),
        ),
    ),
    (
        "failed",
        "unreadable",
        make_shirt_sale(78, PAID, financialDate=make_day("2026-13-45")),
    ),
    (
        "waiting",
        "unmapped own use",
        make_shirt_sale(
            79,
            make_payment("KANTINE", 1210, paymentMethodType="PAYMENT-METHOD-TYPE-BPE"),
        ),
    ),
    (
        "failed",
        "line that is no turnover",
        make_receipt(
            80,
            lines=[
                make_line(
                    1210,
                    1210,
                    NO_CODE,
                    turnoverGroup=99,
                    turnoverGroupType="TURNOVER-GROUP-TYPE-UNKNOWN",
                )
            ],
            payments=[PAID],
        ),
    ),
]
