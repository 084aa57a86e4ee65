"""Payments that came after an invoice was posted: one Payment each, by its id. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.changes import list_changes, tender_facts
from connectors.datamodel import Order, Tender
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.numbers import (
    make_mark,
    make_note,
    make_payment_number,
)
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.settling import Paid, check_payment
from connectors.quickbooks.targets.tenders import (
    PAYMENTS,
    check_accounts,
    find_treatment,
    read_payment,
    sort_tenders,
)
from connectors.writes import Bridge, Known, Mapped, Plan, Ref, Write

ZERO = Decimal(0)
OPEN = frozenset({"on_account"})
Added = list[tuple[Tender, Mapping[str, Any]]]


def plan_additions(
    mapped: Mapped, known: Mapping[Ref, Known], options: Options, old: Plan | None
) -> Plan | None:
    """The Payments that were added to an invoice of ours; None for other changes.

    ``old`` is how what was posted would be planned: it knows the customer.
    Raises MappingError for a tender that is not mapped, Rejected for a payment that
    came back as something else.
    """
    order = mapped.document
    sale = Ref("order", order.id, "sale")
    posted, invoice = known.get(sale), _find_invoice(old, sale)
    if posted is None or posted.entity != documents.INVOICE or invoice is None:
        return None
    added = find_added(mapped)
    if not added or old is None:
        return None
    first = 1 + _count_earlier(order, known, added)
    payments = [
        _make(entry, invoice, order, options, position)
        for position, entry in enumerate(added, start=first)
    ]
    check_accounts(sort_tenders(_only(mapped, added)), options.deposit_accounts)
    bridge = old.bridge or Bridge(order.total_incl)
    for payment in payments:
        check_payment(Paid(payment, applied=True), known)
    shared = tuple(write for write in old.writes if write.shared)
    writes = (*shared, invoice, *payments)
    return Plan(order.id, writes=writes, bridge=bridge, differences=old.differences)


def find_added(mapped: Mapped) -> Added:
    """The payments that came to those there were; none where anything else changed.

    What they amount to must be what is open less now.
    """
    before = mapped.before
    if before is None or list_changes(before.document, mapped.document) != ("tenders",):
        return []
    old = {tender.id: tender for tender in before.document.tenders}
    added: Added = []
    for tender, fields in zip(mapped.document.tenders, mapped.tenders, strict=True):
        treatment = find_treatment(tender, fields)
        earlier = old.pop(tender.id, None)
        if earlier is None and treatment in PAYMENTS and tender.amount > 0:
            added.append((tender, fields))
        elif treatment not in OPEN and (
            earlier is None or tender_facts(earlier) != tender_facts(tender)
        ):
            return []
    gone = {tender.id for tender in old.values()} - _open_ids(before)
    paid = sum((tender.amount for tender, _ in added), ZERO)
    return added if not gone and _left(before) - _left(mapped) == paid else []


def _left(mapped: Mapped) -> Decimal:
    """What stays open on the customer."""
    tenders = {tender.id: tender for tender in mapped.document.tenders}
    amounts = (tenders[key].amount for key in _open_ids(mapped))
    return sum(amounts, mapped.document.outstanding)


def _open_ids(mapped: Mapped) -> set[str]:
    return {
        tender.id
        for tender, fields in zip(mapped.document.tenders, mapped.tenders, strict=True)
        if fields.get("treatment") in OPEN
    }


def _find_invoice(old: Plan | None, sale: Ref) -> Write | None:
    writes = old.writes if old is not None else ()
    return next((w for w in writes if w.ref == sale), None)


def _count_earlier(order: Order, known: Mapping[Ref, Known], added: Added) -> int:
    """How many payments were posted before; their numbers are not used again."""
    new = {f"payment:{tender.id}" for tender, _fields in added}
    return sum(
        ref.kind == "order"
        and ref.key == order.id
        and ref.role.startswith("payment:")
        and ref.role not in new
        for ref in known
    )


def _only(mapped: Mapped, added: Added) -> Mapped:
    """The record with nothing but the added payments."""
    return replace(
        mapped,
        document=replace(mapped.document, tenders=tuple(t for t, _ in added)),
        tenders=tuple(fields for _, fields in added),
    )


def _make(
    entry: tuple[Tender, Mapping[str, Any]],
    invoice: Write,
    order: Order,
    options: Options,
    position: int,
) -> Write:
    payment = read_payment(*entry)
    ref = Ref("order", order.id, f"payment:{payment.id}")
    number = make_payment_number(invoice.number, position)
    mark = make_mark(options.hub, ref)
    printed = order.number.text if order.number else ""
    head = documents.make_payment_head(
        number=number,
        day=payment.date,
        currency=order.currency,
        note=make_note(mark, printed),
    )
    receiving = documents.make_receiving(payment.account, payment.payment_method)
    body = documents.make_payment(
        payment.amount,
        [(payment.amount, invoice.ref, documents.INVOICE)],
        customer=invoice.body["CustomerRef"],
        head={**head, **receiving},
    )
    return Write(
        kind=ref.kind,
        key=ref.key,
        role=ref.role,
        entity=documents.PAYMENT,
        body=body,
        number=number,
        needs=(*invoice.needs, invoice.ref),
        search={"number": number, "date": payment.date.isoformat()},
        mark=mark,
        expected_total=payment.amount,
        date=payment.date,
        label=f"Payment {number}",
    )
