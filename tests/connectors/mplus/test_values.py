from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mplus.sources import values
from connectors.mplus.sources.values import WireError


@pytest.mark.parametrize(
    ("cents", "amount"),
    [(995, "9.95"), (0, "0.00"), (-1, "-0.01"), (100, "1.00"), (10**14, "1E+12")],
)
def test_cents_become_euros(cents, amount):
    assert values.to_money(cents) == Decimal(amount)


@given(st.integers(-(10**12), 10**12))
def test_no_cent_is_lost(cents):
    assert values.to_money(cents) * 100 == cents


@pytest.mark.parametrize(
    ("number", "places", "quantity"),
    [
        (125, 2, "1.25"),
        (530, 3, "0.530"),
        (2, 0, "2"),
        (2, None, "2"),
        (-1500, 3, "-1.5"),
    ],
)
def test_quantities_have_their_own_decimal_places(number, places, quantity):
    assert values.to_quantity(number, places) == Decimal(quantity)


@pytest.mark.parametrize("places", [-1, 10, 99])
def test_absurd_decimal_places_are_refused(places):
    with pytest.raises(WireError, match="decimal places"):
        values.to_quantity(1, places)


@pytest.mark.parametrize(
    ("value", "net", "vat", "rate"),
    [
        (2100, 10_000, 2100, "21"),
        (21, 10_000, 2100, "21"),
        (900, 0, 0, "9"),
        (9, 0, 0, "9"),
        (0, 10_000, 0, "0"),
        (550, 10_000, 550, "5.5"),
        (2000, 10_000, 2000, "20"),
        (100, 10_000, 100, "1"),
        (100, 10_000, 10_000, "100"),
        (50, 10_000, 50, "0.5"),
        (50, 10_000, 5000, "50"),
        (21, 10_000, 0, "21"),
        (2100, 10_000, 0, "21"),
        (9, -10_000, -900, "9"),
        (9, 5, 0, "9"),
    ],
)
def test_percentages_are_read_on_either_scale(value, net, vat, rate):
    assert values.to_rate(value, net=net, vat=vat) == Decimal(rate)
    assert str(values.to_rate(value, net=net, vat=vat)) == rate


def test_a_known_scale_of_hundredths_decides():
    assert values.to_rate(50, hundredths=True) == Decimal("0.5")


@pytest.mark.parametrize(
    ("wire", "day"),
    [
        ({"day": 31, "mon": 12, "year": 2026}, date(2026, 12, 31)),
        ({"day": 0, "mon": 0, "year": 0}, None),
        ({}, None),
        (None, None),
    ],
)
def test_dates(wire, day):
    assert values.to_date(wire) == day


@pytest.mark.parametrize(
    "wire",
    [
        {"day": 31, "mon": 2, "year": 2026},
        {"day": 1, "mon": 13, "year": 2026},
        {"day": 1, "mon": 0, "year": 2026},
        {"day": "x", "mon": 1, "year": 2026},
    ],
)
def test_impossible_dates_are_refused(wire):
    with pytest.raises(WireError):
        values.to_date(wire)


def moment(day, month, hour, **given):
    base = {"day": day, "mon": month, "year": 2026, "hour": hour, "min": 30, "sec": 0}
    return values.to_moment({**base, **given})


@pytest.mark.parametrize(
    ("wire", "hours"),
    [
        ((1, 7, 12, {"isdst": True, "timezone": 120}), 2),
        ((1, 7, 12, {"isdst": False, "timezone": 0}), 2),
        ((1, 1, 12, {"isdst": False, "timezone": 60}), 1),
        ((25, 10, 2, {"isdst": True, "timezone": 120}), 2),
        ((25, 10, 2, {"isdst": False, "timezone": 120}), 2),
        ((25, 10, 2, {"isdst": False, "timezone": 60}), 1),
        ((25, 10, 2, {"isdst": False, "timezone": 0}), 1),
    ],
)
def test_the_wall_clock_of_the_shop_counts(wire, hours):
    *clock, given_offset = wire
    found = moment(*clock, **given_offset)
    assert (found.day, found.month, found.hour) == (*clock,)
    assert found.utcoffset() == timedelta(hours=hours)


def test_an_hour_that_does_not_exist_is_still_a_moment():
    found = moment(29, 3, 2)
    assert found.astimezone(UTC).day == 29


def test_all_zero_time_is_none():
    assert moment(0, 0, 0, year=0) is None


def test_an_impossible_time_is_refused():
    with pytest.raises(WireError, match="not a time"):
        moment(1, 1, 25)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "missing"),
        ({"n": "1.5"}, "not a whole number"),
        ({"n": True}, "whole"),
        ({"n": 2**63}, "64 bits"),
        ({"n": -(2**63) - 1}, "64 bits"),
    ],
)
def test_whole_numbers_are_demanded(record, message):
    with pytest.raises(WireError, match=message):
        values.to_whole(record, "n")


def test_an_absent_number_may_have_a_default():
    assert values.to_whole({"n": None}, "n", 0) == 0


def test_extra_keeps_names_and_turns_dates():
    wire = {
        "birthDate": {"day": 1, "mon": 2, "year": 2000},
        "noDate": {"day": 0, "mon": 0, "year": 0},
        "badDate": {"day": 40, "mon": 2, "year": 2000},
        "list": {"item": [{"amount": 5}]},
        "left": "out",
    }
    assert values.keep_rest(wire, frozenset({"left"})) == {
        "birthDate": date(2000, 2, 1),
        "noDate": None,
        "badDate": {"day": 40, "mon": 2, "year": 2000},
        "list": {"item": [{"amount": 5}]},
    }


@pytest.mark.parametrize(
    "record", [{}, {"list": {}}, {"list": None}, {"list": {"item": []}}]
)
def test_absent_and_empty_lists_are_empty(record):
    assert values.list_items(record, "list", "item") == []


@pytest.mark.parametrize(("number", "text"), [(0, ""), (None, ""), (12, "12")])
def test_zero_is_no_number_of_a_card(number, text):
    assert values.to_id(number) == text
