from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from connectors.datamodel import Customer
from connectors.quickbooks.targets.customers import agree_vat, matches_by_email
from connectors.writes import Write
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    line,
    pay,
    plan,
    receipt,
    sale_of,
)

BAKERY = Customer(
    id="33",
    is_company=True,
    name="Bakery",
    company_name="Bakery: North",
    email="b@x.example",
    vat_number="NL 8520.10.101.B01",
)


def customers_of(customer: Customer | None, **values: Any) -> list[Write]:
    fields = values.pop("fields", {})
    order = receipt([line("12.10")], [pay("PIN", "12.10")], customer=customer)
    made = plan(order, fields={"customer": fields}, **values)
    return [write for write in made.writes if write.entity == "Customer"]


def test_a_company_gets_its_name_and_contact() -> None:
    fields = {"given_name": "Jan", "family_name": "Bos", "street": "Kade 1"}
    (write,) = customers_of(BAKERY, fields=fields)
    assert write.body == {
        "DisplayName": "Bakery North",
        "CompanyName": "Bakery: North",
        "GivenName": "Jan",
        "FamilyName": "Bos",
        "PrimaryTaxIdentifier": "NL852010101B01",
        "Notes": "[hub:customer:33:customer]",
        "PrimaryEmailAddr": {"Address": "b@x.example"},
        "BillAddr": {"Line1": "Kade 1"},
    }
    assert write.fallback == {"DisplayName": "Bakery North (33)"}
    assert write.search == {
        "display_name": "Bakery North",
        "email": "b@x.example",
        "vat_number": "NL852010101B01",
        "kind": "company",
    }


def test_a_person_has_no_company() -> None:
    (write,) = customers_of(ANNA, fields={"company_name": "x"})
    assert "CompanyName" not in write.body
    assert write.search["kind"] == "person"


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"family_name": "Anna de Vries"}, ("Anna", "de Vries")),
        ({"family_name": "Vries"}, (None, "Vries")),
        ({"given_name": "Anna", "family_name": "de Vries"}, ("Anna", "de Vries")),
        ({"family_name": ""}, (None, None)),
    ],
)
def test_a_whole_name_is_split_at_its_first_space(
    fields: dict[str, str], names: tuple[str | None, str | None]
) -> None:
    (write,) = customers_of(ANNA, fields=fields)
    assert (write.body.get("GivenName"), write.body.get("FamilyName")) == names


def test_an_address_that_is_no_e_mail_is_left_out() -> None:
    (write,) = customers_of(dataclasses.replace(ANNA, email="none"))
    assert "PrimaryEmailAddr" not in write.body
    assert write.search["email"] == ""


def test_phones_are_cut() -> None:
    (write,) = customers_of(ANNA, fields={"phone": "1" * 40, "mobile": "06"})
    assert write.body["PrimaryPhone"] == {"FreeFormNumber": "1" * 30}
    assert write.body["Mobile"] == {"FreeFormNumber": "06"}


@pytest.mark.parametrize("customer", [None, dataclasses.replace(ANNA, name=" ")])
def test_without_a_usable_relation_the_default_debtor_is_used(
    customer: Customer | None,
) -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")], customer=customer)
    assert sale_of(plan(order)).body["CustomerRef"] == {"value": "77"}


def test_a_sale_may_be_anonymous_where_there_is_no_default_debtor() -> None:
    made = plan(receipt([line("12.10")], [pay("PIN", "12.10")]), default_debtor="")
    assert "CustomerRef" not in sale_of(made).body


def test_the_default_debtor_can_be_forced() -> None:
    assert customers_of(ANNA, force_default_debtor=True) == []


def test_a_sale_on_account_is_the_relations_own_even_then() -> None:
    order = receipt([line("12.10")], [pay("ACCOUNT", "12.10")], customer=ANNA)
    made = plan(order, force_default_debtor=True)
    assert made.writes[0].entity == "Customer"


HIT = {"DisplayName": "Bakery north", "CompanyName": "Bakery North"}


@pytest.mark.parametrize(
    ("hit", "matches"),
    [
        (HIT, True),
        ({"DisplayName": "Bakery N.", "CompanyName": "bakery  north"}, True),
        ({"DisplayName": "Bakery North"}, False),
        ({"DisplayName": "Other", "CompanyName": "Other"}, False),
        ({**HIT, "PrimaryTaxIdentifier": "NL000000000B00"}, False),
        ({**HIT, "PrimaryTaxIdentifier": "NL852010101B01"}, True),
        ({**HIT, "PrimaryTaxIdentifier": "XXXXXXXXXXB00"}, True),
        ({**HIT, "PrimaryTaxIdentifier": "**********0B00"}, True),
    ],
)
def test_an_e_mail_hit_must_agree_in_kind_and_name(
    hit: dict[str, str], matches: bool
) -> None:
    (write,) = customers_of(BAKERY)
    assert matches_by_email(write, hit) == matches


@pytest.mark.parametrize(
    ("ours", "theirs", "agreed"),
    [("A1", "A1", True), ("A1", "B2", False), ("", "B2", None), ("A1", "XX2", None)],
)
def test_vat_numbers_that_are_masked_say_nothing(
    ours: str, theirs: str, agreed: bool | None
) -> None:
    assert agree_vat(ours, theirs) is agreed
