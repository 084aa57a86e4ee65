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


@dataclass(frozen=True, slots=True)
class Tender:
    """What one payment method of the till means in the books."""

    treatment: str
    payment_method: str
    accounts: Mapping[str, str]
    tax_code: str = ""

    def find_account(self, branch: str) -> str:
        """The account of a branch, else the one for all, else ""."""
        return self.accounts.get(branch) or self.accounts.get("*", "")


@dataclass(frozen=True, slots=True)
class Movement:
    """What cash put into or taken out of a drawer means."""

    treatment: str
    account: str
    tax_code: str


@dataclass(frozen=True, slots=True)
class Choices:
    """How the shop keeper wants what may be done in more than one way."""

    zero_totals: str
    mixed_refunds: str
    closed_period: str
    after_posting: str
    filed_through: date | None
    cash_counts: bool


@dataclass(frozen=True, slots=True)
class Codes:
    """The tax codes of sales without VAT of the shop's own country."""

    reverse_charge: Mapping[str, str]
    eu_goods: str
    eu_services: str
    export: str
    margin: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts that no tender and no group has."""

    payment_differences: str
    rounding: str
    split: str
    own_use: str
    purchases: str
    cost_of_goods: str
    over_short: str
    in_transit: str
    receivables: str
    vat: str


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
    accounts: Accounts
    income: Mapping[str, str]
    supply: Mapping[str, str]
    movements: Mapping[tuple[str, str], Movement]
    codes: Codes
    choices: Choices
    default_debtor: str
    terms: Mapping[int, str]

    def find_income(self, group: str) -> str:
        """The revenue account of a turnover group."""
        return self.income.get(group) or self.income["*"]

    def find_movement(self, group: str, article: str) -> Movement | None:
        """What a movement of this group and article means, the closest row first."""
        keys = ((group, article), (group, "*"), ("*", article), ("*", "*"))
        return next((self.movements[k] for k in keys if k in self.movements), None)

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
        tenders={name: _parse_tender(row) for name, row in data["tenders"].items()},
        vat={
            (row["country"], row["code"], Decimal(row["rate"])): row["tax_code"]
            for row in data["vat"]
        },
        no_vat=data["no_vat"],
        liabilities=data["liabilities"],
        accounts=_parse_accounts(data),
        income=income,
        supply=data.get("supply", {}),
        movements={
            (row.get("group", "*"), row.get("article", "*")): _parse_movement(row)
            for row in data.get("movements", ())
        },
        codes=Codes(
            reverse_charge=data.get("reverse_charge", {}),
            eu_goods=data.get("eu_goods", ""),
            eu_services=data.get("eu_services", ""),
            export=data.get("export", ""),
            margin=data.get("margin", ""),
        ),
        choices=_parse_choices(data),
        default_debtor=data["default_debtor"],
        terms={int(days): name for days, name in data.get("terms", {}).items()},
    )


def _parse_tender(row: Mapping[str, Any]) -> Tender:
    return Tender(
        treatment=row["treatment"],
        payment_method=row.get("payment_method", ""),
        accounts=row.get("accounts", {}),
        tax_code=row.get("tax_code", ""),
    )


def _parse_movement(row: Mapping[str, Any]) -> Movement:
    return Movement(row["treatment"], row.get("account", ""), row.get("tax_code", ""))


def _parse_accounts(data: Mapping[str, Any]) -> Accounts:
    return Accounts(
        payment_differences=data["payment_differences"],
        rounding=data["rounding"],
        split=data.get("split_tenders", ""),
        own_use=data.get("own_use", ""),
        purchases=data.get("purchases", ""),
        cost_of_goods=data.get("cost_of_goods", ""),
        over_short=data.get("over_short", ""),
        in_transit=data.get("in_transit", ""),
        receivables=data.get("receivables", ""),
        vat=data.get("vat_account", ""),
    )


def _parse_choices(data: Mapping[str, Any]) -> Choices:
    filed = data.get("vat_filed_through")
    return Choices(
        zero_totals=data.get("zero_totals", "sales_receipt"),
        mixed_refunds=data.get("mixed_refunds", "one_document"),
        closed_period=data.get("closed_period", "hold"),
        after_posting=data.get("after_posting", "report"),
        filed_through=date.fromisoformat(filed) if filed else None,
        cash_counts=data.get("cash_counts", False),
    )
