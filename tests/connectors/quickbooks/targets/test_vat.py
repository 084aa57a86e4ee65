"""Nets, VAT detail and unit prices."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import datamodel as dm
from connectors.quickbooks.targets.adjustments import spread
from connectors.quickbooks.targets.documents import find_unit_price
from connectors.quickbooks.targets.vat import (
    CENT,
    Piece,
    match_till,
    needs_tax_detail,
    round_cents,
    show_rate,
    take_net,
)
from connectors.writes import Ref
from integration_hub.core.errors import Rejected
from tests.connectors.quickbooks.targets.receipts import (
    line,
    pay,
    plan,
    receipt,
    sale_of,
)

ITEM = Ref("product", "1", "item")
money = st.integers(-50_000, 50_000).map(lambda cents: Decimal(cents) / 100)


def piece(gross: str | Decimal, rate: int = 21) -> Piece:
    """A line of goods."""
    amount = Decimal(gross)
    net = take_net(amount, Decimal(rate))
    return Piece(
        ITEM, "", Decimal(1), amount, net, f"t{rate}", Decimal(rate), str(rate)
    )


def total(vat: str, rate: int = 21) -> dm.VatTotal:
    """The till's VAT of a code."""
    return dm.VatTotal(str(rate), Decimal(rate), Decimal(0), Decimal(vat))


@given(st.lists(money, min_size=1, max_size=30))
def test_the_nets_always_make_the_tills_vat(amounts: list[Decimal]) -> None:
    gross = sum(amounts, Decimal(0))
    vat = gross - take_net(gross, Decimal(21))
    pieces = match_till([piece(a) for a in amounts], [total(str(vat))])
    assert sum((p.vat for p in pieces), Decimal(0)) == vat
    for before, after in zip(amounts, pieces, strict=True):
        assert abs(after.net - take_net(before, Decimal(21))) <= CENT


def test_cents_go_to_the_largest_line_first() -> None:
    pieces = match_till([piece("1.21"), piece("12.10")], [total("2.30")])
    assert [str(p.net) for p in pieces] == ["1.00", "10.01"]


@pytest.mark.parametrize("totals", [[], [total("1.00", 9)]])
def test_a_code_that_the_tills_sums_leave_out_fails_with_the_amounts(
    totals: list[dm.VatTotal],
) -> None:
    pieces = [piece("12.10"), piece("12.11", 9)] if totals else [piece("12.10")]
    with pytest.raises(Rejected, match="says 0 VAT for VAT code 21 .* make 2.10"):
        match_till(pieces, totals)


def test_a_receipt_without_the_tills_vat_fails() -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")], vat_totals=())
    error = plan(order).error
    assert error is not None
    assert error.code == "vat does not add up"


def test_what_cancels_itself_out_may_be_left_out() -> None:
    pieces = match_till([piece("0.09"), piece("0.09"), piece("-0.18")], [])
    assert sum((p.vat for p in pieces), Decimal(0)) == 0


@pytest.mark.parametrize("gross", ["12.10", "0.01"])
def test_a_code_without_vat_may_be_left_out(gross: str) -> None:
    rate = 0 if gross == "12.10" else 21
    assert match_till([piece(gross, rate)], []) == [piece(gross, rate)]


def test_more_than_a_cent_per_line_fails_with_the_amounts() -> None:
    with pytest.raises(Rejected, match="says 2.00 VAT .* make 2.10"):
        match_till([piece("12.10")], [total("2.00")])


def test_sums_of_one_code_and_rate_are_added_up() -> None:
    pieces = match_till([piece("12.10"), piece("12.10")], [total("2.10")] * 2)
    assert sum(p.vat for p in pieces) == Decimal("4.20")


def test_vat_without_lines_fails() -> None:
    with pytest.raises(Rejected, match="VAT code 9"):
        match_till([piece("12.10")], [total("2.10"), total("0.50", 9)])


def test_a_cent_between_the_tills_sums_is_allowed_for() -> None:
    pieces = match_till([piece("12.10")], [total("2.08")], spare=1)
    assert pieces[0].vat == Decimal("2.08")


