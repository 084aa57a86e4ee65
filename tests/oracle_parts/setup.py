"""What the shop keeper chose, read from the file he keeps it in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

PAYMENT_TREATMENTS = frozenset({"payment", "third_party"})

# The till names countries by three letters, the shop keeper by two.
ISO2 = {
    "AUT": "AT",
    "BEL": "BE",
    "CHE": "CH",
    "DEU": "DE",
    "ESP": "ES",
    "FRA": "FR",
    "GBR": "GB",
    "ITA": "IT",
    "LUX": "LU",
    "NLD": "NL",
}


@dataclass(frozen=True, slots=True)
class Tender:
    """What one payment method of the till means in the books."""

    treatment: str
    payment_method: str
    accounts: Mapping[str, str]

    def find_account(self, branch: str) -> str:
        """The account of a branch, else the one for all, else ""."""
        return self.accounts.get(branch) or self.accounts.get("*", "")


@dataclass(frozen=True, slots=True)
class Setup:
    """The shop keeper's choices; everything in the books is meant by its name."""

    start: date
    country: str
    prefix: str
    locations: Mapping[str, str]
    tenders: Mapping[str, Tender]
    vat: Mapping[tuple[str, str, Decimal], str]
    no_vat: str
    liabilities: Mapping[str, str]
    payment_differences: str
    rounding: str
    income: Mapping[str, str]
    default_debtor: str
    terms: Mapping[int, str]
    post_zero_totals: bool

    def find_income(self, group: str) -> str:
        """The revenue account of a turnover group."""
        return self.income.get(group) or self.income["*"]

    def find_rate(self, tax_code: str) -> str:
        """The percentage of a tax code as the shop keeper wrote it, else ""."""
        found = (rate for (_, _, rate), name in self.vat.items() if name == tax_code)
        return str(next(found, ""))


def load_setup(path: Path) -> Setup:
    """Read the choices from a JSON file."""
    return parse_setup(json.loads(path.read_text(encoding="utf-8")))


def parse_setup(data: Mapping[str, Any]) -> Setup:
    """Turn the file's content into a Setup."""
    income = dict(data["income"].get("groups", {}))
    income["*"] = data["income"]["default"]
    return Setup(
        start=date.fromisoformat(data["start_date"]),
        country=data["country"],
        prefix=data.get("prefix", ""),
        locations={key: b.get("location", "") for key, b in data["branches"].items()},
        tenders={
            method: Tender(
                treatment=chosen["treatment"],
                payment_method=chosen.get("payment_method", ""),
                accounts=chosen.get("accounts", {}),
            )
            for method, chosen in data["tenders"].items()
        },
        vat={
            (row["country"], row["code"], Decimal(row["rate"])): row["tax_code"]
            for row in data["vat"]
        },
        no_vat=data["no_vat"],
        liabilities=data["liabilities"],
        payment_differences=data["payment_differences"],
        rounding=data["rounding"],
        income=income,
        default_debtor=data["default_debtor"],
        terms={int(days): name for days, name in data.get("terms", {}).items()},
        post_zero_totals=data.get("zero_totals", "fail") == "sales_receipt",
    )
