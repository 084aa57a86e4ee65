"""Revenue accounts per country and turnover group, as the ledger has them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from connectors.services import open_connection
from flows.models import Flow
from integration_hub.demo.shop import REALM
from mapping.map_services import set_entry
from tests.flows.shop import settle
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)

FOOD = 2140
BELGIUM = {"vatCountry": "BEL"}


@pytest.fixture
def shop(plant: Plant) -> Plant:
    """Food: in the Netherlands on its own account, elsewhere on other ones."""
    for code, rate, name in (("1", "21", "VAT 21%"), ("2", "9", "VAT 9%")):
        for area in ("EU", "non-EU"):
            tax_code = find_id(plant.flow, "tax_codes", name)
            put(plant, "vat", [area, code, rate], tax_code=tax_code)
    book(plant, "EU", "Sales of services")
    book(plant, "CH", "Sales of second-hand goods")
    return plant


def find_id(flow: Flow, listing: str, name: str) -> str:
    """The id of what is called so."""
    choices = open_connection(flow.integration.target).choices(listing)
    return next(choice.id for choice in choices if choice.name == name)


def put(plant: Plant, name: str, keys: list[str], **values: str) -> None:
    value_map = plant.flow.integration.value_maps.value_maps.get(name=name)
    set_entry(value_map, keys, values)


def book(plant: Plant, country: str, account: str) -> None:
    """Let food sold in a country be revenue of an account."""
    account_id = find_id(plant.flow, "accounts", account)
    put(plant, "groups", [country, "30"], income_account=account_id)
    nl = find_id(plant.flow, "accounts", "Sales of food")
    put(plant, "groups", ["NL", "30"], income_account=nl)


def sell(plant: Plant, **values: Any) -> None:
    """Ring up bread of 10.90."""
    line = {"article": FOOD, "quantity": 1, "price": 1090}
    payload = {"lines": [line], "payments": [{"method": "PIN"}], "relation": 0}
    plant.till.do("ring_up", **{"date": "2026-10-05", **payload, **values})


def revenue(plant: Plant) -> dict[str, str]:
    """What stands on the accounts of sales."""
    balances = plant.books.do("trial_balance")["accounts"]
    return {
        name: str(-Decimal(amount))
        for name, amount in balances.items()
        if name.startswith("Sales") and Decimal(amount)
    }


def make_item(plant: Plant, **values: Any) -> None:
    """An item that somebody made in the company."""
    make(plant, "item", Type=values.pop("Type", "NonInventory"), **values)


def make(plant: Plant, entity: str, **values: Any) -> None:
    """Something that somebody made in the company."""
    answer = requests.post(
        f"{plant.books.url}/v3/company/{REALM}/{entity}",
        json=values,
        headers={
            "Authorization": f"Bearer {plant.token()}",
            "Accept": "application/json",
        },
        timeout=30,
    )
    assert answer.ok, answer.text


def items(plant: Plant) -> list[dict[str, Any]]:
    found = plant.books.do("documents", entity="Item")["documents"]["Item"]
    return [each for each in found if each.get("Sku")]


def test_one_article_in_three_countries_at_once(shop: Plant) -> None:
    for _ in range(2):
        sell(shop)
        sell(shop, **BELGIUM)
        sell(shop, vatCountry="CHE")
    shop.run()
    settle(shop)
    assert shop.states() == {"synced": 6}
    assert revenue(shop) == {
        "Sales of food": "20.00",
        "Sales of services": "20.00",
        "Sales of second-hand goods": "20.00",
    }


def test_another_country_in_another_run(shop: Plant) -> None:
    sell(shop)
    shop.run()
    sell(shop, **BELGIUM)
    shop.run()
    assert revenue(shop) == {"Sales of food": "10.00", "Sales of services": "10.00"}


def test_items_are_one_per_account_and_not_per_country(shop: Plant) -> None:
    book(shop, "CH", "Sales of services")
    for country in ("BEL", "DEU", "FRA", "CHE"):
        sell(shop)
        sell(shop, vatCountry=country)
    sell(shop, lines=[{"article": 2141, "price": 1090}], **BELGIUM)
    sell(shop, lines=[{"article": 2141, "price": 1090}])
    shop.run()
    settle(shop)
    assert revenue(shop) == {"Sales of food": "50.00", "Sales of services": "50.00"}
    assert len(items(shop)) <= 4


def test_a_company_that_has_the_article_on_another_account(shop: Plant) -> None:
    income = find_id(shop.flow, "accounts", "Sales")
    make_item(shop, Name="Bread", Sku=str(FOOD), IncomeAccountRef={"value": income})
    sell(shop)
    shop.run()
    assert revenue(shop) == {"Sales of food": "10.00"}


@pytest.mark.parametrize("missing", ["create", "group"])
def test_articles_that_are_only_looked_up(shop: Plant, missing: str) -> None:
    integration = shop.flow.integration
    integration.defaults = {**integration.defaults, "missing_item": missing}
    integration.save(update_fields=["defaults"])
    test_one_article_in_three_countries_at_once(shop)


def test_by_turnover_group(shop: Plant) -> None:
    integration = shop.flow.integration
    integration.defaults = {**integration.defaults, "lines_by": "turnover_group"}
    integration.save(update_fields=["defaults"])
    test_one_article_in_three_countries_at_once(shop)
