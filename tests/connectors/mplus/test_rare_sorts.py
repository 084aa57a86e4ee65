"""What the rare sorts are for the books, rung up in the sandbox and read over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.datamodel import LineType, OrderType, TenderType, VatMethod
from connectors.mplus.sandbox.seed.later_sorts import RARE_SORTS
from tests.connectors.mplus.reader import open_till
from tests.connectors.mplus.till import running_till

EACH = 3


@pytest.fixture(scope="module")
def shop():
    """Orders by sort; there are sales on account to credit and to settle."""
    with running_till(receipts=120) as till:
        connector = open_till(till.url)
        ids = {}
        for sort in RARE_SORTS:
            added = till.do("add_receipts", sort=sort, count=EACH)["receipts"]
            ids[sort] = [each["receiptId"] for each in added]
        page = connector.read("receipts", '{"marker": 120}', 500)
        documents = {document.id: document for document in page.documents}
        yield {sort: [documents[each] for each in ids[sort]] for sort in ids}


def kinds(order):
    return {tender.type for tender in order.tenders}


TENDERS = {
    "refund_cash_rounding": {TenderType.CASH},
    "refund_gift_card_tender": {TenderType.GIFT_CARD},
    "zero_net_tenders": {TenderType.CARD, TenderType.CASH},
    "own_voucher": {TenderType.VOUCHER, TenderType.CARD},
    "own_voucher_whole": {TenderType.VOUCHER},
    "single_purpose_redeemed": {TenderType.GIFT_CARD, TenderType.CARD},
    "single_purpose_whole": {TenderType.GIFT_CARD},
    "credit_part_on_account": {TenderType.ON_ACCOUNT},
    "credit_partly_on_account": {TenderType.ON_ACCOUNT, TenderType.CARD},
    "cash_back_on_account": {TenderType.ON_ACCOUNT, TenderType.CASH},
    "private_use": {TenderType.OWN_USE},
    "breakage": {TenderType.OWN_USE},
    "promotion": {TenderType.OWN_USE},
    "own_use_line": {TenderType.OWN_USE},
    "part_own_use_line": {TenderType.OWN_USE, TenderType.CARD},
    "part_own_use_line_paid": {TenderType.OWN_USE, TenderType.CARD},
    "part_own_use_line_net": {TenderType.OWN_USE, TenderType.CARD},
    "settlement_several_tenders": {TenderType.CARD, TenderType.CASH},
}


@pytest.mark.parametrize(("sort", "types"), TENDERS.items(), ids=TENDERS)
def test_types_of_tenders(shop, sort, types):
    assert all(kinds(order) == types for order in shop[sort])


LINES = {
    "single_purpose_sold": {LineType.GIFT_CARD},
    "bottles_only": {LineType.REFUNDABLE_DEPOSIT},
    "crates_returned": {LineType.REFUNDABLE_DEPOSIT},
    "settlement_part": {LineType.SETTLEMENT},
    "settlement_no_relation": {LineType.SETTLEMENT},
    "buy_in": {LineType.TRADE_IN},
    "margin_goods": {LineType.GOODS},
    "service_charge": {LineType.GOODS},
}


@pytest.mark.parametrize(("sort", "types"), LINES.items(), ids=LINES)
def test_types_of_lines(shop, sort, types):
    for order in shop[sort]:
        found = {line.type for line in order.lines}
        assert found - {LineType.REFUNDABLE_DEPOSIT} == types - {
            LineType.REFUNDABLE_DEPOSIT
        }
        assert types <= found


@pytest.mark.parametrize(
    "sort", ["returned_more", "bottles_only", "crates_returned", "buy_in"]
)
def test_money_goes_out_on_a_plain_receipt(shop, sort):
    for order in shop[sort]:
        assert order.type is OrderType.SALE
        assert order.total_incl < 0
        [tender] = order.tenders
        assert abs(tender.amount - order.total_incl) <= Decimal("0.02")


def test_a_refund_in_cash_is_rounded(shop):
    for order in shop["refund_cash_rounding"]:
        assert order.type is OrderType.CREDIT
        assert abs(order.cash_rounding) in (Decimal("0.01"), Decimal("0.02"))


def test_mixed_signs_come_to_nothing(shop):
    for order in shop["zero_net_tenders"]:
        assert order.total_incl == sum(t.amount for t in order.tenders) == 0
        assert all(tender.amount for tender in order.tenders)


def test_a_tip_is_over_two_cards(shop):
    for order in shop["tip_several_tenders"]:
        assert order.tips >= 1
        assert len(order.tenders) == 2


def test_a_gift_card_for_one_rate_is_sold_with_its_vat(shop):
    for order in shop["single_purpose_sold"]:
        assert {line.vat_rate for line in order.lines} == {Decimal(21)}
        assert order.vat_totals[0].vat > 0


def test_a_part_of_a_sale_on_account_is_credited(shop):
    credited = [order for order in shop["credit_part_on_account"] if order.credits]
    assert credited
    for order in shop["credit_part_on_account"]:
        assert order.total_incl < 0
        assert order.customer is not None


@pytest.mark.parametrize("sort", ["settlement_with_goods", "settlement_part"])
def test_settlements_name_their_receipt(shop, sort):
    for order in shop[sort]:
        [line] = [each for each in order.lines if each.type is LineType.SETTLEMENT]
        assert line.settles.count("-") == 3
        assert order.customer is not None
    assert any(len(order.lines) > 1 for order in shop["settlement_with_goods"])


def test_settlements_may_name_nothing(shop):
    for order in (*shop["settlement_unnamed"], *shop["settlement_no_relation"]):
        assert order.lines[0].settles == ""
    assert all(order.customer is None for order in shop["settlement_no_relation"])


@pytest.mark.parametrize(
    ("sort", "known"),
    [("outstanding_with_relation", True), ("outstanding_no_relation", False)],
)
def test_outstanding_receipts_wait(shop, sort, known):
    for order in shop[sort]:
        assert not order.final
        assert order.outstanding > 0
        assert (order.customer is not None) is known


def test_money_that_is_still_to_be_given_back_waits_too(shop):
    for order in shop["outstanding_credit"]:
        assert (order.type, order.final) == (OrderType.CREDIT, False)
        assert order.outstanding == order.total_incl < 0


SHIFTED = {
    "reverse_charge_domestic": ("NL", True),
    "reverse_charge_eu_goods": ("EU", True),
    "reverse_charge_eu_services": ("EU", True),
    "reverse_charge_eu_mixed": ("EU", True),
    "reverse_charge_eu_no_vat_number": ("EU", False),
    "reverse_charge_outside_eu": ("CH", False),
}


@pytest.mark.parametrize(("sort", "wanted"), SHIFTED.items(), ids=SHIFTED)
def test_vat_is_shifted_by_relation(shop, sort, wanted):
    for order in shop[sort]:
        assert order.vat_method is VatMethod.REVERSE_CHARGE
        assert all(total.vat == 0 for total in order.vat_totals)
        place, numbered = wanted
        country = order.customer.vat_number[:2] or order.customer.billing.country
        assert {"BE": "EU", "DE": "EU"}.get(country, country) == place
        assert bool(order.customer.vat_number) is numbered


def test_services_and_goods_are_told_apart_by_group(shop):
    groups = {
        sort: {line.turnover_group for order in shop[sort] for line in order.lines}
        for sort in SHIFTED
    }
    assert groups["reverse_charge_eu_services"] == {"50"}
    assert "50" not in groups["reverse_charge_eu_goods"]
    assert groups["reverse_charge_eu_mixed"] > {"50"}


def test_vat_may_be_shifted_to_nobody(shop):
    for order in shop["reverse_charge_no_relation"]:
        assert (order.vat_method, order.customer) == (VatMethod.REVERSE_CHARGE, None)


def test_export_is_outside_the_eu_and_without_vat(shop):
    for order in shop["export"]:
        assert order.vat_method is VatMethod.NONE
        assert order.customer.billing.country in ("CH", "US", "GB")
        assert order.vat_totals == ()
    for order in shop["no_vat_eu_relation"]:
        assert order.customer.billing.country in ("BE", "DE")


def test_a_foreigner_at_the_counter_pays_the_shops_vat(shop):
    for order in shop["foreign_relation"]:
        assert order.customer.billing.country in ("BE", "DE")
        assert order.country == "NL"
        assert order.vat_method is VatMethod.INCLUSIVE


def test_margin_goods_keep_their_purchase_price(shop):
    for sort in ("margin_goods", "margin_and_goods"):
        for order in shop[sort]:
            [line] = [each for each in order.lines if each.turnover_group == "25"]
            assert line.vat_code == ""
            assert 0 < line.purchase_price < line.unit_price_incl


def test_breakage_may_have_no_cost(shop):
    for order in shop["breakage_no_cost"]:
        assert {line.purchase_price for line in order.lines} == {None}
    for order in shop["breakage"]:
        assert all(line.purchase_price is not None for line in order.lines)


@pytest.mark.parametrize(
    "sort", [sort for sort in RARE_SORTS if "own_use_line" in sort]
)
def test_own_use_at_a_line_is_a_tender_and_whole_lines(shop, sort):
    for order in shop[sort]:
        [used] = [t for t in order.tenders if t.type is TenderType.OWN_USE]
        assert used.method == "EIGENGEBRUIK"
        assert used.amount == Decimal(order.lines[0].extra["bpeAmount"]) / 100
        for line in order.lines:
            assert line.amount_incl == line.unit_price_incl * line.quantity
        assert order.total_incl == sum(line.amount_incl for line in order.lines)


def test_vat_leaves_own_use_out_where_the_till_does(shop):
    for order in shop["part_own_use_line_net"]:
        vat = sum(total.net + total.vat for total in order.vat_totals)
        assert vat == order.tenders[0].amount


REASONS = {
    "cash_in_change": (OrderType.CASH_IN, "80", "9035"),
    "cash_out_costs": (OrderType.CASH_OUT, "81", "9033"),
    "cash_out_correction": (OrderType.CASH_OUT, "81", "9034"),
}


@pytest.mark.parametrize(("sort", "wanted"), REASONS.items(), ids=REASONS)
def test_movements_tell_their_reason(shop, sort, wanted):
    for order in shop[sort]:
        [line] = order.lines
        assert (order.type, line.turnover_group, line.article) == wanted
        assert line.amount_incl == order.tenders[0].amount != 0


def test_a_transfer_has_three_sides(shop):
    for order in shop["transfer_several"]:
        assert order.type is OrderType.TRANSFER
        assert [t.method for t in order.tenders] == ["CONTANT", "PIN", "CREDITCARD"]
        assert sum(t.amount for t in order.tenders) == 0


def test_a_night_sale_keeps_the_old_year(shop):
    for order in shop["new_year_night"]:
        assert order.date == date(2025, 12, 31)
        assert order.entered_at.isoformat() == "2026-01-01T01:30:00+01:00"
        assert order.number.year == "2025"
        assert {tender.date for tender in order.tenders} == {order.date}


def test_a_late_receipt_has_an_earlier_date(shop):
    for order in shop["late_receipt"]:
        assert order.date == date(2026, 10, 28)
        assert order.entered_at.date() == date(2026, 10, 31)


def test_the_end_of_the_year_can_be_chosen():
    with running_till(receipts=10) as till:
        found = till.do("ring_up", sort="new_year_night", date="2026-12-31")
        assert found["financialDate"] == "2026-12-31"
        assert "night" in found["features"]


def test_rare_receipts_alone_stand_where_nothing_was_sold():
    with running_till(seed=0, receipts=None) as till:
        for sort in RARE_SORTS:
            till.do("ring_up", sort=sort)
        page = open_till(till.url).read("receipts", "", 200)
        assert len(page.documents) == len(RARE_SORTS)
