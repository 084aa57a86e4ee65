"""The fields of documents by the names that people know them by.

What they hold is read from the datamodel; here are only the words, so that conditions
can be picked from a list and read as sentences.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from connectors.datamodel import Address, Customer, Line, Order, OrderNumber, Tender
from mapping.shapes import fields_of

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

TEXT, CHOICE, NUMBER, DATE, BOOLEAN = "text", "choice", "number", "date", "boolean"

_Words = Mapping[str, "_StrOrPromise"]

_ORDER: _Words = {
    "id": _("the id"),
    "version": _("the version"),
    "type": _("the type"),
    "date": _("the date"),
    "entered_at": _("the day it was entered"),
    "branch": _("the branch"),
    "entry_branch": _("the branch it was entered at"),
    "till": _("the till"),
    "country": _("the country"),
    "currency": _("the currency"),
    "vat_method": _("the way of VAT"),
    "total_incl": _("the total"),
    "total_excl": _("the total without VAT"),
    "outstanding": _("the amount outstanding"),
    "tips": _("the tips"),
    "cash_rounding": _("the rounding of cash"),
    "sum_rounding": _("the rounding of the sum"),
    "final": _("the payment is final"),
    "employee": _("the employee"),
    "reference": _("the reference"),
    "credits": _("the document that is credited"),
    "customer_id": _("the customer's number"),
}
_NUMBER: _Words = {
    "branch": _("the number's branch"),
    "till": _("the number's till"),
    "year": _("the number's year"),
    "number": _("the number alone"),
    "text": _("the number"),
}
_CUSTOMER: _Words = {
    "id": _("the customer's id"),
    "is_company": _("the customer is a company"),
    "name": _("the customer's name"),
    "company_name": _("the customer's company"),
    "contact": _("the customer's contact"),
    "email": _("the customer's e-mail"),
    "phone": _("the customer's phone"),
    "mobile": _("the customer's mobile phone"),
    "vat_number": _("the customer's VAT number"),
    "payment_days": _("the customer's days to pay"),
}
_BILLING: _Words = {
    "street": _("the customer's street"),
    "postal_code": _("the customer's postal code"),
    "city": _("the customer's city"),
    "country": _("the customer's country"),
}
_SHIPPING: _Words = {
    "street": _("the street to deliver to"),
    "postal_code": _("the postal code to deliver to"),
    "city": _("the city to deliver to"),
    "country": _("the country to deliver to"),
}
_LINE: _Words = {
    "id": _("the line's id"),
    "type": _("the line's type"),
    "article": _("the line's article"),
    "text": _("the line's text"),
    "quantity": _("the line's quantity"),
    "amount_incl": _("the line's amount"),
    "amount_excl": _("the line's amount without VAT"),
    "vat_code": _("the line's VAT code"),
    "vat_rate": _("the line's VAT rate"),
    "turnover_group": _("the line's turnover group"),
    "turnover_group_name": _("the name of the line's turnover group"),
    "discount": _("the line's discount"),
    "unit_price_incl": _("the line's price"),
    "purchase_price": _("the line's purchase price"),
    "settles": _("the document that the line settles"),
}
_TENDER: _Words = {
    "id": _("the payment's id"),
    "method": _("the payment's method"),
    "type": _("the payment's type"),
    "amount": _("the payment's amount"),
    "date": _("the payment's date"),
    "description": _("the payment's description"),
    "branch": _("the payment's branch"),
}

# Where each set of fields stands, by the root that a path starts with.
PLACES: Mapping[str, tuple[tuple[str, type[Any], _Words], ...]] = {
    "order": (
        ("order", Order, _ORDER),
        ("order.number", OrderNumber, _NUMBER),
        ("order.customer", Customer, _CUSTOMER),
        ("order.customer.billing", Address, _BILLING),
        ("order.customer.shipping", Address, _SHIPPING),
    ),
    "line": (("line", Line, _LINE),),
    "tender": (("tender", Tender, _TENDER),),
    "customer": (
        ("customer", Customer, _CUSTOMER),
        ("customer.billing", Address, _BILLING),
        ("customer.shipping", Address, _SHIPPING),
    ),
}
GROUPS: _Words = {
    "order": _("Document"),
    "line": _("Line"),
    "tender": _("Payment"),
    "customer": _("Customer"),
}
# The lists that a condition can look into: the root that their entries have there, and
# what they are called.
LISTS: Mapping[str, str] = {"order.lines": "line", "order.tenders": "tender"}


@dataclass(frozen=True, slots=True)
class DocumentField:
    """One field of a document; ``told`` is its name within a sentence."""

    path: str
    told: _StrOrPromise
    type: str
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """Its name in a list to pick from."""
        if self.path not in FIELDS:
            return name_path(self.path)
        return capfirst(str(self.told).removeprefix("the "))

    @property
    def root(self) -> str:
        """What its path starts with."""
        return self.path.partition(".")[0]


def list_fields(root: str) -> list[DocumentField]:
    """The fields of single values below a root, in the order of the datamodel."""
    return [field for field in FIELDS.values() if field.root == root]


def find_field(path: str, kind: str = TEXT) -> DocumentField:
    """The field of a path; one of the source's own API has the type it was met with."""
    known = FIELDS.get(path)
    if known is not None:
        return known
    told = (
        _("the customer's field “%s”") if _is_of_customer(path) else _("the field “%s”")
    )
    return DocumentField(path, told % _last_part(path), kind)


def name_path(path: str) -> str:
    """A field of the source's own API by its own name, and whether it is the customer's."""
    name = _last_part(path)
    return str(_("Customer's %s") % name) if _is_of_customer(path) else name


def _last_part(path: str) -> str:
    return path.rpartition(".extra")[2].strip('.[]"') or path


def _is_of_customer(path: str) -> bool:
    return path.startswith("order.customer.extra")


def _make_fields() -> Iterator[DocumentField]:
    for places in PLACES.values():
        for place, document, words in places:
            hints = fields_of(document)
            for name, told in words.items():
                kind, choices = _find_type(hints[name])
                yield DocumentField(f"{place}.{name}", told, kind, choices)


def _find_type(hint: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    if issubclass(hint, enum.Enum):
        values = [str(member.value) for member in hint]
        return CHOICE, tuple((value, value.replace("_", " ")) for value in values)
    if issubclass(hint, bool):
        return BOOLEAN, ()
    if issubclass(hint, Decimal | int):
        return NUMBER, ()
    return (DATE if issubclass(hint, date) else TEXT), ()


FIELDS: Mapping[str, DocumentField] = {field.path: field for field in _make_fields()}