def test_tax_detail_is_sent_only_where_a_company_would_compute_otherwise() -> None:
    assert not needs_tax_detail([piece("12.10"), piece("1.21")])
    # Per line 3 x 0.17 = 0.51, per rate 0.52.
    three = [piece("0.99"), piece("0.99"), piece("0.99")]
    assert needs_tax_detail(three)
    assert needs_tax_detail(match_till(three, [total("0.52")]))


def test_the_tax_detail_holds_the_tills_vat_per_rate() -> None:
    lines = [line("0.99"), line("0.99"), line("0.99"), line("1.09", "2")]
    sale = sale_of(plan(receipt(lines, [pay("PIN", "4.06")])))
    assert sale.body["TxnTaxDetail"] == {
        "TotalTax": Decimal("0.61"),
        "TaxLine": [
            tax_line("0.52", rate_id="r21", percent="21", net="2.45"),
            tax_line("0.09", rate_id="r9", percent="9", net="1.00"),
        ],
    }


def tax_line(vat: str, *, rate_id: str, percent: str, net: str) -> dict[str, object]:
    """One TaxLine."""
    return {
        "Amount": Decimal(vat),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate_id},
            "PercentBased": True,
            "TaxPercent": Decimal(percent),
            "NetAmountTaxable": Decimal(net),
        },
    }


def test_without_the_companys_tax_codes_no_tax_detail_is_sent() -> None:
    order = receipt([line("0.99")] * 3, [pay("PIN", "2.97")])
    assert "TxnTaxDetail" not in sale_of(plan(order, lists={})).body


@pytest.mark.parametrize(
    ("amount", "quantity", "price"),
    [
        ("10.00", "1", "10.00"),
        ("277.69", "3", "92.5633333"),
        ("-5.00", "-2", "2.50"),
        ("1.23", "0.530", "2.3207547"),
        ("0.00", "1", "0.00"),
        ("1.00", "0", None),
        ("100000.01", "123456789.123", None),
        ("92233720368547758.07", "0.000000001", None),
        ("1000000.00", "0.00001", None),
    ],
)
def test_a_unit_price_is_sent_only_where_it_makes_the_amount(
    amount: str, quantity: str, price: str | None
) -> None:
    found = find_unit_price(Decimal(amount), Decimal(quantity))
    assert (None if found is None else str(found)) == price


@given(money, st.integers(1, 99_999).map(lambda n: Decimal(n) / 1000))
def test_a_unit_price_always_makes_the_amount(amount: Decimal, qty: Decimal) -> None:
    price = find_unit_price(amount, qty)
    assert price is None or round_cents(price * qty) == amount


@given(money, st.lists(money.filter(bool), min_size=1, max_size=6))
def test_what_is_spread_is_whole_again(amount: Decimal, weights: list[Decimal]) -> None:
    if sum(weights):
        assert sum(spread(amount, weights)) == amount


@pytest.mark.parametrize(
    ("rate", "shown"), [("21.00", "21"), ("5.5", "5.5"), ("0", "0")]
)
def test_rates_are_shown_without_spare_zeros(rate: str, shown: str) -> None:
    assert show_rate(Decimal(rate)) == shown


def test_the_vat_that_is_sent_is_negative_where_a_rate_is() -> None:
    # Three returned lines whose VAT, line by line, is a cent more than of their sum.
    lines = [line("20.00", "1"), *(line("-0.16", "2") for _ in range(3))]
    body = sale_of(plan(receipt(lines, [pay("PIN", "19.52")]))).body
    taxes = {
        entry["TaxLineDetail"]["TaxPercent"]: entry["Amount"]
        for entry in body["TxnTaxDetail"]["TaxLine"]
    }
    assert taxes == {Decimal(21): Decimal("3.47"), Decimal(9): Decimal("-0.04")}
    assert body["TxnTaxDetail"]["TotalTax"] == Decimal("3.43")
