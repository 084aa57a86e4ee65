from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.datamodel import LineType, Order, OrderType, Unreadable, VatMethod
from connectors.mplus.sources.relations import read_relation
from tests.connectors.mplus.reader import (
    read,
    wire_line,
    wire_payment,
    wire_receipt,
)


def identity(order):
    """Left and right side of what every order obeys."""
    left = sum(line.amount_incl for line in order.lines)
    left += order.tips + order.cash_rounding + order.sum_rounding
    return left, sum(tender.amount for tender in order.tenders) + order.outstanding


def sale(total, *payments, **values):
    order = read(wire_receipt([wire_line(total)], payments, **values))
    assert isinstance(order, Order), order.reason
    assert identity(order)[0] == identity(order)[1]
    return order


def test_head():
    order = sale(
        995,
        wire_payment("PIN", 995),
        employeeNumber=4,
        reference="table 3",
        entryBranchNumber=2,
        creditedReceiptId="r-0",
    )
    assert (order.id, order.version, order.type) == ("r-1", "7", OrderType.SALE)
    assert order.number.text == "1-2-2026-17"
    assert (order.number.branch, order.number.till) == ("1", "2")
    assert (order.number.year, order.number.number) == ("2026", "17")
    assert (order.branch, order.entry_branch, order.till) == ("1", "2", "2")
    assert (order.employee, order.reference, order.credits) == ("4", "table 3", "r-0")
    assert (order.country, order.currency) == ("NL", "EUR")
    assert order.total_incl == Decimal("9.95")
    assert order.vat_method is VatMethod.INCLUSIVE


def test_a_receipt_without_a_number_has_none():
    order = sale(1, wire_payment("PIN", 1), receiptNumber=None)
    assert order.number is None


def test_the_country_whose_vat_was_charged_goes_before_the_branchs():
    group = {"vatCode": 1, "vatPercentage": 2100, "exclAmount": 82, "vatAmount": 17}
    groups = {"vatGroup": [group | {"countryIso3": "BEL"}]}
    order = sale(99, wire_payment("PIN", 99), vatGroupList=groups)
    assert order.country == "BE"


def test_vat_totals_are_the_tills():
    group = {"vatCode": 2, "vatPercentage": 9, "exclAmount": 1081, "vatAmount": 97}
    order = sale(1178, wire_payment("PIN", 1178), vatGroupList={"vatGroup": [group]})
    [total] = order.vat_totals
    assert (total.vat_code, total.vat_rate) == ("2", Decimal(9))
    assert (total.net, total.vat) == (Decimal("10.81"), Decimal("0.97"))


def test_a_code_with_two_rates_leaves_the_line_its_own():
    group = {"vatCode": 1, "exclAmount": 100, "vatAmount": 0}
    groups = [group | {"vatPercentage": 2100}, group | {"vatPercentage": 1900}]
    order = sale(121, wire_payment("PIN", 121), vatGroupList={"vatGroup": groups})
    assert order.lines[0].vat_rate == Decimal(21)


@pytest.mark.parametrize(
    ("total", "payments", "parts"),
    [
        (1000, [("PIN", 1000)], {}),
        (1003, [("CONTANT", 1005)], {"cash_rounding": "0.02"}),
        (1002, [("CONTANT", 1000)], {"cash_rounding": "-0.02"}),
        (1003, [("CONTANT", 2000), ("CONTANT", -995)], {"cash_rounding": "0.02"}),
        (2003, [("PIN", 1000), ("CONTANT", 1005)], {"cash_rounding": "0.02"}),
        (2003, [("PIN", 1001), ("CONTANT", 1000)], {"cash_rounding": "-0.02"}),
        (-1002, [("CONTANT", -1000)], {"cash_rounding": "0.02"}),
        (1003, [("PIN", 1005)], {"tips": "0.02"}),
        (1000, [("PIN", 1150)], {"tips": "1.50"}),
        (1000, [("CONTANT", 1003)], {"tips": "0.03"}),
        (0, [], {}),
        (2, [], {"cash_rounding": "-0.02"}),
        (0, [("PIN", 500), ("CONTANT", -500)], {}),
        (0, [("PIN", 100)], {"tips": "1.00"}),
    ],
)
def test_what_is_over_is_rounding_or_tip(total, payments, parts):
    order = sale(total, *(wire_payment(*each) for each in payments))
    names = ("cash_rounding", "tips", "outstanding", "sum_rounding")
    found = {name: getattr(order, name) for name in names if getattr(order, name)}
    assert found == {name: Decimal(value) for name, value in parts.items()}
    assert order.final


