"""The shipped rules and value maps, put through the mapping's own engine."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from connectors import datamodel as dm
from connectors.plain import to_plain
from connectors.quickbooks.connector import QuickBooks
from mapping.engine import CompiledMapping, Fields, compile_rules
from mapping.rules import Entry, KeyField, RuleData, ValueMapData
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    card,
    line,
    pay,
    receipt,
)

PIN = {"treatment": "payment", "payment_method": "m2", "deposit_account": "pin"}
ROWS: dict[str, list[tuple[tuple[str, ...], dict[str, str]]]] = {
    "tenders": [(("PIN", "*"), PIN)],
    "vat": [
        (("NL", "1", "21"), {"tax_code": "t21"}),
        (("NL", "0", "0"), {"tax_code": "t0"}),
    ],
    "branches": [(("1",), {"location": "loc1"})],
    "groups": [(("*", "40"), {"income_account": "drinks", "supply": "services"})],
    "terms": [(("14",), {"terms": "net14"})],
    "movements": [(("81", "*"), {"treatment": "book", "account": "petty"})],
}


def make_map(template: dict[str, Any]) -> ValueMapData:
    """A value map with the shop's rows."""
    return ValueMapData(
        name=template["name"],
        label=template["label"],
        keys=tuple(
            KeyField(k["name"], k["label"], k.get("type", "text"))
            for k in template["keys"]
        ),
        columns=tuple(column["name"] for column in template["columns"]),
        entries=tuple(Entry(*row) for row in ROWS.get(template["name"], [])),
        missing=template["missing"],
    )


@pytest.fixture(scope="module")
def mapping() -> CompiledMapping:
    rules = [RuleData(**rule) for rule in QuickBooks.default_rules]
    maps = {t["name"]: make_map(t) for t in QuickBooks.value_map_templates}
    return compile_rules(rules, maps, fields=QuickBooks.target_fields)


def apply(mapping: CompiledMapping, **facts: Any) -> Fields:
    """What the rules make of a receipt."""
    order = receipt([line("12.10"), card("5.00")], [pay("PIN", "17.10")], **facts)
    return mapping.apply(to_plain(order))


def test_tenders_tax_codes_and_accounts_are_looked_up(mapping: CompiledMapping) -> None:
    fields = apply(mapping)
    assert fields.tenders == [PIN]
    assert [each.get("tax_code") for each in fields.lines] == ["t21", None]
    assert fields.items[0]["income_account"] == "drinks"
    assert fields.header == {"location": "loc1"}


def test_without_any_vat_lines_are_looked_up_as_code_0(
    mapping: CompiledMapping,
) -> None:
    order = receipt([line("5.00", "")], [pay("PIN", "5.00")])
    assert "tax_code" not in mapping.apply(to_plain(order)).lines[0]
    untaxed = dataclasses.replace(order, vat_method=dm.VatMethod.NONE)
    assert mapping.apply(to_plain(untaxed)).lines[0]["tax_code"] == "t0"


def test_the_kind_of_a_turnover_group_is_looked_up(mapping: CompiledMapping) -> None:
    assert apply(mapping).items[0]["supply"] == "services"


def test_cash_movements_are_looked_up_and_sales_are_none(
    mapping: CompiledMapping,
) -> None:
    moved = line("-5.00", "", turnover_group="81", article="9032")
    order = receipt([moved], [pay("PIN", "-5.00")], type=dm.OrderType.CASH_OUT)
    found = mapping.apply(to_plain(order)).lines[0]
    assert (found["movement"], found["movement_account"]) == ("book", "petty")
    sale = dataclasses.replace(order, type=dm.OrderType.SALE)
    assert "movement" not in mapping.apply(to_plain(sale)).lines[0]


def test_terms_come_from_the_relation(mapping: CompiledMapping) -> None:
    header = apply(mapping, customer=dataclasses.replace(ANNA, payment_days=14)).header
    assert header["terms"] == "net14"
    assert str(header["due_date"]) == "2026-03-28"


def test_a_person_is_named_by_its_name(mapping: CompiledMapping) -> None:
    customer = apply(mapping, customer=ANNA).customer
    assert customer is not None
    assert customer["display_name"] == customer["family_name"] == "Anna de Vries"
    assert "company_name" not in customer


def test_a_company_is_named_by_its_company_with_the_contact_under_it(
    mapping: CompiledMapping,
) -> None:
    company = dm.Customer(
        id="3", is_company=True, name="x", company_name="Bakery", contact="Jan Bos"
    )
    customer = apply(mapping, customer=company).customer
    assert customer is not None
    assert customer["display_name"] == "Bakery"
    assert customer["family_name"] == "Jan Bos"


def test_what_is_not_mapped_is_left_to_the_target(mapping: CompiledMapping) -> None:
    order = receipt([line("1.09", "2")], [pay("BITCOIN", "1.09")])
    fields = mapping.apply(to_plain(order))
    assert fields.tenders == [{}]
    assert "tax_code" not in fields.lines[0]
