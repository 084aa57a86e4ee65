"""A relation of the till → a Customer."""

from __future__ import annotations

from typing import Any

from connectors.datamodel import Address, Customer
from connectors.mplus.sources.countries import from_text
from connectors.mplus.sources.values import Wire, keep_rest, list_items, to_text

_NAMED = frozenset(
    {
        "relationNumber",
        "name",
        "companyName",
        "contact",
        "email",
        "telephone",
        "mobile",
        "vatNumber",
        "address",
        "zipcode",
        "city",
        "country",
        "deliveryAddress",
        "deliveryZipcode",
        "deliveryCity",
        "deliveryCountry",
        "paymentWithinDays",
    }
)


def read_relation(record: Wire) -> Customer:
    """The customer that a wire relation describes.

    The till has no field that tells companies from persons: a company name, a VAT
    number or a trade register number makes a company. Countries are free text there;
    the text stays in ``extra`` as it was typed. ``payment_days`` 0 means none agreed.
    """
    name, company = _text(record, "name"), _text(record, "companyName")
    is_company = bool(company or _text(record, "vatNumber", "commerceNumber"))
    return Customer(
        id=to_text(record.get("relationNumber")),
        is_company=is_company,
        name=(company or name) if is_company else (name or _text(record, "contact")),
        company_name=(company or name) if is_company else "",
        contact=_read_contact(record, name=name, company=company),
        email=_text(record, "email"),
        phone=_text(record, "telephone"),
        mobile=_text(record, "mobile"),
        vat_number=_text(record, "vatNumber").replace(" ", ""),
        billing=_read_address(record, "address", "zipcode", "city", "country"),
        shipping=_read_address(
            record,
            "deliveryAddress",
            "deliveryZipcode",
            "deliveryCity",
            "deliveryCountry",
        ),
        payment_days=record.get("paymentWithinDays") or None,
        extra=_keep_extra(record),
    )


def _keep_extra(record: Wire) -> dict[str, Any]:
    extra = keep_rest(record, _NAMED)
    for name in ("country", "deliveryCountry"):
        if record.get(name):
            extra[name] = record[name]
    return extra


def _read_contact(record: Wire, *, name: str, company: str) -> str:
    """The person to speak to: as given, else the first of the contacts."""
    if contact := _text(record, "contact"):
        return contact
    if company and name and name != company:
        return name
    for each in list_items(record, "contactList", "relation"):
        if contact := _text(each, "name", "contact"):
            return contact
    return ""


def _read_address(
    record: Wire, street: str, postal_code: str, city: str, country: str
) -> Address:
    return Address(
        street=_text(record, street),
        postal_code=_text(record, postal_code),
        city=_text(record, city),
        country=from_text(_text(record, country)),
    )


def _text(record: Wire, *names: str) -> str:
    """The first of the fields that is filled, trimmed."""
    for name in names:
        if text := to_text(record.get(name)).strip():
            return text
    return ""
