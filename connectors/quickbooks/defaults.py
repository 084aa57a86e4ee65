"""Default rules and value maps for an integration that posts sales. Data only."""

from __future__ import annotations

from typing import Any

from connectors.quickbooks.maps import MENDED_BY, NEEDED, VALUE_MAPS

__all__ = ["MENDED_BY", "NEEDED", "RULES", "VALUE_MAPS"]

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
# What the receipt's relation is grouped by; a receipt keeps it among the rest.
CATEGORY = "order.extra.relationCategoryId"
# Receipts have none; orders do.
DELIVERY = "order.extra.deliveryMethod"
SHIPPING = (
    'lookup("shipping_costs", order.country, line.turnover_group, line.article, '
    'column="{}")'
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
        'coalesce(lookup("branches", order.branch, column="class"), '
        f'if(empty({CATEGORY}), nothing, lookup("customer_groups", {CATEGORY}, '
        'column="class")))',
        "Class of the branch, else of the customer's group",
    ),
    make_rule(
        "header",
        "takes_part",
        'lookup("branches", order.branch, column="takes_part")',
        "Whether the branch takes part",
    ),
    make_rule(
        "header",
        "ship_method",
        f"if(empty({DELIVERY}), nothing, "
        f'lookup("shipping", {DELIVERY}, column="ship_method"))',
        "Shipping method",
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
    make_rule(
        "line",
        "description",
        f"coalesce({SHIPPING.format('description')}, line.text)",
        "Text of the line",
    ),
    make_rule(
        "line",
        "tax_code",
        f"if({NO_VAT_CODE}, nothing, coalesce({SHIPPING.format('tax_code')}, {VAT}))",
        "Tax code",
    ),
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
    make_rule(
        "item",
        "item",
        SHIPPING.format("item"),
        "Item of shipping costs",
    ),
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
    make_rule(
        "customer",
        "tax_code",
        'lookup("customer_vat", customer.billing.country, '
        'if(customer.is_company, "company", "person"), column="tax_code")',
        "Tax code of the customer",
    ),
    make_rule("customer", "street", "customer.billing.street", "Street"),
    make_rule("customer", "postal_code", "customer.billing.postal_code", "Postal code"),
    make_rule("customer", "city", "customer.billing.city", "City"),
    make_rule("customer", "country", "customer.billing.country", "Country"),
)
