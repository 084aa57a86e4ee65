"""Read QuickBooks over plain HTTP: the query language, windows of 1,000 rows.

Amounts become whole cents; every reference becomes the name it points at.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

import requests

PAGE = 1000
SALES = ("SalesReceipt", "RefundReceipt", "Invoice", "CreditMemo")
DOCUMENTS = (*SALES, "Payment", "JournalEntry")
LISTS = (
    "Account",
    "Customer",
    "Department",
    "Item",
    "PaymentMethod",
    "TaxCode",
    "Term",
)
Row = Mapping[str, Any]


class BooksError(Exception):
    """QuickBooks did not answer as it should."""


class Books(Protocol):
    """What the oracle asks a company."""

    def rows(self, entity: str) -> Iterable[Row]:
        """Every object of an entity, the inactive ones too, as the API has them."""


@dataclass(frozen=True, slots=True)
class BooksServer:
    """A company at an address. ``token`` gives a bearer token that is valid now."""

    url: str
    realm: str
    token: Callable[[], str]

    def rows(self, entity: str) -> Iterable[Row]:
        """Every object of an entity, window by window, lowest id first."""
        where = " where Active in (true, false)" if entity in LISTS else ""
        # An item's SKU is not among "all" columns (seen in an independent client).
        columns = "*, Sku" if entity == "Item" else "*"
        order = "" if entity == "Preferences" else " orderby Id"
        start = 1
        with requests.Session() as session:
            while True:
                window = f"startposition {start} maxresults {PAGE}"
                query = f"select {columns} from {entity}{where}{order} {window}"
                page = self._ask(session, query).get(entity, [])
                yield from page
                if len(page) < PAGE:
                    return
                start += PAGE

    def _ask(self, session: requests.Session, query: str) -> Row:
        for wait in (1, 2, 5, 10, 20, 40, 60, 0):
            response = session.get(
                f"{self.url.rstrip('/')}/v3/company/{self.realm}/query",
                params={"query": query, "minorversion": "75"},
                headers={
                    "Authorization": f"Bearer {self.token()}",
                    "Accept": "application/json",
                },
                timeout=120,
            )
            if response.status_code == 200:
                answer = json.loads(response.text, parse_float=Decimal)
                found: Row = answer.get("QueryResponse", {})
                return found
            if response.status_code != 429 or not wait:
                break
            time.sleep(float(response.headers.get("Retry-After", wait)))
        raise BooksError(
            f"QuickBooks answered {response.status_code} to {query!r}:"
            f" {response.text[:300]}"
        )


def to_cents(amount: object) -> int:
    """Euros as the API has them (number or text, empty = 0) in whole cents."""
    if amount is None or amount == "":
        return 0
    cents = Decimal(str(amount)) * 100
    return int(cents.to_integral_value(ROUND_HALF_UP))


def show(cents: int) -> str:
    """Cents as people read them."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
