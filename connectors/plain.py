"""Documents as plain data: for rules, for storage, for telling changes.

Written out per class instead of walked generically because it runs for every record;
a test holds every class against its fields.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.datamodel import (
    Address,
    Customer,
    Document,
    Line,
    LineType,
    Order,
    OrderNumber,
    OrderType,
    Tender,
    TenderType,
    VatMethod,
    VatTotal,
)
from connectors.extras import decode_extra, encode_extra


@dataclass(frozen=True, slots=True)
class _Form:
    """How numbers, dates, times and ``extra`` are written."""

    number: Callable[[Decimal], Any]
    day: Callable[[date], Any]
    moment: Callable[[datetime], Any]
    rest: Callable[[Any], Any]


def _keep(value: Any) -> Any:
    return value


def _write_canonical(value: Decimal) -> str:
    # 0.00 keeps its exponent under normalize(), and -0 equals 0.
    return str(value.normalize()) if value else "0"


_PLAIN = _Form(_keep, _keep, _keep, _keep)
_JSON = _Form(str, date.isoformat, datetime.isoformat, encode_extra)
_CANONICAL = _Form(
    _write_canonical,
    date.isoformat,
    lambda moment: moment.astimezone(UTC).isoformat(),
    lambda extra: None,
)


def to_plain(document: Document) -> dict[str, Any]:
    """Records and lists of the document's fields; Decimals and dates stay objects.

    Enumerations become their text. ``extra`` is the document's own, not a copy.
    """
    if isinstance(document, Order):
        return _order(document, _PLAIN)
    return _customer(document, _PLAIN)


def to_json(document: Document) -> dict[str, Any]:
    """JSON-ready form that ``from_json`` turns back: Decimals as text, dates ISO."""
    if isinstance(document, Order):
        return {"kind": "order", **_order(document, _JSON)}
    return {"kind": "customer", **_customer(document, _JSON)}


def from_json(data: Mapping[str, Any]) -> Document:
    """The document of ``to_json``. Raises KeyError for data of another shape."""
    if data["kind"] == "order":
        return _read_order(data)
    return _read_customer(data)


def content_hash(document: Document) -> str:
    """SHA-256 of what the document says: equal documents have equal hashes.

    Leaves out ``version`` and every ``extra``, which change without a change of
    content, and of an order's customer all but who it is: a new address of theirs
    does not change what was sold to them.
    """
    if isinstance(document, Order):
        plain = _order(document, _CANONICAL)
        del plain["version"], plain["customer"]
    else:
        plain = _customer(document, _CANONICAL)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# ----------------------------------------------------------------------- writing


def _order(order: Order, form: _Form) -> dict[str, Any]:
    number = form.number
    customer = order.customer
    return {
        "id": order.id,
        "version": order.version,
        "type": order.type.value,
        "number": order.number and _number(order.number),
        "date": form.day(order.date),
        "entered_at": form.moment(order.entered_at),
        "branch": order.branch,
        "entry_branch": order.entry_branch,
        "till": order.till,
        "country": order.country,
        "currency": order.currency,
        "vat_method": order.vat_method.value,
        "total_incl": number(order.total_incl),
        "total_excl": number(order.total_excl),
        "lines": [_line(line, form) for line in order.lines],
        "tenders": [_tender(tender, form) for tender in order.tenders],
        "vat_totals": [_vat_total(total, form) for total in order.vat_totals],
        "outstanding": number(order.outstanding),
        "tips": number(order.tips),
        "cash_rounding": number(order.cash_rounding),
        "sum_rounding": number(order.sum_rounding),
        "final": order.final,
        "employee": order.employee,
        "reference": order.reference,
        "credits": order.credits,
        "customer": None if customer is None else _customer(customer, form),
        "customer_id": order.customer_id,
        "extra": form.rest(order.extra),
    }


def _number(number: OrderNumber) -> dict[str, Any]:
    return {
        "branch": number.branch,
        "till": number.till,
        "year": number.year,
        "number": number.number,
        "text": number.text,
    }


def _line(line: Line, form: _Form) -> dict[str, Any]:
    number = form.number
    price, purchase = line.unit_price_incl, line.purchase_price
    return {
        "id": line.id,
        "type": line.type.value,
        "article": line.article,
        "text": line.text,
        "quantity": number(line.quantity),
        "amount_incl": number(line.amount_incl),
        "amount_excl": number(line.amount_excl),
        "vat_code": line.vat_code,
        "vat_rate": number(line.vat_rate),
        "turnover_group": line.turnover_group,
        "turnover_group_name": line.turnover_group_name,
        "discount": number(line.discount),
        "unit_price_incl": None if price is None else number(price),
        "purchase_price": None if purchase is None else number(purchase),
        "settles": line.settles,
        "sub_lines": [_line(sub, form) for sub in line.sub_lines],
        "extra": form.rest(line.extra),
    }


def _tender(tender: Tender, form: _Form) -> dict[str, Any]:
    return {
        "id": tender.id,
        "method": tender.method,
        "type": tender.type.value,
        "amount": form.number(tender.amount),
        "date": form.day(tender.date),
        "description": tender.description,
        "branch": tender.branch,
        "extra": form.rest(tender.extra),
    }


def _vat_total(total: VatTotal, form: _Form) -> dict[str, Any]:
    return {
        "vat_code": total.vat_code,
        "vat_rate": form.number(total.vat_rate),
        "net": form.number(total.net),
        "vat": form.number(total.vat),
    }


def _customer(customer: Customer, form: _Form) -> dict[str, Any]:
    return {
        "id": customer.id,
        "is_company": customer.is_company,
        "name": customer.name,
        "company_name": customer.company_name,
        "contact": customer.contact,
        "email": customer.email,
        "phone": customer.phone,
        "mobile": customer.mobile,
        "vat_number": customer.vat_number,
        "billing": _address(customer.billing),
        "shipping": _address(customer.shipping),
        "payment_days": customer.payment_days,
        "extra": form.rest(customer.extra),
    }


def _address(address: Address) -> dict[str, Any]:
    return {
        "street": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "country": address.country,
    }


# ----------------------------------------------------------------------- reading


def _read_order(data: Mapping[str, Any]) -> Order:
    values = {**data}
    del values["kind"]
    number, customer = data["number"], data["customer"]
    values.update(
        type=OrderType(data["type"]),
        number=None if number is None else OrderNumber(**number),
        date=date.fromisoformat(data["date"]),
        entered_at=datetime.fromisoformat(data["entered_at"]),
        vat_method=VatMethod(data["vat_method"]),
        lines=tuple(_read_line(line) for line in data["lines"]),
        tenders=tuple(_read_tender(tender) for tender in data["tenders"]),
        vat_totals=tuple(_read_vat_total(total) for total in data["vat_totals"]),
        customer=None if customer is None else _read_customer(customer),
        extra=decode_extra(data["extra"]),
    )
    for name in (
        "total_incl",
        "total_excl",
        "outstanding",
        "tips",
        "cash_rounding",
        "sum_rounding",
    ):
        values[name] = Decimal(data[name])
    return Order(**values)


def _read_line(data: Mapping[str, Any]) -> Line:
    price, purchase = data["unit_price_incl"], data["purchase_price"]
    values = {
        **data,
        "type": LineType(data["type"]),
        "unit_price_incl": None if price is None else Decimal(price),
        "purchase_price": None if purchase is None else Decimal(purchase),
        # Lines that were stored before it had a name do not say it.
        "sub_lines": tuple(_read_line(sub) for sub in data["sub_lines"]),
        "extra": decode_extra(data["extra"]),
    }
    for name in ("quantity", "amount_incl", "amount_excl", "vat_rate", "discount"):
        values[name] = Decimal(data[name])
    return Line(**values)


def _read_tender(data: Mapping[str, Any]) -> Tender:
    return Tender(
        **{
            **data,
            "type": TenderType(data["type"]),
            "amount": Decimal(data["amount"]),
            "date": date.fromisoformat(data["date"]),
            "extra": decode_extra(data["extra"]),
        }
    )


def _read_vat_total(data: Mapping[str, Any]) -> VatTotal:
    return VatTotal(
        vat_code=data["vat_code"],
        vat_rate=Decimal(data["vat_rate"]),
        net=Decimal(data["net"]),
        vat=Decimal(data["vat"]),
    )


def _read_customer(data: Mapping[str, Any]) -> Customer:
    values = {key: value for key, value in data.items() if key != "kind"}
    values.update(
        billing=Address(**data["billing"]),
        shipping=Address(**data["shipping"]),
        extra=decode_extra(data["extra"]),
    )
    return Customer(**values)
