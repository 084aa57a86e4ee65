"""Sales receipts, invoices, credit memos and refund receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from connectors.quickbooks.sandbox.apifaults import (
    ApiError,
    business_error,
    missing,
)
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.customfields import settle_custom_fields
from connectors.quickbooks.sandbox.ledger import Posting
from connectors.quickbooks.sandbox.references import (
    settle,
    settle_account,
    settle_class,
    settle_currency,
    settle_department,
)
from connectors.quickbooks.sandbox.saleslines import prepare_lines
from connectors.quickbooks.sandbox.salestax import Taxed, tax_form

ZERO = Decimal(0)
MONEY_ACCOUNTS = ("Bank", "Other Current Asset")


@dataclass(frozen=True, slots=True)
class Form:
    """How the four forms differ.

    ``direction`` 1 brings income in, -1 gives it back; ``on_account`` forms post to
    receivables, the others to the account they name.
    """

    direction: int
    on_account: bool
    required: tuple[str, ...]


FORMS = {
    "SalesReceipt": Form(1, on_account=False, required=()),
    "Invoice": Form(1, on_account=True, required=("CustomerRef",)),
    "CreditMemo": Form(-1, on_account=True, required=("CustomerRef",)),
    "RefundReceipt": Form(-1, on_account=False, required=("DepositToAccountRef",)),
}


def prepare_form(
    company: Company, entity: str, form: Object
) -> tuple[Object, list[Posting]]:
    """Check and complete a sales form that has its number; gives it with its postings.

    ``form`` is what the client wants it to be, after merging with what was there; it
    is changed in place. Raises ApiError.
    """
    kind = FORMS[entity]
    for name in kind.required:
        if form.get(name) is None:
            raise missing(name)
    if not form.get("Line"):
        raise ApiError("2250", "Required parameter Line is missing in the request")
    form.setdefault("TxnDate", company.today)
    _settle_header(company, entity, form)
    lines, amounts = prepare_lines(company, entity, form)
    taxed = tax_form(company, form, amounts)
    _total(company, entity, form, lines=lines, taxed=taxed)
    return form, _make_postings(company, form, kind, taxed)


def _settle_header(company: Company, entity: str, form: Object) -> None:
    settle(company, "Customer", form, "CustomerRef")
    settle(company, "PaymentMethod", form, "PaymentMethodRef")
    settle_department(company, form)
    settle_class(company, form, line=False)
    settle_currency(company, form)
    settle_custom_fields(company, form)
    term = settle(company, "Term", form, "SalesTermRef")
    if entity == "Invoice" and form.get("DueDate") is None:
        days = int(term.get("DueDays", 0)) if term else 0
        due = date.fromisoformat(form["TxnDate"]) + timedelta(days=days)
        form["DueDate"] = due.isoformat()
    if not FORMS[entity].on_account:
        if form.get("DepositToAccountRef") is None:
            form["DepositToAccountRef"] = {"value": undeposited_funds(company)}
        settle_account(company, form, "DepositToAccountRef", MONEY_ACCOUNTS)
        _check_cheque(company, entity, form)
    if form.get("EmailStatus") == "NeedToSend" and not form.get("BillEmail"):
        raise ApiError("6420", "BillEmail is required when EmailStatus is NeedToSend")
    form.setdefault("EmailStatus", "NotSet")
    form.setdefault("PrintStatus", "NotSet")


def _check_cheque(company: Company, entity: str, form: Object) -> None:
    """A refund that says it was printed as a cheque needs the cheque's number."""
    if entity != "RefundReceipt" or form.get("PrintStatus") != "PrintComplete":
        return
    account = company.get("Account", form["DepositToAccountRef"]["value"]) or {}
    if account["AccountType"] == "Bank" and form.get("PaymentRefNum") is None:
        raise missing("PaymentRefNum")


def _insert_subtotal(lines: list[Object], net: Decimal) -> list[Object]:
    """The lines with the subtotal behind the items and before the discount."""
    discounts = [
        place
        for place, line in enumerate(lines)
        if line["DetailType"] == "DiscountLineDetail"
    ]
    position = discounts[0] if discounts else len(lines)
    subtotal = {
        "Amount": net + sum((lines[place]["Amount"] for place in discounts), ZERO),
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }
    return [*lines[:position], subtotal, *lines[position:]]


def _total(
    company: Company, entity: str, form: Object, *, lines: list[Object], taxed: Taxed
) -> None:
    form["Line"] = _insert_subtotal(lines, taxed.net)
    form.pop("TxnTaxDetail", None)
    if taxed.detail is not None:
        form["TxnTaxDetail"] = taxed.detail
    form["TotalAmt"] = total = taxed.net + taxed.tax
    if total < 0:
        raise business_error("Transaction amount must be 0 or greater.")
    refusing = company.switches["zero_total"] == "refused"
    if total == 0 and refusing and not FORMS[entity].on_account:
        raise business_error("You must set a transaction amount.")
    form.setdefault("ApplyTaxAfterDiscount", False)
    links = company.links.get((entity, form.get("Id", "")), {})
    form["LinkedTxn"] = [{"TxnId": key, "TxnType": "Payment"} for key in links]
    form["Balance"] = ZERO
    if FORMS[entity].on_account:
        form["Balance"] = total - sum(links.values(), ZERO)
    if form["Balance"] < 0:
        raise business_error("More has been paid than the new total.")
    if entity == "CreditMemo":
        form["RemainingCredit"] = form["Balance"]


def _make_postings(
    company: Company, form: Object, kind: Form, taxed: Taxed
) -> list[Posting]:
    department = (form.get("DepartmentRef") or {}).get("value", "")
    if kind.on_account:
        customer = form["CustomerRef"]["value"]
        account = receivables(company)
    else:
        customer = ""
        account = form["DepositToAccountRef"]["value"]
    postings = [
        Posting(
            account,
            form["TotalAmt"] * kind.direction,
            customer=customer,
            department=department,
        )
    ]
    for line in taxed.lines:
        if line.net:
            postings.append(
                Posting(
                    _account_of(company, line.line),
                    -line.net * kind.direction,
                    tax_code=line.code,
                    department=department,
                )
            )
    for rate, amount in taxed.by_rate.items():
        if amount:
            postings.append(
                Posting(tax_account(company), -amount * kind.direction, tax_rate=rate)
            )
    return postings


def _account_of(company: Company, line: Object) -> str:
    detail = line[line["DetailType"]]
    reference = detail.get("ItemAccountRef") or detail.get("DiscountAccountRef")
    return str(reference["value"]) if reference else sales_account(company)


def _system_account(company: Company, subtype: str) -> str:
    for account in company.all("Account"):
        if account["AccountSubType"] == subtype:
            return str(account["Id"])
    raise business_error(f"The company has no account of subtype {subtype}.")


def undeposited_funds(company: Company) -> str:
    """The account for money that is nowhere yet."""
    return _system_account(company, "UndepositedFunds")


def receivables(company: Company) -> str:
    """The account of what customers owe."""
    return _system_account(company, "AccountsReceivable")


def tax_account(company: Company) -> str:
    """The account of the tax that is owed."""
    return _system_account(company, "GlobalTaxPayable")


def sales_account(company: Company) -> str:
    """The account of lines without an item."""
    return _system_account(company, "SalesOfProductIncome")
