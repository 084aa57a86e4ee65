"""A bookkeeper changes a value map in the browser; the company's ledger shows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Locator, Page

from mapping.models import ValueMap
from tests.flows.shop import sell, work_queue
from tests.flows.test_mapped_settings import documents
from tests.flows.test_revenue_accounts import find_id, make_item
from tests.plant import Plant, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BREAD = {"article": 2140, "quantity": 1, "price": 1090}
HERE = {"date": "2026-10-05"}


@pytest.fixture
def plant(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """A shop that has sold nothing yet."""
    call_command("createcachetable", verbosity=0)
    cache.clear()
    made = build(receipts=0)
    yield made
    made.stop()


def map_of(plant: Plant, name: str) -> ValueMap:
    found: ValueMap = plant.flow.integration.value_maps.value_maps.get(name=name)
    return found


def open_map(page: Page, plant: Plant, name: str) -> None:
    pk = map_of(plant, name).pk
    page.goto(reverse("admin:mapping_valuemap_change", args=(pk,)))


def row_of(page: Page, **values: str) -> Locator:
    """The row whose fields have these values."""
    for row in page.locator("#entries-data tbody.form-group").all():
        fields = {name: row.locator(f"[name$={name}]").input_value() for name in values}
        if fields == values:
            return row
    raise AssertionError(f"There is no row {values}.")


def choose(row: Locator, name: str, label: str) -> None:
    """Choose by the name that a person reads, searched for or not."""
    row.locator(f"select[name$={name}]").select_option(label=label, force=True)


def save(page: Page, *, name: str = "_save") -> None:
    with page.expect_navigation():
        page.locator(f"[name={name}]").first.click()
    assert page.locator(".errornote").count() == 0


def accounts(plant: Plant) -> dict[str, str]:
    """What stands on the accounts, debit less credit."""
    found = plant.books.do("trial_balance")["accounts"]
    return {name: amount for name, amount in found.items() if Decimal(amount)}


def picture(page: Page, name: str) -> None:
    """Kept where PICTURES says so."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_c3_an_unmapped_tender_is_decided_on_the_maps_page(
    page: Page, plant: Plant
) -> None:
    map_of(plant, "tenders").entries.filter(keys__0="VVVBON").delete()
    for _ in range(2):
        sell(plant, payments=[{"method": "VVVBON"}])
    plant.run()
    assert plant.states() == {"failed": 2}
    page.set_viewport_size({"width": 1500, "height": 900})
    open_map(page, plant, "tenders")
    picture(page, "value-map")
    row = page.locator("#entries-data tbody.form-group").first
    assert "2 records wait, 24.20" in row.inner_text()
    choose(row, "column_treatment", "Payment into an account")
    choose(row, "column_payment_method", "Voucher")
    choose(row, "column_deposit_account", "Vouchers to collect")
    save(page, name="_retry")
    assert "2 records are tried again" in page.content()
    work_queue()
    assert plant.states() == {"synced": 2}
    assert accounts(plant)["Vouchers to collect"] == "24.20"


def test_c1_vat_by_country(page: Page, plant: Plant) -> None:
    sell(plant, lines=[BREAD], vatCountry="BEL")
    plant.run()
    assert plant.states() == {"failed": 1}
    open_map(page, plant, "vat")
    row = page.locator("#entries-data tbody.form-group").first
    assert row.locator("[name$=key_0]").input_value() == "BE"
    assert "1 record waits, 10.90" in row.inner_text()
    row.locator("[name$=key_0]").fill("eu")
    choose(row, "column_tax_code", "VAT 9%")
    save(page, name="_retry")
    work_queue()
    assert plant.states() == {"synced": 1}
    entry = map_of(plant, "vat").entries.get(keys__0="EU")
    assert entry.keys == ["EU", "2", "9"]
    lines = plant.books.do("ledger")["lines"]
    codes = {each["account"]: each["tax_code"] for each in lines}
    assert codes["Sales of food"] == find_id(plant.flow, "tax_codes", "VAT 9%")


def test_c2_a_revenue_account_for_a_country(page: Page, plant: Plant) -> None:
    code = find_id(plant.flow, "tax_codes", "VAT 9%")
    map_of(plant, "vat").entries.create(keys=["*", "2", "9"], values={"tax_code": code})
    open_map(page, plant, "groups")
    page.get_by_text("Add another row").click()
    row = page.locator("#entries-data tbody.form-group:not(.empty-form)").last
    row.locator("[name$=key_0]").fill("BE")
    choose(row, "key_1", "30 Voeding")
    choose(row, "column_income_account", "Sales of services")
    save(page)
    sell(plant, lines=[BREAD])
    sell(plant, lines=[BREAD], vatCountry="BEL")
    plant.run()
    booked = accounts(plant)
    assert booked["Sales of food"] == "-10.00"
    assert booked["Sales of services"] == "-10.00"


