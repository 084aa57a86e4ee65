from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.datamodel import LineType
from connectors.mplus.sources.lines import read_lines, sum_lines
from tests.connectors.mplus.reader import SHOP, wire_line


def lines_of(*records, total=None, rates=None):
    cents = sum(record["data"]["totalInclAmount"] for record in records)
    total = Decimal(cents if total is None else total) / 100
    return read_lines(records, shop=SHOP, rates=rates or {}, total=total)


def kinds(lines):
    return [line.text for line in lines]


def test_amounts_are_of_the_whole_line():
    [line] = lines_of(
        wire_line(
            1178,
            1081,
            code=2,
            rate=900,
            data={
                "quantity": 630,
                "decimalPlaces": 3,
                "price": 1870,
                "purchasePrice": 9,
            },
        )
    )
    assert (line.quantity, line.amount_incl) == (Decimal("0.630"), Decimal("11.78"))
    assert (line.amount_excl, line.vat_rate) == (Decimal("10.81"), Decimal(9))
    assert (line.unit_price_incl, line.purchase_price) == (
        Decimal("18.70"),
        Decimal("0.09"),
    )
    assert (line.article, line.vat_code, line.turnover_group) == ("1001", "2", "10")


def test_a_line_without_a_vat_code_has_an_empty_one():
    [line] = lines_of(wire_line(500, 500, code=0, rate=0))
    assert (line.vat_code, line.vat_rate) == ("", Decimal(0))


def test_the_receipts_rate_of_a_code_wins():
    [line] = lines_of(wire_line(121, 100, rate=21), rates={"1": Decimal("20.5")})
    assert line.vat_rate == Decimal("20.5")


@pytest.mark.parametrize("rate", [21, 2100])
def test_percentages_on_either_scale(rate):
    [line] = lines_of(wire_line(121, 100, rate=rate))
    assert line.vat_rate == Decimal(21)


def test_an_absent_line_total_is_price_times_quantity_less_discount():
    record = wire_line(0)
    del record["data"]["totalInclAmount"]
    record["data"] |= {"price": 250, "quantity": 3, "discountAmount": 50}
    [line] = read_lines([record], shop=SHOP, rates={}, total=Decimal(7))
    assert line.amount_incl == Decimal("7.00")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({}, LineType.GOODS),
        ({"turnoverGroup": 90}, LineType.GIFT_CARD),
        ({"priceType": "PRICE-TYPE-GIFT-CARD"}, LineType.GIFT_CARD),
        ({"turnoverGroupType": "REFUNDABLE-DEPOSIT"}, LineType.REFUNDABLE_DEPOSIT),
        ({"priceType": "PRICE-TYPE-PAYMENT"}, LineType.SETTLEMENT),
        ({"turnoverGroupType": "SUSPENSE"}, LineType.SETTLEMENT),
        ({"turnoverGroupType": "PAYMENT"}, LineType.SETTLEMENT),
        ({"turnoverGroupType": "CASH-INFLOW"}, LineType.OTHER_LIABILITY),
        ({"turnoverGroupType": "BALANCE-UPGRADE"}, LineType.OTHER_LIABILITY),
        ({"turnoverGroupType": "UNKNOWN"}, LineType.OTHER_LIABILITY),
        ({"turnoverGroupType": "ADDED-LATER"}, LineType.OTHER_LIABILITY),
    ],
)
def test_the_turnover_group_tells_the_type(data, kind):
    if "turnoverGroupType" in data:
        data = {"turnoverGroupType": f"TURNOVER-GROUP-TYPE-{data['turnoverGroupType']}"}
    [line] = lines_of(wire_line(100, data=data))
    assert line.type is kind


@pytest.mark.parametrize(("price", "cents"), [(1, "0.01"), (5, "0.03"), (-5, "-0.03")])
def test_half_a_cent_is_rounded_away_from_zero(price, cents):
    data = {"quantity": 5, "decimalPlaces": 1, "price": price}
    record = wire_line(0, 0, data=data)
    del record["data"]["totalInclAmount"]
    [line] = read_lines([record], shop=SHOP, rates={}, total=Decimal(cents))
    assert line.amount_incl == Decimal(cents)


@pytest.mark.parametrize(
    ("group", "kind"), [(10, LineType.GOODS), (77, LineType.GOODS)]
)
def test_an_absent_group_type_is_looked_up(group, kind):
    record = wire_line(100, data={"turnoverGroup": group})
    del record["data"]["turnoverGroupType"]
    [line] = lines_of(record)
    assert line.type is kind


@pytest.mark.parametrize(
    ("quantity", "incl", "code", "kind"),
    [
        (1, -1000, 0, LineType.TRADE_IN),
        (-1, -1000, 0, LineType.GOODS),
        (1, -1000, 1, LineType.GOODS),
        (1, 1000, 0, LineType.GOODS),
    ],
)
def test_what_is_taken_in_is_no_return_and_no_discount(quantity, incl, code, kind):
    [line] = lines_of(wire_line(incl, incl, code=code, data={"quantity": quantity}))
    assert line.type is kind


