"""Lists that people choose from: accounts, tax codes, payment methods and so on."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.contract import Choice
from connectors.quickbooks.client import Client, Record
from connectors.quickbooks.targets.fields import MOVEMENTS, PARTS, SUPPLIES, TREATMENTS
from connectors.quickbooks.targets.options import OPEN, Span, format_history
from connectors.quickbooks.targets.outcomes import read_amount
from integration_hub.core.errors import UnsupportedError

DEPOSIT_TYPES = frozenset({"Bank", "Other Current Asset"})
INCOME_TYPES = frozenset({"Income", "Other Income"})
EXPENSE_TYPES = frozenset({"Cost of Goods Sold", "Expense", "Other Expense"})
LIABILITY_TYPES = frozenset(
    {"Other Current Liability", "Long Term Liability", "Other Current Asset"}
)
# A clearing account may take money in; a receivable or a liability may not. What the
# shop used itself goes to drawings or costs, an own voucher to its own revenue account.
ACCOUNT_LISTS: Mapping[str, frozenset[str]] = {
    "accounts": frozenset(),
    "deposit_accounts": DEPOSIT_TYPES,
    "tender_accounts": DEPOSIT_TYPES | INCOME_TYPES | EXPENSE_TYPES | {"Equity"},
    "income_accounts": INCOME_TYPES,
    "expense_accounts": EXPENSE_TYPES,
    "liability_accounts": LIABILITY_TYPES,
    "receivable_accounts": frozenset({"Accounts Receivable"}),
}
# What is inactive is listed too: its name tells what a setting of old still means.
# Customers are too many for that.
EVERYTHING = "Active in (true, false)"
PLAIN_LISTS = {
    "payment_methods": "PaymentMethod",
    "terms": "Term",
    "locations": "Department",
    "classes": "Class",
    "items": "Item",
    "customers": "Customer",
}
MONTHS = tuple(calendar.month_name[1:])
# Credit memos, and payments that are not applied: both may pay an invoice of ours.
AUTOMATIC = ("AutoApplyCredit", "AutoApplyPayments")
FIXED_LISTS = {
    "treatments": TREATMENTS,
    "supplies": SUPPLIES,
    "movement_treatments": MOVEMENTS,
    "participation": PARTS,
}
# Which sorts of tenders, as a till tells them, each treatment is proposed for.
TENDER_SORTS = {
    "payment": "cash card",
    "third_party": "voucher",
    "own_voucher": "voucher",
    "on_account": "on_account",
    "gift_card": "gift_card",
    "deposit": "deposit_used",
    "own_use": "own_use",
    "breakage": "own_use",
    "promotion": "own_use",
}
CHOICE_LISTS = (*FIXED_LISTS, "tax_codes", "closing", *ACCOUNT_LISTS, *PLAIN_LISTS)


def read_list(client: Client, name: str, *, today: date) -> list[Choice]:
    """The entries of a list. Raises UnsupportedError for an unknown name."""
    if name == "tax_codes":
        return read_tax_codes(client, today=today)
    if name == "closing":
        return read_closing(client)
    if name in FIXED_LISTS:
        return [make_fixed(key, label) for key, label in FIXED_LISTS[name]]
    if name in ACCOUNT_LISTS:
        return read_accounts(client, ACCOUNT_LISTS[name])
    if name in PLAIN_LISTS:
        make = READERS.get(name, make_plain)
        where = "" if name == "customers" else EVERYTHING
        return [make(row) for row in client.query_all(PLAIN_LISTS[name], where)]
    raise UnsupportedError(f"QuickBooks has no list called {name}.")


def make_fixed(key: str, label: str) -> Choice:
    """An entry of a list of the hub's own."""
    sorts = TENDER_SORTS.get(key)
    return Choice(id=key, name=label, facts={"type": sorts} if sorts else {})


def read_closing(client: Client) -> list[Choice]:
    """The last day that is closed as the id, OPEN if no day is.

    ``first_month`` is that of the books' year, a number; ``applies_credits`` says
    whether the company applies credits to invoices by itself.
    """
    preferences = client.read_preferences()
    books = preferences.get("AccountingInfoPrefs") or {}
    sales = preferences.get("SalesFormsPrefs") or {}
    closed = str(books.get("BookCloseDate") or "")[:10]
    month = str(books.get("FirstMonthOfFiscalYear") or "January")
    number = MONTHS.index(month) + 1 if month in MONTHS else 1
    applies = any(sales.get(name) is True for name in AUTOMATIC)
    facts = {"first_month": str(number), "applies_credits": str(applies).lower()}
    name = f"Closed up to {closed}" if closed else "No day is closed"
    return [Choice(id=closed or OPEN, name=name, facts=facts)]


