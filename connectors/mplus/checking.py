"""Can this till be used? And if not: why exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.contract import Account, CheckResult, SetUpLine
from connectors.mplus.client import NO_PERMISSION, Client
from connectors.mplus.faults import CHECK_SERVER
from connectors.mplus.sources.values import SHOP_ZONE
from integration_hub.core.errors import ConfigError, HubError

# The vendor's legacy client accepts these protocol versions and no others.
OLDEST, NEWEST = (0, 9, 9), (1, 0, 0)
WITHOUT_COUNTS = (
    "No cash counts come, and a receipt that is not fully paid waits for ever for that "
    "of its day."
)
# What answers, but not as this till's service does.
_STRANGERS = frozenset(
    {"not_soap", "bad_xml", "not_found", "not_allowed", "bad_request", "redirect"}
)


def check_till(client: Client, account: Account) -> CheckResult:
    """Ask for the version and the branches, which needs a valid login."""
    try:
        version = client.api_version()
        versions = _read_versions(version)
        if not OLDEST <= _number(version) <= NEWEST:
            return CheckResult(
                ok=False,
                versions=versions,
                problem=f"{account.name} speaks protocol version "
                f"{versions['protocol']}; this hub knows 1.0.0.",
                action="Ask for a newer version of the hub.",
            )
        branches = client.branches()
        missing = find_missing(client)
    except HubError as error:
        return _explain(error, account)
    return CheckResult(
        ok=True,
        who=", ".join(str(branch.get("branchName")) for branch in branches),
        versions=versions,
        warnings=(*_list_warnings(branches), *missing),
    )


def find_missing(client: Client) -> tuple[str, ...]:
    """The permissions that this login lacks, and what comes of it."""
    today = datetime.now(SHOP_ZONE).date()
    try:
        client.cash_counts(start=today, end=today)
    except ConfigError as error:
        if error.code != NO_PERMISSION:
            raise
        return (f"{error.message} {WITHOUT_COUNTS} {error.action}",)
    return ()


def check_cash_counts(client: Client, *, needed: bool) -> SetUpLine:
    """Whether cash counts can be read; red where a flow is about them."""
    label = "The login may read cash counts"
    missing = find_missing(client)
    if not missing:
        return SetUpLine(label, ok=True)
    return SetUpLine(label, ok=not needed, text=missing[0], page="source")


def _explain(error: HubError, account: Account) -> CheckResult:
    if error.code not in _STRANGERS:
        return CheckResult(ok=False, problem=error.message, action=error.action)
    return CheckResult(
        ok=False,
        problem=f"{error.message} It does not look like a MplusKASSA server.",
        action=CHECK_SERVER,
    )


def _number(version: Mapping[str, Any], of: str = "") -> tuple[int, ...]:
    """Major, minor and revision number ``of`` a part; 0 for what is no number."""
    names = [f"{of}{part}Number" for part in ("Major", "Minor", "Revision")]
    found = [version.get(name[0].lower() + name[1:]) for name in names]
    return tuple(each if isinstance(each, int) else 0 for each in found)


def _read_versions(version: Mapping[str, Any]) -> dict[str, str]:
    found = {"protocol": ".".join(map(str, _number(version)))}
    for name in ("service", "database", "server"):
        if version.get(f"{name}MajorNumber") is not None:
            found[name] = ".".join(map(str, _number(version, name)))
    return found


def _list_warnings(branches: list[dict[str, Any]]) -> tuple[str, ...]:
    if not branches:
        return ("The till has no branches.",)
    return tuple(
        f"Branch {branch.get('branchNumber')} has no country: its VAT codes cannot be "
        f"told apart by country."
        for branch in branches
        if not branch.get("countryIso3")
    )
