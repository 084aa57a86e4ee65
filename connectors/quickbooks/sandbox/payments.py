"""Payments, and what they are linked to: invoices and credit memos."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.quickbooks.sandbox.apifaults import ApiError, business_error, missing
from connectors.quickbooks.sandbox.company import Company, Object
from connectors.quickbooks.sandbox.ledger import Posting
from connectors.quickbooks.sandbox.references import (
    settle,
    settle_account,
    settle_currency,
)
from connectors.quickbooks.sandbox.salesforms import (
    MONEY_ACCOUNTS,
    receivables,
    undeposited_funds,
)

ZERO = Decimal(0)
JOURNAL = "JournalEntry"
Target = tuple[str, str]


def prepare_payment(
    company: Company,
    payment: Object,
    *,
    released: Mapping[Target, Decimal] | None = None,
) -> tuple[Object, list[Posting], dict[Target, Decimal]]:
    """Check and complete a payment; gives its postings and what it applies to what.

    ``released`` is what it applied until now and may apply again. Raises ApiError.
    """
    for name in ("CustomerRef", "TotalAmt"):
        if payment.get(name) is None:
            raise missing(name)
    if payment["TotalAmt"] < 0:
        raise ApiError("2290", f"TotalAmt {payment['TotalAmt']} is negative")
    payment.setdefault("TxnDate", company.today)
    settle(company, "Customer", payment, "CustomerRef")
    settle(company, "PaymentMethod", payment, "PaymentMethodRef")
    settle_currency(company, payment)
    if payment.get("DepositToAccountRef") is None:
        payment["DepositToAccountRef"] = {"value": undeposited_funds(company)}
    settle_account(company, payment, "DepositToAccountRef", MONEY_ACCOUNTS)
    applied = _read_lines(company, payment, released or {})
    used = sum(
        (
            -amount if key[0] == "CreditMemo" else amount
            for key, amount in applied.items()
        ),
        ZERO,
    )
    if used > payment["TotalAmt"]:
        raise business_error("The amounts applied are more than the payment.")
    payment["UnappliedAmt"] = payment["TotalAmt"] - used
    payment.setdefault("ProcessPayment", False)
    return payment, _make_postings(company, payment), applied


def _read_lines(
    company: Company, payment: Object, released: Mapping[Target, Decimal]
) -> dict[Target, Decimal]:
    applied: dict[Target, Decimal] = {}
    payment["Line"] = payment.get("Line") or []
    for line in payment["Line"]:
        if line.get("Amount") is None:
            raise missing("Line.Amount")
        if line["Amount"] < 0:
            raise ApiError("2290", f"Line.Amount {line['Amount']} is negative")
        links = line.get("LinkedTxn") or []
        if len(links) != 1:
            raise ApiError("620", "A payment line links to one transaction.")
        if links[0].get("TxnType") == JOURNAL and not links[0].get("TxnLineId"):
            raise ApiError("620", "A link to a journal entry names its line.")
        key = (links[0].get("TxnType", ""), links[0].get("TxnId", ""))
        applied[key] = applied.get(key, ZERO) + line["Amount"]
    for key, amount in applied.items():
        _check_link(company, payment, key, amount - released.get(key, ZERO))
    return applied


def _check_link(
    company: Company, payment: Object, key: Target, amount: Decimal
) -> None:
    if key[0] not in ("Invoice", "CreditMemo", JOURNAL):
        raise ApiError("620", f"A payment cannot be linked to {key[0]}.")
    target = company.get(*key)
    if target is None:
        raise ApiError("620", f"{key[0]} {key[1]} does not exist.")
    if key[0] == JOURNAL:
        _check_journal(company, payment, key, amount)
        return
    if target["CustomerRef"]["value"] != payment["CustomerRef"]["value"]:
        raise ApiError("620", f"{key[0]} {key[1]} is of another customer.")
    if amount > target["Balance"]:
        raise ApiError("620", f"{key[0]} {key[1]} has {target['Balance']} open.")


def _check_journal(
    company: Company, payment: Object, key: Target, amount: Decimal
) -> None:
    """What an entry puts on the account of the customer can be paid, once."""
    customer = payment["CustomerRef"]["value"]
    owed = sum(
        (
            posting.amount
            for posting in company.ledger.postings(key)
            if posting.customer == customer
        ),
        ZERO,
    )
    left = owed - sum(company.links.get(key, {}).values(), ZERO)
    if amount > left:
        raise ApiError("620", f"{key[0]} {key[1]} has {left} open of this customer.")


def _make_postings(company: Company, payment: Object) -> list[Posting]:
    total = payment["TotalAmt"]
    if not total:
        return []
    customer = payment["CustomerRef"]["value"]
    return [
        Posting(payment["DepositToAccountRef"]["value"], total),
        Posting(receivables(company), -total, customer=customer),
    ]


def applied_by(payment: Object) -> dict[Target, Decimal]:
    """What the lines of a stored payment apply to what."""
    applied: dict[Target, Decimal] = {}
    for line in payment["Line"]:
        key = _target(line)
        applied[key] = applied.get(key, ZERO) + line["Amount"]
    return applied


def take_back(company: Company, payment: Object) -> list[Target]:
    """Forget what a payment applied; gives the transactions this opens again."""
    touched = list(applied_by(payment))
    for key in touched:
        company.links.get(key, {}).pop(payment["Id"], None)
    return touched


def apply(company: Company, payment: str, applied: dict[Target, Decimal]) -> None:
    """Remember what a payment applies."""
    for key, amount in applied.items():
        company.links.setdefault(key, {})[payment] = amount


def reopen(company: Company, key: Target) -> None:
    """Bring balance and links of an invoice or credit memo up to date."""
    target = company.get(*key)
    if target is None or key[0] == JOURNAL:
        return
    links = company.links.get(key, {})
    balance = target["TotalAmt"] - sum(links.values(), ZERO)
    linked = [{"TxnId": payment, "TxnType": "Payment"} for payment in links]
    if balance == target["Balance"] and linked == target.get("LinkedTxn", []):
        return
    changed = {**target, "Balance": balance, "LinkedTxn": linked}
    if key[0] == "CreditMemo":
        changed["RemainingCredit"] = balance
    if company.switches["links_bump_version"]:
        changed["SyncToken"] = str(int(target["SyncToken"]) + 1)
    changed["MetaData"] = {**target["MetaData"], "LastUpdatedTime": company.now}
    company.put(key[0], changed)


def unlink(company: Company, key: Target) -> None:
    """Take an invoice or credit memo out of every payment: it was voided."""
    for payment_id in company.links.pop(key, {}):
        payment = company.get("Payment", payment_id)
        if payment is None:
            continue
        lines = [line for line in payment["Line"] if _target(line) != key]
        freed = sum(
            (line["Amount"] for line in payment["Line"] if _target(line) == key), ZERO
        )
        sign = 1 if key[0] == "Invoice" else -1
        changed = {
            **payment,
            "Line": lines,
            "UnappliedAmt": payment["UnappliedAmt"] + sign * freed,
            "SyncToken": str(int(payment["SyncToken"]) + 1),
        }
        company.put("Payment", changed)


def _target(line: Object) -> Target:
    link = line["LinkedTxn"][0]
    return link["TxnType"], link["TxnId"]
