"""What a bookkeeper does in the company by hand."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from connectors.services import open_connection
from integration_hub.demo.shop import REALM
from tests.plant import Plant


def documents(plant: Plant, entity: str = "SalesReceipt") -> list[dict[str, Any]]:
    """The company's documents of a kind."""
    found = ask_books(plant, f"query?query=select * from {entity} maxresults 1000")
    rows: list[dict[str, Any]] = found["QueryResponse"].get(entity, [])
    return rows


def ask_books(plant: Plant, path: str, body: Any = None) -> Any:
    """A call of a bookkeeper's own program."""
    request = urllib.request.Request(
        f"{plant.books.url}/v3/company/{REALM}/{path.replace(' ', '%20')}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {plant.token()}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def number_of(plant: Plant, source_id: str) -> str:
    """The number that a receipt's document has to get."""
    receipts = plant.till.do("receipts")["receipts"]
    printed = next(r for r in receipts if r["receiptId"] == source_id)
    branch, till, year, number = printed["transactionString"].split("-")
    return f"R{branch}-{till}-{year[-2:]}-{number}"


def take_number_of(plant: Plant, source_id: str, **values: Any) -> None:
    """Let a bookkeeper make a document that bears the number of a receipt."""
    body = {**make_body(plant), "DocNumber": number_of(plant, source_id)}
    ask_books(plant, "salesreceipt", {**body, "PrivateNote": "mine", **values})


def make_body(plant: Plant) -> dict[str, Any]:
    """A sales receipt of 12.10, on an item that is there."""
    items = documents(plant, "Item")
    books = open_connection(plant.flow.integration.target)
    codes = {choice.name: choice.id for choice in books.choices("tax_codes")}
    if not items:
        items = [make_item(plant, books)]
    detail = {
        "ItemRef": {"value": items[0]["Id"]},
        "TaxCodeRef": {"value": codes["VAT 21%"]},
        "TaxInclusiveAmt": 12.1,
    }
    line = {
        "Amount": 10,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }
    return {
        "TxnDate": "2026-10-06",
        "GlobalTaxCalculation": "TaxInclusive",
        "Line": [line],
    }


def make_item(plant: Plant, books: Any) -> dict[str, Any]:
    accounts = {choice.name: choice.id for choice in books.choices("accounts")}
    body = {
        "Name": "By hand",
        "Type": "Service",
        "IncomeAccountRef": {"value": accounts["Sales"]},
    }
    item: dict[str, Any] = ask_books(plant, "item", body)["Item"]
    return item
