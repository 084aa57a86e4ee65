"""Own use at the lines, told as tenders however the till counts it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.datamodel import TenderType, Unreadable
from connectors.mplus.shop import PaymentMethod, Shop
from tests.connectors.mplus.reader import read, wire_line, wire_payment, wire_receipt

METHODS = {
    "PIN": PaymentMethod("PIN", "Pin", "PAYMENT-METHOD-TYPE-EFT"),
    "OWN": PaymentMethod("OWN", "Own use", "PAYMENT-METHOD-TYPE-BPE"),
    "BON": PaymentMethod("BON", "Voucher", "PAYMENT-METHOD-TYPE-VOUCHER-BPE"),
}
SHOP = Shop(countries={1: "NL"}, methods=METHODS)


def used_line(incl=1000, *, price=1000, used=300, method="OWN", **values):
    """A line of ``price`` of which the shop used a part; ``incl`` is what is told."""
    data = {"price": price, "bpeAmount": used, "bpeId": method}
    return wire_line(incl, data={**data, **values.pop("data", {})}, **values)


OWN = wire_payment(
    "OWN", 300, paymentId="own", paymentMethodType="PAYMENT-METHOD-TYPE-BPE"
)
PIN = wire_payment("PIN", 1700, paymentId="pin")

WAYS = {
    "a payment beside it": ([used_line()], [PIN, OWN], {}),
    "payments without it": ([used_line()], [PIN], {}),
    "a total without it": ([used_line()], [PIN], {"totalInclAmount": 1700}),
    "lines without it": ([used_line(700)], [PIN], {"totalInclAmount": 1700}),
}


@pytest.mark.parametrize(("lines", "payments", "values"), WAYS.values(), ids=WAYS)
def test_every_way_to_count_it_is_one_document(lines, payments, values):
    record = wire_receipt([*lines, wire_line(1000)], payments, **values)
    order = read(record, SHOP)

    assert [line.amount_incl for line in order.lines] == [Decimal(10), Decimal(10)]
    assert order.total_incl == Decimal(20)
    amounts = {tender.type: tender.amount for tender in order.tenders}
    assert amounts == {TenderType.CARD: Decimal(17), TenderType.OWN_USE: Decimal(3)}
    assert (order.tips, order.outstanding, order.final) == (0, 0, True)


def test_a_line_that_is_used_whole_is_no_sale_of_nothing():
    [order] = [read(wire_receipt([used_line(0, used=1000)]), SHOP)]

    assert order.total_incl == Decimal(10)
    assert order.total_excl == Decimal("8.26")
    [tender] = order.tenders
    assert (tender.id, tender.method, tender.amount) == ("bpe:l", "OWN", Decimal(10))
    assert tender.extra == {"lineId": "l"}


def test_the_amount_without_vat_is_the_tills_where_it_tells_it():
    line = used_line(700, data={"bpeAmountExcl": 250, "totalExclAmount": 579})
    order = read(wire_receipt([line], [wire_payment("PIN", 700)]), SHOP)

    assert order.lines[0].amount_excl == Decimal("8.29")


@pytest.mark.parametrize(
    ("method", "kind", "name"),
    [
        ("OWN", TenderType.OWN_USE, "Own use"),
        ("BON", TenderType.VOUCHER, "Voucher"),
        ("other", TenderType.OWN_USE, ""),
        ("PIN", TenderType.OWN_USE, "Pin"),
        ("", TenderType.OWN_USE, ""),
    ],
)
def test_the_tender_is_the_lines_kind_of_own_use(method, kind, name):
    line = used_line(method=method)
    order = read(wire_receipt([line], [wire_payment("PIN", 700)]), SHOP)
    tender = order.tenders[1]

    assert (tender.method, tender.type) == (method or "BPE", kind)
    assert tender.description == name


def test_a_returned_line_turns_its_own_use():
    line = used_line(-1000, used=-300, data={"quantity": -1})
    order = read(wire_receipt([line], [wire_payment("PIN", -700)]), SHOP)

    assert [tender.amount for tender in order.tenders] == [Decimal(-7), Decimal(-3)]


def test_own_use_and_money_that_is_still_open():
    record = wire_receipt(
        [used_line()], [wire_payment("PIN", 400)], state="RECEIPT-STATE-PARTLY-PAID"
    )
    order = read(record, SHOP)

    assert (order.outstanding, order.final) == (Decimal(3), False)


def test_without_a_price_the_amounts_are_as_told():
    line = used_line()
    del line["data"]["price"]
    order = read(wire_receipt([line], [wire_payment("PIN", 700)]), SHOP)

    assert order.lines[0].amount_incl == Decimal(10)


def test_money_that_is_missing_besides_is_named():
    found = read(wire_receipt([used_line()], [wire_payment("PIN", 900)]), SHOP)

    assert isinstance(found, Unreadable)
    assert found.code == "tenders"


def test_an_amount_that_is_none_is_named():
    found = read(wire_receipt([used_line(used="x")], [PIN]), SHOP)

    assert isinstance(found, Unreadable)
    assert "bpeAmount" in found.reason
