"""A bookkeeper changes a setting or a filter in the browser; the ledger shows it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.flows.shop import record_of, sell
from tests.flows.test_mapped_settings import documents
from tests.flows.test_revenue_accounts import find_id
from tests.plant import Plant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A relation of the till's seed.
RELATION = 1001


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("[name=_save]").first.click()
    assert page.locator(".errornote").count() == 0


def customer_of(plant: Plant, source_id: str) -> str:
    """Who a receipt's document is for."""
    number = record_of(source_id).links.get(role="sale").number
    found: list[dict[str, Any]] = documents(plant, "SalesReceipt")
    (receipt,) = [each for each in found if each["DocNumber"] == number]
    return str(receipt["CustomerRef"]["value"])


def test_c6_the_default_debtor_for_those_without_one_and_for_all(
    page: Page, plant: Plant
) -> None:
    nobody, somebody = sell(plant), sell(plant, relation=RELATION)
    plant.run()
    first = find_id(plant.flow, "customers", "Counter sales")
    assert customer_of(plant, nobody) == first
    assert customer_of(plant, somebody) != first
    address = reverse(
        "admin:flows_integration_change", args=(plant.flow.integration_id,)
    )
    page.goto(address)
    page.locator("[name=default_force_default_debtor]").check()
    save(page)
    forced = sell(plant, relation=RELATION)
    plant.run()
    assert customer_of(plant, forced) == first


def test_c9_small_receipts_of_a_branch_are_left_out(page: Page, plant: Plant) -> None:
    sell(plant, branch=2)
    plant.run()
    page.goto(reverse("admin:mapping_mapping_change", args=(plant.flow.mapping_id,)))
    page.get_by_role("link", name="+ Add a filter").click()
    page.locator("[name=reason]").fill("small")
    page.locator('[name="conditions.0:field"]').select_option("order.branch")
    page.locator('[name="conditions.0:value"]').fill("2")
    page.get_by_role("button", name="+ Condition").first.click()
    page.locator('[name="conditions.1:field"]').select_option("order.total_incl")
    page.locator('[name="conditions.1:operator"]').select_option("less")
    page.locator('[name="conditions.1:value"]').fill("20")
    page.locator('[name="conditions.1:value"]').press("Tab")
    expect(page.locator("#told")).to_contain_text("0 of the last 1 record passes.")
    save(page)
    small = sell(plant, branch=2)
    elsewhere = sell(plant, branch=1)
    large = sell(
        plant, branch=2, lines=[{"article": 1001, "quantity": 2, "price": 1210}]
    )
    plant.run()
    assert (record_of(small).state, record_of(small).reason) == (
        "skipped",
        "filtered: small",
    )
    assert [record_of(each).state for each in (elsewhere, large)] == ["synced"] * 2
    totals = sorted(each["TotalAmt"] for each in documents(plant, "SalesReceipt"))
    assert [f"{each:.2f}" for each in totals] == ["12.10", "12.10", "24.20"]
