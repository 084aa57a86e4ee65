"""What rules may fill, and what they may choose from."""

from __future__ import annotations

from connectors.contract import Composed, TargetField

TREATMENTS = (
    ("payment", "Payment into an account"),
    ("third_party", "To collect from a third party (vouchers, platforms)"),
    ("on_account", "On account: stays open on the customer"),
    ("gift_card", "Own gift card"),
    ("deposit", "Deposit used"),
    ("own_voucher", "Own discount voucher"),
    ("not_a_sale", "Not a sale: skipped"),
    ("own_use", "Own use, at purchase cost"),
    ("breakage", "Breakage, at purchase cost"),
    ("promotion", "Promotion, at purchase cost"),
)
SUPPLIES = (
    ("goods", "Goods"),
    ("services", "Services"),
    ("margin", "Margin goods"),
    ("purchases", "Bought in (trade-in)"),
)
MOVEMENTS = (
    ("book", "Book to the account"),
    ("skip", "Skip: it is booked elsewhere"),
)

PARTS = (("yes", "Takes part"), ("no", "Takes no part: its receipts are skipped"))

# Sales forms have three, of text.
CUSTOM_FIELDS = (1, 2, 3)

TARGET_FIELDS = (
    TargetField(
        "location", "Location", scope="header", keeps=True, choices="locations"
    ),
    TargetField("class", "Class", scope="header", keeps=True, choices="classes"),
    TargetField(
        "takes_part",
        "Branch takes part",
        type="choice",
        choices=PARTS,
        scope="header",
        help="Receipts of a branch that takes no part are skipped.",
    ),
    TargetField("ship_method", "Shipping method", scope="header", max_length=30),
    TargetField(
        "memo", "Message to the customer", scope="header", keeps=True, max_length=1000
    ),
    TargetField("note", "Private note", scope="header", max_length=2000),
    *(
        TargetField(
            f"custom_{number}",
            f"Custom field {number}",
            scope="header",
            max_length=31,
            help="Of the sales form; it has to be switched on in QuickBooks.",
        )
        for number in CUSTOM_FIELDS
    ),
    TargetField("terms", "Payment terms", scope="header", keeps=True, choices="terms"),
    TargetField("due_date", "Due date", type="date", scope="header", keeps=True),
    TargetField("description", "Description", scope="line", max_length=4000),
    TargetField("tax_code", "Tax code", scope="line", choices="tax_codes"),
    TargetField("class", "Class", scope="line", choices="classes"),
    TargetField(
        "movement",
        "Cash movement",
        type="choice",
        choices=MOVEMENTS,
        scope="line",
    ),
    TargetField(
        "movement_account",
        "Account of the cash movement",
        scope="line",
        choices="accounts",
    ),
    TargetField(
        "movement_tax_code",
        "Tax code of the cash movement",
        scope="line",
        choices="tax_codes",
    ),
    TargetField(
        "treatment", "Treatment", type="choice", choices=TREATMENTS, scope="tender"
    ),
    TargetField(
        "payment_method", "Payment method", scope="tender", choices="payment_methods"
    ),
    TargetField(
        "deposit_account", "Deposit account", scope="tender", choices="tender_accounts"
    ),
    TargetField(
        "tax_code",
        "Tax code (single-purpose)",
        scope="tender",
        choices="tax_codes",
        help="For gift cards whose VAT was paid when they were sold, and for own use.",
    ),
    TargetField(
        "item",
        "Item that is there already",
        scope="item",
        keeps=True,
        choices="items",
        help="The line goes to this item, whatever its article is: shipping costs, say.",
    ),
    TargetField("sku", "SKU", scope="item", keeps=True, max_length=100),
    TargetField("name", "Name", scope="item", keeps=True, max_length=100),
    TargetField(
        "description", "Description", scope="item", keeps=True, max_length=4000
    ),
    TargetField(
        "income_account",
        "Revenue account",
        scope="item",
        keeps=True,
        choices="income_accounts",
    ),
    TargetField(
        "expense_account",
        "Expense account",
        scope="item",
        keeps=True,
        choices="expense_accounts",
    ),
    TargetField(
        "liability_account",
        "Account of a group that is no turnover",
        scope="item",
        keeps=True,
        choices="liability_accounts",
    ),
    TargetField("tax_code", "Tax code", scope="item", keeps=True, choices="tax_codes"),
    TargetField(
        "group", "Name of the group's item", scope="item", keeps=True, max_length=100
    ),
    TargetField(
        "supply", "Kind", type="choice", choices=SUPPLIES, scope="item", keeps=True
    ),
    TargetField(
        "display_name", "Display name", scope="customer", keeps=True, max_length=500
    ),
    TargetField(
        "company_name", "Company", scope="customer", keeps=True, max_length=100
    ),
    TargetField(
        "given_name", "Given name", scope="customer", keeps=True, max_length=100
    ),
    TargetField(
        "family_name", "Family name", scope="customer", keeps=True, max_length=100
    ),
    TargetField(
        "email", "E-mail", type="email", scope="customer", keeps=True, max_length=100
    ),
    TargetField("phone", "Phone", scope="customer", keeps=True, max_length=30),
    TargetField("mobile", "Mobile phone", scope="customer", keeps=True, max_length=30),
    TargetField(
        "vat_number", "VAT number", scope="customer", keeps=True, max_length=20
    ),
    TargetField(
        "tax_code",
        "Tax code",
        scope="customer",
        keeps=True,
        choices="tax_codes",
        help="What QuickBooks proposes for documents that people make for the customer.",
    ),
    TargetField("street", "Street", scope="customer", keeps=True, max_length=500),
    TargetField(
        "postal_code", "Postal code", scope="customer", keeps=True, max_length=30
    ),
    TargetField("city", "City", scope="customer", keeps=True, max_length=255),
    TargetField("country", "Country", scope="customer", keeps=True, max_length=255),
    TargetField("notes", "Notes", scope="customer", keeps=True, max_length=1500),
)

# What no rule may fill, because the books would no longer be right.
COMPOSED = (
    Composed(
        "header",
        "Kind of document",
        "It follows from what was sold, returned and paid.",
    ),
    Composed(
        "header", "Number and date", "By them a sale is found again and never doubled."
    ),
    Composed(
        "header",
        "Total and VAT",
        "They are the till's own, to the cent and per rate.",
    ),
    Composed(
        "line",
        "Item, quantity and amount",
        "Their sum is what the till says was sold.",
    ),
    Composed("tender", "Amount and date", "They are what the till says was paid."),
)
