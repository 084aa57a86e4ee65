"""Bodies of sales documents and payments, as the accounting API takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.quickbooks.targets.fields import CUSTOM_FIELDS
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.vat import (
    Piece,
    make_tax_detail,
    needs_tax_detail,
    round_cents,
)
from connectors.writes import Known, Mapped, Ref

SALES_RECEIPT = "SalesReceipt"
REFUND_RECEIPT = "RefundReceipt"
INVOICE = "Invoice"
CREDIT_MEMO = "CreditMemo"
PAYMENT = "Payment"
RECEIPTS = frozenset({SALES_RECEIPT, REFUND_RECEIPT})
# QuickBooks keeps 7 decimals of a unit price, and takes none above the largest
# (Intuit's reference).
PRICE_STEP = Decimal("0.0000001")
LARGEST_PRICE = 99_999_999_999
# Where a document has what the header's rules fill; an update can leave them alone.
HEADER_FIELDS = {
    "location": "DepartmentRef",
    "class": "ClassRef",
    "memo": "CustomerMemo",
    "terms": "SalesTermRef",
    "due_date": "DueDate",
}
# What clears the fields that a document of a kind may lose by an update.
NO_ENTRY: Mapping[str, str] = {"value": ""}
CLEARED: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(RECEIPTS, {"CustomerRef": NO_ENTRY, "PaymentMethodRef": NO_ENTRY}),
    INVOICE: {"SalesTermRef": NO_ENTRY, "DueDate": ""},
}
CLEARED_IN_ALL = dict.fromkeys(
    ("DepartmentRef", "ClassRef", "CustomerMemo", "ShipMethodRef"), NO_ENTRY
)


def turn(piece: Piece) -> Piece:
    """A line with its sign turned, for a refund."""
    return replace(piece, quantity=-piece.quantity, gross=-piece.gross, net=-piece.net)


def make_line(piece: Piece, *, excluded: bool = False) -> dict[str, Any]:
    """A SalesItemLineDetail line: net Amount, gross TaxInclusiveAmt, Qty always.

    ``excluded``: the document goes without VAT, its amounts are net.
    """
    detail: dict[str, Any] = {
        "ItemRef": {"value": piece.item},
        "Qty": piece.quantity,
        "TaxCodeRef": {"value": piece.tax_code},
    }
    if not excluded:
        detail["TaxInclusiveAmt"] = piece.gross
    price = find_unit_price(piece.net, piece.quantity)
    if price is not None:
        detail["UnitPrice"] = price
    if piece.class_id:
        detail["ClassRef"] = {"value": piece.class_id}
    line: dict[str, Any] = {
        "Amount": piece.net,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }
    return {**line, "Description": piece.text} if piece.text else line


def find_unit_price(amount: Decimal, quantity: Decimal) -> Decimal | None:
    """The price for which round(quantity × price, 2) is the amount, None if none is.

    QuickBooks refuses a line where it is not (code 6070).
    """
    if not quantity or abs(amount / quantity) > LARGEST_PRICE:
        return None
    price = (amount / quantity).quantize(PRICE_STEP, ROUND_HALF_UP)
    if round_cents(price * quantity) != amount:
        return None
    return price.quantize(Decimal("0.01")) if price == round_cents(price) else price


def make_lines(
    pieces: Sequence[Piece], options: Options, *, update: bool = False
) -> dict[str, Any]:
    """Line, GlobalTaxCalculation and, where needed, TxnTaxDetail of a document.

    ``update`` always says the VAT: that of the last version would stay otherwise.
    """
    excluded = any(piece.tax_excluded for piece in pieces)
    body: dict[str, Any] = {
        "GlobalTaxCalculation": "TaxExcluded" if excluded else "TaxInclusive",
        "Line": [make_line(piece, excluded=excluded) for piece in pieces],
    }
    if update or needs_tax_detail(pieces):
        detail = make_tax_detail(pieces, options.tax_codes)
        if detail is not None:
            body["TxnTaxDetail"] = detail
        elif update:
            body["TxnTaxDetail"] = {}
    return body


def make_head(
    header: Mapping[str, Any], *, number: str, day: date, currency: str, note: str
) -> dict[str, Any]:
    """What all sales documents have: number, date, note, location, class, memo,
    custom fields.

    The currency is always said, so that a company with another one refuses it.
    """
    body: dict[str, Any] = {
        "DocNumber": number,
        "TxnDate": day.isoformat(),
        "CurrencyRef": {"value": currency},
        "PrivateNote": note,
    }
    if header.get("location"):
        body["DepartmentRef"] = {"value": str(header["location"])}
    if header.get("class"):
        body["ClassRef"] = {"value": str(header["class"])}
    if header.get("ship_method"):
        method = str(header["ship_method"])
        body["ShipMethodRef"] = {"value": method, "name": method}
    if header.get("memo"):
        body["CustomerMemo"] = {"value": str(header["memo"])[:1000]}
    filled = {
        number: str(header.get(f"custom_{number}") or "") for number in CUSTOM_FIELDS
    }
    custom = [_make_custom(number, text) for number, text in filled.items() if text]
    return {**body, "CustomField": custom} if custom else body


def _make_custom(number: int, text: str) -> dict[str, str]:
    return {
        "DefinitionId": str(number),
        "Type": "StringType",
        "StringValue": text,
    }


def list_filled(there: Mapping[str, Any]) -> list[str]:
    """The header's fields that a document of QuickBooks has a value in."""
    return [name for name, key in HEADER_FIELDS.items() if _has_value(there.get(key))]


