"""The name lists: customers, items, accounts and the small ones."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.quickbooks.sandbox.apifaults import (
    ApiError,
    business_error,
    missing,
)
from connectors.quickbooks.sandbox.charts import (
    CLASSIFICATIONS,
    DEFAULT_SUBTYPES,
    SUBTYPES,
)
from connectors.quickbooks.sandbox.company import OTHER_NAMES, Company, Object
from connectors.quickbooks.sandbox.references import (
    settle,
    settle_account,
    settle_currency,
)

MAX_LEVELS = 5
INCOME_TYPES = (
    "Income",
    "Other Income",
    "Other Current Liability",
    "Other Current Asset",
    "Expense",
    "Other Expense",
    "Cost of Goods Sold",
)
EXPENSE_TYPES = ("Expense", "Other Expense", "Cost of Goods Sold")
NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
NAME_TAKEN = (
    "The name supplied already exists. : Another customer, vendor or employee is already"
    " using this name. Please use a different name."
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Prepare = Callable[[Company, Object, Object | None], Object]


def prepare_customer(company: Company, customer: Object, old: Object | None) -> Object:
    """Check and complete a customer. Raises ApiError."""
    parts = [customer[name] for name in NAME_PARTS if customer.get(name)]
    if customer.get("DisplayName") is None and not parts:
        raise missing("DisplayName")
    name = customer.setdefault("DisplayName", " ".join(parts))
    _check_name(name)
    for entity in ("Customer", *OTHER_NAMES):
        _refuse_taken(company, entity, customer, "DisplayName", NAME_TAKEN)
    email = (customer.get("PrimaryEmailAddr") or {}).get("Address")
    if email is not None and not _EMAIL.fullmatch(email.split(",")[0].strip()):
        raise ApiError("2210", f"Email Address format is invalid: {email}")
    parent = settle(company, "Customer", customer, "ParentRef")
    customer["FullyQualifiedName"] = _qualify(parent, name)
    if old is None or customer.get("CurrencyRef") is None:
        settle_currency(company, customer)
    elif customer["CurrencyRef"]["value"] != old["CurrencyRef"]["value"]:
        raise business_error("The currency of a customer cannot be changed.")
    settle(company, "Term", customer, "SalesTermRef")
    settle(company, "PaymentMethod", customer, "PaymentMethodRef")
    if not company.is_us:
        settle(company, "TaxCode", customer, "DefaultTaxCodeRef")
    customer.setdefault("PrintOnCheckName", customer["DisplayName"][:110])
    for field, value in (
        ("Taxable", company.is_us),
        ("Job", False),
        ("BillWithParent", False),
        ("PreferredDeliveryMethod", "Print"),
    ):
        customer.setdefault(field, value)
    return customer


def prepare_item(company: Company, item: Object, old: Object | None) -> Object:
    """Check and complete an item. Raises ApiError."""
    for field in ("Name", "Type"):
        if item.get(field) is None:
            raise missing(field)
    _check_name(item["Name"])
    kind = item["Type"]
    if kind not in ("Service", "NonInventory", "Inventory", "Category"):
        raise business_error(f"An item of type {kind} cannot be made here.")
    if old is not None and not _may_become(old["Type"], kind):
        raise business_error("The type of an item cannot be changed.")
    parent = settle(company, "Item", item, "ParentRef")
    item["FullyQualifiedName"] = _qualify(parent, item["Name"])
    if parent is not None:
        item["SubItem"] = True
    _refuse_taken(company, "Item", item, "FullyQualifiedName", _taken("item"))
    item["TrackQtyOnHand"] = kind == "Inventory" and bool(item.get("TrackQtyOnHand"))
    if kind != "Category":
        _check_item_accounts(company, item)
    if not company.is_us:
        settle(company, "TaxCode", item, "SalesTaxCodeRef")
        settle(company, "TaxCode", item, "PurchaseTaxCodeRef")
    item.setdefault("Taxable", company.is_us)
    item.setdefault("UnitPrice", 0)
    return item


def _may_become(old: str, new: str) -> bool:
    swappable = ("Service", "NonInventory")
    return old == new or (old in swappable and new in swappable)


def _check_item_accounts(company: Company, item: Object) -> None:
    accounts = ("IncomeAccountRef", "ExpenseAccountRef")
    if not any(item.get(field) for field in accounts):
        detail = (
            "Required parameter ExpenseAccountRef or IncomeAccountRef is missing in"
            " the request"
        )
        raise ApiError("2020", detail, element="IncomeAccountRef")
    if item["Type"] != "Inventory":
        settle_account(company, item, "IncomeAccountRef", INCOME_TYPES)
        settle_account(company, item, "ExpenseAccountRef", EXPENSE_TYPES)
        return
    for field in (*accounts, "AssetAccountRef", "QtyOnHand"):
        if item.get(field) is None:
            raise missing(field)
    if not item["TrackQtyOnHand"]:
        raise business_error(
            "When you create an item, if Track quantity on hand is turned off, the item"
            " cannot be of type Inventory."
        )
    if item.get("InvStartDate") is None:
        raise business_error("As of date for initial quantity on hand is required")
    settle_account(company, item, "IncomeAccountRef", ("Income",))
    settle_account(company, item, "ExpenseAccountRef", ("Cost of Goods Sold",))
    settle_account(company, item, "AssetAccountRef", ("Other Current Asset",))


def prepare_account(company: Company, account: Object, old: Object | None) -> Object:
    """Check and complete an account. Raises ApiError."""
    if account.get("Name") is None:
        raise missing("Name")
    if any(mark in account["Name"] for mark in ':"'):
        raise ApiError("2040", "The name of an account has no colon or double quote")
    kind, subtype = account.get("AccountType"), account.get("AccountSubType")
    if kind is None and subtype is None:
        raise missing("AccountType")
    if kind is None:
        kind = SUBTYPES.get(str(subtype))
    if kind not in CLASSIFICATIONS or (subtype and SUBTYPES.get(subtype, kind) != kind):
        raise ApiError("6010", f"Account type {kind} and subtype {subtype}")
    account["AccountType"] = kind
    account.setdefault("AccountSubType", DEFAULT_SUBTYPES[kind])
    account["Classification"] = CLASSIFICATIONS[kind]
    parent = settle(company, "Account", account, "ParentRef")
    account["SubAccount"] = parent is not None
    account["FullyQualifiedName"] = _qualify(parent, account["Name"])
    _refuse_taken(company, "Account", account, "FullyQualifiedName", _taken("account"))
    settle_currency(company, account)
    return account


def prepare_named(entity: str) -> Prepare:
    """Checks of a list whose objects are little more than a name."""

    def prepare(company: Company, obj: Object, old: Object | None) -> Object:
        if obj.get("Name") is None:
            raise missing("Name")
        _check_name(obj["Name"])
        field = "Name"
        if entity in ("Class", "Department"):
            parent = settle(company, entity, obj, "ParentRef")
            obj["FullyQualifiedName"] = _qualify(parent, obj["Name"])
            obj["SubClass" if entity == "Class" else "SubDepartment"] = bool(parent)
            field = "FullyQualifiedName"
        _refuse_taken(company, entity, obj, field, _taken(entity.lower()))
        if entity == "PaymentMethod":
            obj.setdefault("Type", "NON_CREDIT_CARD")
        if entity == "Term":
            _check_term(obj)
        return obj

    return prepare


def prepare_agency(company: Company, agency: Object, old: Object | None) -> Object:
    """Check and complete a tax agency. Raises ApiError."""
    if agency.get("DisplayName") is None:
        raise missing("DisplayName")
    _refuse_taken(company, "TaxAgency", agency, "DisplayName", _taken("tax agency"))
    agency.setdefault("TaxTrackedOnSales", True)
    agency.setdefault("TaxTrackedOnPurchases", False)
    agency.setdefault("TaxAgencyConfig", "USER_DEFINED")
    return agency


def prepare_info(company: Company, info: Object, old: Object | None) -> Object:
    """The company's facts; its country stays."""
    return {**info, "Country": (old or info)["Country"]}


