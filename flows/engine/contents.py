"""What a sync record holds of its document."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from connectors.datamodel import Document, Order, Unreadable
from connectors.plain import content_hash, from_json, to_json
from flows import sizes
from flows.models import RecordState, SyncRecord

UNREADABLE_ACTION = (
    "Correct it in the source and it is read again, or book it by hand in the target "
    "and skip it here."
)
# What a text that is no stored document makes ``from_json`` raise.
GARBLED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def fill(record: SyncRecord, document: Document | Unreadable) -> None:
    """Make the record hold this version of its document, ready to be worked on."""
    record.version = version_of(document)
    record.content_hash = hash_of(document)
    record.payload = payload_of(document)
    reset(record)
    if isinstance(document, Unreadable):
        _fail_unreadable(record, document.code, document.reason)
        _show(record, document.number, document, document.total)
        return
    record.readable = True
    if isinstance(document, Order):
        number = document.number.text if document.number else ""
        _show(record, number, document, document.total_incl)
        if record.amount is None:
            _fail_unreadable(record, "too_large", _AMOUNT)
    if sizes.shorten(document.id, "source_id") != document.id:
        _fail_unreadable(record, "too_long", _ID)


def _show(
    record: SyncRecord, number: str, place: Order | Unreadable, amount: Decimal | None
) -> None:
    """By what people find the record in lists."""
    record.number = sizes.cut(number, "number")
    record.date = place.date
    record.branch = sizes.cut(place.branch, "branch")
    fits = amount is not None and sizes.amount_fits(amount)
    record.amount = amount if fits else None


_AMOUNT = "Its amount has more than 12 digits or 2 decimals; the hub cannot keep it."
_ID = (
    "Its id in the source has more than 100 characters or some that cannot be kept; "
    "the hub could not tell its documents from those of others."
)


def reset(record: SyncRecord) -> None:
    """Make the record one that nothing was tried with."""
    record.state = RecordState.PENDING
    record.reason = record.message = record.action = record.fingerprint = ""
    record.retry_at = None
    record.tries = record.lost_leases = 0
    record.next_version = record.next_hash = record.next_payload = ""


def _fail_unreadable(record: SyncRecord, code: str, message: str) -> None:
    record.readable = False
    record.state = RecordState.FAILED
    record.reason = sizes.cut(code.replace("_", " "), "reason")
    record.fingerprint = sizes.cut(f"Unreadable:{code}:", "fingerprint")
    record.message = message.replace("\0", "")
    record.action = UNREADABLE_ACTION


def version_of(document: Document | Unreadable) -> str:
    """Its version in the source, as the column holds it."""
    return sizes.shorten(getattr(document, "version", ""), "version")


def hash_of(document: Document | Unreadable) -> str:
    """The content hash: equal when nothing that matters to the books has changed."""
    if isinstance(document, Unreadable):
        return sizes.shorten(f"unreadable {document.version}", "content_hash")
    return content_hash(document)


def payload_of(document: Document | Unreadable) -> str:
    """The document as JSON text, the raw record for an unreadable one."""
    if isinstance(document, Unreadable):
        return json.dumps(document.raw, default=str)
    return json.dumps(to_json(document))


def write_newer(document: Document | Unreadable) -> str:
    """A version that has to wait beside its record, as JSON text."""
    if isinstance(document, Unreadable):
        return json.dumps({"unreadable": asdict(document)}, default=str)
    return payload_of(document)


def read_newer(text: str) -> Document | Unreadable:
    """The version that ``write_newer`` was given."""
    data = json.loads(text)
    if "unreadable" in data:
        fields = data["unreadable"]
        day, total = fields.get("date"), fields.get("total")
        fields["date"] = date.fromisoformat(day) if day else None
        fields["total"] = Decimal(total) if total else None
        return Unreadable(**fields)
    return from_json(data)


def posted_of(record: SyncRecord) -> Order | None:
    """What was posted of a record, None where that is not known any more."""
    text = record.posted_payload
    if text is None and record.readable:
        text = record.payload
    try:
        document = from_json(json.loads(text)) if text else None
    except GARBLED:
        return None
    return document if isinstance(document, Order) else None
