"""What value maps decide beside VAT, tenders and accounts, as the company has it."""

from __future__ import annotations

from typing import Any

import pytest

from flows.models import SyncRecord
from tests.flows.shop import record_of, sell
from tests.flows.test_revenue_accounts import find_id, make, make_item, put
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)


def documents(plant: Plant, entity: str) -> list[dict[str, Any]]:
    found = plant.books.do("documents", entity=entity)["documents"]
    return list(found.get(entity, []))


def only_lines(plant: Plant) -> list[dict[str, Any]]:
    (receipt,) = documents(plant, "SalesReceipt")
    return [each for each in receipt["Line"] if "SalesItemLineDetail" in each]


def test_receipts_of_a_branch_that_takes_no_part_are_skipped(plant: Plant) -> None:
    put(plant, "branches", ["2"], takes_part="no")
    here, there = sell(plant, branch=1), sell(plant, branch=2)
    plant.run()
    assert record_of(here).state == "synced"
    assert (record_of(there).state, record_of(there).reason) == (
        "skipped",
        "branch left out",
    )
    assert len(documents(plant, "SalesReceipt")) == 1


def test_a_branch_that_leaves_takes_nothing_back(plant: Plant) -> None:
    posted = sell(plant, branch=2)
    plant.run()
    put(plant, "branches", ["2"], takes_part="no")
    plant.till.do("change_receipt", receiptId=posted, what="mail")
    plant.run()
    assert record_of(posted).state == "synced"
    assert len(documents(plant, "SalesReceipt")) == 1


def test_only_chosen_branches_take_part(plant: Plant) -> None:
    branches = plant.flow.integration.value_maps.value_maps.get(name="branches")
    branches.missing, branches.default = "default", {"takes_part": "no"}
    branches.save(update_fields=["missing", "default"])
    branches.entries.exclude(keys=["1"]).delete()
    put(plant, "branches", ["1"], takes_part="yes")
    sell(plant, branch=1)
    sell(plant, branch=3)
    plant.run()
    assert plant.states() == {"synced": 1, "skipped": 1}


def test_shipping_costs_are_a_line_of_their_own(plant: Plant) -> None:
    """Services of group 50 stand for delivery here."""
    income = find_id(plant.flow, "accounts", "Sales of services")
    make_item(
        plant, Name="Shipping", Type="Service", IncomeAccountRef={"value": income}
    )
    item = find_id(plant.flow, "items", "Shipping")
    code = find_id(plant.flow, "tax_codes", "VAT 21%")
    values = {"item": item, "description": "Shipping and handling", "tax_code": code}
    put(plant, "shipping_costs", ["*", "50", "*"], **values)
    lines = [{"article": 1001, "price": 1210}, {"article": 2243, "price": 605}]
    sell(plant, lines=lines)
    plant.run()
    assert set(plant.states()) == {"synced"}
    shirt, shipping = only_lines(plant)
    assert shipping["Description"] == "Shipping and handling"
    assert shipping["SalesItemLineDetail"]["ItemRef"]["value"] == item
    assert shipping["SalesItemLineDetail"]["TaxCodeRef"]["value"] == code
    assert shirt["SalesItemLineDetail"]["ItemRef"]["value"] != item
    ledger = plant.books.do("trial_balance")["accounts"]
    assert ledger["Sales of services"] == "-5.00"


def test_an_item_of_shipping_costs_that_is_gone_fails_and_says_so(
    plant: Plant,
) -> None:
    put(plant, "shipping_costs", ["*", "10", "*"], item="99999")
    sell(plant)
    plant.run()
    record = SyncRecord.objects.get()
    assert record.state == "failed"
    assert "Item" in record.message


def test_a_customer_gets_the_tax_code_of_its_country_and_sort(plant: Plant) -> None:
    code = find_id(plant.flow, "tax_codes", "VAT reverse charge")
    put(plant, "customer_vat", ["EU", "company"], tax_code=code)
    plant.till.do("edit_relation", relationNumber=1001, country="België")
    sell(plant, relation=1001, payments=[{"method": "OPREKENING"}])
    sell(plant, relation=1091, payments=[{"method": "OPREKENING"}])
    plant.run()
    assert plant.states() == {"synced": 2}
    made = [
        each
        for each in documents(plant, "Customer")
        if "[hub-" in each.get("Notes", "")
    ]
    codes = {
        bool(each.get("CompanyName")): each.get("DefaultTaxCodeRef", {}).get("value")
        for each in made
    }
    assert codes == {True: code, False: None}


def test_a_class_by_the_customers_group(plant: Plant) -> None:
    plant.books.do(
        "set_preferences",
        preferences={"AccountingInfoPrefs": {"ClassTrackingPerTxn": True}},
    )
    make(plant, "class", Name="Wholesale")
    put(
        plant,
        "customer_groups",
        ["1"],
        **{"class": find_id(plant.flow, "classes", "Wholesale")},
    )
    sell(plant, relation=1001)
    sell(plant)
    plant.run()
    assert plant.states() == {"synced": 2}
    names = [
        (each.get("ClassRef") or {}).get("name")
        for each in documents(plant, "SalesReceipt")
    ]
    assert sorted(names, key=str) == [None, "Wholesale"]


def test_terms_by_days(plant: Plant) -> None:
    plant.till.do("edit_relation", relationNumber=1001, paymentWithinDays=30)
    sell(plant, relation=1001, payments=[{"method": "OPREKENING"}])
    plant.run()
    (invoice,) = documents(plant, "Invoice")
    assert invoice["SalesTermRef"]["value"] == find_id(plant.flow, "terms", "Net 30")
    assert invoice["DueDate"] == "2026-11-04"
