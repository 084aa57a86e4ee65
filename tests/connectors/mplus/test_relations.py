from __future__ import annotations

from datetime import date

import pytest

from connectors.datamodel import Address
from connectors.mplus.sources.relations import read_relation


def test_a_company_has_its_name_and_a_contact():
    customer = read_relation(
        {
            "relationNumber": 12,
            "name": "Jansen",
            "companyName": "Bakkerij Jansen",
            "vatNumber": "NL 0012 34567 B01",
        }
    )
    assert customer.is_company
    assert (customer.id, customer.name) == ("12", "Bakkerij Jansen")
    assert customer.company_name == "Bakkerij Jansen"
    assert customer.contact == "Jansen"
    assert customer.vat_number == "NL001234567B01"


def test_a_person_has_no_company_name():
    customer = read_relation({"relationNumber": 3, "name": " Ann de Boer "})
    assert not customer.is_company
    assert (customer.name, customer.company_name, customer.contact) == (
        "Ann de Boer",
        "",
        "",
    )


@pytest.mark.parametrize("field", ["vatNumber", "commerceNumber"])
def test_a_registered_number_makes_a_company(field):
    customer = read_relation({"relationNumber": 3, "name": "De Hoek", field: "123"})
    assert customer.is_company
    assert customer.company_name == "De Hoek"


def test_the_first_contact_of_a_list_is_the_contact():
    contacts = {"relation": [{"name": ""}, {"name": "Piet"}, {"name": "Jan"}]}
    customer = read_relation(
        {"relationNumber": 3, "companyName": "De Hoek", "contactList": contacts}
    )
    assert customer.contact == "Piet"


def test_addresses_and_their_countries():
    customer = read_relation(
        {
            "relationNumber": 3,
            "address": "Dorpsstraat 1",
            "zipcode": "1234 AB",
            "city": "Utrecht",
            "country": "Nederland",
            "deliveryAddress": "Rue 1",
            "deliveryCountry": "Atlantis",
        }
    )
    assert customer.billing == Address("Dorpsstraat 1", "1234 AB", "Utrecht", "NL")
    assert customer.shipping == Address("Rue 1", "", "", "")
    assert customer.extra["deliveryCountry"] == "Atlantis"


@pytest.mark.parametrize(("wire", "days"), [(None, None), (0, None), (14, 14)])
def test_payment_days_of_zero_are_none_agreed(wire, days):
    record = {"relationNumber": 1, "paymentWithinDays": wire}
    assert read_relation(record).payment_days == days


def test_everything_else_is_kept_by_its_own_name():
    wire = {
        "relationNumber": 1,
        "balance": 1250,
        "birthDate": {"day": 2, "mon": 1, "year": 1990},
        "addedLater": "new",
    }
    assert read_relation(wire).extra == {
        "balance": 1250,
        "birthDate": date(1990, 1, 2),
        "addedLater": "new",
    }
