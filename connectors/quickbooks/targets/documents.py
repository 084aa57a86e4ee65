"""Bodies of sales documents and payments, as the accounting API takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.tenders import Payment
from connectors.quickbooks.targets.vat import (
    Piece,
    make_tax_detail,
    needs_tax_detail,
    round_cents,
)
from connectors.writes import Ref

SALES_RECEIPT = "SalesReceipt"
REFUND_RECEIPT = "RefundReceipt"
INVOICE = "Invoice"
PAYMENT = "Payment"
# QuickBooks keeps 7 decimals of a unit price, and takes none above the largest
# (Intuit's reference).
PRICE_STEP = Decimal("0.0000001")
LARGEST_PRICE = 99_999_999_999


def turn(piece: Piece) -> Piece:
    """A line with its sign turned, for a refund."""
    return replace(piece, quantity=-piece.quantity, gross=-piece.gross, net=-piece.net)


def make_line(piece: Piece) -> dict[str, Any]:
    """A SalesItemLineDetail line: net Amount, gross TaxInclusiveAmt, Qty always."""
    detail: dict[str, Any] = {
        "ItemRef": {"value": piece.item},
        "Qty": piece.quantity,
        "TaxCodeRef": {"value": piece.tax_code},
        "TaxInclusiveAmt": piece.gross,
    }
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


def make_lines(pieces: Sequence[Piece], options: Options) -> dict[str, Any]:
    """Line, GlobalTaxCalculation and, where needed, TxnTaxDetail of a document."""
    body: dict[str, Any] = {
        "GlobalTaxCalculation": "TaxInclusive",
        "Line": [make_line(piece) for piece in pieces],
    }
    if needs_tax_detail(pieces):
        detail = make_tax_detail(pieces, options.tax_codes)
        if detail is not None:
            body["TxnTaxDetail"] = detail
    return body


def make_head(
    header: Mapping[str, Any], *, number: str, day: date, currency: str, note: str
) -> dict[str, Any]:
    """What all sales documents have: number, date, note, location, class, memo.

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
    if header.get("memo"):
        body["CustomerMemo"] = {"value": str(header["memo"])[:1000]}
    return body


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
    payment: Payment,
    *,
    invoice: Ref,
    head: Mapping[str, Any],
    number: str,
    note: str,
) -> dict[str, Any]:
    """A Payment that settles its amount of the invoice.

    ``head`` is the invoice's body: customer and currency are the same.
    """
    return {
        "TxnDate": payment.date.isoformat(),
        "PaymentRefNum": number,
        "PrivateNote": note,
        "CustomerRef": dict(head["CustomerRef"]),
        "CurrencyRef": dict(head["CurrencyRef"]),
        "TotalAmt": payment.amount,
        **make_receiving(payment.account, payment.payment_method),
        "Line": [
            {
                "Amount": payment.amount,
                "LinkedTxn": [{"TxnId": invoice, "TxnType": INVOICE}],
            }
        ],
    }
