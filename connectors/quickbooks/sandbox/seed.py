"""The two companies a fresh sandbox has.

The global one is what a Dutch merchant has: euros, VAT codes of its own making, and the
accounts, payment methods, locations and terms of the demo's shop. The other is American.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.operations import NO_OPTIONS, create
from connectors.quickbooks.sandbox.schema import ENTITIES
from connectors.quickbooks.sandbox.seeddata import (
    GLOBAL_ACCOUNTS,
    GLOBAL_CODES,
    GLOBAL_CUSTOMERS,
    GLOBAL_LOCATIONS,
    GLOBAL_METHODS,
    GLOBAL_TERMS,
    US_ACCOUNTS,
    US_CUSTOMERS,
    US_METHODS,
    US_TERMS,
)

GLOBAL_REALM = "9341450000000001"
US_REALM = "9341450000000002"
NAMES = {
    GLOBAL_REALM: "Sandbox Company NL",
    US_REALM: "Sandbox Company US",
}
SEEDED_AT = "2025-01-01T00:00:00-08:00"


OTHER_PREFERENCES = (
    ("SalesFormsPrefs.DefaultCustomerMessage", "Thank you for your business."),
    ("WarnDuplicateCheckNumber", "true"),
    ("WarnDuplicateBillNumber", "false"),
    ("WarnDuplicateJournalNumber", "false"),
    ("SalesFormsPrefs.AllowGratuity", "false"),
)


def seed(company: Company) -> None:
    """Fill an empty company."""
    if company.realm == US_REALM:
        _seed_us(company)
    else:
        _seed_global(company)
    company.take_dirty()


def _seed_global(company: Company) -> None:
    _seed_settings(company, country="NL", currency="EUR", zone="Europe/Amsterdam")
    _make_accounts(company, GLOBAL_ACCOUNTS)
    _put(company, "TaxAgency", {"DisplayName": "Tax office", **_agency_facts()})
    for code in GLOBAL_CODES:
        _make_tax_code(company, code)
    for name, kind in GLOBAL_METHODS:
        _make(company, "PaymentMethod", {"Name": name, "Type": kind})
    for name, days in GLOBAL_TERMS:
        _make(company, "Term", {"Name": name, "DueDays": days})
    for name in GLOBAL_LOCATIONS:
        _make(company, "Department", {"Name": name})
    for customer in GLOBAL_CUSTOMERS:
        _make(company, "Customer", dict(customer))


def _seed_us(company: Company) -> None:
    _seed_settings(company, country="US", currency="USD", zone="America/Los_Angeles")
    _make_accounts(company, US_ACCOUNTS)
    _put(
        company,
        "TaxAgency",
        {"DisplayName": "Board of Equalization", **_agency_facts()},
    )
    for key in ("TAX", "NON"):
        pseudo = {"Id": key, "Name": key, "Description": key, "Active": True}
        pseudo |= {"Taxable": key == "TAX", "TaxGroup": False}
        company.put("TaxCode", {**pseudo, "MetaData": _times()})
    _make_tax_code(
        company,
        {"name": "Tucson", "sales": (("AZ State tax", "7.1"), ("Tucson City", "2"))},
    )
    _make_tax_code(company, {"name": "California", "sales": (("California", "8"),)})
    for name, kind in US_METHODS:
        _make(company, "PaymentMethod", {"Name": name, "Type": kind})
    for name, days in US_TERMS:
        _make(company, "Term", {"Name": name, "DueDays": days})
    for customer in US_CUSTOMERS:
        _make(company, "Customer", dict(customer))


def _seed_settings(company: Company, *, country: str, currency: str, zone: str) -> None:
    name = NAMES[company.realm]
    sku = {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"}
    info = {
        "CompanyName": name,
        "LegalName": name,
        "Country": country,
        "CompanyAddr": {"Id": "1", "Line1": "Main street 1", "City": "Anywhere"},
        "CompanyStartDate": "2025-01-01",
        "FiscalYearStartMonth": "January",
        "SupportedLanguages": "en",
        "DefaultTimeZone": zone,
        "Email": {"Address": "owner@example.com"},
        "NameValue": [sku, {"Name": "SubscriptionStatus", "Value": "PAID"}],
    }
    _put(company, "CompanyInfo", info)
    _put(company, "Preferences", _make_preferences(currency, us=country == "US"))


def _make_preferences(currency: str, *, us: bool) -> Object:
    return {
        "AccountingInfoPrefs": {
            "UseAccountNumbers": False,
            "TrackDepartments": not us,
            "DepartmentTerminology": "Location",
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": False,
            "FirstMonthOfFiscalYear": "January",
            "TaxYearMonth": "January",
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": True,
            "AllowDiscount": True,
            "DefaultDiscountAccount": "5",
            "AllowShipping": False,
            "AllowDeposit": False,
            "AllowEstimates": True,
            "AutoApplyCredit": False,
            "CustomField": [],
        },
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": False},
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": False,
            "HomeCurrency": {"value": currency},
        },
        "ReportPrefs": {"ReportBasis": "Accrual"},
        "OtherPrefs": {
            "NameValue": [
                {"Name": name, "Value": value} for name, value in OTHER_PREFERENCES
            ]
        },
    }


def _make_tax_code(company: Company, code: Any) -> None:
    """A tax code with rates of its own; see ``seeddata`` for what ``code`` has."""
    special = code.get("special", "NONE")
    rates = {
        side: [
            put_tax_rate(company, name=name, percent=Decimal(percent), special=special)
            for name, percent in code.get(side, ())
        ]
        for side in ("sales", "purchase")
    }
    put_tax_code(company, name=code["name"], **rates)


def put_tax_code(
    company: Company, *, name: str, sales: list[Object], purchase: list[Object]
) -> Object:
    """Store a tax code that charges these rates on sales and purchases."""
    values = {
        "Name": name,
        "Description": name,
        "Active": True,
        "Hidden": False,
        "Taxable": True,
        "TaxGroup": True,
        "SalesTaxRateList": _list_rates(sales),
        "PurchaseTaxRateList": _list_rates(purchase),
        "TaxCodeConfigType": "USER_DEFINED",
    }
    return _put(company, "TaxCode", values)


def _list_rates(rates: list[Object]) -> Object:
    details = [
        {
            "TaxRateRef": {"value": rate["Id"], "name": rate["Name"]},
            "TaxTypeApplicable": "TaxOnAmount",
            "TaxOrder": 0,
        }
        for rate in rates
    ]
    return {"TaxRateDetail": details}


def put_tax_rate(
    company: Company,
    *,
    name: str,
    percent: Decimal,
    agency: str = "1",
    special: str = "NONE",
) -> Object:
    """Store a tax rate, in force from long ago."""
    rate = {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": agency},
        "SpecialTaxType": special,
        "DisplayType": "ReadOnly",
        "EffectiveTaxRate": [
            {"RateValue": percent, "EffectiveDate": "2019-01-01T00:00:00-08:00"}
        ],
    }
    return _put(company, "TaxRate", rate)


def _agency_facts() -> Object:
    return {
        "TaxTrackedOnSales": True,
        "TaxTrackedOnPurchases": True,
        "TaxAgencyConfig": "USER_DEFINED",
    }


def _make_accounts(company: Company, accounts: Any) -> None:
    for name, kind, subtype in accounts:
        values = {"Name": name, "AccountType": kind, "AccountSubType": subtype}
        _make(company, "Account", values)


def _make(company: Company, entity: str, values: Object) -> None:
    create(company, ENTITIES[entity], values, NO_OPTIONS)


def _put(company: Company, entity: str, values: Object) -> Object:
    """Store what clients cannot create."""
    obj = {
        "domain": "QBO",
        "sparse": False,
        "Id": company.next_id(entity),
        "SyncToken": "0",
        "MetaData": _times(),
        **values,
    }
    company.put(entity, obj)
    return obj


def _times() -> Object:
    return {"CreateTime": SEEDED_AT, "LastUpdatedTime": SEEDED_AT}
