"""The sandbox's global company, seen through the connector."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.contract import PlanSettings
from connectors.datamodel import Order
from connectors.quickbooks.connector import QuickBooks
from connectors.writes import Envelope, Known, Mapped, Member, Outcome, Plan, Ref, Write
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.receipts import mapped

KEY = "3f2b8c1e-0000-4000-8000-000000000001"
ACCOUNTS = {
    "default_income_account": "Sales",
    "default_expense_account": "Cost of Goods Sold",
    "gift_card_account": "Gift cards outstanding",
    "deposit_account": "Refundable deposits",
    "payment_differences_account": "Payment differences",
    "rounding_account": "VAT rounding",
    "split_tenders_account": "Split tenders",
}
NAMES = {
    "t21": "VAT 21%",
    "t9": "VAT 9%",
    "t0": "VAT 0%",
    "till": "Till cash Centrum",
    "pin": "Till cards Centrum",
    "vvv": "Vouchers to collect",
    "m1": "Cash",
    "m2": "Debit card",
    "loc1": "Centrum",
}


class Tokens:
    """A token source that can be made to hold an old token."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.token: str = books.tokens["access_token"]
        self.renewed = 0

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        self.renewed += 1
        status, answer = self.books.token(
            grant_type="refresh_token", refresh_token=self.books.tokens["refresh_token"]
        )
        assert status == 200, answer
        self.books.tokens = answer
        self.token = answer["access_token"]
        return self.token


def names_of(connector: QuickBooks, *lists: str) -> dict[str, str]:
    """Ids by name."""
    return {c.name: c.id for name in lists for c in connector.choices(name)}


def make_values(connector: QuickBooks) -> dict[str, str]:
    """The integration's settings, with the company's ids."""
    ids = names_of(connector, "accounts", "tax_codes", "customers")
    values = {name: ids[account] for name, account in ACCOUNTS.items()}
    return {
        **values,
        "no_vat_code": ids["No VAT"],
        "default_debtor": ids["Counter sales"],
    }


def translate(entry: Mapped, connector: QuickBooks) -> Mapped:
    """What the rules made, with the company's ids in place of the tests' own."""
    lists = ("accounts", "tax_codes", "payment_methods", "locations")
    by_name = names_of(connector, *lists)
    ids = {short: by_name[name] for short, name in NAMES.items()}

    def fill(fields: Mapping[str, Any]) -> dict[str, Any]:
        return {
            k: ids.get(v, v) if isinstance(v, str) else v for k, v in fields.items()
        }

    return dataclasses.replace(
        entry,
        header=fill(entry.header),
        lines=tuple(fill(each) for each in entry.lines),
        tenders=tuple(fill(each) for each in entry.tenders),
    )


@dataclasses.dataclass
class Poster:
    """Posts receipts as the engine does: plan, look up, deliver, plan again."""

    connector: QuickBooks
    values: Mapping[str, Any]
    known: dict[Ref, Known] = dataclasses.field(default_factory=dict)
    calls: int = 0
    fallbacks: set[Ref] = dataclasses.field(default_factory=set)

    def __post_init__(self) -> None:
        self.settings = PlanSettings(
            self.values, lists={"tax_codes": self.connector.choices("tax_codes")}
        )

    def plan(self, order: Order) -> Plan:
        """The plan with what is known now."""
        entry = translate(mapped(order), self.connector)
        return self.connector.plan([entry], self.known, self.settings)[0]

    def post(self, order: Order) -> Plan:
        """Post one receipt to the end; gives the last plan."""
        for _ in range(8):
            made = self.plan(order)
            self.look_up([w for w in made.writes if w.shared])
            missing = [w for w in made.writes if w.ref not in self.known]
            ready = [w for w in missing if all(n in self.known for n in w.needs)]
            if made.error or not ready:
                return made
            for outcome, write in zip(self.send(ready), ready, strict=True):
                if outcome.error is not None:
                    raise outcome.error
                assert outcome.known is not None
                self.known[write.ref] = outcome.known
        raise AssertionError("The receipt never came to an end.")

    def look_up(self, writes: list[Write]) -> None:
        """Ask what is there already of customers and items."""
        unknown = [w for w in writes if w.ref not in self.known]
        for ref, hit in self.connector.find(unknown).items():
            if hit.ours:
                self.known[ref] = hit.known
            else:
                self.fallbacks.add(ref)

    def members(self, writes: list[Write]) -> tuple[Member, ...]:
        """The members of an envelope."""
        return tuple(
            self.connector.member(
                write, self.known, position, use_fallback=write.ref in self.fallbacks
            )
            for position, write in enumerate(writes)
        )

    def send(self, writes: list[Write], key: str = "") -> tuple[Outcome, ...]:
        """One envelope."""
        self.calls += 1
        envelope = Envelope(key or str(uuid.uuid4()), self.members(writes))
        delivery = self.connector.deliver(envelope)
        if delivery.stop is not None:
            raise delivery.stop
        return delivery.outcomes


def order_fault(books: Books, **rule: Any) -> None:
    """Order a fault."""
    books.control("faults", rule)


def make_receipt(books: Books, number: str = "R1-1-26-1", **body: Any) -> Member:
    """A member that is right."""
    item = books.query("select * from Item where Sku = 'x'").get("Item")
    ref = {"value": item[0]["Id"]} if item else books.item(Sku="x")
    code = books.ref("TaxCode", "VAT 21%")
    detail = {"ItemRef": ref, "TaxCodeRef": code, "TaxInclusiveAmt": Decimal("12.10")}
    content = {
        "DocNumber": number,
        "TxnDate": "2026-03-14",
        "GlobalTaxCalculation": "TaxInclusive",
        "Line": [
            {
                "Amount": Decimal("10.00"),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": detail,
            }
        ],
    }
    return Member(0, "SalesReceipt", "create", {**content, **body})


def send(connector: QuickBooks, *members: Member, key: str = KEY) -> list[Outcome]:
    """The outcomes of one envelope."""
    return list(connector.deliver(Envelope(key, members)).outcomes)