@pytest.mark.parametrize(
    ("total", "paid", "state", "outstanding", "final"),
    [
        (1000, 0, "OUTSTANDING", "10.00", False),
        (1000, 400, "PARTLY-PAID", "6.00", False),
        (1000, 1000, "OUTSTANDING", "0", True),
        (-1000, 0, "OUTSTANDING-CREDIT", "-10.00", False),
        (-1000, -400, "PARTLY-PAID", "-6.00", False),
        (1000, 400, "HANDLED", "6.00", True),
        (1000, 400, "ADDED-LATER", "6.00", False),
    ],
)
def test_what_is_missing_is_outstanding(total, paid, state, outstanding, final):
    payments = [wire_payment("PIN", paid)] if paid else []
    order = sale(total, *payments, state=f"RECEIPT-STATE-{state}")
    assert (order.outstanding, order.final) == (Decimal(outstanding), final)


@pytest.mark.parametrize("cents", [-1, 1])
def test_a_cent_between_lines_and_total_is_sum_rounding(cents):
    record = wire_receipt([wire_line(1000)], [wire_payment("PIN", 1000 + cents)])
    order = read(record | {"totalInclAmount": 1000 + cents})
    assert order.sum_rounding == Decimal(cents) / 100
    assert identity(order)[0] == identity(order)[1]


def priced_without_vat(*lines, vat, **values):
    """A receipt whose till adds VAT to the sum of each rate."""
    groups = [
        {"vatCode": code, "vatPercentage": rate, "exclAmount": net, "vatAmount": tax}
        for code, rate, net, tax in vat
    ]
    total = sum(net + tax for _, _, net, tax in vat)
    return wire_receipt(
        lines, [wire_payment("PIN", total)], vatMethod="VAT-METHOD-EXCLUSIVE"
    ) | {
        "totalInclAmount": total,
        "totalExclAmount": sum(net for _, _, net, _ in vat),
        "vatGroupList": {"vatGroup": groups},
        **values,
    }


def test_vat_that_is_rounded_on_the_sum_is_put_on_the_lines():
    # Each line rounds 0.0252 to 0.03; six of them make 0.18, the till's sum 0.15.
    lines = [wire_line(15, 12)] * 5 + [
        wire_line(1210, 1000),
        wire_line(109, 100, code=2),
    ]
    vat = [(1, 2100, 1060, 223), (2, 900, 100, 9)]
    order = read(priced_without_vat(*lines, vat=vat))
    amounts = [str(line.amount_incl) for line in order.lines]
    assert amounts == ["0.14", "0.15", "0.15", "0.15", "0.15", "12.09", "1.09"]
    assert order.sum_rounding == 0
    assert identity(order)[0] == identity(order)[1]


@pytest.mark.parametrize(
    "change",
    [
        {"vatMethod": "VAT-METHOD-INCLUSIVE"},
        {"lineList": {"line": [wire_line(15, 11)] * 6}},
        {"lineList": {"line": [wire_line(19, 12)] * 6}},
    ],
    ids=["prices with VAT", "other nets", "more than a cent per line"],
)
def test_what_is_not_the_rounding_of_vat_does_not_add_up(change):
    vat = [(1, 2100, 72, 15)]
    record = priced_without_vat(*[wire_line(15, 12)] * 6, vat=vat, **change)
    assert unreadable(record).code == "lines"


def unreadable(record):
    found = read(record)
    assert isinstance(found, Unreadable)
    return found


def test_lines_that_do_not_add_up_are_told_with_their_amounts():
    record = wire_receipt([wire_line(2215)], totalInclAmount=2078)
    found = unreadable(record)
    assert found.code == "lines"
    assert found.reason == (
        "The lines add up to 22.15, but the receipt's total is 20.78."
    )
    assert (found.id, found.version, found.number) == ("r-1", "7", "1-2-2026-17")
    assert found.raw["totalInclAmount"] == 2078
    assert found.raw["financialDate"] == date(2026, 10, 31)
    assert (found.date, found.total) == (date(2026, 10, 31), Decimal("20.78"))
    assert found.branch == "1"


def test_rounding_of_cash_that_is_not_known_as_cash_says_what_to_set():
    found = unreadable(wire_receipt([wire_line(1002)], [wire_payment("KAS2", 1000)]))
    assert found.reason == (
        "The till says paid, but the tenders are 10.00 of 10.02. If that is cash "
        "rounding, name the cash payment methods in the connection's settings."
    )


