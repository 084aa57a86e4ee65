from __future__ import annotations

import pytest


def test_item_knows_its_accounts(books):
    made = books.create(
        "Item",
        {
            "Name": "Bread",
            "Type": "Service",
            "Sku": "1001",
            "IncomeAccountRef": books.ref("Account", "Sales"),
            "ExpenseAccountRef": books.ref("Account", "Cost of Goods Sold"),
            "SalesTaxCodeRef": books.ref("TaxCode", "VAT 9%"),
        },
    )
    assert made["IncomeAccountRef"]["name"] == "Sales"
    assert made["SalesTaxCodeRef"]["name"] == "VAT 9%"
    assert made["FullyQualifiedName"] == "Bread"
    found = books.query("select * from Item where Sku = '1001'")["Item"]
    assert found[0]["Id"] == made["Id"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Name": None}, "2020"),
        ({"Type": None}, "2020"),
        ({"Type": "Group"}, "6000"),
        ({"Type": "Thing"}, "2170"),
        ({"Name": "a\tb"}, "2040"),
        ({"IncomeAccountRef": None}, "2020"),
        ({"IncomeAccountRef": "Till cash Markt"}, "6430"),
        ({"ExpenseAccountRef": "Sales"}, "6430"),
        ({"Type": "Inventory", "IncomeAccountRef": "Sales"}, "2020"),
        ({"SalesTaxCodeRef": "nothing"}, "2500"),
    ],
)
def test_bad_item_is_refused(books, values, code):
    body = {"Name": "Bread", "Type": "Service", "IncomeAccountRef": "Sales", **values}
    for field in ("IncomeAccountRef", "ExpenseAccountRef"):
        if body.get(field):
            body[field] = books.ref("Account", body[field])
    assert books.refuse("item", body)["code"] == code


@pytest.mark.parametrize(
    "account",
    ["Gift cards outstanding", "Payment differences", "VAT rounding", "Purchases"],
)
def test_service_item_may_sell_to_other_accounts(books, account):
    assert books.item(account=account)


def inventory_item(books, **values):
    body = {
        "Name": "Wine",
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 10,
        "InvStartDate": "2026-01-01",
        "IncomeAccountRef": books.ref("Account", "Sales of Product Income"),
        "ExpenseAccountRef": books.ref("Account", "Cost of Goods Sold"),
        "AssetAccountRef": books.ref("Account", "Inventory Asset"),
    }
    return {**body, **values}


def test_inventory_item_is_made(books):
    assert books.create("Item", inventory_item(books))["TrackQtyOnHand"] is True


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"TrackQtyOnHand": False}, "the item cannot be of type Inventory"),
        ({"InvStartDate": None}, "As of date for initial quantity"),
    ],
)
def test_bad_inventory_item_says_why(books, values, text):
    error = books.refuse("item", inventory_item(books, **values))
    assert error["code"] == "6000"
    assert text in error["Detail"]


def test_item_name_is_unique_and_its_type_stays(books):
    made = books.create("Item", inventory_item(books))
    assert books.refuse("item", inventory_item(books))["code"] == "6240"
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Type": "Service"}
    assert books.refuse("item", body)["code"] == "6000"


def test_category_holds_items_and_stays_active(books):
    category = books.create("Item", {"Name": "Food", "Type": "Category"})
    parent = {"value": category["Id"]}
    body = {"Name": "Bread", "Type": "Service", "ParentRef": parent}
    body["IncomeAccountRef"] = books.ref("Account", "Sales")
    made = books.create("Item", body)
    assert (made["FullyQualifiedName"], made["SubItem"]) == ("Food:Bread", True)
    sent = {"Id": category["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    assert books.refuse("item", sent)["code"] == "6000"


def test_account_gets_type_from_subtype_and_the_other_way(books):
    made = books.create("Account", {"Name": "Drawer", "AccountSubType": "CashOnHand"})
    assert (made["AccountType"], made["Classification"]) == ("Bank", "Asset")
    made = books.create(
        "Account", {"Name": "Owed", "AccountType": "Other Current Liability"}
    )
    assert made["AccountSubType"] == "OtherCurrentLiabilities"
    assert made["CurrentBalance"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"AccountType": "Bank"}, "2020"),
        ({"Name": "x"}, "2020"),
        ({"Name": 'x"y', "AccountType": "Bank"}, "2040"),
        ({"Name": "x", "AccountType": "Purse"}, "2170"),
        ({"Name": "x", "AccountSubType": "Purse"}, "6010"),
        ({"Name": "x", "AccountType": "Bank", "AccountSubType": "Inventory"}, "6010"),
        ({"Name": "SALES", "AccountType": "Income"}, "6240"),
    ],
)
def test_bad_account_is_refused(books, body, code):
    assert books.refuse("account", body)["code"] == code


