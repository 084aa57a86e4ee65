"""The lists the seeded companies have."""

from __future__ import annotations

from typing import Any

# The fifth account is the default one for discounts.
_SYSTEM = (
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
)
_CURRENT = "OtherCurrentAssets"
_OWED = "OtherCurrentLiabilities"
GLOBAL_ACCOUNTS = (
    *_SYSTEM,
    ("VAT Control", "Other Current Liability", "GlobalTaxPayable"),
    ("Till cash Centrum", "Bank", "CashOnHand"),
    ("Till cash Markt", "Bank", "CashOnHand"),
    ("Till cash Haven", "Bank", "CashOnHand"),
    ("Till cards Centrum", "Other Current Asset", _CURRENT),
    ("Till cards Markt", "Other Current Asset", _CURRENT),
    ("Till cards Haven", "Other Current Asset", _CURRENT),
    ("Till credit cards", "Other Current Asset", _CURRENT),
    ("Vouchers to collect", "Other Current Asset", _CURRENT),
    ("Split tenders", "Other Current Asset", _CURRENT),
    ("Gift card clearing", "Other Current Asset", _CURRENT),
    ("Gift cards outstanding", "Other Current Liability", _OWED),
    ("Refundable deposits", "Other Current Liability", _OWED),
    ("Customer deposits", "Other Current Liability", _OWED),
    ("Tips to pay out", "Other Current Liability", _OWED),
    ("Sales", "Income", "SalesOfProductIncome"),
    ("Sales of food", "Income", "SalesOfProductIncome"),
    ("Sales of services", "Income", "ServiceFeeIncome"),
    ("Payment differences", "Other Income", "OtherMiscellaneousIncome"),
    ("VAT rounding", "Other Income", "OtherMiscellaneousIncome"),
    ("Purchases", "Expense", "OtherMiscellaneousServiceCost"),
    ("Bank account", "Bank", "Checking"),
    ("Drawings", "Equity", "OwnersEquity"),
    ("Money in transit", "Other Current Asset", _CURRENT),
    ("Cash over and short", "Other Expense", "OtherMiscellaneousExpense"),
    ("Sales of second-hand goods", "Income", "SalesOfProductIncome"),
    ("Trade-in purchases", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Own vouchers", "Income", "DiscountsRefundsGiven"),
    ("Breakage", "Expense", "OtherMiscellaneousServiceCost"),
    ("Promotion", "Expense", "OtherMiscellaneousServiceCost"),
    ("Own use", "Expense", "OtherMiscellaneousServiceCost"),
    ("Petty expenses", "Expense", "OtherMiscellaneousServiceCost"),
)
GLOBAL_CODES: tuple[dict[str, Any], ...] = (
    {
        "name": "VAT 21%",
        "sales": (("VAT 21% (sales)", "21"),),
        "purchase": (("VAT 21% (purchases)", "21"),),
    },
    {
        "name": "VAT 9%",
        "sales": (("VAT 9% (sales)", "9"),),
        "purchase": (("VAT 9% (purchases)", "9"),),
    },
    {
        "name": "VAT 0%",
        "sales": (("VAT 0% (sales)", "0"),),
        "purchase": (("VAT 0% (purchases)", "0"),),
        "special": "ZERO_RATE",
    },
    {
        "name": "VAT reverse charge",
        "sales": (("VAT reverse charge (sales)", "0"),),
        "purchase": (
            ("VAT reverse charge in", "21"),
            ("VAT reverse charge out", "-21"),
        ),
        "special": "REVERSE_CHARGE",
    },
    {
        "name": "No VAT",
        "sales": (("No VAT (sales)", "0"),),
        "purchase": (("No VAT (purchases)", "0"),),
    },
    *(
        {
            "name": name,
            "sales": ((f"{name} (sales)", "0"),),
            "purchase": ((f"{name} (purchases)", "0"),),
        }
        for name in ("VAT EU goods", "VAT EU services", "VAT export", "VAT margin")
    ),
)
_PLAIN = "NON_CREDIT_CARD"
GLOBAL_METHODS = (
    ("Cash", _PLAIN),
    ("Debit card", _PLAIN),
    ("Credit card", "CREDIT_CARD"),
    ("Voucher", _PLAIN),
    ("Bank transfer", _PLAIN),
)
GLOBAL_TERMS = (("Due on receipt", 0), ("Net 14", 14), ("Net 30", 30))
GLOBAL_LOCATIONS = ("Centrum", "Markt", "Haven")
GLOBAL_CUSTOMERS: tuple[dict[str, Any], ...] = (
    {"DisplayName": "Counter sales"},
    {
        "DisplayName": "Bakkerij Het Stoepje",
        "CompanyName": "Bakkerij Het Stoepje",
        "PrimaryEmailAddr": {"Address": "info@stoepje.example"},
        "BillAddr": {"Line1": "Dorpsstraat 1", "City": "Utrecht", "Country": "NL"},
    },
    {"DisplayName": "Anna de Vries", "GivenName": "Anna", "FamilyName": "de Vries"},
)
US_ACCOUNTS = (
    *_SYSTEM,
    ("Board of Equalization Payable", "Other Current Liability", "GlobalTaxPayable"),
    ("Checking", "Bank", "Checking"),
    ("Savings", "Bank", "Savings"),
    ("Cash on hand", "Bank", "CashOnHand"),
    ("Gift cards outstanding", "Other Current Liability", _OWED),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Miscellaneous", "Expense", "OtherMiscellaneousServiceCost"),
)
US_METHODS = (
    ("Cash", _PLAIN),
    ("Check", _PLAIN),
    ("Visa", "CREDIT_CARD"),
    ("MasterCard", "CREDIT_CARD"),
    ("Discover", "CREDIT_CARD"),
    ("American Express", "CREDIT_CARD"),
    ("Diners Club", "CREDIT_CARD"),
)
US_TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30))
US_CUSTOMERS: tuple[dict[str, Any], ...] = (
    {
        "DisplayName": "Amy's Bird Sanctuary",
        "GivenName": "Amy",
        "FamilyName": "Lauterbach",
        "PrimaryEmailAddr": {"Address": "birds@example.com"},
    },
    {"DisplayName": "Bill's Windsurf Shop"},
)
