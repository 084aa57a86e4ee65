from __future__ import annotations

import json
from pathlib import Path

import pytest

SHOP = Path(__file__).parents[3] / "integration_hub" / "demo" / "shop.json"


def change(books, entity, obj, **values):
    body = {"Id": obj["Id"], "SyncToken": obj["SyncToken"], "sparse": True, **values}
    return books.create(entity, body)


def all_names(books, entity):
    found = books.query(f"select * from {entity} maxresults 1000")[entity]
    return {obj.get("DisplayName", obj.get("Name")) for obj in found}


def shop_names():
    shop = json.loads(SHOP.read_text(encoding="utf-8"))
    tenders = shop["tenders"].values()
    accounts = {name for each in tenders for name in each.get("accounts", {}).values()}
    accounts |= {*shop["liabilities"].values(), *shop["income"]["groups"].values()}
    accounts |= {shop[key] for key in ("payment_differences", "rounding")}
    accounts |= {
        shop["split_tenders"],
        shop["cost_of_goods"],
        shop["income"]["default"],
    }
    codes = {entry["tax_code"] for entry in shop["vat"]} | {shop["no_vat"]}
    return {
        "Account": accounts,
        "TaxCode": codes | set(shop["reverse_charge"].values()),
        "PaymentMethod": {
            each["payment_method"] for each in tenders if "payment_method" in each
        },
        "Department": {branch["location"] for branch in shop["branches"].values()},
        "Term": set(shop["terms"].values()),
        "Customer": {shop["default_debtor"]},
    }


@pytest.mark.parametrize("entity", sorted(shop_names()))
def test_seed_has_what_the_demo_shop_chose(books, entity):
    assert shop_names()[entity] <= all_names(books, entity)


def test_seeded_tax_codes_have_their_rates(books):
    rates = {
        rate["Id"]: rate for rate in books.query("select * from TaxRate")["TaxRate"]
    }
    found = {}
    for code in books.query("select * from TaxCode")["TaxCode"]:
        detail = code["SalesTaxRateList"]["TaxRateDetail"][0]
        rate = rates[detail["TaxRateRef"]["value"]]
        found[code["Name"]] = rate["EffectiveTaxRate"][0]["RateValue"]
    assert found == {
        "VAT 21%": 21,
        "VAT 9%": 9,
        "VAT 0%": 0,
        "VAT reverse charge": 0,
        "No VAT": 0,
        "VAT EU goods": 0,
        "VAT EU services": 0,
        "VAT export": 0,
        "VAT margin": 0,
    }


def test_us_company_has_its_own_lists(us_books):
    assert us_books.get("companyinfo/1")["CompanyInfo"]["Country"] == "US"
    codes = us_books.query("select * from TaxCode")["TaxCode"]
    assert {code["Id"] for code in codes} == {"TAX", "NON", "1", "2"}
    pseudo = next(code for code in codes if code["Id"] == "TAX")
    assert "SyncToken" not in pseudo


def test_customer_is_completed(books):
    made = books.create("Customer", {"GivenName": "Jan", "FamilyName": "Bos"})
    assert made["DisplayName"] == "Jan Bos"
    assert made["FullyQualifiedName"] == "Jan Bos"
    assert made["PrintOnCheckName"] == "Jan Bos"
    assert (made["Active"], made["Balance"], made["SyncToken"]) == (True, 0, "0")
    assert made["CurrencyRef"]["value"] == "EUR"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "2020"),
        ({"DisplayName": ""}, "2020"),
        ({"DisplayName": "a:b"}, "2040"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"DisplayName": {"a": 1}}, "2040"),
        ({"DisplayName": "x", "Colour": "red"}, "2010"),
        ({"DisplayName": "x", "BillAddr": {"Street": "y"}}, "2010"),
        ({"DisplayName": "x", "BillAddr": "y"}, "2010"),
        ({"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nobody"}}, "2210"),
        ({"DisplayName": "x", "Active": "yes"}, "2230"),
        ({"DisplayName": "x", "ParentRef": {"value": "99"}}, "2500"),
        ({"DisplayName": "x", "SalesTermRef": {"value": "99"}}, "2500"),
        ({"DisplayName": "x", "SalesTermRef": {"id": "99"}}, "2010"),
        ({"DisplayName": "x", "SalesTermRef": 5}, "2040"),
        ({"DisplayName": "x", "CurrencyRef": {"value": "USD"}}, "2220"),
        ({"DisplayName": "x", "OpenBalanceDate": "soon"}, "2060"),
        ({"DisplayName": "COUNTER sales"}, "6240"),
    ],
)
def test_bad_customer_is_refused(books, body, code):
    assert books.refuse("customer", body)["code"] == code


def test_too_long_text_says_how_long(books):
    error = books.refuse("customer", {"DisplayName": "x", "Notes": "y" * 2001})
    assert "Min:0 Max:2000 supported. Supplied length:2001" in error["Detail"]
    assert error["element"] == "Notes"


