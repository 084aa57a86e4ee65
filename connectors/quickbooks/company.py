"""Whether a company can be used: who it is and how it is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import CheckResult
from connectors.quickbooks.client import Client
from integration_hub.core.errors import HubError

NUMBERS_OFF = (
    "“Custom transaction numbers” is off, so QuickBooks would number our documents "
    "itself. Switch it on: Account and settings, Sales, Sales form content."
)
AUTO_CREDIT = (
    "“Automatically apply credits” is on, so a customer's credit can settle an invoice "
    "before its payment. Switch it off: Account and settings, Advanced, Automation."
)
NO_LOCATIONS = (
    "Location tracking is off, so no document gets a location. Switch it on if "
    "branches are to be told apart: Account and settings, Advanced, Categories."
)


def check_company(client: Client) -> CheckResult:
    """Ask who the company is and how it is set up; raises nothing that it can say."""
    try:
        company, preferences = client.read_company(), client.read_preferences()
    except HubError as error:
        return CheckResult(ok=False, problem=error.message, action=error.action)
    name = str(company.get("CompanyName") or client.realm)
    country = str(company.get("Country") or "")
    versions = {
        "minorversion": "75",
        "country": country,
        "currency": find_currency(preferences),
        "edition": find_edition(company),
    }
    if country.upper() in ("US", "USA"):
        return CheckResult(
            ok=False,
            who=name,
            versions=versions,
            problem=f"{name} is a company of the United States, where sales tax works "
            f"differently. That is not supported yet.",
            action="Connect a company of another edition.",
        )
    return CheckResult(
        ok=True, who=name, versions=versions, warnings=list_warnings(preferences)
    )


def find_currency(preferences: Mapping[str, Any]) -> str:
    """The home currency, "" if it is not said."""
    home = _part(_part(preferences, "CurrencyPrefs"), "HomeCurrency")
    return str(home.get("value") or "")


def find_edition(company: Mapping[str, Any]) -> str:
    """What the company subscribes to ("QuickBooks Online Plus"), "" if not said."""
    values = company.get("NameValue") or []
    return next(
        (str(v.get("Value") or "") for v in values if v.get("Name") == "OfferingSku"),
        "",
    )


def list_warnings(preferences: Mapping[str, Any]) -> tuple[str, ...]:
    """What a person should look at before the first posting."""
    sales = _part(preferences, "SalesFormsPrefs")
    books = _part(preferences, "AccountingInfoPrefs")
    warnings = []
    if sales.get("CustomTxnNumbers") is not True:
        warnings.append(NUMBERS_OFF)
    if sales.get("AutoApplyCredit") is True:
        warnings.append(AUTO_CREDIT)
    if books.get("TrackDepartments") is False:
        warnings.append(NO_LOCATIONS)
    if books.get("BookCloseDate"):
        warnings.append(
            f"The books are closed up to {books['BookCloseDate']}: receipts of those "
            f"days are held, or posted on the first open day, as the integration says."
        )
    return tuple(warnings)


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}
