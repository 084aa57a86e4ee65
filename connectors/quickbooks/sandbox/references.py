"""References between objects: looked up, checked for use, and given their true names."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from connectors.quickbooks.sandbox.apifaults import INACTIVE, ApiError, business_error
from connectors.quickbooks.sandbox.company import Company, Object

# What the service calls the list when an id is not in it.
WORDS = {
    "Account": "Accounts",
    "Customer": "Names",
    "Class": "Klasses",
    "Item": "Items",
    "Department": "Departments",
    "PaymentMethod": "PaymentMethods",
    "Term": "Terms",
    "TaxCode": "TaxCodes",
    "TaxRate": "TaxRates",
}
NAME_FIELDS = {"Customer": "DisplayName"}


def name_of(entity: str, obj: Object) -> str:
    """The name a reference to ``obj`` shows."""
    if "FullyQualifiedName" in obj:
        return str(obj["FullyQualifiedName"])
    return str(obj.get(NAME_FIELDS.get(entity, "Name"), ""))


def find(company: Company, entity: str, reference: Object) -> Object:
    """The active object a reference means. Raises ApiError 2500."""
    key = reference["value"]
    obj = company.get(entity, key)
    if obj is None:
        detail = f"Invalid Reference Id : {WORDS[entity]} element id {key} not found"
        raise ApiError("2500", detail)
    if obj.get("Active") is False:
        raise ApiError("2500", f"Invalid Reference Id : {INACTIVE}")
    return obj


def settle(company: Company, entity: str, holder: Object, field: str) -> Object | None:
    """Check the reference in ``holder[field]`` and put the true name into it.

    Returns the object, or None when there is no reference.
    """
    reference = holder.get(field)
    if reference is None:
        return None
    obj = find(company, entity, reference)
    holder[field] = {"value": obj["Id"], "name": name_of(entity, obj)}
    return obj


def settle_account(
    company: Company, holder: Object, field: str, types: Container[str]
) -> Object | None:
    """Like ``settle`` for an account of one of ``types``. Raises ApiError 6430."""
    account = settle(company, "Account", holder, field)
    if account is not None and account["AccountType"] not in types:
        text = (
            "Invalid account type: the account you have chosen cannot be used here."
            f" {field} is of type {account['AccountType']}"
        )
        raise ApiError("6430", f"Business Validation Error: {text}")
    return account


def settle_department(company: Company, holder: Object) -> None:
    """Check the location of a transaction; needs location tracking."""
    if holder.get("DepartmentRef") is None:
        return
    if not company.preferences["AccountingInfoPrefs"].get("TrackDepartments"):
        raise business_error("Location tracking is not turned on for this company.")
    settle(company, "Department", holder, "DepartmentRef")


def settle_class(company: Company, holder: Object, *, line: bool) -> None:
    """Check the class of a transaction or a line; needs class tracking."""
    if holder.get("ClassRef") is None:
        return
    preference = "ClassTrackingPerTxnLine" if line else "ClassTrackingPerTxn"
    if not company.preferences["AccountingInfoPrefs"].get(preference):
        raise business_error("Class tracking is not turned on for this company.")
    settle(company, "Class", holder, "ClassRef")


def settle_currency(company: Company, holder: Object) -> None:
    """Check the currency of an object: the home currency, as there is no other."""
    reference = holder.get("CurrencyRef")
    if reference is not None and reference["value"] != company.currency:
        raise ApiError("2220", f"Invalid Currency : {reference['value']}")
    home = company.preferences["CurrencyPrefs"]["HomeCurrency"]
    names = {"EUR": "Euro", "USD": "United States Dollar"}
    code = home["value"]
    holder["CurrencyRef"] = {"value": code, "name": names.get(code, code)}


def drop_empty(values: dict[str, Any]) -> Object:
    """The values that are not None."""
    return {key: value for key, value in values.items() if value is not None}
