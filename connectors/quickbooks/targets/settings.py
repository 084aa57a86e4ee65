"""The settings of an integration that writes sales."""

from __future__ import annotations

from connectors.contract import Field

TARGET_SETTINGS = (
    Field(
        "no_vat_code",
        "Tax code for what is outside VAT",
        type="choice",
        choices="tax_codes",
        required=True,
        help="Not on the VAT return; something else than 0 % or exempt. Gift cards, "
        "deposits and rounding use it.",
    ),
    Field(
        "reverse_charge_code",
        "Tax code for reverse charge in the same country",
        type="choice",
        choices="tax_codes",
        help="0 % on sales. For receipts with VAT shifted to a relation of the same "
        "country.",
    ),
    Field(
        "eu_goods_code",
        "Tax code for goods to another EU country",
        type="choice",
        choices="tax_codes",
        help="0 % on sales. For receipts with VAT shifted to a relation with a VAT "
        "number in another country of the EU.",
    ),
    Field(
        "eu_services_code",
        "Tax code for services to another EU country",
        type="choice",
        choices="tax_codes",
        help="As for goods; for turnover groups of the kind “Services”.",
    ),
    Field(
        "export_code",
        "Tax code for export",
        type="choice",
        choices="tax_codes",
        help="0 % on sales. For receipts without VAT of a relation outside the EU.",
    ),
    Field(
        "margin_code",
        "Tax code for margin goods",
        type="choice",
        choices="tax_codes",
        help="For turnover groups of the kind “Margin goods”, and what is bought in.",
    ),
    Field(
        "default_income_account",
        "Revenue account",
        type="choice",
        choices="income_accounts",
        required=True,
        help="For items that no rule gives another account.",
    ),
    Field(
        "default_expense_account",
        "Expense account",
        type="choice",
        choices="expense_accounts",
        help="For items that the hub creates.",
    ),
    Field(
        "gift_card_account",
        "Gift cards outstanding",
        type="choice",
        choices="liability_accounts",
        help="Gift cards sold raise it, gift cards redeemed lower it.",
    ),
    Field(
        "deposit_account",
        "Refundable deposits on goods",
        type="choice",
        choices="liability_accounts",
    ),
    Field(
        "customer_deposit_account",
        "Deposits of customers",
        type="choice",
        choices="liability_accounts",
        help="Lowered by tenders that are treated as a deposit used.",
    ),
    Field(
        "payment_differences_account",
        "Payment differences",
        type="choice",
        choices="accounts",
        required=True,
        help="What rounding of cash to 5 cents gives and takes.",
    ),
    Field(
        "rounding_account",
        "VAT rounding",
        type="choice",
        choices="accounts",
        required=True,
        help="A cent between the till's own sums, or between the till and QuickBooks.",
    ),
    Field(
        "split_tenders_account",
        "Split tenders",
        type="choice",
        choices="deposit_accounts",
        required=True,
        help="A clearing account that is 0.00 after every receipt. Receipts with a "
        "total of 0.00 and those with several tenders, of which one is negative, are "
        "posted to it.",
    ),
    Field(
        "receivable_account",
        "Accounts receivable",
        type="choice",
        choices="receivable_accounts",
        help="What customers owe. Needed where an invoice that is paid in part is "
        "reversed: what was paid is given back on the customer's account.",
    ),
    Field(
        "tips_account",
        "Tips",
        type="choice",
        choices="liability_accounts",
        help="What customers gave over the total, until it is paid out.",
    ),
    Field(
        "own_use_account",
        "Own use",
        type="choice",
        choices="accounts",
        help="An account of costs. Lowers a sale of which the shop used a part itself. "
        "QuickBooks takes no account of drawings (equity) for the item of that line.",
    ),
    Field(
        "purchases_account",
        "Purchases of what is bought in",
        type="choice",
        choices="expense_accounts",
        help="For trade-ins: never negative revenue.",
    ),
    Field(
        "over_short_account",
        "Cash over and short",
        type="choice",
        choices="accounts",
        help="Differences of cash counts.",
    ),
    Field(
        "in_transit_account",
        "Money in transit",
        type="choice",
        choices="deposit_accounts",
        help="What a cash count says was brought to the bank.",
    ),
    Field(
        "journal_vat",
        "VAT on journal entries",
        type="choice",
        default="on_top",
        choices=(
            ("on_top", "comes on top of the line's amount"),
            ("inside", "is in the line's amount"),
        ),
        help="For own use and cash movements with VAT. Intuit does not tell; the "
        "company refuses the entry (2300) where it is the other way round.",
    ),
    Field(
        "zero_totals",
        "A receipt whose total is 0.00",
        type="choice",
        default="sales_receipt",
        choices=(
            ("sales_receipt", "becomes a sales receipt of 0.00"),
            (
                "two_documents",
                "becomes a sales receipt and a refund receipt, because the company "
                "refuses a total of 0.00",
            ),
            ("fail", "fails, because the company refuses a total of 0.00"),
        ),
    ),
    Field(
        "mixed_refunds",
        "A refund with lines that were sold",
        type="choice",
        default="one_document",
        choices=(
            ("one_document", "becomes a refund receipt with negative lines"),
            (
                "two_documents",
                "becomes a sales receipt and a refund receipt, because the company "
                "refuses negative lines",
            ),
        ),
    ),
    Field(
        "default_debtor",
        "Default debtor",
        type="choice",
        choices="customers",
        required=True,
        help="The customer of sales without a relation. An invoice always has one, also "
        "where a receipt without a relation is paid with several tenders.",
    ),
    Field(
        "force_default_debtor",
        "Always use the default debtor",
        type="boolean",
        help="Except for sales on account, which need their own customer.",
    ),
    Field(
        "lines_by",
        "Lines",
        type="choice",
        default="article",
        choices=(("article", "by article"), ("turnover_group", "by turnover group")),
    ),
    Field(
        "missing_item",
        "An article that QuickBooks does not have",
        type="choice",
        default="create",
        choices=(
            ("create", "is created"),
            ("group", "is posted on its turnover group's item"),
            ("fail", "makes the receipt fail"),
        ),
    ),
    Field(
        "vat_filed_through",
        "VAT is filed up to and including",
        type="date",
        help="Nothing is posted on these days any more, as if the books were closed.",
    ),
    Field(
        "closed_period",
        "A receipt in a closed period",
        type="choice",
        default="hold",
        choices=(
            ("hold", "is held until the period is opened"),
            ("first_open_day", "is posted on the first open day of the same year"),
        ),
        help="Closed are the days up to QuickBooks' closing date and those for which "
        "VAT is filed. The note of what is posted later tells the original date.",
    ),
    Field(
        "after_posting",
        "A receipt that was changed after it had been posted",
        type="choice",
        default="report",
        choices=(
            ("report", "is reported; a person mends the books"),
            ("update", "updates its document, where nobody touched that"),
            ("reverse", "is reversed and posted again, on the first open day"),
        ),
        help="Payments that were added are posted in any case. What cannot be updated "
        "or reversed exactly is reported.",
    ),
    Field("location_required", "Every document needs a location", type="boolean"),
)