def read_accounts(client: Client, types: Iterable[str]) -> list[Choice]:
    """Accounts of some types; of all types if none is given."""
    wanted = frozenset(types)
    return [
        Choice(
            id=str(row["Id"]),
            name=str(row.get("FullyQualifiedName") or row.get("Name") or ""),
            code=str(row.get("AcctNum") or ""),
            active=row.get("Active") is not False,
            facts={
                "type": str(row.get("AccountType") or ""),
                "subtype": str(row.get("AccountSubType") or ""),
                "currency": str((row.get("CurrencyRef") or {}).get("value") or ""),
                "bank_feed": "yes" if row.get("OnlineBankingEnabled") is True else "",
            },
        )
        for row in client.query_all("Account", EVERYTHING)
        if not wanted or row.get("AccountType") in wanted
    ]


def read_tax_codes(client: Client, *, today: date) -> list[Choice]:
    """Tax codes that sales may use, with the rate of today and its history."""
    rates = {str(row["Id"]): row for row in client.query_all("TaxRate")}
    found = client.query_all("TaxCode", EVERYTHING)
    codes = [row for row in found if is_for_sales(row)]
    return [make_tax_code(row, rates, today=today) for row in codes]


def is_for_sales(row: Record) -> bool:
    """Not hidden, and with a sales rate or outside VAT altogether."""
    if row.get("Hidden") is True:
        return False
    return bool(list_rates(row)) or row.get("Taxable") is False


def list_rates(row: Record, side: str = "Sales") -> list[str]:
    """The ids of a tax code's rates on sales, or on purchases."""
    details = (row.get(f"{side}TaxRateList") or {}).get("TaxRateDetail") or []
    return [str(detail["TaxRateRef"]["value"]) for detail in details]


def make_tax_code(row: Record, rates: Mapping[str, Record], *, today: date) -> Choice:
    """A tax code. A code of several rates has no history: they are not told apart."""
    ids = list_rates(row)
    spans = read_single(ids, rates)
    bought = list_rates(row, "Purchase")
    # A code that has rates on sales only is none for purchases.
    bought_spans = read_single(bought, rates) if bought or not ids else ()
    current = [s.rate for s in spans if (s.start or today) <= today <= (s.end or today)]
    facts = {
        "rate": f"{current[0].normalize():f}" if current else "",
        "rate_id": ids[0] if len(ids) == 1 else "",
        "history": format_history(spans),
        "bought": format_history(bought_spans),
    }
    name = str(row.get("Name") or row["Id"])
    active = row.get("Active") is not False
    return Choice(id=str(row["Id"]), name=name, code=name, active=active, facts=facts)


def read_single(ids: Sequence[str], rates: Mapping[str, Record]) -> tuple[Span, ...]:
    """The history of the only rate; 0 % for ever without one, nothing of several."""
    if not ids:
        return (Span(Decimal(0), None, None),)
    return read_spans(rates[ids[0]]) if len(ids) == 1 and ids[0] in rates else ()


def read_spans(row: Record) -> tuple[Span, ...]:
    """A tax rate over time; its RateValue for ever if it says no more."""
    spans = []
    for entry in row.get("EffectiveTaxRate") or []:
        rate = read_amount(entry.get("RateValue"))
        if rate is not None:
            start, end = read_day(entry, "EffectiveDate"), read_day(entry, "EndDate")
            spans.append(Span(rate, start, end))
    rate = read_amount(row.get("RateValue"))
    if not spans and rate is not None:
        spans.append(Span(rate, None, None))
    # Intuit leaves the end of a rate open when a later one begins.
    return tuple(sorted(spans, key=lambda s: s.start or date.min, reverse=True))


def read_day(entry: Mapping[str, Any], field: str) -> date | None:
    """The day of a time such as 2012-10-01T00:00:00-07:00."""
    text = str(entry.get(field) or "")[:10]
    return date.fromisoformat(text) if text else None


def make_plain(row: Record) -> Choice:
    """A choice with id and name."""
    name = row.get("FullyQualifiedName") or row.get("Name") or row["Id"]
    return Choice(
        id=str(row["Id"]), name=str(name), active=row.get("Active") is not False
    )


def make_term(row: Record) -> Choice:
    """Payment terms with their days."""
    facts = {"days": str(row["DueDays"])} if row.get("DueDays") is not None else {}
    return replace(make_plain(row), facts=facts)


def make_item(row: Record) -> Choice:
    """An item with its SKU."""
    account = (row.get("IncomeAccountRef") or {}).get("value") or ""
    return Choice(
        id=str(row["Id"]),
        name=str(row.get("FullyQualifiedName") or row.get("Name") or ""),
        code=str(row.get("Sku") or ""),
        active=row.get("Active") is not False,
        facts={"type": str(row.get("Type") or ""), "income_account": str(account)},
    )


def make_customer(row: Record) -> Choice:
    """A customer by display name."""
    return Choice(id=str(row["Id"]), name=str(row.get("DisplayName") or ""))


READERS: Mapping[str, Callable[[Record], Choice]] = {
    "terms": make_term,
    "items": make_item,
    "customers": make_customer,
}
