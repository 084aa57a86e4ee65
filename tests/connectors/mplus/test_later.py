"""What is paid later of a sale on account, and what a settlement line names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.datamodel import TenderType
from connectors.mplus.shop import PaymentMethod, Shop
from tests.connectors.mplus.reader import (
    DAY,
    open_till,
    read,
    wire_line,
    wire_payment,
    wire_receipt,
)
from tests.connectors.mplus.till import running_till

SHOP = Shop(
    countries={1: "NL"},
    methods={
        "PIN": PaymentMethod("PIN", "Pin", "PAYMENT-METHOD-TYPE-EFT"),
        "OP": PaymentMethod("OP", "Op rekening", "PAYMENT-METHOD-TYPE-SUSPENSE"),
    },
    group_types={85: "TURNOVER-GROUP-TYPE-SUSPENSE"},
)
NEXT_DAY = {"day": 1, "mon": 11, "year": 2026}


def at(hour, minute=0):
    clock = {"hour": hour, "min": minute, "sec": 0, "isdst": False, "timezone": 60}
    return DAY | clock


def amounts(order):
    return [(tender.type.value, tender.amount) for tender in order.tenders]


def on_account(*payments, total=10000):
    first = wire_payment("OP", total, entryTimestamp=at(12))
    return read(wire_receipt([wire_line(total)], [first, *payments]), SHOP)


@pytest.mark.parametrize(
    "later",
    [
        {"financialDate": NEXT_DAY},
        {"financialDate": DAY, "entryTimestamp": at(12, 11)},
    ],
    ids=["another day", "later on the day"],
)
def test_a_later_payment_comes_off_the_account(later):
    order = on_account(wire_payment("PIN", 4000, paymentId="p", **later))

    assert amounts(order) == [
        ("on_account", Decimal(100)),
        ("card", Decimal(40)),
        ("on_account", Decimal(-40)),
    ]
    assert order.tenders[2].id == "p/account"
    assert order.tenders[2].date == order.tenders[1].date
    assert (order.tips, order.outstanding) == (0, 0)


def test_what_the_till_turned_itself_stays_as_it_is():
    payments = [
        wire_payment("PIN", 4000, financialDate=NEXT_DAY),
        wire_payment("OP", -4000, financialDate=NEXT_DAY),
    ]
    order = on_account(*payments)

    assert amounts(order)[1:] == [("card", Decimal(40)), ("on_account", Decimal(-40))]


def test_several_payments_come_off_one_by_one():
    payments = [
        wire_payment("PIN", cents, paymentId=f"p{cents}", financialDate=NEXT_DAY)
        for cents in (4000, 6000, 500)
    ]
    order = on_account(*payments)
    turned = [t for t in order.tenders if t.amount < 0]

    assert [t.amount for t in turned] == [Decimal(-40), Decimal(-60)]
    assert order.tips == Decimal(5)


@pytest.mark.parametrize(
    "values", [{}, {"entryTimestamp": at(12, 5)}], ids=["untimed", "at once"]
)
def test_what_is_over_at_the_counter_is_a_tip(values):
    order = on_account(wire_payment("PIN", 500, **values))

    assert order.tips == Decimal(5)
    assert len(order.tenders) == 2


@pytest.mark.parametrize(
    "values", [{}, {"entryTimestamp": at(12, 5)}], ids=["untimed", "at once"]
)
@pytest.mark.parametrize(("cents", "tips"), [(10000, 0), (10500, 5)])
def test_where_the_money_covers_the_total_nothing_is_on_account(values, cents, tips):
    order = on_account(wire_payment("PIN", cents, paymentId="p", **values))

    assert amounts(order)[1:] == [
        ("card", Decimal(cents) / 100),
        ("on_account", Decimal(-100)),
    ]
    assert (order.tips, order.outstanding) == (tips, 0)


def test_what_came_later_comes_off_the_account_before_what_came_at_once():
    payments = [
        wire_payment("PIN", 500, paymentId="tip", entryTimestamp=at(12, 5)),
        wire_payment("PIN", 10000, paymentId="debt", financialDate=NEXT_DAY),
    ]
    order = on_account(*payments)

    turned = [(t.id, t.amount) for t in order.tenders if t.amount < 0]
    assert turned == [("debt/account", Decimal(-100))]
    assert order.tips == Decimal(5)


@pytest.mark.parametrize(
    ("owed", "cash", "rounding"),
    [(1213, 1215, "0.02"), (1211, 1210, "-0.01"), (1211, 500, "0")],
)
def test_cash_that_comes_later_may_be_rounded(owed, cash, rounding):
    paid = wire_payment("CONTANT", cash, paymentId="p", financialDate=NEXT_DAY)
    order = on_account(paid, total=owed)

    covered = rounding != "0"
    left = 0 if covered else Decimal(owed - cash) / 100
    account = [t.amount for t in order.tenders if t.type is TenderType.ON_ACCOUNT]
    assert sum(account) == left
    assert (order.cash_rounding, order.tips) == (Decimal(rounding), 0)


def test_what_a_card_leaves_open_is_no_rounding():
    order = on_account(wire_payment("PIN", 1210, financialDate=NEXT_DAY), total=1211)

    account = [t.amount for t in order.tenders if t.type is TenderType.ON_ACCOUNT]
    assert sum(account) == Decimal("0.01")
    assert order.cash_rounding == 0


def settlement(text, **values):
    data = {
        "turnoverGroup": 85,
        "turnoverGroupType": "TURNOVER-GROUP-TYPE-SUSPENSE",
    }
    return wire_line(2500, 2500, code=0, rate=0, text=text, data=data, **values)


ID = "5b0f8a10-6a52-11f0-9d3c-0242ac120002"


@pytest.mark.parametrize(
    ("text", "settles"),
    [
        ("Betaling bon 1-2-2026-17", "1-2-2026-17"),
        ("1-2-26-17", "1-2-26-17"),
        (f"bon {ID}.", ID),
        ("Betaling van 12-10-2026", ""),
        ("1-2-2026-17 en 1-2-2026-18", ""),
        ("Betaling openstaande post", ""),
        ("", ""),
    ],
)
def test_a_settlement_names_what_it_settles(text, settles):
    order = read(wire_receipt([settlement(text)], [wire_payment("PIN", 2500)]), SHOP)

    assert order.lines[0].settles == settles


def test_the_reference_names_what_a_lone_settlement_settles():
    record = wire_receipt(
        [wire_line(100), settlement("Betaling")],
        [wire_payment("PIN", 2600)],
        reference="bon 1-2-2026-17",
    )
    order = read(record, SHOP)

    assert [line.settles for line in order.lines] == ["", "1-2-2026-17"]


def test_two_settlements_share_no_reference():
    lines = [settlement("a", lineId=""), settlement("b", lineId=None)]
    for line in lines:
        del line["lineId"]
    record = wire_receipt(
        lines, [wire_payment("PIN", 5000)], reference="bon 1-2-2026-17"
    )
    order = read(record, SHOP)

    assert {line.settles for line in order.lines} == {""}
    assert [line.id for line in order.lines] == ["1", "2"]


def test_goods_settle_nothing():
    record = wire_receipt(
        [wire_line(100, text="1-2-2026-17")], [wire_payment("PIN", 100)]
    )

    assert read(record, SHOP).lines[0].settles == ""


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=60) as running:
        yield running


@pytest.mark.parametrize("turned", [False, True])
def test_a_sale_on_account_is_paid_in_parts(till, turned):
    found = till.do("ring_up", sort="on_account", date="2026-10-20")
    connector = open_till(till.url)
    before = connector.read_one("receipts", found["receiptId"])
    for day in ("2026-10-21", "2026-10-22"):
        till.do(
            "pay_receipt",
            receiptId=found["receiptId"],
            amount=found["totalInclAmount"] // 2,
            date=day,
            turned=turned,
        )
    after = connector.read_one("receipts", found["receiptId"])

    assert after.tenders[: len(before.tenders)] == before.tenders
    paid = [t for t in after.tenders if t.type is TenderType.CARD]
    assert [str(t.date) for t in paid] == ["2026-10-21", "2026-10-22"]
    account = [t.amount for t in after.tenders if t.type is TenderType.ON_ACCOUNT]
    assert sum(account) == found["totalInclAmount"] % 2 * Decimal("0.01")
    assert (after.tips, after.outstanding) == (0, 0)
    assert int(after.version) > int(before.version)


def test_an_outstanding_receipt_is_paid_in_parts(till):
    found = till.do("ring_up", sort="not_final")
    connector = open_till(till.url)
    open_before = connector.read_one("receipts", found["receiptId"]).outstanding
    till.do("pay_receipt", receiptId=found["receiptId"], amount=1, method="CONTANT")
    partly = connector.read_one("receipts", found["receiptId"])
    done = till.do("pay_receipt", receiptId=found["receiptId"], date="2026-11-02")
    paid = connector.read_one("receipts", found["receiptId"])

    assert (partly.outstanding, partly.final) == (open_before - Decimal("0.01"), False)
    assert (paid.outstanding, paid.final) == (0, True)
    assert done["state"] == "RECEIPT-STATE-PAID"
    assert "0 of this receipt" in till.refuse(
        "pay_receipt", receiptId=found["receiptId"]
    )


def test_date_branch_and_relation_are_changed(till):
    found = till.do("ring_up", sort="on_account", branch=1, relation=1003)
    connector = open_till(till.url)
    for change in (
        {"what": "date", "date": "2026-10-02"},
        {"what": "branch", "branch": 3},
        {"what": "relation", "relation": 1010},
    ):
        till.do("change_receipt", receiptId=found["receiptId"], **change)
    order = connector.read_one("receipts", found["receiptId"])

    assert (str(order.date), order.branch, order.customer_id) == (
        "2026-10-02",
        "3",
        "1010",
    )
    assert {str(tender.date) for tender in order.tenders} == {"2026-10-02"}
    assert order.extra["versionNumber"] == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"what": "branch", "branch": 9}, "no branch 9"),
        ({"what": "relation", "relation": 9}, "no relation 9"),
        ({"what": "colour"}, "what is one of"),
        ({"what": "date"}, "cannot use"),
    ],
)
def test_changes_to_what_there_is_not_are_refused(till, change, words):
    found = till.do("ring_up")

    assert words in till.refuse(
        "change_receipt", receiptId=found["receiptId"], **change
    )


def test_a_relation_can_be_taken_off(till):
    found = till.do("ring_up", relation=1003)
    till.do("change_receipt", receiptId=found["receiptId"], what="relation", relation=0)
    order = open_till(till.url).read_one("receipts", found["receiptId"])

    assert (order.customer, order.customer_id) == (None, "")
