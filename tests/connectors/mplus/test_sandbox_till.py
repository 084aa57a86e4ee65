"""The till's arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mplus.sandbox.seed.draft import turn_line
from connectors.mplus.sandbox.till import (
    EXCLUSIVE,
    INCLUSIVE,
    NONE,
    SHIFTED,
    Article,
    Sold,
    build_line,
    divide,
    exclude_vat,
    round_to_coins,
    sum_lines,
    total_lines,
)

AMOUNTS = st.integers(-10_000_000, 10_000_000)
METHODS = (INCLUSIVE, EXCLUSIVE, SHIFTED, NONE)


def make_article(price=1000, vat_code=1, decimals=0):
    excl = exclude_vat(price, {1: 21, 2: 9, 3: 0, 0: 0}[vat_code])
    return Article(
        number=1,
        plu="1",
        text="x",
        group=10,
        vat_code=vat_code,
        price_incl=price,
        price_excl=excl,
        purchase_price=1,
        decimals=decimals,
    )


@given(AMOUNTS, st.integers(1, 1000))
def test_divide_rounds_half_away_from_zero(number, divisor):
    exact = Decimal(number) / Decimal(divisor)

    assert divide(number, divisor) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [(1242, 1240), (1243, 1245), (1245, 1245), (-1243, -1245), (-1242, -1240), (2, 0)],
)
def test_coins_are_5_cents(amount, rounded):
    assert round_to_coins(amount) == rounded


def test_discount_is_of_the_whole_line():
    data = build_line(Sold(make_article(999), 3, discount=25), INCLUSIVE)["data"]

    assert data["discountAmount"] == 749
    assert data["totalInclAmount"] == 2997 - 749


def test_weight_has_3_decimals():
    data = build_line(Sold(make_article(1999, 2, 3), 530), INCLUSIVE)["data"]

    assert (data["quantity"], data["decimalPlaces"]) == (530, 3)
    assert data["totalInclAmount"] == 1059


def test_inclusive_group_is_computed_on_the_sum():
    lines = [build_line(Sold(make_article(5), 1), INCLUSIVE) for _ in range(10)]
    group = total_lines(lines, INCLUSIVE).groups[0]

    assert (group["exclAmount"], group["vatAmount"]) == (41, 9)
    assert sum(line["data"]["totalExclAmount"] for line in lines) == 40


def test_lines_without_a_code_are_in_no_group():
    lines = [build_line(Sold(make_article(500, 0), 1), INCLUSIVE)]
    totals = total_lines(lines, INCLUSIVE)

    assert (totals.incl, totals.excl, totals.groups) == (500, 500, [])


def test_no_vat_takes_the_code_off_the_lines():
    data = build_line(Sold(make_article(), 1), NONE)["data"]

    assert data["vatCode"] == 0
    assert data["totalInclAmount"] == data["totalExclAmount"] == 826


@given(
    st.lists(
        st.tuples(
            st.integers(1, 50_000),
            st.sampled_from((0, 1, 2, 3)),
            st.integers(-20, 20),
            st.sampled_from((0, 10, 25, 50)),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(METHODS),
)
def test_turned_lines_turn_the_totals(rows, method):
    lines = [
        build_line(Sold(make_article(price, code), quantity, discount=discount), method)
        for price, code, quantity, discount in rows
    ]
    totals = total_lines(lines, method)
    turned = total_lines([turn_line(line) for line in lines], method)

    assert (turned.incl, turned.excl) == (-totals.incl, -totals.excl)
    if method != EXCLUSIVE:
        assert totals.incl == sum_lines(lines)