def _has_value(value: Any) -> bool:
    return bool(value.get("value") if isinstance(value, Mapping) else value)


def list_left(mapped: Mapped, posted: Known) -> list[str]:
    """The header's fields whose values an update leaves alone.

    What they have was noted when the document was written last: it is updated only
    while nobody has changed it since. Of one that was written before this was noted,
    what was posted tells.
    """
    filled = set(str(posted.facts.get("filled", "")).split())
    if "filled" not in posted.facts and mapped.before is not None:
        filled = set(mapped.before.header)
    kept = {name for scope, name in mapped.kept if scope == "header"}
    return sorted(kept & filled & HEADER_FIELDS.keys())


def leave_alone(
    entity: str,
    body: Mapping[str, Any],
    names: Collection[str],
    *,
    before: Mapping[str, Any],
) -> dict[str, Any]:
    """A full update as a sparse one that says nothing of some of the header's fields.

    What it has no value for is cleared, as a full update would. ``before`` is the
    header that was posted: of the custom fields only those it filled are cleared,
    because a company refuses one that it has not switched on.
    """
    left = {HEADER_FIELDS[name] for name in names}
    sent = {key: value for key, value in body.items() if key not in left}
    empty = {**CLEARED_IN_ALL, **CLEARED.get(entity, {})}
    cleared = {k: v for k, v in empty.items() if k not in left and k not in body}
    there = list(body.get("CustomField") or ())
    numbers = {each["DefinitionId"] for each in there}
    gone = [
        _make_custom(number, "")
        for number in CUSTOM_FIELDS
        if before.get(f"custom_{number}") and str(number) not in numbers
    ]
    custom = {"CustomField": [*there, *gone]} if gone else {}
    return {**cleared, **sent, **custom, "sparse": True}


def make_receiving(account: str, payment_method: str) -> dict[str, Any]:
    """Where a SalesReceipt's or RefundReceipt's money goes or comes from."""
    body: dict[str, Any] = {"DepositToAccountRef": {"value": account}}
    if payment_method:
        body["PaymentMethodRef"] = {"value": payment_method}
    return body


def make_terms(header: Mapping[str, Any]) -> dict[str, Any]:
    """Terms and due date of an Invoice."""
    body: dict[str, Any] = {}
    if header.get("terms"):
        body["SalesTermRef"] = {"value": str(header["terms"])}
    due = header.get("due_date")
    if due:
        body["DueDate"] = due.isoformat() if isinstance(due, date) else str(due)
    return body


def make_payment(
    amount: Decimal,
    links: Sequence[tuple[Decimal, Ref | str, str]],
    *,
    customer: Mapping[str, Any],
    head: Mapping[str, Any],
) -> dict[str, Any]:
    """A Payment of the customer, linked to (amount, id, entity) each; it is unapplied
    without.

    ``head`` is what it has beside: number, date, note, currency, account.
    """
    body: dict[str, Any] = {
        **head,
        "CustomerRef": dict(customer),
        "TotalAmt": amount,
    }
    lines = [
        {"Amount": part, "LinkedTxn": [{"TxnId": target, "TxnType": entity}]}
        for part, target, entity in links
    ]
    return {**body, "Line": lines} if lines else body


def make_payment_head(
    *, number: str, day: date, currency: str, note: str
) -> dict[str, Any]:
    """What all payments have."""
    return {
        "TxnDate": day.isoformat(),
        "PaymentRefNum": number,
        "PrivateNote": note,
        "CurrencyRef": {"value": currency},
    }
