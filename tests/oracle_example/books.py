"""A company that answers from documents written by hand.

The id of a list object is its name; documents have numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.oracle_example.wire import source_id

Json = dict[str, Any]
RATES = {
    "VAT 21%": "r21",
    "VAT 9%": "r9",
    "VAT 0%": "r0",
    "VAT reverse charge": "rc",
    "VAT EU goods": "eg",
    "VAT EU services": "es",
    "VAT export": "ex",
    "VAT margin": "ma",
}
ITEMS = {
    "Shirt": "Sales",
    "Bread": "Sales of food",
    "Gift card": "Gift cards outstanding",
    "Bottle": "Refundable deposits",
    "Cash rounding": "Payment differences",
    "Cent": "VAT rounding",
    "Tip": "Tips to pay out",
    "Own use": "Own use",
    "Own voucher": "Own vouchers",
    "Second-hand": "Sales of second-hand goods",
    "Trade-in": "Trade-in purchases",
}
ACCOUNTS = [
    *ITEMS.values(),
    "Till cash Centrum",
    "Till cards Centrum",
    "Till credit cards",
    "Vouchers to collect",
    "Split tenders",
    "Cost of Goods Sold",
    "Breakage",
    "Drawings",
    "Promotion",
    "Bank account",
    "Petty expenses",
    "Cash over and short",
    "Money in transit",
]
CUSTOMERS = {
    "Counter sales": "",
    "De Vries BV": "info@devries.example",
    "Jan Bos": "jan@bos.example",
    "Müller GmbH": "",
    "Berg AG": "",
}


def make_ref(name: str) -> Json:
    """A reference by name."""
    return {"value": name, "name": name}


def make_lists() -> dict[str, list[Json]]:
    """The objects that documents refer to."""
    simple = {
        "Account": ACCOUNTS,
        "Department": ["Centrum", "Markt"],
        "PaymentMethod": ["Cash", "Debit card", "Credit card", "Voucher"],
        "Term": ["Net 14", "Net 30"],
    }
    return {
        **{
            entity: [{"Id": name, "Name": name} for name in names]
            for entity, names in simple.items()
        },
        "Item": [
            {"Id": n, "Name": n, "Sku": n, "IncomeAccountRef": make_ref(account)}
            for n, account in ITEMS.items()
        ],
        "Customer": [
            {"Id": n, "DisplayName": n, "PrimaryEmailAddr": {"Address": email}}
            for n, email in CUSTOMERS.items()
        ],
        "TaxCode": [
            {"Id": n, "Name": n, "SalesTaxRateList": make_rates(n)}
            for n in (*RATES, "No VAT")
        ],
    }


def make_rates(code: str) -> Json:
    """The rates of a tax code; no VAT has none."""
    found = [{"TaxRateRef": {"value": RATES[code]}}] if code in RATES else []
    return {"TaxRateDetail": found}


def make_item_line(item: str, code: str, net: float, gross: float) -> Json:
    """One line with an item."""
    detail = {"ItemRef": make_ref(item), "TaxCodeRef": make_ref(code)}
    return {
        "Amount": net,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {**detail, "TaxInclusiveAmt": gross},
    }


def make_tax(**rates: tuple[float, float]) -> Json:
    """Net and VAT by rate id."""
    return {
        "TotalTax": round(sum(vat for _, vat in rates.values()), 2),
        "TaxLine": [
            {
                "Amount": vat,
                "TaxLineDetail": {"TaxRateRef": {"value": r}, "NetAmountTaxable": net},
            }
            for r, (net, vat) in rates.items()
        ],
    }


@dataclass
class ExampleBooks:
    """A company in memory."""

    objects: dict[str, list[Json]] = field(default_factory=make_lists)
    next_id: int = 1

    def rows(self, entity: str) -> Iterable[Json]:
        """Every object of an entity."""
        return self.objects.get(entity, [])

    def add(self, entity: str, row: Json) -> str:
        """Put one document in and give its id."""
        found = {**deepcopy(row), "Id": str(self.next_id)}
        self.objects.setdefault(entity, []).append(found)
        self.next_id += 1
        return str(found["Id"])

    def find(self, entity: str, number: str) -> Json:
        """The one document with this number."""
        name = "PaymentRefNum" if entity == "Payment" else "DocNumber"
        (found,) = [row for row in self.rows(entity) if row[name] == number]
        return found

    def remove(self, entity: str, number: str) -> Json:
        """Take the one document with this number out."""
        found = self.find(entity, number)
        self.objects[entity].remove(found)
        return found

    def add_sale(self, entity: str, number: int, lines: list[Json], **more: Any) -> str:
        """A sales document of a receipt, dated 5 March 2026, in the Centrum branch."""
        total = sum(line["SalesItemLineDetail"]["TaxInclusiveAmt"] for line in lines)
        row = {
            "DocNumber": f"R1-2-26-{number}",
            "TxnDate": "2026-03-05",
            "TotalAmt": round(total, 2),
            "CustomerRef": make_ref("Counter sales"),
            "DepartmentRef": make_ref("Centrum"),
            "PrivateNote": f"[hub] {source_id(number)} 1-2-2026-{number}",
            "Line": [*lines, {"DetailType": "SubTotalLineDetail", "Amount": total}],
            **more,
        }
        return self.add(entity, row)

    def add_payment(self, number: int, nth: int, amount: float, **more: Any) -> str:
        """A payment of a receipt, linked to ``invoice``."""
        link = {"TxnId": more.pop("invoice"), "TxnType": "Invoice"}
        row = {
            "PaymentRefNum": f"R1-2-26-{number}/{nth}",
            "TxnDate": "2026-03-05",
            "TotalAmt": amount,
            "CustomerRef": make_ref("Counter sales"),
            "PrivateNote": f"[hub] {source_id(number)} 1-2-2026-{number}",
            "Line": [{"Amount": amount, "LinkedTxn": [link]}],
            **more,
        }
        return self.add("Payment", row)

    def add_entry(self, number: int, *lines: Json, **more: Any) -> str:
        """A journal entry of a receipt."""
        row = {
            "DocNumber": f"J1-2-26-{number}",
            "TxnDate": "2026-03-05",
            "TotalAmt": 0,
            "PrivateNote": f"[hub] {source_id(number)} 1-2-2026-{number}",
            "Line": list(lines),
            **more,
        }
        return self.add("JournalEntry", row)

    def add_received(self, number: int, suffix: str, amount: float, **more: Any) -> str:
        """A payment of 5 March 2026 that is of no sale; ``links`` are (kind, id, sum)."""
        lines = [
            {"Amount": part, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}
            for kind, key, part in more.pop("links", ())
        ]
        row = {
            "PaymentRefNum": f"R1-2-26-{number}{suffix}",
            "TxnDate": "2026-03-05",
            "TotalAmt": amount,
            "PrivateNote": f"[hub] {source_id(number)} 1-2-2026-{number}",
            "Line": lines,
            **more,
        }
        return self.add("Payment", row)


def make_entry_line(account: str, amount: float, **tax: Any) -> Json:
    """One line of a journal entry, a debit positive; ``code``, ``vat`` and ``side``."""
    detail: Json = {"PostingType": "Debit" if amount > 0 else "Credit"}
    detail["AccountRef"] = make_ref(account)
    if tax:
        detail["TaxCodeRef"] = make_ref(tax["code"])
        detail["TaxAmount"] = tax["vat"]
        detail["TaxApplicableOn"] = tax["side"]
    return {
        "Amount": abs(amount),
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }
