"""Credits applied by the company itself, where it is set to do that."""

from __future__ import annotations

from decimal import Decimal

from connectors.quickbooks.sandbox import payments
from connectors.quickbooks.sandbox.company import Company, Object

ZERO = Decimal(0)


def apply_credits(company: Company, entity: str, obj: Object) -> None:
    """Apply a new credit memo to open invoices, or open credits to a new invoice.

    Each match becomes a payment of 0.00 that links the two, oldest first.
    """
    preferences = company.preferences["SalesFormsPrefs"]
    if not (company.switches["auto_apply_credit"] or preferences["AutoApplyCredit"]):
        return
    other = "Invoice" if entity == "CreditMemo" else "CreditMemo"
    left: Decimal = obj["Balance"]
    open_ones = [
        found
        for found in company.table(other).find("CustomerRef", obj["CustomerRef"])
        if found["Balance"] > 0
    ]
    for found in sorted(open_ones, key=lambda each: (each["TxnDate"], int(each["Id"]))):
        amount = min(left, found["Balance"])
        if amount <= 0:
            return
        _link(company, obj, amount, [(entity, obj["Id"]), (other, found["Id"])])
        left -= amount


def _link(
    company: Company, obj: Object, amount: Decimal, keys: list[tuple[str, str]]
) -> None:
    now = company.now
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}
        for kind, key in keys
    ]
    values = {
        "CustomerRef": obj["CustomerRef"],
        "TotalAmt": ZERO,
        "TxnDate": obj["TxnDate"],
        "Line": lines,
        "PrivateNote": "Created by QB Online to link credits to charges.",
    }
    payment, _, applied = payments.prepare_payment(company, values)
    payment |= {
        "domain": "QBO",
        "sparse": False,
        "Id": company.next_id("Payment"),
        "SyncToken": "0",
        "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
    }
    company.put("Payment", payment)
    payments.apply(company, payment["Id"], applied)
    for key in keys:
        payments.reopen(company, key)