def sub(text, incl, kind="PREPARATION", **values):
    return wire_line(incl, text=text, lineType=f"LINE-TYPE-{kind}", **values)


def with_subs(incl, *subs, **values):
    return wire_line(incl, text="main", preparationList={"line": list(subs)}, **values)


def test_sub_lines_stay_below_where_the_main_line_carries_the_money():
    [line] = lines_of(with_subs(600, sub("cheese", 100)), total=600)
    assert kinds(line.sub_lines) == ["cheese"]
    assert line.amount_incl == Decimal("6.00")


def test_preparations_that_carry_money_become_lines():
    lines = lines_of(
        with_subs(600, sub("cheese", 100), sub("part", 50, "COMPONENT")), total=700
    )
    assert kinds(lines) == ["main", "cheese"]
    assert kinds(lines[0].sub_lines) == ["part"]


def test_a_newer_till_tells_the_kind_of_a_sub_line_elsewhere():
    kinds_of = [("cheese", 100, "PREPARATION"), ("part", 50, "COMPONENT")]
    subs = [
        sub(text, incl, "NONE", subLineType=f"SUB-LINE-TYPE-V2-{newer}")
        for text, incl, newer in kinds_of
    ]
    lines = lines_of(with_subs(600, *subs), total=700)
    assert kinds(lines) == ["main", "cheese"]


def test_components_that_carry_money_become_lines():
    lines = lines_of(with_subs(0, sub("part", 600, "COMPONENT")), total=600)
    assert kinds(lines) == ["main", "part"]
    assert sum_lines(lines) == Decimal("6.00")


def test_all_sub_lines_count_where_only_that_adds_up():
    inner = sub("inner", 25, "COMPONENT")
    outer = sub("outer", 75) | {"preparationList": {"line": [inner]}}
    lines = lines_of(with_subs(500, outer), total=600)
    assert kinds(lines) == ["main", "outer", "inner"]


def test_where_nothing_adds_up_the_main_lines_are_given():
    lines = lines_of(with_subs(600, sub("cheese", 100)), total=999)
    assert kinds(lines) == ["main"]


def test_a_composite_without_a_vat_code_gives_way_to_its_components():
    parts = [
        sub("food", 109, "COMPONENT", code=2, rate=900),
        sub("wine", 121, "COMPONENT", code=1),
    ]
    lines = lines_of(with_subs(230, *parts, code=0, rate=0), total=230)
    assert [(line.text, line.vat_code) for line in lines] == [
        ("food", "2"),
        ("wine", "1"),
    ]


def test_condensed_lines_are_told_and_never_counted():
    twice = [sub("one", 300), sub("other", 300)]
    record = wire_line(600, text="main", uncondensedLines={"line": twice})
    [line] = lines_of(record, total=1200)
    assert kinds(line.sub_lines) == ["one", "other"]


@pytest.mark.parametrize("kind", ["SUBTOTAL", "HEADER", "SECONDARY-HEADER"])
def test_lay_out_is_no_line(kind):
    records = [wire_line(600), wire_line(600, lineKind=f"LINE-KIND-{kind}")]
    assert len(lines_of(*records, total=600)) == 1


def test_a_line_kind_added_later_is_a_line():
    assert len(lines_of(wire_line(600, lineKind="LINE-KIND-ADDED-LATER"))) == 1


def test_the_rest_of_line_and_data_is_kept():
    record = wire_line(600, pluNumber="1001", data={"menuId": "m", "addedLater": "x"})
    [line] = lines_of(record)
    assert line.extra == {
        "pluNumber": "1001",
        "menuId": "m",
        "addedLater": "x",
        "turnoverGroupType": "TURNOVER-GROUP-TYPE-TURNOVER",
    }


@pytest.mark.parametrize(
    ("data", "price"),
    [
        ({"purchasePrice": 250}, "2.50"),
        ({"purchasePrice": 250, "averagePurchasePrice": Decimal("2.412")}, "2.50"),
        ({"purchasePrice": 0, "averagePurchasePrice": Decimal("2.412")}, "2.412"),
        ({"averagePurchasePrice": Decimal("2.412")}, "2.412"),
        ({"purchasePrice": 0}, "0.00"),
        ({}, None),
    ],
)
def test_the_purchase_price_is_the_tills_or_its_average(data, price):
    [line] = lines_of(wire_line(500, data=data))
    assert line.purchase_price == (None if price is None else Decimal(price))


def test_a_credited_trade_in_is_one_too():
    credited = wire_line(500, 500, code=0, rate=0, data={"quantity": -1, "price": -500})
    [line] = lines_of(credited)
    assert line.type is LineType.TRADE_IN
