"""What follows once a document is in QuickBooks: its total, its VAT, its payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.adjustments import make_cent
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.vat import CENT, ZERO, Piece, compare_vat
from connectors.writes import Bridge, Difference, Known, Plan, Ref, Write
from integration_hub.core.errors import RecordError, Rejected

CORRECTION = "correction:1"


@dataclass(frozen=True, slots=True)
class Sale:
    """One document to be. ``sign`` is -1 where the till's signs are turned."""

    write: Write
    pieces: tuple[Piece, ...]
    sign: int
    customer: Write | None
    bridge: Bridge
    differences: tuple[Difference, ...] = ()
    payments: tuple[Write, ...] = ()


def settle(sale: Sale, known: Mapping[Ref, Known], items: Items) -> Plan:
    """The plan of a sale: all its writes, and what the answers so far ask for.

    A total that came back a cent off is mended by a correction; more is an error that
    names both amounts and the document. VAT is compared per rate.
    """
    key = sale.write.key
    try:
        correction, pieces = make_correction(sale, known, items)
        check_totals(sale, correction, known)
        check_payments(sale, known)
    except RecordError as error:
        return Plan(key, error=error, bridge=sale.bridge)
    writes = list_writes(sale, correction, items)
    differences, wrong = check_vat(sale, correction, pieces, known)
    differences = (*sale.differences, *differences)
    # Another VAT is told at the end, so that no invoice is left without payments.
    if wrong is not None and all(write.ref in known for write in writes):
        return Plan(key, error=wrong, bridge=sale.bridge, differences=differences)
    return Plan(key, writes=writes, bridge=sale.bridge, differences=differences)


def list_writes(
    sale: Sale, correction: Write | None, items: Items
) -> tuple[Write, ...]:
    """All writes in order; payments wait for the correction."""
    owner = (sale.customer,) if sale.customer is not None else ()
    before = (*owner, *items.writes.values(), sale.write)
    if correction is None:
        return (*before, *sale.payments)
    payments = (
        replace(payment, needs=(*payment.needs, correction.ref))
        for payment in sale.payments
    )
    return (*before, correction, *payments)


def make_correction(
    sale: Sale, known: Mapping[Ref, Known], items: Items
) -> tuple[Write | None, Sequence[Piece]]:
    """The update that adds a rounding line, where the total is a cent off.

    Raises Rejected where it is more, or where the document came back with another
    number than ours.
    """
    write, there = sale.write, known.get(sale.write.ref)
    if there is None or there.total is None:
        return None, sale.pieces
    if there.number and there.number != write.number:
        raise _refuse_number(write, there)
    expected = write.expected_total or ZERO
    missing = expected - there.total
    if not missing:
        return None, sale.pieces
    if abs(missing) > CENT:
        raise _refuse_total(write, there, there.total)
    pieces = (*sale.pieces, make_cent(items, missing))
    rounding = pieces[-1].item
    correction = replace(
        write,
        role=CORRECTION,
        body=documents.make_lines(pieces, items.options, update=True),
        needs=(write.ref, rounding),
        update_of=write.ref,
        label=f"a cent on {write.label}",
    )
    return correction, pieces


def check_totals(
    sale: Sale, correction: Write | None, known: Mapping[Ref, Known]
) -> None:
    """Raise Rejected where a correction did not bring the expected total."""
    if correction is None:
        return
    there = known.get(correction.ref)
    if there is None or there.total in (None, correction.expected_total):
        return
    raise _refuse_total(correction, there, there.total or ZERO)


def check_vat(
    sale: Sale,
    correction: Write | None,
    pieces: Sequence[Piece],
    known: Mapping[Ref, Known],
) -> tuple[tuple[Difference, ...], Rejected | None]:
    """Compare the VAT that came back last with ours; the error if it is too far off."""
    there = known.get(sale.write.ref)
    if correction is not None:
        there = known.get(correction.ref, there)
    if there is None or "vat" not in there.facts:
        return (), None
    differences, rate = compare_vat(pieces, there.facts["vat"], sign=sale.sign)
    if not rate:
        return tuple(differences), None
    texts = ", ".join(f"{d.what}: {d.source} and {d.target}" for d in differences)
    return tuple(differences), Rejected(
        f"{sale.write.label} (id {there.id}) has another VAT than the till: {texts}.",
        code="VAT differs",
        reference=rate,
        action="Compare the document with the till's receipt and mend it by hand.",
    )


def check_payments(sale: Sale, known: Mapping[Ref, Known]) -> None:
    """Raise Rejected for a payment that did not settle its amount of the invoice.

    A payment's answer holds no balance of the invoice; that every payment has our
    amount and nothing of it unapplied proves the balance, because together they are
    the invoice's total less what is on account.
    """
    for payment in sale.payments:
        there = known.get(payment.ref)
        if there is None:
            continue
        if there.total is not None and there.total != payment.expected_total:
            raise _refuse_total(payment, there, there.total)
        unapplied = Decimal(str(there.facts.get("unapplied", "0")))
        if unapplied:
            raise Rejected(
                f"{payment.label} (id {there.id}) has {unapplied} that is not applied "
                f"to {sale.write.label}.",
                code="payment not applied",
                reference=there.id,
                action="Apply the payment to the invoice in QuickBooks. Switch off "
                "“Automatically apply credits” there.",
            )


def _refuse_total(write: Write, there: Known, total: Decimal) -> Rejected:
    return Rejected(
        f"{write.label} (id {there.id}) has a total of {total} in QuickBooks; "
        f"{write.expected_total} is expected.",
        code="total differs",
        reference=there.id,
        action="Compare the document with the till's receipt and mend it by hand.",
    )


def _refuse_number(write: Write, there: Known) -> Rejected:
    return Rejected(
        f"QuickBooks gave {write.label} (id {there.id}) the number {there.number}.",
        code="number changed",
        reference=there.id,
        action="Switch on “Custom transaction numbers” in QuickBooks and give the "
        "document our number.",
    )
