"""Storing a page: sync records and the flow's cursor in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils import timezone

from connectors import registry
from connectors.changes import list_changes
from connectors.contract import Page
from connectors.datamodel import Document, Order, Unreadable
from connectors.writes import CHANGED
from flows import sizes
from flows.bulk import update_rows
from flows.engine.contents import (
    fill,
    hash_of,
    payload_of,
    posted_of,
    read_newer,
    version_of,
    write_newer,
)
from flows.models import Flow, Link, LinkState, RecordState, Run, SyncRecord
from flows.models.records import SETTLED
from flows.reasons import SKIPPED_BY

CHANGED_AFTER_POSTING = CHANGED


@dataclass(frozen=True, slots=True)
class Staged:
    """How many records of a page were new or changed, and how many were known."""

    staged: int
    unchanged: int


@dataclass(slots=True)
class _Sorted:
    """``touched`` have another version of the same content."""

    new: list[SyncRecord] = field(default_factory=list)
    changed: list[SyncRecord] = field(default_factory=list)
    touched: list[SyncRecord] = field(default_factory=list)
    unchanged: int = 0


def stage_page(flow: Flow, run: Run, page: Page) -> Staged:
    """Store what a page holds and move the cursor, all or nothing.

    A version that is known is ignored; an equal content is *unchanged*; a newer version of a
    record that is leased or in doubt waits beside it.
    """
    latest = {
        sizes.shorten(document.id, "source_id"): document for document in page.documents
    }
    with transaction.atomic():
        sorted_ = _sort(flow, run, latest)
        SyncRecord.objects.bulk_create(sorted_.new, batch_size=100)
        update_rows([*sorted_.changed, *sorted_.touched], _FIELDS)
        Flow.objects.filter(pk=flow.pk).update(cursor=page.cursor)
    flow.cursor = page.cursor
    return Staged(len(sorted_.new) + len(sorted_.changed), sorted_.unchanged)


_FIELDS = (
    "run",
    "version",
    "content_hash",
    "number",
    "date",
    "branch",
    "amount",
    "state",
    "reason",
    "message",
    "action",
    "fingerprint",
    "retry_at",
    "tries",
    "lost_leases",
    "payload",
    "posted_payload",
    "readable",
    "next_version",
    "next_hash",
    "next_payload",
    "updated_at",
)


def _sort(
    flow: Flow,
    run: Run,
    latest: Mapping[str, Document | Unreadable],
) -> _Sorted:
    # Locked, so that nobody leases a record whose newer version is being stored.
    there = SyncRecord.objects.filter(flow=flow, source_id__in=list(latest))
    known = {
        record.source_id: record for record in there.select_for_update().order_by("pk")
    }
    posted = _posted(flow.integration_id, known)
    result = _Sorted()
    for source_id, document in latest.items():
        record = known.get(source_id)
        if record is None:
            record = SyncRecord(flow=flow, run=run, source_id=source_id)
            fill(record, document)
            result.new.append(record)
        elif _is_known(record, document):
            result.unchanged += 1
            if _note_version(record, version_of(document)):
                result.touched.append(record)
        else:
            record.run = run
            _renew(record, document, is_posted=source_id in posted)
            result.changed.append(record)
    for record in (*result.changed, *result.touched):
        record.updated_at = timezone.now()
    return result


def _renew(
    record: SyncRecord,
    document: Document | Unreadable,
    *,
    is_posted: bool,
) -> None:
    if record.state == RecordState.IN_DOUBT or record.lease_owner:
        record.next_version = version_of(document)
        record.next_hash = hash_of(document)
        record.next_payload = write_newer(document)
        return
    take(record, document, is_posted=is_posted)


def renew(record: SyncRecord, document: Document | Unreadable) -> None:
    """Make a record that is to be tried again hold what its source says now.

    Where that is something else than what was posted, see ``take``.
    """
    posted = _posted(record.flow.integration_id, [record.source_id])
    take(record, document, is_posted=bool(posted))


def take_newer(record: SyncRecord) -> None:
    """Let the version that waited beside a record take its place; does not save."""
    if record.next_hash == record.content_hash:
        record.version = record.next_version
        record.next_version = record.next_hash = record.next_payload = ""
        return
    posted = _posted(record.flow.integration_id, [record.source_id])
    take(record, read_newer(record.next_payload), is_posted=bool(posted))


def take(
    record: SyncRecord, document: Document | Unreadable, *, is_posted: bool
) -> None:
    """Let a newer version take the record's place; does not save.

    One that differs from what was posted in nothing that the books hold is noted only.
    Any other is planned together with what was posted, by a target that can do that,
    and reported where it cannot.
    """
    text = record.payload if record.readable else None
    if not is_posted or record.content_hash == hash_of(document):
        fill(record, document)
        if is_posted:
            _keep_version(record, document, text)
        return
    before, posted = posted_of(record), record.posted_payload
    if _is_same(before, document):
        if record.state in SETTLED and posted is None:
            _note(record, document)
        else:
            fill(record, document)
        _keep_version(record, document, posted or text)
        record.posted_payload = None
        return
    # A person answers for what they left out; the target may hold something else.
    left = "" if record.reason.startswith(SKIPPED_BY) else text or ""
    fill(record, document)
    record.posted_payload = left if posted is None else posted
    if not record.readable or not _takes_changes(record):
        report_changed(record)


def _is_same(before: Order | None, document: Document | Unreadable) -> bool:
    if before is None or not isinstance(document, Order):
        return False
    return not list_changes(before, document)


def _note(record: SyncRecord, document: Document | Unreadable) -> None:
    record.version = version_of(document)
    record.content_hash = hash_of(document)
    record.payload = payload_of(document)
    record.next_version = record.next_hash = record.next_payload = ""


def _keep_version(
    record: SyncRecord, document: Document | Unreadable, text: str | None
) -> None:
    """Let the content of a record bear the version of an equal one before it.

    What was written because of a version is known by it: the same content, read again
    with another version, must not be written again.
    """
    if isinstance(document, Order) and text:
        version = json.loads(text).get("version", document.version)
        record.payload = payload_of(replace(document, version=version))


def _takes_changes(record: SyncRecord) -> bool:
    return registry.get(record.flow.integration.target.connector).takes_changes


def report_changed(record: SyncRecord, message: str = "", action: str = "") -> None:
    """Mark a record whose document is in the target already: never posted again."""
    record.state = RecordState.FAILED
    record.reason = CHANGED_AFTER_POSTING
    record.fingerprint = "ChangedAfterPosting::"
    record.message = message or (
        "This record was changed in the source after it had been posted. "
        "What stands in the target was left as it is."
    )
    record.action = action or (
        "Compare source and target on this page, mend the target's document by hand, "
        "then choose Skip."
    )


def _posted(integration_id: int, source_ids: Iterable[str]) -> set[str]:
    """Which of these source records have a document in the target, or perhaps have.

    An answered question is linked to nothing.
    """
    open_or_done = (LinkState.LINKED, LinkState.SENDING, LinkState.IN_DOUBT)
    found = Link.objects.filter(
        integration_id=integration_id,
        kind="order",
        key__in=list(source_ids),
        state__in=open_or_done,
    )
    answers = {"state": LinkState.LINKED, "target_id": ""}
    return set(found.exclude(**answers).values_list("key", flat=True))


def _note_version(record: SyncRecord, version: str) -> bool:
    """Remember another version of a content that is known; whether it is another."""
    if record.next_version:
        is_new = record.next_version != version
        record.next_version = version
    else:
        is_new = record.version != version
        record.version = version
    return is_new


def _is_known(record: SyncRecord, document: Document | Unreadable) -> bool:
    version, content = version_of(document), hash_of(document)
    if record.next_version:
        return version == record.next_version or content == record.next_hash
    return version == record.version or content == record.content_hash
