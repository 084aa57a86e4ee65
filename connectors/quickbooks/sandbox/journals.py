"""Journal entries."""

from __future__ import annotations

from decimal import Decimal

from connectors.quickbooks.sandbox.apifaults import (
    ApiError,
    business_error,
    missing,
)
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.ledger import Posting
from connectors.quickbooks.sandbox.references import (
    find,
    settle,
    settle_class,
    settle_currency,
    settle_department,
)
from connectors.quickbooks.sandbox.salesforms import tax_account
from connectors.quickbooks.sandbox.salestax import NO_TAX_CODE, rates_of

ZERO = Decimal(0)


def prepare_journal(company: Company, entry: Object) -> tuple[Object, list[Posting]]:
    """Check and complete a journal entry; gives it with its postings.

    Debits and credits must be equal, each with the tax on it (or in it, by the switch),
    which the service books itself. Raises ApiError.
    """
    if len(entry.get("Line") or []) < 2:
        raise ApiError("2250", "A journal entry has at least two lines.")
    entry.setdefault("TxnDate", company.today)
    settle_currency(company, entry)
    entry.setdefault("Adjustment", False)
    entry["TotalAmt"] = ZERO
    lines = []
    postings: list[Posting] = []
    for number, sent in enumerate(entry["Line"]):
        line = {**sent, "Id": sent.get("Id", str(number))}
        postings += _prepare_line(company, entry, line)
        lines.append(line)
    entry["Line"] = lines
    if sum((posting.amount for posting in postings), ZERO) != 0:
        raise ApiError("2300", "Total debits must be equal to total credits.")
    return entry, postings


def _prepare_line(company: Company, entry: Object, line: Object) -> list[Posting]:
    if line.get("DetailType") == "DescriptionOnly":
        return []
    if line.get("Amount") is None:
        raise missing("Line.Amount")
    if line["Amount"] < 0:
        raise ApiError("2290", f"Line.Amount {line['Amount']} is negative")
    detail = {**line.get("JournalEntryLineDetail", {})}
    line["JournalEntryLineDetail"] = detail
    if detail.get("PostingType") is None:
        raise ApiError("2260", "PostingType is required on a journal entry line")
    if detail.get("AccountRef") is None:
        raise missing("AccountRef")
    account = settle(company, "Account", detail, "AccountRef")
    settle_department(company, detail)
    settle_class(company, detail, line=True)
    customer = _settle_entity(company, detail, account or {})
    sign = 1 if detail["PostingType"] == "Debit" else -1
    code = (detail.get("TaxCodeRef") or {}).get("value", "")
    taxes = _post_tax(company, entry, detail, sign=sign) if code else []
    amount = sign * line["Amount"]
    if company.switches["journal_tax"] == "inside":
        amount -= sum((tax.amount for tax in taxes), ZERO)
    posting = Posting(
        detail["AccountRef"]["value"],
        amount,
        tax_code=code,
        customer=customer,
        department=(detail.get("DepartmentRef") or {}).get("value", ""),
    )
    return [posting, *taxes]


def _settle_entity(company: Company, detail: Object, account: Object) -> str:
    entity = detail.get("Entity") or {}
    needed = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}.get(
        account["AccountType"]
    )
    if needed and entity.get("Type") != needed:
        raise business_error(
            f"When you use {account['AccountType']}, you must choose a {needed.lower()}"
            " in the Name field."
        )
    if entity.get("Type") != "Customer":
        return ""
    if entity.get("EntityRef") is None:
        raise missing("EntityRef")
    customer = find(company, "Customer", entity["EntityRef"])
    return str(customer["Id"]) if needed else ""


def _post_tax(
    company: Company, entry: Object, detail: Object, *, sign: int
) -> list[Posting]:
    if detail.get("TaxApplicableOn") is None:
        raise ApiError("2270", "TaxApplicableOn is required with TaxCodeRef")
    if detail.get("TaxAmount") is None:
        raise ApiError("2280", "TaxAmount is required with TaxCodeRef")
    code = find(company, "TaxCode", detail["TaxCodeRef"])
    rates = rates_of(
        company, code, entry["TxnDate"], side=str(detail["TaxApplicableOn"])
    )
    if not rates:
        raise business_error(NO_TAX_CODE)
    if not detail["TaxAmount"]:
        return []
    tax = sign * detail["TaxAmount"]
    return [Posting(tax_account(company), tax, tax_rate=rates[0].id)]