def test_account_has_no_sparse_update(books):
    body = {"Id": "9", "SyncToken": "0", "sparse": True, "Description": "x"}
    assert books.refuse("account", body)["code"] == "500"


def test_small_lists_are_made(books):
    assert (
        books.create("PaymentMethod", {"Name": "Cheque"})["Type"] == "NON_CREDIT_CARD"
    )
    assert books.create("Term", {"Name": "Net 60", "DueDays": 60})["Type"] == "STANDARD"
    body = {"Name": "15th", "DayOfMonthDue": 15}
    assert books.create("Term", body)["Type"] == "DATE_DRIVEN"
    assert books.create("Class", {"Name": "East"})["SubClass"] is False


@pytest.mark.parametrize(
    ("entity", "body", "code"),
    [
        ("paymentmethod", {}, "2020"),
        ("paymentmethod", {"Name": "CASH"}, "6240"),
        ("paymentmethod", {"Name": "x" * 32}, "2050"),
        ("term", {"Name": "x"}, "2020"),
        ("term", {"Name": "x", "DueDays": 5, "DayOfMonthDue": 5}, "2020"),
        ("term", {"Name": "x", "DueDays": 1000}, "2090"),
        ("term", {"Name": "x", "DueDays": 1.5}, "2090"),
        ("department", {"Name": "centrum"}, "6240"),
        ("taxagency", {}, "2020"),
        ("taxagency", {"DisplayName": "tax OFFICE"}, "6240"),
    ],
)
def test_bad_small_list_object_is_refused(books, entity, body, code):
    assert books.refuse(entity, body)["code"] == code


def tax_service(**values):
    rate = {
        "TaxRateName": "VAT 6%",
        "RateValue": "6",
        "TaxAgencyId": "1",
        "TaxApplicableOn": "Sales",
    }
    return {"TaxCode": "VAT low", "TaxRateDetails": [{**rate, **values}]}


def test_tax_code_is_made_with_its_rate(books):
    answer = books.post("taxservice/taxcode", tax_service())
    assert answer["TaxRateDetails"][0]["RateValue"] == 6
    code = books.get(f"taxcode/{answer['TaxCodeId']}")["TaxCode"]
    assert (
        code["SalesTaxRateList"]["TaxRateDetail"][0]["TaxRateRef"]["name"] == "VAT 6%"
    )
    known = {"TaxCode": "Again", "TaxRateDetails": [{"TaxRateId": "1"}]}
    assert books.post("taxservice/taxcode", known)["TaxCodeId"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "2020"),
        ({"TaxCode": "x"}, "2020"),
        ({"TaxCode": "vat 21%", "TaxRateDetails": [{"TaxRateId": "1"}]}, "6240"),
        ({"TaxCode": "x", "TaxRateDetails": [{"TaxRateId": "99"}]}, "610"),
        (tax_service(TaxAgencyId="9"), "2500"),
        (tax_service(RateValue="101"), "2110"),
        (tax_service(RateValue=None), "2020"),
        (tax_service(TaxRateName="VAT 9% (sales)"), "6240"),
    ],
)
def test_bad_tax_code_is_refused(books, body, code):
    assert books.refuse("taxservice/taxcode", body)["code"] == code
