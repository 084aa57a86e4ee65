"""Customers: what a relation of the till becomes, and whose document it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.datamodel import Customer
from connectors.quickbooks.targets.numbers import make_mark
from connectors.quickbooks.targets.options import Options
from connectors.writes import Mapped, Ref, Write
from integration_hub.core.errors import MappingError

KIND = "customer"
ROLE = "customer"
ENTITY = "Customer"
LENGTHS = {
    "CompanyName": 100,
    "GivenName": 100,
    "FamilyName": 100,
    "PrimaryTaxIdentifier": 20,
}
DISPLAY_LENGTH = 500
NOTES_LENGTH = 2000
FORBIDDEN = re.compile(r"[:\t\r\n]+")
# What QuickBooks takes for an e-mail address (code 2210 otherwise).
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def find_owner(
    mapped: Mapped, options: Options, *, own: bool, named: bool
) -> tuple[dict[str, Any] | None, Write | None]:
    """The CustomerRef of a document and the write it needs.

    ``own`` asks for the relation itself (a sale on account, a debt that is settled),
    ``named`` for any customer; without it a sale may be anonymous. Raises MappingError.
    """
    write = None
    if own or not options.force_default_debtor:
        write = make_customer(mapped, options)
    if write is not None:
        return {"value": write.ref}, write
    if own:
        raise MappingError(
            "The receipt is on account, settles a debt or shifts VAT, and has no "
            "relation, or one without a name.",
            code="no relation",
            action="Give the receipt a relation in the till.",
        )
    if options.default_debtor:
        return {"value": options.default_debtor}, None
    if named:
        options.require("default_debtor", "Default debtor")
    return None, None


def make_customer(mapped: Mapped, options: Options) -> Write | None:
    """The customer that a relation becomes; None without relation or name."""
    customer, fields = mapped.document.customer, mapped.customer
    if customer is None or not customer.id or fields is None:
        return None
    name = clean_display(str(fields.get("display_name") or ""))
    if not name:
        return None
    ref = Ref(KIND, customer.id, ROLE)
    mark = make_mark(options.hub, ref)
    suffix = f" ({customer.id})"
    email = str(fields.get("email") or "").strip()
    return Write(
        kind=KIND,
        key=customer.id,
        role=ROLE,
        entity=ENTITY,
        body=make_body(customer, fields, name=name, mark=mark),
        search={
            "display_name": name,
            "email": email if EMAIL.fullmatch(email) else "",
            "vat_number": compact_vat(str(fields.get("vat_number") or "")),
            "kind": "company" if customer.is_company else "person",
        },
        mark=mark,
        shared=True,
        fallback={"DisplayName": clean_display(name, room=len(suffix)) + suffix},
        label=f"customer {customer.id}",
    )


def make_body(
    customer: Customer, fields: Mapping[str, Any], *, name: str, mark: str
) -> dict[str, Any]:
    """The Customer of a relation; what is empty is left out."""
    given, family = split_name(fields)
    texts = {
        "DisplayName": name,
        "CompanyName": fields.get("company_name") if customer.is_company else "",
        "GivenName": given,
        "FamilyName": family,
        "PrimaryTaxIdentifier": compact_vat(str(fields.get("vat_number") or "")),
        "Notes": f"{mark} {fields.get('notes') or ''}".strip()[:NOTES_LENGTH],
    }
    body: dict[str, Any] = {
        key: str(text).strip()[: LENGTHS.get(key, NOTES_LENGTH)]
        for key, text in texts.items()
        if text and str(text).strip()
    }
    email = str(fields.get("email") or "").strip()
    if EMAIL.fullmatch(email):
        body["PrimaryEmailAddr"] = {"Address": email}
    for key, source in (("PrimaryPhone", "phone"), ("Mobile", "mobile")):
        if fields.get(source):
            body[key] = {"FreeFormNumber": str(fields[source]).strip()[:30]}
    if fields.get("tax_code"):
        # Intuit: the code counts only where the customer is taxable.
        body["DefaultTaxCodeRef"] = {"value": str(fields["tax_code"])}
        body["Taxable"] = True
    address = make_address(fields)
    return {**body, "BillAddr": address} if address else body


def split_name(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Given and family name; a whole name in one field is split at its first space."""
    given = str(fields.get("given_name") or "").strip()
    family = str(fields.get("family_name") or "").strip()
    if given or " " not in family:
        return given, family
    first, _, rest = family.partition(" ")
    return first, rest.strip()


def make_address(fields: Mapping[str, Any]) -> dict[str, str]:
    """A PhysicalAddress of the mapped fields; empty parts are left out."""
    parts = (
        ("Line1", "street", 500),
        ("PostalCode", "postal_code", 30),
        ("City", "city", 255),
        ("Country", "country", 255),
    )
    return {
        key: str(fields[source]).strip()[:length]
        for key, source, length in parts
        if fields.get(source)
    }


def clean_display(name: str, *, room: int = 0) -> str:
    """A DisplayName as QuickBooks takes it: no colon, tab or newline."""
    clean = " ".join(FORBIDDEN.sub(" ", name).split())
    return clean[: DISPLAY_LENGTH - room].strip()


def compact_vat(number: str) -> str:
    """A VAT number in capitals without dots and spaces."""
    return re.sub(r"[^0-9A-Za-z]", "", number).upper()


def matches_by_email(write: Write, hit: Mapping[str, Any]) -> bool:
    """Whether a customer with our e-mail address agrees in kind and name.

    A VAT number that can be read and differs speaks against it.
    """
    company = str(hit.get("CompanyName") or "")
    kind = "company" if company else "person"
    name = fold_name(write.search.get("display_name", ""))
    names = {fold_name(str(hit.get("DisplayName") or "")), fold_name(company)}
    if kind != write.search.get("kind") or not name or name not in names:
        return False
    return agree_vat(write.search.get("vat_number", ""), read_vat(hit)) is not False


def agree_vat(ours: str, theirs: str) -> bool | None:
    """Whether two VAT numbers are the same; None where one cannot be known."""
    visible = theirs.lstrip("X")
    if not ours or not visible or visible != theirs:
        return None
    return ours == theirs


def read_vat(hit: Mapping[str, Any]) -> str:
    """A customer's VAT number; what QuickBooks masks on read is X here."""
    shown = str(hit.get("PrimaryTaxIdentifier") or "")
    return compact_vat(shown.replace("*", "X"))


def fold_name(name: str) -> str:
    """A name without capitals and spare spaces, for comparing."""
    return " ".join(name.casefold().split())
