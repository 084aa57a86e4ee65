"""What sort of supply a line is, and its tax code where the till charges no VAT.

Shifted VAT goes by the relation; a document without any VAT is export or nothing that
the hub knows. Margin goods and what is bought in have codes of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.datamodel import Customer, Line, LineType, VatMethod
from connectors.quickbooks.targets.options import Options
from connectors.writes import Mapped
from integration_hub.core.errors import MappingError, Rejected

GOODS = "goods"
SERVICES = "services"
MARGIN = "margin"
PURCHASES = "purchases"
# fmt: off
EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on
# A VAT number begins with its country; Greece writes EL there.
PREFIX = re.compile(r"[A-Z]{2}")
SPELLED = {"EL": "GR"}
RELATION_PAGE = "Mend the relation in the till, then choose Retry."
DOMESTIC = ("reverse_charge_code", "Tax code for reverse charge in the same country")
EU_GOODS = ("eu_goods_code", "Tax code for goods to another EU country")
EU_SERVICES = ("eu_services_code", "Tax code for services to another EU country")
EXPORT = ("export_code", "Tax code for export")
Setting = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Regime:
    """Which setting has the code of goods and of services; none: the map's codes."""

    goods: Setting | None = None
    services: Setting | None = None

    def find_code(self, kind: str, options: Options) -> str:
        """The code of a line, "" if the VAT map gives it. Raises MappingError."""
        setting = self.services if kind == SERVICES else self.goods
        return options.require(*setting) if setting is not None else ""


def find_kind(line: Line, item: Mapping[str, Any]) -> str:
    """The sort of supply; "" for liabilities and settlements. Raises MappingError."""
    if line.type is LineType.TRADE_IN:
        return PURCHASES
    if line.type is not LineType.GOODS:
        return ""
    kind = str(item.get("supply") or GOODS)
    if kind in (GOODS, SERVICES, MARGIN, PURCHASES):
        return kind
    raise MappingError(
        f"The turnover group {line.turnover_group} is of the kind “{kind}”, which does "
        f"not exist.",
        code="kind",
        reference=line.turnover_group,
        action="Choose another in the value map “Turnover groups”.",
    )


def find_regime(mapped: Mapped, options: Options) -> Regime:
    """How a document is taxed. Raises MappingError for what its relation lacks."""
    method = mapped.document.vat_method
    if method is VatMethod.REVERSE_CHARGE:
        return _find_shifted(mapped)
    if method is VatMethod.NONE and _is_export(mapped):
        return Regime(EXPORT, EXPORT)
    return Regime()


def refuse_no_vat(mapped: Mapped) -> MappingError:
    """The error of a line without VAT that is neither export nor mapped."""
    return MappingError(
        "The till charged no VAT, and the receipt has no relation outside the EU.",
        code="unmapped no VAT",
        reference=f"{mapped.document.country}:0:0",
        action="If it is right, map VAT code 0 in the value map “VAT codes”.",
    )


def _find_shifted(mapped: Mapped) -> Regime:
    customer = mapped.document.customer
    if customer is None or not customer.id:
        raise MappingError(
            "VAT is shifted, and the receipt has no relation.",
            code="no relation",
            reference="VAT",
            action="Give the receipt a relation with a VAT number in the till.",
        )
    number = _find_number(mapped, customer)
    if not number:
        raise MappingError(
            f"VAT is shifted to relation {customer.id}, which has no VAT number.",
            code="no VAT number",
            reference=customer.id,
            action=RELATION_PAGE,
        )
    country = _find_country(customer, number)
    if not country:
        raise MappingError(
            f"VAT is shifted to relation {customer.id}, whose country is not known.",
            code="no country",
            reference=customer.id,
            action=RELATION_PAGE,
        )
    if country == mapped.document.country:
        return Regime(DOMESTIC, DOMESTIC)
    if country in EU:
        return Regime(EU_GOODS, EU_SERVICES)
    raise Rejected(
        f"VAT is shifted to relation {customer.id} in {country}, outside the EU.",
        code="shifted outside the EU",
        reference=country,
        action="Make it a receipt without VAT in the till, or book it by hand.",
    )


def _is_export(mapped: Mapped) -> bool:
    customer = mapped.document.customer
    if customer is None:
        return False
    country = _find_country(customer, _find_number(mapped, customer))
    return bool(country) and country not in EU | {mapped.document.country}


def _find_number(mapped: Mapped, customer: Customer) -> str:
    text = (mapped.customer or {}).get("vat_number") or customer.vat_number
    return re.sub(r"[^0-9A-Za-z]", "", str(text)).upper()


def _find_country(customer: Customer, number: str) -> str:
    """The relation's own country, else that of its VAT number; "" if unknown."""
    if customer.billing.country:
        return customer.billing.country
    prefix = number[:2] if PREFIX.match(number) else ""
    return SPELLED.get(prefix, prefix)