@pytest.mark.parametrize(
    ("total", "paid", "reason"),
    [
        (1000, 800, "The till says paid, but the tenders are 8.00 of 10.00."),
        (-1000, -800, "The till says paid, but the tenders are -8.00 of -10.00."),
        (-1000, -1200, "12.00 was paid back, more than the 10.00 due."),
        (0, -1200, "12.00 was paid back, more than the 0.00 due."),
    ],
)
def test_tenders_that_do_not_add_up(total, paid, reason):
    found = unreadable(wire_receipt([wire_line(total)], [wire_payment("PIN", paid)]))
    assert (found.code, found.reason) == ("tenders", reason)


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"receiptType": "RECEIPT-TYPE-NEW"}, "unknown_type", "RECEIPT-TYPE-NEW"),
        ({"receiptType": None}, "unknown_type", "missing"),
        ({"vatMethod": "VAT-METHOD-NEW"}, "unknown_vat_method", "VAT-METHOD-NEW"),
        ({"financialDate": None}, "no_date", "no financial date"),
        ({"financialDate": {"day": 0, "mon": 0, "year": 0}}, "no_date", "no fin"),
        ({"financialDate": {"day": 31, "mon": 2, "year": 26}}, "date", "26-2-31"),
        ({"totalInclAmount": "ten"}, "number", "totalInclAmount is 'ten'"),
        ({"totalInclAmount": None}, "number", "totalInclAmount is missing"),
        ({"relationNumber": "12a"}, "number", "relationNumber is '12a'"),
        ({"financialBranchNumber": None}, "number", "financialBranchNumber"),
        (
            {"entryTimestamp": {"year": 2026, "mon": 1, "day": 1, "hour": 99}},
            "date",
            "99",
        ),
    ],
)
def test_what_makes_no_sense_is_named(change, code, word):
    record = wire_receipt([wire_line(10)], [wire_payment("PIN", 10)])
    found = unreadable(record | change)
    assert found.code == code
    assert word in found.reason
    # By what can be read it is found in the lists.
    assert (found.date, found.branch, found.total) != (None, "", None)


def test_a_receipt_without_an_id_is_known_by_its_marker():
    record = wire_receipt([wire_line(10)], [wire_payment("PIN", 10)], receiptId="")
    assert unreadable(record).id == "marker-7"


def test_a_number_beyond_all_bounds_makes_only_its_receipt_unreadable():
    huge = 10**30
    record = wire_receipt([wire_line(huge, huge)], [wire_payment("PIN", huge)])
    assert "more than 64 bits" in unreadable(record).reason


def test_a_broken_line_makes_its_receipt_unreadable():
    record = wire_receipt([wire_line(10, data={"quantity": "many"})])
    assert "quantity is 'many'" in unreadable(record).reason


@pytest.mark.parametrize(
    ("kind", "total", "found"),
    [("INFLOW", 5000, OrderType.CASH_IN), ("OUTFLOW", -5000, OrderType.CASH_OUT)],
)
def test_a_cash_movement_without_a_line_gets_one(kind, total, found):
    order = read(
        wire_receipt(
            [],
            [wire_payment("CONTANT", total)],
            receiptType=f"RECEIPT-TYPE-CASH-{kind}",
            totalInclAmount=total,
            totalExclAmount=total,
            reference="float",
        )
    )
    assert order.type is found
    [line] = order.lines
    assert (line.type, line.text) == (LineType.OTHER_LIABILITY, "float")


def test_a_sale_without_lines_is_unreadable():
    record = wire_receipt([], [wire_payment("PIN", 10)], totalInclAmount=10)
    assert unreadable(record).code == "lines"


def test_the_customer_is_found_by_number():
    customer = read_relation({"relationNumber": 12, "name": "Ann"})
    record = wire_receipt([wire_line(0)], relationNumber=12)
    order = read(record, **{"12": customer})
    assert (order.customer, order.customer_id) == (customer, "12")


def test_a_relation_that_is_gone_leaves_its_number():
    order = read(wire_receipt([wire_line(0)], relationNumber=12))
    assert (order.customer, order.customer_id) == (None, "12")


@pytest.mark.parametrize("number", [0, None])
def test_no_relation(number):
    order = read(wire_receipt([wire_line(0)], relationNumber=number))
    assert (order.customer, order.customer_id) == (None, "")


def test_what_has_no_name_is_kept_with_the_volatile():
    layout = wire_line(1, lineKind="LINE-KIND-HEADER", text="Lunch")
    record = wire_receipt([], changeCounter=3, addedLater={"x": "1"})
    record["lineList"] = {"line": [layout]}
    order = read(record | {"totalInclAmount": 0, "totalExclAmount": 0})
    assert order.extra["changeCounter"] == 3
    assert order.extra["syncMarker"] == 7
    assert order.extra["addedLater"] == {"x": "1"}
    assert order.extra["lineList"]["line"][0]["text"] == "Lunch"


def test_a_receipt_without_a_time_begins_its_day():
    order = sale(1, wire_payment("PIN", 1))
    assert order.entered_at.isoformat() == "2026-10-31T00:00:00+01:00"


@given(
    st.lists(st.integers(-5000, 5000), max_size=5),
    st.lists(
        st.tuples(st.sampled_from(["PIN", "CONTANT"]), st.integers(-9000, 9000)),
        max_size=4,
    ),
    st.sampled_from(["PAID", "OUTSTANDING", "PARTLY-PAID", "HANDLED"]),
)
def test_an_order_obeys_the_identity_or_is_unreadable(lines, payments, state):
    found = read(
        wire_receipt(
            [wire_line(each) for each in lines],
            [wire_payment(*each) for each in payments],
            state=f"RECEIPT-STATE-{state}",
        )
    )
    if isinstance(found, Order):
        assert identity(found)[0] == identity(found)[1]
        assert abs(found.cash_rounding) <= Decimal("0.02")
        assert found.tips >= 0
    else:
        assert found.code == "tenders"
