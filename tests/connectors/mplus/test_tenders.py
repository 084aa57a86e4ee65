from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.datamodel import TenderType
from connectors.mplus.shop import PaymentMethod, Shop
from connectors.mplus.sources.tenders import propose_type, read_tender
from connectors.mplus.sources.values import WireError
from tests.connectors.mplus.reader import SHOP, wire_payment

DAY = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("method", "kind", "proposed"),
    [
        ("CONTANT", "PAYMENT", TenderType.CASH),
        ("KAS", "PAYMENT", TenderType.CASH),
        ("PIN", "EFT", TenderType.CARD),
        ("MAESTRO", "PAYMENT", TenderType.CARD),
        ("OPREKENING", "SUSPENSE", TenderType.ON_ACCOUNT),
        ("OP REKENING", "PAYMENT", TenderType.ON_ACCOUNT),
        ("AANBETALING", "DEPOSIT", TenderType.DEPOSIT_USED),
        ("EIGENGEBRUIK", "BPE", TenderType.OWN_USE),
        ("BREUK", "BPE-NO-STOCK", TenderType.OWN_USE),
        ("KORTINGSBON", "VOUCHER-BPE", TenderType.VOUCHER),
        ("VVVBON", "PAYMENT", TenderType.VOUCHER),
        ("CADEAUBON", "PAYMENT", TenderType.GIFT_CARD),
        ("GIFT CARD", "PAYMENT", TenderType.GIFT_CARD),
        ("IDEAL", "PAYMENT", TenderType.OTHER),
        ("NIEUW", "ADDED-LATER", TenderType.OTHER),
        ("NIEUW", "", TenderType.OTHER),
    ],
)
def test_the_type_and_then_the_name_propose(method, kind, proposed):
    wire = {
        "method": method,
        "paymentMethodType": kind and f"PAYMENT-METHOD-TYPE-{kind}",
    }
    assert propose_type(wire, SHOP) is proposed


def test_a_gift_card_number_tells_a_gift_card():
    wire = {"method": "X", "giftcardNumber": "123"}
    assert propose_type(wire, SHOP) is TenderType.GIFT_CARD


def test_the_shops_list_tells_what_a_payment_leaves_out():
    assert propose_type({"method": "PIN"}, SHOP) is TenderType.CARD


def test_the_description_tells_where_the_code_does_not():
    shop = Shop(methods={"1": PaymentMethod("1", "Contant geld")})
    assert propose_type({"method": "1"}, shop) is TenderType.CASH


def test_named_cash_methods_are_the_only_cash():
    shop = Shop(cash_methods=frozenset({"LADE"}))
    assert propose_type({"method": "LADE"}, shop) is TenderType.CASH
    assert propose_type({"method": "CONTANT"}, shop) is TenderType.OTHER


def test_a_payment_without_its_own_date_has_the_receipts():
    tender = read_tender(
        wire_payment("PIN", 995), shop=SHOP, day=DAY, fallback_id="r/1"
    )
    assert (tender.date, tender.amount, tender.branch) == (DAY, Decimal("9.95"), "")


def test_a_later_payment_keeps_its_own_date_and_branch():
    wire = wire_payment(
        "PIN", 1, financialDate={"day": 2, "mon": 11, "year": 2026}, branchNumber=3
    )
    tender = read_tender(wire, shop=SHOP, day=DAY, fallback_id="r/1")
    assert (tender.date, tender.branch) == (date(2026, 11, 2), "3")


def test_a_payment_without_an_id_gets_one_from_its_place():
    tender = read_tender(
        {"method": "PIN", "amount": 1}, shop=SHOP, day=DAY, fallback_id="r/1"
    )
    assert tender.id == "r/1"


def test_a_payment_without_an_amount_is_refused():
    with pytest.raises(WireError, match="amount is missing"):
        read_tender({"method": "PIN"}, shop=SHOP, day=DAY, fallback_id="r/1")


def test_the_rest_is_kept():
    wire = wire_payment("PIN", 1, externalReference="abc")
    tender = read_tender(wire, shop=SHOP, day=DAY, fallback_id="r/1")
    assert tender.extra == {"externalReference": "abc"}
