"""The demo's shop: connections, integration, maps and flow, set up like a person would.

What the shop keeper chose stands in ``shop.json`` by name; the ids are looked up in
the two systems' own lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from django.db import transaction

from connectors import registry, services
from connectors.contract import Connector
from connectors.models import Connection
from flows.models import Flow, Integration
from mapping.map_services import install_value_maps, set_entries
from mapping.models import Mapping as RuleSet
from mapping.models import ValueMapSet
from mapping.services import install_defaults

SHOP_FILE = Path(__file__).with_name("shop.json")
REALM = "9341450000000001"
REDIRECT = "http://localhost:8000/connections/oauth/callback"
SANDBOX = {"client_id": "sandbox", "client_secret": "sandbox"}


@dataclass(frozen=True, slots=True)
class Names:
    """Ids of the target's lists by name, each list asked once."""

    connector: Connector
    lists: dict[str, dict[str, str]]

    def get(self, listing: str, name: str) -> str:
        """The id of what is called ``name``. Raises KeyError naming both."""
        if listing not in self.lists:
            choices = self.connector.choices(listing)
            self.lists[listing] = {choice.name: choice.id for choice in choices}
        return self.lists[listing][name]

    def find(self, listing: str, name: str | None) -> str:
        """The id of what is called ``name``, "" for no name."""
        return self.get(listing, name) if name else ""


def load_shop() -> dict[str, Any]:
    """What the shop keeper chose."""
    shop: dict[str, Any] = json.loads(SHOP_FILE.read_text(encoding="utf-8"))
    return shop


def set_up(
    till_url: str, books_url: str, *, settings: Mapping[str, Any] | None = None
) -> Flow:
    """The receipts flow between the two sandboxes; made once, found again later.

    ``settings`` goes to the QuickBooks connection (limits, for instance).
    """
    # The oldest is the demo's own, whatever a person has made or renamed since.
    flow = Flow.objects.order_by("pk").first()
    if flow is not None:
        return flow
    till = connect_till(till_url)
    books = connect_books(books_url, settings or {})
    return integrate(till, books, load_shop())


def connect_till(url: str) -> Connection:
    """A checked connection to the till's sandbox."""
    connection = Connection.objects.create(
        name="Till",
        connector="mplus",
        credentials={"ident": "sandbox", "secret": "sandbox"},
        settings={"base_url": url},
    )
    return _checked(connection)


def connect_books(url: str, settings: Mapping[str, Any]) -> Connection:
    """A checked connection to the company's sandbox, signed in through OAuth."""
    connection = Connection.objects.create(
        name="Books",
        connector="quickbooks",
        credentials=SANDBOX,
        settings={"base_url": url, **settings},
    )
    sign_in(connection)
    return _checked(connection)


def sign_in(connection: Connection, realm: str = REALM) -> None:
    """Give consent as a person would, without the page in between."""
    address = services.authorize_url(connection, redirect_uri=REDIRECT, state="demo")
    answer = requests.get(
        f"{address}&sandbox_approve={realm}", allow_redirects=False, timeout=10
    )
    callback = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    services.complete_authorization(connection, callback, redirect_uri=REDIRECT)


def _checked(connection: Connection) -> Connection:
    result = services.check(connection)
    if not result.ok:
        raise ValueError(f"{connection.name}: {result.problem} {result.action}")
    return connection


def integrate(till: Connection, books: Connection, shop: Mapping[str, Any]) -> Flow:
    """The integration with its settings and value maps, and its receipts flow."""
    names = Names(services.open_connection(books), {})
    defaults = make_defaults(shop, names)
    rows = make_rows(shop, names)
    declared = registry.get(books.connector)
    with transaction.atomic():
        maps = ValueMapSet.objects.create(name="Shop")
        install_value_maps(maps, declared.value_map_templates)
        for value_map in maps.value_maps.all():
            set_entries(value_map, rows.get(value_map.name, {}).items())
        rules = RuleSet.objects.create(
            name="Receipts", source=till.connector, target=books.connector, kind="order"
        )
        install_defaults(rules, declared.default_rules)
        integration = Integration.objects.create(
            name="Shop",
            source=till,
            target=books,
            value_maps=maps,
            defaults=defaults,
            start_date=date.fromisoformat(shop["start_date"]),
        )
        return Flow.objects.create(
            integration=integration, name="Receipts", feed="receipts", mapping=rules
        )


