"""Default rules and value maps for an integration that posts sales. Data only."""

from __future__ import annotations

from typing import Any

Rule = dict[str, Any]

# Lines without a VAT code are looked up as code 0 where the till charged no VAT at all.
NO_VAT_CODE = (
    '(line.vat_code = "" or line.vat_code = "0") and order.vat_method <> "none"'
)
VAT = (
    'lookup("vat", order.country, coalesce(line.vat_code, "0"), line.vat_rate, '
    'column="tax_code")'
)
TENDER = 'lookup("tenders", tender.method, coalesce(tender.branch, order.branch), column="{}")'
GROUP = 'lookup("groups", order.country, line.turnover_group, column="{}")'
MOVEMENT = (
    'if(order.type = "cash_in" or order.type = "cash_out", '
    'lookup("movements", line.turnover_group, line.article, column="{}"), nothing)'
)
COMPANY = "customer.company_name"
PERSON = "customer.name"


def make_rule(scope: str, field: str, expression: str, label: str, **more: Any) -> Rule:
    """One rule as data."""
    return {
        "scope": scope,
        "field": field,
        "expression": expression,
        "label": label,
        "required": False,
        "on": "both",
        **more,
    }


RULES: tuple[Rule, ...] = (
    make_rule(
        "header",
        "location",
        'lookup("branches", order.branch, column="location")',
        "Location of the branch",
    ),
    make_rule(
        "header",
        "class",
        'lookup("branches", order.branch, column="class")',
        "Class of the branch",
    ),
    make_rule("header", "note", "order.reference", "The till's reference"),
    make_rule(
        "header",
        "terms",
        "if(empty(order.customer.payment_days), nothing, "
        'lookup("terms", order.customer.payment_days, column="terms"))',
        "Terms of the customer",
    ),
    make_rule(
        "header",
        "due_date",
        "date_add(order.date, order.customer.payment_days)",
        "Due date by the customer's payment days",
    ),
    make_rule("line", "description", "line.text", "Text of the line"),
    make_rule("line", "tax_code", f"if({NO_VAT_CODE}, nothing, {VAT})", "Tax code"),
    make_rule(
        "line", "movement", MOVEMENT.format("treatment"), "What a cash movement becomes"
    ),
    make_rule(
        "line",
        "movement_account",
        MOVEMENT.format("account"),
        "Account of a cash movement",
    ),
    make_rule(
        "line",
        "movement_tax_code",
        MOVEMENT.format("tax_code"),
        "Tax code of a cash movement",
    ),
    make_rule(
        "tender",
        "treatment",
        TENDER.format("treatment"),
        "What the tender is for the books",
    ),
    make_rule(
        "tender", "payment_method", TENDER.format("payment_method"), "Payment method"
    ),
    make_rule(
        "tender",
        "deposit_account",
        TENDER.format("deposit_account"),
        "Account that the tender goes to",
    ),
    make_rule(
        "tender",
        "tax_code",
        TENDER.format("tax_code"),
        "Tax code of a single-purpose gift card, or of own use",
    ),
    make_rule("item", "sku", "line.article", "Article number"),
    make_rule(
        "item", "name", "coalesce(line.text, line.article)", "Name of the article"
    ),
    make_rule(
        "item",
        "income_account",
        GROUP.format("income_account"),
        "Revenue account of the turnover group",
    ),
    make_rule("item", "supply", GROUP.format("supply"), "Kind of the turnover group"),
    make_rule("item", "group", "line.turnover_group_name", "Name of the group"),
    make_rule(
        "customer",
        "display_name",
        f"if(customer.is_company, coalesce({COMPANY}, {PERSON}), {PERSON})",
        "Display name",
    ),
    make_rule("customer", "company_name", COMPANY, "Company"),
    make_rule(
        "customer",
        "family_name",
        f"if(customer.is_company, customer.contact, {PERSON})",
        "Name of the person",
    ),
    make_rule("customer", "email", "customer.email", "E-mail"),
    make_rule("customer", "phone", "customer.phone", "Phone"),
    make_rule("customer", "mobile", "customer.mobile", "Mobile phone"),
    make_rule("customer", "vat_number", "customer.vat_number", "VAT number"),
    make_rule("customer", "street", "customer.billing.street", "Street"),
    make_rule("customer", "postal_code", "customer.billing.postal_code", "Postal code"),
    make_rule("customer", "city", "customer.billing.city", "City"),
    make_rule("customer", "country", "customer.billing.country", "Country"),
)

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
    "no VAT": "vat",
    "unmapped cash movement": "movements",
    "movement account": "movements",
    "tender is no money": "tenders",
    "location": "branches",
}

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
            },
            {
                "name": "deposit_account",
                "label": "Deposit account",
                "choices": "tender_accounts",
            },
            {
                "name": "tax_code",
                "label": "Tax code (single-purpose)",
                "choices": "tax_codes",
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
        ],
        "missing": "empty",
    },
    {
        "name": "groups",
        "label": "Turnover groups",
        "keys": [
            {"name": "country", "label": "Country", "type": "country"},
            {"name": "group", "label": "Turnover group", "choices": "turnover_groups"},
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
            {"name": "group", "label": "Turnover group", "choices": "turnover_groups"},
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
        "name": "terms",
        "label": "Payment terms",
        "keys": [{"name": "days", "label": "Days", "type": "number"}],
        "columns": [{"name": "terms", "label": "Terms", "choices": "terms"}],
        "missing": "empty",
    },
)