@pytest.mark.parametrize("kind", ["Vendor", "Employee"])
def test_name_of_a_vendor_or_employee_is_taken(books, kind):
    books.do("create_name", kind=kind, name="Jansen BV")
    error = books.refuse("customer", {"DisplayName": "jansen bv"})
    assert error["code"] == "6240"
    assert "Another customer, vendor or employee" in error["Detail"]


def test_empty_defaults_of_clients_are_accepted(books):
    body = {
        "DisplayName": "Defaults",
        "Balance": 0,
        "BalanceWithJobs": 0,
        "FullyQualifiedName": "",
        "OpenBalanceDate": "",
        "SyncToken": 0,
        "CustomField": [],
        "PrimaryPhone": None,
        "SalesTermRef": {},
        "ParentRef": {"value": ""},
    }
    assert books.create("Customer", body)["FullyQualifiedName"] == "Defaults"


def test_vat_number_is_masked_on_read(books):
    number = "NL852010101B01"
    made = books.create(
        "Customer", {"DisplayName": "X", "PrimaryTaxIdentifier": number}
    )
    assert made["PrimaryTaxIdentifier"] == "XXXXXXXXXX1B01"
    found = books.query("select * from Customer where DisplayName = 'X'")["Customer"]
    assert found[0]["PrimaryTaxIdentifier"] == "XXXXXXXXXX1B01"


def test_sub_customer_has_a_qualified_name(books):
    parent = books.create("Customer", {"DisplayName": "Chain"})
    body = {"DisplayName": "Shop 1", "Job": True, "ParentRef": {"value": parent["Id"]}}
    made = books.create("Customer", body)
    assert made["FullyQualifiedName"] == "Chain:Shop 1"
    assert made["ParentRef"]["name"] == "Chain"


def test_sixth_level_is_refused(books):
    parent = None
    for level in range(6):
        body = {"Name": f"Level {level}"}
        if parent:
            body["ParentRef"] = {"value": parent}
        if level == 5:
            assert books.refuse("department", body)["code"] == "6180"
            return
        parent = books.create("Department", body)["Id"]


def test_sparse_update_keeps_and_full_update_clears(books):
    made = books.create(
        "Customer", {"DisplayName": "Kees", "Notes": "a", "Title": "Mr"}
    )
    sparse = change(books, "Customer", made, Notes="b")
    assert (sparse["Title"], sparse["Notes"], sparse["SyncToken"]) == ("Mr", "b", "1")
    full = books.create(
        "Customer", {"Id": made["Id"], "SyncToken": "1", "DisplayName": "Kees"}
    )
    assert "Title" not in full
    assert "Notes" not in full
    assert full["MetaData"]["CreateTime"] == made["MetaData"]["CreateTime"]


def test_sparse_update_clears_what_is_sent_empty_and_not_what_is_null(books):
    address = {"Line1": "Street 1"}
    made = books.create(
        "Customer",
        {"DisplayName": "Kees", "Notes": "a", "BillAddr": address, "Title": "Mr"},
    )
    changed = change(books, "Customer", made, Notes="", BillAddr={}, Title=None)
    assert "Notes" not in changed
    assert "BillAddr" not in changed
    assert changed["Title"] == "Mr"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Id": "1", "SyncToken": "5"}, "5010"),
        ({"Id": "1"}, "2020"),
        ({"Id": "99", "SyncToken": "0"}, "610"),
        ({"Id": "one", "SyncToken": "0"}, "2030"),
    ],
)
def test_bad_update_is_refused(books, body, code):
    sent = {**body, "sparse": True, "Notes": "x"}
    assert books.refuse("customer", sent)["code"] == code


def test_stale_update_speaks_the_known_words(books):
    error = books.refuse("customer", {"Id": "1", "SyncToken": "9"})
    assert error["Message"] == "Stale Object Error"
    assert "You and root were working on this" in error["Detail"]


def test_inactive_name_is_free_again(books):
    made = books.create("Customer", {"DisplayName": "Kees"})
    gone = change(books, "Customer", made, Active=False)
    assert gone["DisplayName"] == "Kees (deleted)"
    assert books.create("Customer", {"DisplayName": "Kees"})["Id"] != made["Id"]


def test_reactivated_object_gets_its_name_back(books):
    made = books.create("Customer", {"DisplayName": "Kees"})
    gone = change(books, "Customer", made, Active=False)
    assert change(books, "Customer", gone, Active=True)["DisplayName"] == "Kees"


def test_list_objects_cannot_be_deleted_or_voided(books):
    body = {"Id": "1", "SyncToken": "0"}
    for operation in ("delete", "void", "fly"):
        assert books.refuse("customer", body, operation=operation)["code"] == "500"


@pytest.mark.parametrize("entity", ["companyinfo", "taxcode", "taxrate"])
def test_some_objects_cannot_be_made(books, entity):
    assert books.refuse(entity, {"Name": "x"})["code"] == "500"
