"""The source's side of a record's page: its stored document as tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from connectors.datamodel import Customer, Line, Order
from connectors.plain import from_json
from flows.admin.texts import Section, split_sections
from flows.models import SyncRecord
from flows.templatetags.hub import words

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    Row = tuple[_StrOrPromise, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a record's page shows of its source.

    ``order`` is None where the record could not be read or its payload is gone;
    ``raw`` holds the fields that have no column, part by part.
    """

    order: Order | None
    header: Sequence[Row] = ()
    customer: Sequence[Row] = ()
    lines: Sequence[tuple[int, Line]] = ()
    raw: Sequence[Section] = ()
    is_gone: bool = False


def present_source(record: SyncRecord) -> Shown:
    """The stored document of a record, for people."""
    if not record.payload:
        return Shown(order=None, is_gone=True)
    data = json.loads(record.payload)
    if not record.readable:
        return Shown(order=None, raw=split_sections(data))
    document = from_json(data)
    if isinstance(document, Customer):
        return Shown(order=None, customer=_customer_rows(document))
    return Shown(
        order=document,
        header=_header_rows(document, record),
        customer=_customer_rows(document.customer) if document.customer else (),
        lines=list(_with_depth(document.lines)),
        raw=split_sections(document.extra),
    )


def _header_rows(order: Order, record: SyncRecord) -> list[Row]:
    rows: list[Row] = [
        (_("Number"), order.number.text if order.number else ""),
        (_("Date"), order.date),
        (_("Entered"), order.entered_at),
        (_("Type"), words(order.type.value)),
        (_("Branch"), order.branch),
        (_("Till"), order.till),
        (_("Employee"), order.employee),
        (_("Country"), order.country),
        (_("Currency"), order.currency),
        (_("VAT method"), words(order.vat_method.value)),
        (_("Reference"), order.reference),
        (_("Credits"), _name_record(order.credits, record.flow_id)),
        (_("Version"), order.version),
    ]
    return [(label, value) for label, value in rows if value]


def _name_record(source_id: str, flow_id: int) -> str:
    """The printed number of another record with the way there, else its id."""
    if not source_id:
        return ""
    found = SyncRecord.objects.filter(flow=flow_id, source_id=source_id).first()
    if found is None:
        return source_id
    url = reverse("admin:flows_syncrecord_change", args=(found.pk,))
    return format_html('<a class="hub-link" href="{}">{}</a>', url, found)


def _customer_rows(customer: Customer) -> list[Row]:
    billing = customer.billing
    place = " ".join(filter(None, [billing.postal_code, billing.city]))
    address = ", ".join(filter(None, [billing.street, place, billing.country]))
    rows: list[Row] = [
        (_("Relation"), customer.id),
        (_("Name"), customer.name),
        (_("Company"), customer.company_name),
        (_("Contact"), customer.contact),
        (_("E-mail"), customer.email),
        (_("Phone"), customer.phone or customer.mobile),
        (_("VAT number"), customer.vat_number),
        (_("Address"), address),
        (_("Payment days"), customer.payment_days),
    ]
    return [(label, value) for label, value in rows if value]


def _with_depth(lines: Sequence[Line], depth: int = 0) -> list[tuple[int, Line]]:
    rows = []
    for line in lines:
        rows.append((depth, line))
        rows += _with_depth(line.sub_lines, depth + 1)
    return rows
