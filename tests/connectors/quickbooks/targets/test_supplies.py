"""Shifted VAT, export, margin goods, what is bought in, and rates by their date."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors import datamodel as dm
from connectors.contract import Choice
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.options import read_options
from connectors.quickbooks.targets.vat import Piece
from connectors.writes import Difference, Known, Plan, Ref
from tests.connectors.quickbooks.targets.receipts import (
    SALE,
    amounts,
    line,
    pay,
    plan,
    receipt,
    sale_of,
    settings,
    tax_list,
)

CODES = {
    "reverse_charge_code": "rc",
    "eu_goods_code": "eug",
    "eu_services_code": "eus",
    "export_code": "exp",
    "margin_code": "mar",
    "purchases_account": "bought",
}
LISTS = {
    "tax_codes": (
        *tax_list(),
        *(
            Choice(code, code, facts={"rate_id": code, "history": "/=0"})
            for code in ("rc", "eug", "eus", "exp", "mar")
        ),
    )
}
PIN = [pay("PIN", "10.00")]


def bakery(country: str = "NL", number: str = "NL123456789B01") -> dm.Customer:
    """A company of a country with a VAT number."""
    return dm.Customer(
        id="3",
        is_company=True,
        name="Bakery",
        company_name="Bakery",
        vat_number=number,
        billing=dm.Address(country=country),
    )


def shifted(**facts: Any) -> dm.Order:
    """A receipt with VAT shifted: the till keeps the code and charges nothing."""
    tea = line("10.00", vat_rate=Decimal(21), amount_excl=Decimal("10.00"))
    none = dm.VatTotal("1", Decimal(21), Decimal("10.00"), Decimal(0))
    return receipt(
        [tea],
        PIN,
        **{
            "vat_method": dm.VatMethod.REVERSE_CHARGE,
            "vat_totals": (none,),
            "customer": bakery(),
            **facts,
        },
    )


def test_a_single_purpose_card_pays_no_shifted_vat() -> None:
    order = shifted()
    card = pay("CARD21", str(order.total_incl))
    error = made(dataclasses.replace(order, tenders=(card,))).error
    assert error is not None
    assert error.code == "gift card and shifted VAT"


def untaxed(**facts: Any) -> dm.Order:
    """A receipt on which the till charged no VAT at all."""
    return receipt(
        [line("10.00", "")], PIN, vat_method=dm.VatMethod.NONE, vat_totals=(), **facts
    )


def made(order: dm.Order, item: dict[str, str] | None = None, **values: Any) -> Plan:
    """The plan with all tax settings made."""
    settled = {"lists": LISTS, **CODES, **values}
    return plan(order, fields={"item": item or {}}, **settled)


def codes_of(made_plan: Plan) -> list[str]:
    """The tax codes of the document's lines."""
    lines = sale_of(made_plan).body["Line"]
    return [each["SalesItemLineDetail"]["TaxCodeRef"]["value"] for each in lines]


@pytest.mark.parametrize(
    ("customer", "kind", "code"),
    [
        (bakery(), "", "rc"),
        (bakery("", "NL123456789B01"), "", "rc"),
        (bakery("BE", "BE0123456789"), "", "eug"),
        (bakery("BE", "BE0123456789"), "goods", "eug"),
        (bakery("BE", "BE0123456789"), "services", "eus"),
        (bakery("", "EL123456789"), "services", "eus"),
    ],
)
def test_shifted_vat_goes_by_the_relation(
    customer: dm.Customer, kind: str, code: str
) -> None:
    done = made(shifted(customer=customer), {"supply": kind})
    sale = sale_of(done)
    assert codes_of(done) == [code]
    assert sale.expected_total == Decimal("10.00")
    assert sale.body["GlobalTaxCalculation"] == "TaxExcluded"
    entry = sale.body["Line"][0]
    assert entry["Amount"] == Decimal("10.00")
    assert "TaxInclusiveAmt" not in entry["SalesItemLineDetail"]
    assert "TxnTaxDetail" not in sale.body