def prepare_preferences(
    company: Company, preferences: Object, old: Object | None
) -> Object:
    """The preferences; of each group, what is not sent stays. So does the currency."""
    merged = {**(old or {}), **preferences}
    for group, before in (old or {}).items():
        if group.endswith("Prefs"):
            merged[group] = {**before, **preferences.get(group, {})}
    if old is not None:
        merged["CurrencyPrefs"] = old["CurrencyPrefs"]
    return merged


def _check_term(term: Object) -> None:
    days, day = term.get("DueDays"), term.get("DayOfMonthDue")
    if (days is None) == (day is None):
        raise missing("DueDays or DayOfMonthDue")
    if not (0 <= (days or 0) <= 999 and 1 <= (day or 1) <= 31):
        raise ApiError("2090", "DueDays is 0 to 999, DayOfMonthDue 1 to 31")
    term["Type"] = "STANDARD" if day is None else "DATE_DRIVEN"


def _check_name(name: str) -> None:
    if any(mark in name for mark in ":\t\n"):
        raise ApiError("2040", "A name has no colon, tab or new line in it")


def _qualify(parent: Object | None, name: str) -> str:
    if parent is None:
        return name
    above = str(parent["FullyQualifiedName"])
    if above.count(":") + 2 > MAX_LEVELS:
        raise ApiError("6180", f"At most {MAX_LEVELS} levels")
    return f"{above}:{name}"


def _taken(word: str) -> str:
    return f"The name supplied already exists. : Another {word} has this name."


def _refuse_taken(
    company: Company, entity: str, obj: Object, field: str, detail: str
) -> None:
    for other in company.table(entity).find(field, obj[field]):
        if other is not obj and other["Id"] != obj.get("Id"):
            raise ApiError("6240", detail)


PREPARE: dict[str, Prepare] = {
    "Customer": prepare_customer,
    "Item": prepare_item,
    "Account": prepare_account,
    "TaxAgency": prepare_agency,
    **{
        name: prepare_named(name)
        for name in ("PaymentMethod", "Term", "Class", "Department")
    },
    "CompanyInfo": prepare_info,
    "Preferences": prepare_preferences,
}