def make_defaults(shop: Mapping[str, Any], names: Names) -> dict[str, str]:
    """The integration's settings, with the company's ids."""
    liabilities = shop["liabilities"]
    return {
        "no_vat_code": names.get("tax_codes", shop["no_vat"]),
        "reverse_charge_code": names.get(
            "tax_codes", shop["reverse_charge"][shop["country"]]
        ),
        "eu_goods_code": names.get("tax_codes", shop["eu_goods"]),
        "eu_services_code": names.get("tax_codes", shop["eu_services"]),
        "export_code": names.get("tax_codes", shop["export"]),
        "margin_code": names.get("tax_codes", shop["margin"]),
        "default_income_account": names.get("accounts", shop["income"]["default"]),
        "default_expense_account": names.get("accounts", shop["cost_of_goods"]),
        "gift_card_account": names.get("accounts", liabilities["gift_card"]),
        "deposit_account": names.get("accounts", liabilities["refundable_deposit"]),
        "customer_deposit_account": names.get(
            "accounts", liabilities["customer_deposit"]
        ),
        "tips_account": names.get("accounts", liabilities["tips"]),
        "own_use_account": names.get("accounts", shop["own_use"]),
        "payment_differences_account": names.get(
            "accounts", shop["payment_differences"]
        ),
        "rounding_account": names.get("accounts", shop["rounding"]),
        "split_tenders_account": names.get("accounts", shop["split_tenders"]),
        "receivable_account": names.get("accounts", shop["receivables"]),
        "purchases_account": names.get("accounts", shop["purchases"]),
        "over_short_account": names.get("accounts", shop["over_short"]),
        "in_transit_account": names.get("accounts", shop["in_transit"]),
        "zero_totals": shop["zero_totals"],
        "mixed_refunds": shop["mixed_refunds"],
        "default_debtor": names.get("customers", shop["default_debtor"]),
    }


Rows = dict[tuple[str, ...], dict[str, str]]


def make_rows(shop: Mapping[str, Any], names: Names) -> dict[str, Rows]:
    """The rows of the value maps, by the maps' names, with the company's ids."""
    return {
        "tenders": _tender_rows(shop, names),
        "vat": {
            (row["country"], row["code"], row["rate"]): {
                "tax_code": names.get("tax_codes", row["tax_code"])
            }
            for row in shop["vat"]
        },
        "branches": {
            (branch,): {"location": names.get("locations", facts["location"])}
            for branch, facts in shop["branches"].items()
        },
        "groups": _group_rows(shop, names),
        "movements": {
            (row["group"], row["article"]): {
                "treatment": row["treatment"],
                "account": names.find("accounts", row.get("account")),
                "tax_code": names.find("tax_codes", row.get("tax_code")),
            }
            for row in shop["movements"]
        },
        "terms": {
            (days,): {"terms": names.get("terms", name)}
            for days, name in shop["terms"].items()
        },
    }


def _group_rows(shop: Mapping[str, Any], names: Names) -> Rows:
    accounts, kinds = shop["income"]["groups"], shop["supply"]
    return {
        ("*", group): {
            "income_account": names.find("accounts", accounts.get(group)),
            "supply": kinds.get(group, ""),
        }
        for group in {**accounts, **kinds}
    }


def _tender_rows(shop: Mapping[str, Any], names: Names) -> Rows:
    rows: Rows = {}
    for method, tender in shop["tenders"].items():
        values = {
            "treatment": tender["treatment"],
            "tax_code": names.find("tax_codes", tender.get("tax_code")),
        }
        if "payment_method" in tender:
            method_id = names.get("payment_methods", tender["payment_method"])
            values["payment_method"] = method_id
        if "tax_code" in tender:
            values["tax_code"] = names.get("tax_codes", tender["tax_code"])
        accounts = tender.get("accounts", {"*": ""})
        for branch, account in accounts.items():
            account_id = names.get("accounts", account) if account else ""
            rows[(method, branch)] = {**values, "deposit_account": account_id}
    return rows
