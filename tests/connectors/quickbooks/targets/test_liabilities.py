"""Tips, own use and single-purpose gift cards: lines that are no goods."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from connectors import datamodel as dm
from connectors.writes import Difference
from tests.connectors.quickbooks.targets.receipts import (
    amounts,
    card,
    line,
    pay,
    plan,
    receipt,
    sale_of,
)

CARDS = "special:gift_card:cards"
OWN_USE = "special:own_use:drawings"
SINGLE = "single-purpose gift card"


def test_a_tip_is_owed_to_the_staff_outside_vat() -> None:
    order = receipt([line("12.10")], [pay("PIN", "13.00")], tips=Decimal("0.90"))
    made = plan(order)
    assert amounts(made)[1] == ("0.90", "0.90", "none", "special:tip:tips")
    assert sale_of(made).expected_total == Decimal("13.00")
    assert made.bridge is not None
    assert made.bridge.target_total == Decimal("13.00")


def test_a_tip_needs_its_account() -> None:
    order = receipt([line("12.10")], [pay("PIN", "13.00")], tips=Decimal("0.90"))
    error = plan(order, tips_account="").error
    assert error is not None
    assert "“Tips”" in error.message


def test_a_single_purpose_gift_card_is_sold_with_the_code_of_its_rate() -> None:
    gift = card("24.20", vat_code="1", vat_rate=Decimal(21))
    made = plan(receipt([gift], [pay("PIN", "24.20")]))
    assert amounts(made) == [("24.20", "20.00", "t21", CARDS)]
    assert made.differences == ()


def test_vat_on_a_gift_card_that_the_till_does_not_count_is_expected() -> None:
    gift = card("24.20", vat_code="1", vat_rate=Decimal(21))
    goods = line("12.10")
    order = receipt([goods, gift], [pay("PIN", "36.30")])
    till = (dm.VatTotal("1", Decimal(21), Decimal("10.00"), Decimal("2.10")),)
    made = plan(dataclasses.replace(order, vat_totals=till))
    assert amounts(made)[1] == ("24.20", "20.00", "t21", CARDS)
    assert made.differences == (
        Difference("VAT 21 %", Decimal("2.10"), Decimal("6.30"), SINGLE),
    )


def test_a_gift_card_with_a_rate_and_no_code_is_not_guessed() -> None:
    gift = card("24.20", vat_rate=Decimal(21))
    error = plan(receipt([gift], [pay("PIN", "24.20")])).error
    assert error is not None
    assert error.code == "unmapped VAT code"


def test_a_single_purpose_gift_card_redeemed_takes_its_vat_back() -> None:
    order = receipt([line("36.30")], [pay("CARD21", "24.20"), pay("PIN", "12.10")])
    made = plan(order)
    assert amounts(made)[1] == ("-24.20", "-20.00", "t21", CARDS)
    assert sale_of(made).expected_total == Decimal("12.10")
    assert made.differences == (
        Difference("VAT 21 %", Decimal("6.30"), Decimal("2.10"), SINGLE),
    )


def test_gift_cards_of_both_kinds_are_lines_of_their_own() -> None:
    tenders = [pay("CARD21", "12.10"), pay("CARD", "12.10"), pay("PIN", "12.10")]
    made = plan(receipt([line("36.30")], tenders))
    assert amounts(made)[1:] == [
        ("-12.10", "-10.00", "t21", CARDS),
        ("-12.10", "-12.10", "none", CARDS),
    ]


def test_a_single_purpose_card_of_a_code_without_a_rate_fails() -> None:
    order = receipt([line("12.10")], [pay("CARD21", "12.10")])
    error = plan(order, lists={}).error
    assert error is not None
    assert (error.code, error.reference) == ("unknown tax code", "t21")


def own_use(*rates: str, vat: str | None = None) -> dm.Order:
    """A receipt of 12.10 per VAT code, of which the shop used 12.10 itself."""
    lines = [line("12.10" if code == "1" else "10.90", code) for code in rates]
    total = sum((each.amount_incl for each in lines), Decimal(0))
    rest = total - Decimal("12.10")
    tenders = [pay("OWN", "12.10"), pay("PIN", str(rest))]
    order = receipt(lines, tenders)
    if vat is None:
        return order
    till = (dm.VatTotal("1", Decimal(21), Decimal(0), Decimal(vat)),)
    return dataclasses.replace(order, vat_totals=till)


def test_own_use_of_a_part_is_outside_vat_where_the_till_counts_all_vat() -> None:
    made = plan(own_use("1", "2"))
    assert amounts(made)[2] == ("-12.10", "-12.10", "none", OWN_USE)
    assert sale_of(made).expected_total == Decimal("10.90")
    assert made.bridge is not None
    assert made.bridge.liability_tenders == Decimal("12.10")
    assert made.differences == ()


def test_own_use_of_a_part_takes_back_the_vat_that_the_till_leaves_out() -> None:
    made = plan(own_use("1", "1", vat="2.10"))
    assert amounts(made)[2] == ("-12.10", "-10.00", "t21", OWN_USE)
    assert made.differences == ()


@pytest.mark.parametrize("treatment", ["OWN", "BROKEN"])
def test_what_is_partly_used_is_lowered_whatever_the_reason(treatment: str) -> None:
    order = receipt([line("24.20")], [pay(treatment, "12.10"), pay("PIN", "12.10")])
    assert amounts(plan(order))[1][0] == "-12.10"


def test_own_use_that_fits_no_vat_of_the_till_fails_with_the_amounts() -> None:
    error = plan(own_use("1", "1", vat="3.00")).error
    assert error is not None
    assert error.code == "vat does not add up"
    assert "3.00" in error.message


def test_an_own_voucher_is_booked_on_the_account_of_its_tender() -> None:
    order = receipt([line("12.10")], [pay("PROMO", "2.10"), pay("PIN", "10.00")])
    assert amounts(plan(order))[1][3] == "special:voucher:promo"
