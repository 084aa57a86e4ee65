"""Every sort of receipt, rung up in the sandbox and read over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from connectors.datamodel import (
    LineType,
    OrderType,
    TenderType,
    Unreadable,
    VatMethod,
)
from connectors.mplus.sandbox.seed.later_sorts import ALL_SORTS
from connectors.plain import content_hash
from tests.connectors.mplus.reader import open_till
from tests.connectors.mplus.till import running_till

UNREADABLE = {"unknown_type", "unreadable_lines", "unreadable_tenders"}
EACH = 3


@dataclass
class Shop:
    """The sandbox, and what the connector reads of each sort."""

    till: object
    connector: object
    orders: dict

    def read(self, receipt_id):
        return self.connector.read_one("receipts", receipt_id)


@pytest.fixture(scope="module")
def shop():
    with running_till(receipts=120) as till:
        connector = open_till(till.url)
        ids = {
            sort: [
                each["receiptId"]
                for each in till.do("add_receipts", sort=sort, count=EACH)["receipts"]
            ]
            for sort in ALL_SORTS
        }
        documents = {
            document.id: document
            for document in connector.read("receipts", '{"marker": 120}', 500).documents
        }
        orders = {sort: [documents[each] for each in ids[sort]] for sort in ids}
        yield Shop(till, connector, orders)


@pytest.mark.parametrize("sort", sorted(set(ALL_SORTS) - UNREADABLE))
def test_the_identity_holds_to_the_cent(shop, sort):
    for order in shop.orders[sort]:
        left = sum(line.amount_incl for line in order.lines) + order.tips
        left += order.cash_rounding + order.sum_rounding
        right = sum(tender.amount for tender in order.tenders) + order.outstanding
        assert left == right


@pytest.mark.parametrize("sort", sorted(set(ALL_SORTS) - UNREADABLE))
def test_every_line_has_the_rate_of_its_code(shop, sort):
    rates = {"1": Decimal(21), "2": Decimal(9), "3": Decimal(0), "": Decimal(0)}
    for order in shop.orders[sort]:
        assert order.country == "NL"
        for each in (*order.lines, *order.vat_totals):
            assert each.vat_rate == rates[each.vat_code]


@pytest.mark.parametrize(
    ("sort", "code"),
    [
        ("unknown_type", "unknown_type"),
        ("unreadable_lines", "lines"),
        ("unreadable_tenders", "tenders"),
    ],
)
def test_unreadable_receipts_stand_in_their_place(shop, sort, code):
    for found in shop.orders[sort]:
        assert isinstance(found, Unreadable)
        assert found.code == code
        assert found.number
        assert found.raw["receiptId"] == found.id


TENDERS = {
    "on_account": {TenderType.ON_ACCOUNT},
    "own_use": {TenderType.OWN_USE},
    "full_gift_card_sale": {TenderType.GIFT_CARD},
    "credit_on_account": {TenderType.ON_ACCOUNT},
    "cash_rounding": {TenderType.CASH},
    "cash_rounding_split": {TenderType.CASH, TenderType.CARD},
    "third_party_voucher": {TenderType.VOUCHER, TenderType.CARD},
    "part_own_use": {TenderType.OWN_USE, TenderType.CARD},
    "mixed_signs": {TenderType.CARD, TenderType.CASH},
}


@pytest.mark.parametrize(("sort", "types"), list(TENDERS.items()), ids=list(TENDERS))
def test_types_of_tenders(shop, sort, types):
    for order in shop.orders[sort]:
        assert {tender.type for tender in order.tenders} == types


LINES = {
    "gift_card_sold": LineType.GIFT_CARD,
    "refund_onto_gift_card": LineType.GIFT_CARD,
    "deposit_lines": LineType.REFUNDABLE_DEPOSIT,
    "settlement": LineType.SETTLEMENT,
    "trade_in": LineType.TRADE_IN,
}


@pytest.mark.parametrize(("sort", "kind"), list(LINES.items()), ids=list(LINES))
def test_types_of_lines(shop, sort, kind):
    for order in shop.orders[sort]:
        assert kind in {line.type for line in order.lines}


@pytest.mark.parametrize("sort", ["sale", "discount", "sold_and_returned", "refund"])
def test_goods_are_goods(shop, sort):
    for order in shop.orders[sort]:
        kinds = {line.type for line in order.lines}
        assert kinds <= {LineType.GOODS, LineType.REFUNDABLE_DEPOSIT}


TYPES = {
    "refund": OrderType.CREDIT,
    "cash_in": OrderType.CASH_IN,
    "cash_out": OrderType.CASH_OUT,
    "transfer": OrderType.TRANSFER,
    "sale": OrderType.SALE,
}


@pytest.mark.parametrize(("sort", "kind"), list(TYPES.items()), ids=list(TYPES))
def test_types_of_orders(shop, sort, kind):
    assert {order.type for order in shop.orders[sort]} == {kind}


@pytest.mark.parametrize("sort", ["cash_rounding", "cash_rounding_split"])
def test_cash_rounding_is_found(shop, sort):
    for order in shop.orders[sort]:
        assert abs(order.cash_rounding) in (Decimal("0.01"), Decimal("0.02"))
        assert (order.tips, order.outstanding) == (0, 0)


def test_a_tip_is_found(shop):
    for order in shop.orders["tip"]:
        assert order.tips >= Decimal("0.50")


def test_the_cent_between_the_sums_is_found(shop):
    for order in shop.orders["cent_left"]:
        assert abs(order.sum_rounding) == Decimal("0.01")
        assert order.vat_method is VatMethod.EXCLUSIVE


def test_what_is_not_final_is_outstanding(shop):
    for order in shop.orders["not_final"]:
        assert not order.final
        assert order.outstanding > 0


def test_what_is_finished_becomes_final(shop):
    [order, *_] = shop.orders["not_final"]
    shop.till.do("finish_receipt", receiptId=order.id, method="CONTANT")
    again = shop.read(order.id)
    assert again.final
    assert int(again.version) > int(order.version)
    assert abs(again.cash_rounding) <= Decimal("0.02")


def test_only_what_is_on_account_is_final_without_money(shop):
    for order in shop.orders["on_account"]:
        assert order.final
        assert order.customer is not None


@pytest.mark.parametrize(
    ("sort", "method"),
    [
        ("reverse_charge", VatMethod.REVERSE_CHARGE),
        ("no_vat", VatMethod.NONE),
        ("sale", VatMethod.INCLUSIVE),
    ],
)
def test_vat_methods(shop, sort, method):
    assert {order.vat_method for order in shop.orders[sort]} <= {
        method,
        VatMethod.EXCLUSIVE if sort == "sale" else method,
    }


def test_reverse_charge_has_a_customer_with_a_vat_number(shop):
    for order in shop.orders["reverse_charge"]:
        assert order.customer.vat_number
        assert order.customer.is_company
        assert all(total.vat == 0 for total in order.vat_totals)


def test_weighed_quantities_have_three_decimals(shop):
    for order in shop.orders["weighed"]:
        assert any(line.quantity % 1 for line in order.lines)


def test_a_credit_names_what_it_credits(shop):
    assert any(order.credits for order in shop.orders["refund"])


def test_a_mail_event_changes_the_version_and_not_the_content(shop):
    order = shop.orders["sale"][0]
    shop.till.do("change_receipt", receiptId=order.id, what="mail")
    again = shop.read(order.id)
    assert again.version != order.version
    assert content_hash(again) == content_hash(order)


@pytest.mark.parametrize("what", ["reference", "tenders", "lines"])
def test_a_change_changes_the_content(shop, what):
    order = shop.orders["sale"][1]
    before = shop.read(order.id)
    shop.till.do("change_receipt", receiptId=order.id, what=what)
    assert content_hash(shop.read(order.id)) != content_hash(before)


def test_percentages_on_the_other_scale_read_the_same(shop):
    order = shop.orders["several_tenders"][0]
    shop.till.switch(percent_times_100=False)
    again = shop.read(order.id)
    shop.till.switch(percent_times_100=True)
    assert content_hash(again) == content_hash(order)


def test_a_newer_tills_additions_do_not_change_the_content(shop):
    shop.till.switch(unknown_fields=True, unknown_enums=True)
    for sort in sorted(set(ALL_SORTS) - UNREADABLE - {"not_final", "sale"}):
        order = shop.orders[sort][0]
        again = shop.read(order.id)
        assert content_hash(again) == content_hash(order), sort
        assert again.extra["addedGroup"]
    shop.till.switch(unknown_fields=False, unknown_enums=False)
