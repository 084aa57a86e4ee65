"""Objects as answers: with balances, as JSON or, where JSON is not asked for, XML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from connectors.quickbooks.sandbox.company import PACIFIC, Company, Object

ZERO = Decimal(0)
NAMESPACE = "http://schema.intuit.com/finance/v3"


def complete(company: Company, entity: str, obj: Object) -> Object:
    """The object with the balances the ledger gives it."""
    if entity == "Account":
        balance = ZERO
        if obj["Classification"] in ("Asset", "Liability", "Equity"):
            balance = company.ledger.balance(obj["Id"])
        if obj["Classification"] in ("Liability", "Equity"):
            balance = -balance
        return {
            **obj,
            "CurrentBalance": balance,
            "CurrentBalanceWithSubAccounts": balance,
        }
    if entity == "Customer":
        owed = company.ledger.customer_balance(obj["Id"])
        balances = {"Balance": owed, "BalanceWithJobs": owed}
        return {**obj, **_mask(obj, "PrimaryTaxIdentifier"), **balances}
    if entity == "Preferences":
        sales = {**obj["SalesFormsPrefs"]}
        if company.switches["numbers"] == "assigned":
            sales["CustomTxnNumbers"] = False
        if company.switches["auto_apply_credit"]:
            sales["AutoApplyCredit"] = True
        return {**obj, "SalesFormsPrefs": sales}
    return obj


def _mask(obj: Object, field: str) -> Object:
    """The field as it is shown: all but its last four characters covered."""
    value = str(obj.get(field) or "")
    return {field: "X" * len(value[:-4]) + value[-4:]} if value else {}


def timestamp(seconds: float) -> str:
    """The moment of an answer, to the millisecond."""
    moment = datetime.fromtimestamp(seconds, tz=UTC).astimezone(PACIFIC)
    return moment.isoformat(timespec="milliseconds")


def to_json(value: Any) -> bytes:
    """JSON with amounts as numbers."""
    return _ENCODER.encode(value).encode()


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


_ENCODER = json.JSONEncoder(
    separators=(",", ":"), default=_number, ensure_ascii=False, check_circular=False
)


def to_xml(body: Mapping[str, Any]) -> bytes:
    """The same answer as XML: what the service sends to who does not ask for JSON."""
    values = {key: value for key, value in body.items() if key != "time"}
    inner = "".join(_element(key, value) for key, value in values.items())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse xmlns="{NAMESPACE}" time="{body.get("time", "")}">'
        f"{inner}</IntuitResponse>"
    ).encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, entry) for entry in value)
    if isinstance(value, Mapping):
        inner = "".join(_element(key, entry) for key, entry in value.items())
        return f"<{name}>{inner}</{name}>"
    if isinstance(value, bool):
        value = str(value).lower()
    return f"<{name}>{escape(str(value))}</{name}>"
