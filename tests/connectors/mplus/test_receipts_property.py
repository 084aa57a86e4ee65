"""Whatever a till may send of money: an order that adds up, or a reason."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.datamodel import TenderType, Unreadable
from connectors.mplus.shop import PaymentMethod, Shop
from connectors.plain import from_json, to_json
from tests.connectors.mplus.reader import read, wire_line, wire_payment, wire_receipt

SHOP = Shop(
    countries={1: "NL"},
    methods={
        "CONTANT": PaymentMethod("CONTANT", "", "PAYMENT-METHOD-TYPE-PAYMENT"),
        "PIN": PaymentMethod("PIN", "", "PAYMENT-METHOD-TYPE-EFT"),
        "OP": PaymentMethod("OP", "", "PAYMENT-METHOD-TYPE-SUSPENSE"),
        "OWN": PaymentMethod("OWN", "", "PAYMENT-METHOD-TYPE-BPE"),
    },
    group_types={
        10: "TURNOVER-GROUP-TYPE-TURNOVER",
        85: "TURNOVER-GROUP-TYPE-SUSPENSE",
        95: "TURNOVER-GROUP-TYPE-REFUNDABLE-DEPOSIT",
    },
)
STATES = ("PAID", "PARTLY-PAID", "OUTSTANDING", "HANDLED", "OUTSTANDING-CREDIT")
cents = st.integers(-5000, 5000)


@st.composite
def lines(draw):
    """A line with or without own use, which its amount may hold or not."""
    quantity, price = draw(st.integers(-2, 3)), draw(st.integers(0, 3000))
    used = draw(st.sampled_from([0, 0, 0, 250, quantity * price]))
    group = draw(st.sampled_from([10, 10, 85, 95]))
    net = draw(st.booleans())
    data = {
        "quantity": quantity,
        "price": price,
        "turnoverGroup": group,
        "turnoverGroupType": SHOP.group_types[group],
    }
    if used:
        data |= {"bpeAmount": used, "bpeId": "OWN"}
    amount = quantity * price - (used if net else 0)
    return wire_line(amount, data=data, text=draw(st.sampled_from(["", "1-1-2026-5"])))


@st.composite
def receipts(draw):
    """A receipt whose payments may or may not come to its total."""
    sold = draw(st.lists(lines(), max_size=4))
    for place, line in enumerate(sold):
        line["lineId"] = f"l{place}"
    total = sum(line["data"]["totalInclAmount"] for line in sold)
    shift = draw(st.sampled_from([0, 0, 0, -250, 1, 200]))
    payments, left = [], total + shift
    for place in range(draw(st.integers(0, 3))):
        amount = left if draw(st.booleans()) else draw(cents)
        left -= amount
        day = draw(st.sampled_from([31, 31, 30, 1]))
        month = 11 if day == 1 else 10
        payments.append(
            wire_payment(
                draw(st.sampled_from([*SHOP.methods])),
                amount,
                paymentId=f"p{place}",
                financialDate={"day": day, "mon": month, "year": 2026},
            )
        )
    return wire_receipt(
        sold,
        payments,
        totalInclAmount=total + shift,
        state=f"RECEIPT-STATE-{draw(st.sampled_from(STATES))}",
    )


@settings(max_examples=200, deadline=None)
@given(receipts())
def test_every_order_adds_up_and_everything_else_says_why(record):
    order = read(record, SHOP)
    if isinstance(order, Unreadable):
        assert order.code in ("lines", "tenders")
        assert order.reason
        return
    sold = sum(line.amount_incl for line in order.lines)
    left = sold + order.tips + order.cash_rounding + order.sum_rounding
    assert left == sum(t.amount for t in order.tenders) + order.outstanding
    assert len({tender.id for tender in order.tenders}) == len(order.tenders)
    assert from_json(to_json(order)) == order


@settings(max_examples=200, deadline=None)
@given(receipts())
def test_what_the_till_says_was_paid_is_never_lost(record):
    order = read(record, SHOP)
    if isinstance(order, Unreadable):
        return
    told = {
        each["paymentId"]: each["amount"] for each in record["paymentList"]["payment"]
    }
    kept = {t.id: t.amount * 100 for t in order.tenders if t.id in told}
    assert kept == told
    added = [t for t in order.tenders if t.id not in told]
    assert {t.type for t in added} <= {TenderType.OWN_USE, TenderType.ON_ACCOUNT}