def test_an_item_made_by_the_way_keeps_its_usual_tax_code() -> None:
    item = next(write for write in made(shifted()).writes if write.key == "1001")
    assert item.body["SalesTaxCodeRef"] == {"value": "t21"}
    exported = made(untaxed(customer=bakery("CH", "")))
    item = next(write for write in exported.writes if write.key == "1001")
    assert "SalesTaxCodeRef" not in item.body


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"customer": None}, "no relation"),
        ({"customer": bakery(number="")}, "no VAT number"),
        ({"customer": bakery("", "123456789")}, "no country"),
        ({"customer": bakery("CH", "CHE123456789")}, "shifted outside the EU"),
        (
            {"vat_totals": (dm.VatTotal("1", Decimal(21), Decimal(8), Decimal(2)),)},
            "vat does not add up",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_shifted_vat_fails_with_its_cause(facts: dict[str, Any], code: str) -> None:
    error = made(shifted(**facts)).error
    assert error is not None
    assert error.code == code


def test_a_missing_code_for_shifted_vat_names_the_setting() -> None:
    error = made(shifted(), reverse_charge_code="").error
    assert error is not None
    assert (error.code, error.reference) == ("setting missing", "reverse_charge_code")


def test_a_correction_of_a_document_without_vat_stays_without() -> None:
    options = read_options(settings(**CODES, lists=LISTS))
    piece = dataclasses.replace(_piece("10.00"), tax_excluded=True)
    body = documents.make_lines([piece, _piece("0.01")], options, update=True)
    assert body["GlobalTaxCalculation"] == "TaxExcluded"
    assert all("TaxInclusiveAmt" not in x["SalesItemLineDetail"] for x in body["Line"])


def test_export_is_what_a_relation_outside_the_eu_buys_without_vat() -> None:
    done = made(untaxed(customer=bakery("CH", "")))
    assert codes_of(done) == ["exp"]
    assert sale_of(done).body["GlobalTaxCalculation"] == "TaxInclusive"


@pytest.mark.parametrize("customer", [None, bakery(), bakery("BE"), bakery("", "")])
def test_no_vat_otherwise_fails(customer: dm.Customer | None) -> None:
    error = made(untaxed(customer=customer)).error
    assert error is not None
    assert error.code == "unmapped no VAT"


def test_shifted_vat_without_a_relation_is_a_cause_of_its_own() -> None:
    unpaid = receipt([line("12.10")], [], outstanding=Decimal("12.10"))
    shift, owed = made(shifted(customer=None)).error, plan(unpaid).error
    assert shift is not None
    assert owed is not None
    assert (shift.code, owed.code) == ("no relation", "no relation")
    assert shift.fingerprint != owed.fingerprint


def test_no_vat_is_posted_once_it_is_mapped() -> None:
    done = plan(untaxed(), fields={"line": {"tax_code": "t0"}}, lists=LISTS, **CODES)
    assert codes_of(done) == ["t0"]


def test_a_foreigner_at_the_counter_pays_the_vat_of_the_counter() -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")], customer=bakery("DE"))
    assert amounts(made(order)) == [("12.10", "10.00", "t21", "1001")]


def test_margin_goods_go_whole_to_their_own_item() -> None:
    order = receipt(
        [line("50.00", "", quantity=Decimal(2))], [pay("PIN", "50.00")], vat_totals=()
    )
    done = made(order, {"supply": "margin", "income_account": "old"})
    assert amounts(done) == [("50.00", "50.00", "mar", "special:margin:old")]
    assert sale_of(done).body["Line"][0]["SalesItemLineDetail"]["Qty"] == 2


def test_vat_that_the_till_counts_on_margin_goods_is_an_expected_difference() -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")])
    done = made(order, {"supply": "margin"})
    assert amounts(done)[0][1:3] == ("12.10", "mar")
    assert done.differences == (
        Difference("VAT 21 %", Decimal("2.10"), Decimal(0), "margin goods"),
    )


@pytest.mark.parametrize(
    ("values", "code"), [({}, "mar"), ({"margin_code": ""}, "none")]
)
def test_a_trade_in_is_a_purchase(values: dict[str, str], code: str) -> None:
    old = line("-10.00", "", type=dm.LineType.TRADE_IN, quantity=Decimal(1))
    order = receipt([line("12.10"), old], [pay("PIN", "2.10")])
    done = made(order, **values)
    assert amounts(done)[1] == ("-10.00", "-10.00", code, "special:purchases:bought")
    assert sale_of(done).body["Line"][1]["SalesItemLineDetail"]["Qty"] == -1


def test_what_is_bought_in_without_a_sale_is_a_refund() -> None:
    old = line("-10.00", "", quantity=Decimal(1))
    order = receipt([old], [pay("CASH", "-10.00")])
    done = made(order, {"supply": "purchases"})
    sale = sale_of(done)
    assert (sale.entity, sale.expected_total) == ("RefundReceipt", Decimal("10.00"))
    assert amounts(done) == [("10.00", "10.00", "mar", "special:purchases:bought")]
    assert sale.body["Line"][0]["SalesItemLineDetail"]["Qty"] == 1


def test_a_kind_that_does_not_exist_fails() -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")])
    error = made(order, {"supply": "gold"}).error
    assert error is not None
    assert (error.code, error.reference) == ("kind", "40")


@pytest.mark.parametrize(
    ("history", "text"),
    [
        ("/=6", "is 6 % on 2026-03-14"),
        ("2025-01-01/2026-01-01=0", "has no rate on 2026-03-14"),
    ],
)
def test_the_settings_codes_must_have_their_rate_that_day(
    history: str, text: str
) -> None:
    odd = Choice("none", "Odd", facts={"rate_id": "x", "history": history})
    lists = {"tax_codes": (*LISTS["tax_codes"], odd)}
    gift = line("5.00", "", type=dm.LineType.GIFT_CARD)
    error = made(receipt([gift], [pay("PIN", "5.00")]), lists=lists).error
    assert error is not None
    assert (error.code, error.reference) == (
        "tax code of a setting",
        "no_vat_code:none",
    )
    assert "“Tax code for what is outside VAT”" in error.message
    assert text in error.message


def test_a_settings_code_that_is_gone_names_the_setting() -> None:
    error = made(untaxed(customer=bakery("CH")), export_code="gone").error
    assert error is not None
    assert (error.code, error.reference) == (
        "tax code of a setting",
        "export_code:gone",
    )


def test_a_rate_that_changes_is_taken_by_the_receipts_date() -> None:
    codes = (Choice("t21", "VAT", facts={"history": "2026-03-14/=21;/2026-03-13=19"}),)
    order = receipt([line("12.10")], [pay("PIN", "12.10")])
    assert made(order, lists={"tax_codes": codes}).error is None
    early = dataclasses.replace(order, date=date(2026, 3, 13))
    error = made(early, lists={"tax_codes": codes}).error
    assert error is not None
    assert error.code == "tax rate differs"


@pytest.mark.parametrize(
    ("policy", "posted", "code"),
    [
        ("hold", "", None),
        ("first_open_day", "", "tax rate differs"),
        ("first_open_day", "2026-03-14", None),
    ],
)
def test_what_goes_to_the_first_open_day_needs_its_rate_then(
    policy: str, posted: str, code: str | None
) -> None:
    codes = (Choice("t21", "VAT", facts={"history": "2026-04-01/=22;/2026-03-31=21"}),)
    closing = [Choice("2026-03-31", "", facts={"first_month": "1"})]
    known = {}
    if posted:
        facts = {"date": posted}
        known = {SALE: Known("7", "R1-2-26-17", "0", Decimal("12.10"), facts)}
    done = plan(
        receipt([line("12.10")], [pay("PIN", "12.10")]),
        known,
        closed_period=policy,
        lists={"tax_codes": codes, "closing": closing},
    )
    assert (done.error.code if done.error else None) == code


def _piece(amount: str) -> Piece:
    gross = Decimal(amount)
    return Piece(Ref("product", "1", "item"), "", Decimal(1), gross, gross, "rc")
