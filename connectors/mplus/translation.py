"""Wire receipts → documents, with what they refer to fetched in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from connectors.contract import Account
from connectors.datamodel import Customer, Order, Unreadable
from connectors.mplus.client import Client
from connectors.mplus.counting import Closings
from connectors.mplus.shop import Shop, load_shop
from connectors.mplus.sources.counts import read_cash_count
from connectors.mplus.sources.receipts import read_receipt, relation_number
from connectors.mplus.sources.relations import read_relation
from connectors.mplus.sources.values import to_id

# Of one connector; a run of 30,000 receipts must not keep every relation it met.
MOST_CUSTOMERS = 2000


class Translator:
    """Keeps the shop's lists and the customers met, for one connector's life."""

    def __init__(self, client: Client, account: Account) -> None:
        self._client = client
        self._account = account
        self._closings = Closings(client)
        self._customers: dict[str, Customer] = {}

    @cached_property
    def shop(self) -> Shop:
        """The till's lists; asked once."""
        typed = str(self._account.settings.get("cash_methods") or "")
        codes = [code.strip() for code in typed.split(",") if code.strip()]
        return load_shop(self._client, cash_methods=codes)

    def translate(
        self, records: Sequence[Mapping[str, Any]]
    ) -> tuple[Order | Unreadable, ...]:
        """One document per record, in the same order."""
        if not records:
            return ()
        numbers = sorted({relation_number(record) for record in records} - {0})
        customers = self._find_customers(numbers)
        return self._closings.close(
            [
                read_receipt(record, shop=self.shop, customers=customers)
                for record in records
            ]
        )

    def translate_counts(
        self, records: Sequence[Mapping[str, Any]]
    ) -> tuple[Order | Unreadable, ...]:
        """One document per cash count, in the same order."""
        return tuple(read_cash_count(record, shop=self.shop) for record in records)

    def _find_customers(self, numbers: Sequence[int]) -> Mapping[str, Customer]:
        """Customers by relation number; asks once for those not met before."""
        wanted = [number for number in numbers if to_id(number) not in self._customers]
        if len(self._customers) + len(wanted) > MOST_CUSTOMERS:
            self._customers.clear()
            wanted = list(numbers)
        if wanted:
            found = map(read_relation, self._client.relations(wanted))
            self._customers.update({customer.id: customer for customer in found})
        return self._customers
