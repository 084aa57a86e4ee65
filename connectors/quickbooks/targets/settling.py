"""What follows once a document is in QuickBooks: its total, its VAT, its payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.adjustments import make_cent
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.journals import check_returned
from connectors.quickbooks.targets.vat import CENT, ZERO, Piece, compare_vat
from connectors.writes import Bridge, Difference, Known, Plan, Ref, Write
from integration_hub.core.errors import RecordError, Rejected

# By the role of the document that they mend.
CORRECTIONS = {"sale": "correction:1", "return": "correction:2"}


@dataclass(frozen=True, slots=True)
class Document:
    """One document to be. ``sign`` is -1 where the till's signs are turned."""

    write: Write
    pieces: tuple[Piece, ...]
    sign: int


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment to be. ``applied``: once posted, nothing of it may be unapplied."""

    write: Write
    applied: bool


@dataclass(frozen=True, slots=True)
class Posting:
    """All that a receipt becomes.

    ``asks`` are questions whose answers decide what follows; ``is_asking`` that one is
    not answered yet: then ``later`` is what may follow.
    """

    key: str
    documents: tuple[Document, ...]
    payments: tuple[Paid, ...]
    owners: tuple[Write, ...]
    bridge: Bridge
    differences: tuple[Difference, ...] = ()
    asks: tuple[Write, ...] = ()
    is_asking: bool = False
    later: tuple[Paid, ...] = ()
    journal: Write | None = None


@dataclass(frozen=True, slots=True)
class Mended:
    """A document with the lines it has after its correction, if it needs one."""

    document: Document
    correction: Write | None
    pieces: Sequence[Piece]


def settle(posting: Posting, known: Mapping[Ref, Known], items: Items) -> Plan:
    """The plan of a receipt: all its writes, and what the answers so far ask for.

    A total that came back a cent off is mended by a correction; more is an error that
    names both amounts and the document. VAT is compared per rate.
    """
    bridge = posting.bridge
    try:
        mended = [mend(document, known, items) for document in posting.documents]
        for each in mended:
            check_total(each, known)
        for paid in posting.payments:
            check_payment(paid, known)
        if posting.journal is not None:
            check_returned(posting.journal, known)
    except RecordError as error:
        return Plan(posting.key, error=error, bridge=bridge)
    writes = list_writes(posting, mended, items)
    checked = [check_vat(each, known) for each in mended]
    kept = sum((found for found, _wrong in checked), posting.differences)
    wrong = next((wrong for _found, wrong in checked if wrong is not None), None)
    # Another VAT is told at the end, so that no invoice is left without payments.
    done = all(write.ref in known for write in writes) and not posting.is_asking
    if wrong is not None and done:
        return Plan(posting.key, error=wrong, bridge=bridge, differences=kept)
    if not writes:
        return Plan(posting.key, skip="zero sale")
    later = tuple(paid.write for paid in posting.later)
    return Plan(
        posting.key, writes=writes, later=later, bridge=bridge, differences=kept
    )


def list_writes(
    posting: Posting, mended: Sequence[Mended], items: Items
) -> tuple[Write, ...]:
    """All writes in order; what follows the documents waits for corrections."""
    corrections = [m.correction for m in mended if m.correction is not None]
    refs = tuple(correction.ref for correction in corrections)
    after = [paid.write for paid in posting.payments]
    if posting.journal is not None:
        after.append(posting.journal)
    return (
        *posting.owners,
        *items.writes.values(),
        *(document.write for document in posting.documents),
        *corrections,
        *(replace(ask, needs=(*ask.needs, *refs)) for ask in posting.asks),
        *(replace(write, needs=(*write.needs, *refs)) for write in after),
    )


def mend(document: Document, known: Mapping[Ref, Known], items: Items) -> Mended:
    """The update that adds a rounding line, where the total is a cent off.

    Raises Rejected where it is more, or where the document came back with another
    number than ours.
    """
    write, there = document.write, known.get(document.write.ref)
    if there is None or there.total is None:
        return Mended(document, None, document.pieces)
    if there.number and there.number != write.number:
        raise _refuse_number(write, there)
    expected = write.expected_total or ZERO
    missing = expected - there.total
    if not missing:
        return Mended(document, None, document.pieces)
    if abs(missing) > CENT:
        raise _refuse_total(write, there, there.total)
    pieces = (*document.pieces, make_cent(items, missing))
    rounding = [piece.item for piece in pieces[-1:] if isinstance(piece.item, Ref)]
    correction = replace(
        write,
        role=CORRECTIONS[write.role],
        body=documents.make_lines(pieces, items.options, update=True),
        needs=(write.ref, *rounding),
        update_of=write.ref,
        label=f"a cent on {write.label}",
    )
    return Mended(document, correction, pieces)


def check_total(mended: Mended, known: Mapping[Ref, Known]) -> None:
    """Raise Rejected where a correction did not bring the expected total."""
    correction = mended.correction
    if correction is None:
        return
    there = known.get(correction.ref)
    if there is None or there.total in (None, correction.expected_total):
        return
    raise _refuse_total(correction, there, there.total or ZERO)


def check_vat(
    mended: Mended, known: Mapping[Ref, Known]
) -> tuple[tuple[Difference, ...], Rejected | None]:
    """Compare the VAT that came back last with ours; the error if it is too far off."""
    document, write = mended.document, mended.document.write
    there = known.get(write.ref)
    if mended.correction is not None:
        there = known.get(mended.correction.ref, there)
    if there is None or "vat" not in there.facts:
        return (), None
    differences, rate = compare_vat(
        mended.pieces, there.facts["vat"], sign=document.sign
    )
    if not rate:
        return tuple(differences), None
    texts = ", ".join(f"{d.what}: {d.source} and {d.target}" for d in differences)
    return tuple(differences), Rejected(
        f"{write.label} (id {there.id}) has another VAT than the till: {texts}.",
        code="VAT differs",
        reference=rate,
        action="Compare the document with the till's receipt and mend it by hand.",
    )


def check_payment(paid: Paid, known: Mapping[Ref, Known]) -> None:
    """Raise Rejected for a payment that did not settle its amount.

    A payment's answer holds no balance of the invoice; that every payment has our
    amount and nothing of it unapplied proves the balance, because together they are
    the invoice's total less what is on account.
    """
    payment, there = paid.write, known.get(paid.write.ref)
    if there is None:
        return
    if there.total is not None and there.total != payment.expected_total:
        raise _refuse_total(payment, there, there.total)
    unapplied = Decimal(str(there.facts.get("unapplied", "0")))
    if paid.applied and unapplied:
        raise Rejected(
            f"{payment.label} (id {there.id}) has {unapplied} that is not applied.",
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
