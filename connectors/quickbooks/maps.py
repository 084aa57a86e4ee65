"""The value maps that an integration which posts sales comes with. Data only."""

from __future__ import annotations

from typing import Any

from connectors.contract import NeededColumn

# Which value map mends what is missing, by the code of the error.
MENDED_BY = {
    "unmapped tender": "tenders",
    "treatment": "tenders",
    "tender account": "tenders",
    "unknown account": "tenders",
    "unmapped own use": "tenders",
    "unmapped VAT code": "vat",
    "unknown tax code": "vat",
    "tax rate differs": "vat",
    "unmapped group": "groups",
    "liability account": "groups",
    "kind": "groups",
    "unmapped no VAT": "vat",
    "unmapped cash movement": "movements",
    "movement account": "movements",
    "tender is no money": "tenders",
    "location": "branches",
}

PAID = frozenset({"payment", "third_party"})
OWN_USE = frozenset({"own_use", "breakage", "promotion"})
BOOKED = frozenset({"book"})
# What a row that somebody has begun cannot do without.
TENDER_ACCOUNT = NeededColumn(
    "tenders", "deposit_account", "treatment", PAID | OWN_USE, "tender account"
)
MOVEMENT_ACCOUNT = NeededColumn(
    "movements", "account", "treatment", BOOKED, "movement account"
)
NEEDED = (
    NeededColumn("tenders", "treatment"),
    TENDER_ACCOUNT,
    NeededColumn("movements", "treatment"),
    MOVEMENT_ACCOUNT,
)

# What no row fits is left empty: the target says which tender or VAT code it misses,
# and only for records that it does not skip.
VALUE_MAPS: tuple[dict[str, Any], ...] = (
    {
        "name": "tenders",
        "label": "Tenders",
        "keys": [
            {"name": "method", "label": "Tender", "choices": "tenders"},
            {"name": "branch", "label": "Branch", "choices": "branches"},
        ],
        "columns": [
            {"name": "treatment", "label": "Treatment", "choices": "treatments"},
            {
                "name": "payment_method",
                "label": "Payment method",
                "choices": "payment_methods",
                "where": {"treatment": ["payment", "third_party"]},
            },
            {
                "name": "deposit_account",
                "label": "Deposit account",
                "choices": "tender_accounts",
                "where": {"treatment": ["payment", "third_party"]},
            },
            {
                "name": "tax_code",
                "label": "Tax code (single-purpose)",
                "choices": "tax_codes",
                "where": {"treatment": []},
            },
        ],
        "missing": "empty",
    },
    {
        "name": "vat",
        "label": "VAT codes",
        "keys": [
            {"name": "country", "label": "Country", "type": "country"},
            {"name": "code", "label": "VAT code", "choices": "vat_codes"},
            {"name": "rate", "label": "VAT rate", "type": "number"},
        ],
        "columns": [{"name": "tax_code", "label": "Tax code", "choices": "tax_codes"}],
        "missing": "empty",
    },
    {
        "name": "branches",
        "label": "Branches",
        "keys": [{"name": "branch", "label": "Branch", "choices": "branches"}],
        "columns": [
            {"name": "location", "label": "Location", "choices": "locations"},
            {"name": "class", "label": "Class", "choices": "classes"},
            {
                "name": "takes_part",
                "label": "Takes part",
                "choices": "participation",
            },
        ],
        "missing": "empty",
    },
    {
        "name": "groups",
        "label": "Turnover groups",
        "keys": [
            {"name": "country", "label": "Country", "type": "country"},
            {
                "name": "group",
                "label": "Turnover group",
                "choices": "turnover_groups",
                "sort": "turnover",
            },
        ],
        "columns": [
            {
                "name": "income_account",
                "label": "Revenue account",
                "choices": "income_accounts",
            },
            {"name": "supply", "label": "Kind", "choices": "supplies"},
        ],
        "missing": "empty",
    },
    {
        "name": "movements",
        "label": "Cash movements",
        "keys": [
            {
                "name": "group",
                "label": "Turnover group",
                "choices": "turnover_groups",
                "sort": "cash",
            },
            {"name": "article", "label": "Article"},
        ],
        "columns": [
            {
                "name": "treatment",
                "label": "Treatment",
                "choices": "movement_treatments",
            },
            {"name": "account", "label": "Account", "choices": "accounts"},
            {"name": "tax_code", "label": "Tax code", "choices": "tax_codes"},
        ],
        "missing": "empty",
    },
    {
        "name": "customer_vat",
        "label": "VAT of customers",
        "keys": [
            {"name": "country", "label": "Country", "type": "country"},
            {
                "name": "sort",
                "label": "Customer",
                "choices": "relation_sorts",
            },
        ],
        "columns": [{"name": "tax_code", "label": "Tax code", "choices": "tax_codes"}],
        "missing": "empty",
    },
    {
        "name": "customer_groups",
        "label": "Customer groups",
        "keys": [{"name": "group", "label": "Group", "choices": "relation_categories"}],
        "columns": [{"name": "class", "label": "Class", "choices": "classes"}],
        "missing": "empty",
    },
    {
        "name": "shipping",
        "label": "Shipping methods",
        "keys": [
            {
                "name": "method",
                "label": "Delivery method",
                "choices": "delivery_methods",
            }
        ],
        "columns": [{"name": "ship_method", "label": "Shipping method"}],
        "missing": "empty",
    },
    {
        "name": "shipping_costs",
        "label": "Shipping costs",
        "keys": [
            {"name": "country", "label": "Country", "type": "country"},
            {
                "name": "group",
                "label": "Turnover group",
                "choices": "turnover_groups",
                "sort": "shipping",
            },
            {"name": "article", "label": "Article"},
        ],
        "columns": [
            {"name": "item", "label": "Item", "choices": "items"},
            {"name": "description", "label": "Description"},
            {"name": "tax_code", "label": "Tax code", "choices": "tax_codes"},
        ],
        "missing": "empty",
    },
    {
        "name": "terms",
        "label": "Payment terms",
        "keys": [{"name": "days", "label": "Days", "type": "number"}],
        "columns": [{"name": "terms", "label": "Terms", "choices": "terms"}],
        "missing": "empty",
    },
)
