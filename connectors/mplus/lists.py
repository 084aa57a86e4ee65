"""The till's lists, as choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.contract import Choice
from connectors.mplus.client import Client
from connectors.mplus.shop import Shop
from connectors.mplus.sources.countries import from_alpha_3
from connectors.mplus.sources.tenders import propose_type
from connectors.mplus.sources.values import LARGEST_PERCENTAGE, to_rate, to_text


def list_branches(client: Client, shop: Shop) -> list[Choice]:
    """Branches by number; facts: country."""
    return [
        Choice(
            id=str(each["branchNumber"]),
            name=each.get("branchName") or "",
            code=each.get("abbreviation") or "",
            facts={"country": from_alpha_3(each.get("countryIso3") or "")},
        )
        for each in client.branches()
    ]


def list_tenders(client: Client, shop: Shop) -> list[Choice]:
    """Payment methods by code; facts: type as proposed, till_type as the till says."""
    return [
        Choice(
            id=each["method"],
            name=each.get("description") or each["method"],
            code=each["method"],
            active=each.get("active", True),
            facts={
                "type": propose_type({"method": each["method"]}, shop).value,
                "till_type": each.get("type") or "",
            },
        )
        for each in client.payment_methods()
    ]


def list_vat_codes(client: Client, shop: Shop) -> list[Choice]:
    """VAT codes, once per country and rate; facts: country, rate.

    The till has them per branch. Where one rate of the list can only be hundredths,
    all are.
    """
    groups = client.vat_groups()
    hundredths = any(each["vatPercentage"] > LARGEST_PERCENTAGE for each in groups)
    found: dict[tuple[str, str, str], Choice] = {}
    for each in groups:
        rate = to_rate(each["vatPercentage"], hundredths=hundredths)
        branch = each.get("branchNumber") or 0
        country = from_alpha_3(each.get("countryIso3") or "")
        country = country or shop.countries.get(branch, "")
        code, shown = to_text(each.get("vatCode")), f"{rate:f}"
        found[code, country, shown] = Choice(
            id=code,
            name=f"{shown} % {country}".strip(),
            code=code,
            facts={"country": country, "rate": shown},
        )
    return list(found.values())


def list_turnover_groups(client: Client, shop: Shop) -> list[Choice]:
    """Turnover groups by number; facts: the till's type, what sort that is, whether
    for gift cards, and the account that the till has for it."""
    return [
        Choice(
            id=str(each["turnoverGroup"]),
            name=each.get("turnoverGroupName") or "",
            code=str(each["turnoverGroup"]),
            facts={
                "till_type": each.get("turnoverGroupType") or "",
                "sort": _tell_sort(each, shop),
                "account": to_text(each.get("accountNumber")),
                "gift_card": str(
                    each["turnoverGroup"] in shop.gift_card_groups
                ).lower(),
            },
        )
        for each in client.turnover_groups()
    ]


def _tell_sort(group: dict[str, Any], shop: Shop) -> str:
    """What is sold by a group: turnover, cash (in or out), or something else."""
    if group["turnoverGroup"] in shop.gift_card_groups:
        return "gift_card"
    kind = str(group.get("turnoverGroupType") or "").rpartition("-TYPE-")[2]
    if kind.startswith("CASH-"):
        return "cash"
    return "turnover" if kind in ("", "TURNOVER") else kind.lower()


def list_employees(client: Client, shop: Shop) -> list[Choice]:
    """Employees by number."""
    return [
        Choice(
            id=to_text(each.get("employeeNumber")),
            name=each.get("name") or "",
            active=each.get("active", True),
        )
        for each in client.employees()
    ]


def list_delivery_methods(client: Client, shop: Shop) -> list[Choice]:
    """Delivery methods by code."""
    return [
        Choice(
            id=each["deliveryMethod"],
            name=each.get("description") or each["deliveryMethod"],
            code=each["deliveryMethod"],
            active=each.get("enabled", True),
        )
        for each in client.delivery_methods()
    ]


def list_relation_categories(client: Client, shop: Shop) -> list[Choice]:
    """Categories of relations by number."""
    return [
        Choice(id=to_text(each["categoryId"]), name=each.get("name") or "")
        for each in client.relation_categories()
    ]


def list_relation_sorts(client: Client, shop: Shop) -> list[Choice]:
    """Companies and persons, as relations are told apart; asks nothing."""
    return [
        Choice(id="company", name="a company"),
        Choice(id="person", name="a person"),
    ]


LISTS: Mapping[str, Callable[[Client, Shop], list[Choice]]] = {
    "branches": list_branches,
    "tenders": list_tenders,
    "vat_codes": list_vat_codes,
    "turnover_groups": list_turnover_groups,
    "employees": list_employees,
    "delivery_methods": list_delivery_methods,
    "relation_categories": list_relation_categories,
    "relation_sorts": list_relation_sorts,
}