def test_c4_terms_are_proposed_by_their_days(page: Page, plant: Plant) -> None:
    map_of(plant, "terms").entries.all().delete()
    open_map(page, plant, "terms")
    with page.expect_navigation():
        page.get_by_role("button", name="Suggest").click()
    picture(page, "proposals")
    assert "3 rows have a proposal" in page.content()
    assert not map_of(plant, "terms").entries.exists()
    save(page)
    assert map_of(plant, "terms").entries.count() == 3
    plant.till.do("edit_relation", relationNumber=1001, paymentWithinDays=30)
    sell(plant, relation=1001, payments=[{"method": "OPREKENING"}])
    plant.run()
    (invoice,) = documents(plant, "Invoice")
    assert invoice["SalesTermRef"]["value"] == find_id(plant.flow, "terms", "Net 30")


def test_c5_shipping_costs_on_an_item_of_their_own(page: Page, plant: Plant) -> None:
    income = find_id(plant.flow, "accounts", "Sales of services")
    account = {"value": income}
    make_item(plant, Name="Shipping", Type="Service", IncomeAccountRef=account)
    open_map(page, plant, "shipping_costs")
    page.get_by_text("Add another row").click()
    row = page.locator("#entries-data tbody.form-group:not(.empty-form)").last
    choose(row, "key_1", "50 Diensten")
    choose(row, "column_item", "Shipping")
    row.locator("[name$=column_description]").fill("Shipping and handling")
    choose(row, "column_tax_code", "VAT 21%")
    save(page)
    sell(
        plant, lines=[{"article": 1001, "price": 1210}, {"article": 2243, "price": 605}]
    )
    plant.run()
    assert plant.states() == {"synced": 1}
    (receipt,) = documents(plant, "SalesReceipt")
    assert "Shipping and handling" in [x.get("Description") for x in receipt["Line"]]
    assert accounts(plant)["Sales of services"] == "-5.00"


def test_c7_a_branch_with_another_location_and_one_that_takes_no_part(
    page: Page, plant: Plant
) -> None:
    open_map(page, plant, "branches")
    choose(row_of(page, key_0="1"), "column_location", "Haven")
    row = row_of(page, key_0="2")
    choose(row, "column_takes_part", "Takes no part: its receipts are skipped")
    save(page)
    sell(plant, branch=1)
    sell(plant, branch=2)
    plant.run()
    assert plant.states() == {"synced": 1, "skipped": 1}
    (receipt,) = documents(plant, "SalesReceipt")
    assert receipt["DepartmentRef"]["name"] == "Haven"
    assert accounts(plant)["Sales"] == "-10.00"


def test_what_is_gone_is_marked_and_the_lists_can_be_asked_again(
    page: Page, plant: Plant
) -> None:
    open_map(page, plant, "tenders")
    gone = find_id(plant.flow, "accounts", "Till credit cards")
    plant.books.do("deactivate", entity="Account", id=gone)
    with page.expect_navigation():
        page.get_by_role("button", name="Refresh").click()
    row = row_of(page, key_0="CREDITCARD")
    picture(page, "value-map-gone")
    assert "Till credit cards (not in use any more)" in row.inner_text()


def test_the_tills_list_is_brought_in_as_rows_to_decide(
    page: Page, plant: Plant
) -> None:
    open_map(page, plant, "groups")
    with page.expect_navigation():
        page.get_by_role("button", name="Fill from the list").click()
    assert "3 rows were added" in page.content()
    row = page.locator("#entries-data tbody.form-group").first
    assert "not decided" in row.inner_text()
    row.locator("select[name$=key_1]").focus()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('tbody') !== null")
    assert focused


def test_a_map_of_ones_own_is_made_in_the_browser(page: Page, plant: Plant) -> None:
    page.goto(reverse("admin:mapping_valuemap_add"))
    page.locator("[name=integration]").select_option(label="Shop", force=True)
    page.fill("[name=label]", "Cost centres")
    page.fill("[name=key_1]", "Branch")
    till = "MplusKASSA: branches"
    page.locator("[name=key_1_from]").select_option(label=till, force=True)
    page.fill("[name=column_1]", "Class")
    books = "QuickBooks Online: classes"
    page.locator("[name=column_1_from]").select_option(label=books, force=True)
    picture(page, "value-map-new")
    save(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Fill from the list").click()
    assert "3 rows were added" in page.content()
    assert row_of(page, key_0="1").locator("[name$=column_class]").count() == 1
