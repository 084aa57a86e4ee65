"""Links of what is sent: the intent, the right to send, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from connectors.writes import Ref, Write
from flows.bulk import update_in_order, update_rows
from flows.links.rows import FREE, Links, Verdict, apply, load, lock, open_links, save
from flows.models import Envelope, Integration, Link, LinkState

# How the roles of writes begin that change a record's own document.
UPDATE, CORRECTION = "update:", "correction:"


def reserve(
    integration: Integration, writes: Sequence[Write], records: Mapping[Ref, int]
) -> Links:
    """Write down the intent of these writes; those that exist are left alone.

    ``records`` names the record an intent belongs to, where it belongs to one.
    """
    ordered = sorted(writes, key=lambda write: (write.kind, write.key, write.role))
    rows = [
        Link(
            integration=integration,
            kind=write.kind,
            key=write.key,
            role=write.role,
            entity=write.entity,
            number=write.number,
            record_id=records.get(write.ref),
        )
        for write in ordered
    ]
    Link.objects.bulk_create(rows, ignore_conflicts=True)
    return load(integration.pk, {write.ref for write in writes})


def take(writes: Mapping[int, Write], envelope: Envelope) -> dict[int, Link]:
    """Take the right to send these writes (by link id); gives the links that were got.

    What a write becomes may have changed since it was reserved, so the link takes
    over its entity and number.
    """
    ids = list(writes)
    with transaction.atomic():
        free = [link.pk for link in lock(ids) if link.state in FREE]
        Link.objects.filter(pk__in=free, state__in=FREE).update(
            state=LinkState.SENDING,
            envelope=envelope,
            message="",
            updated_at=timezone.now(),
        )
    mine = list(
        Link.objects.filter(pk__in=ids, envelope=envelope, state=LinkState.SENDING)
    )
    changed = [
        link
        for link in mine
        if (link.entity, link.number)
        != (writes[link.pk].entity, writes[link.pk].number)
    ]
    for link in changed:
        link.entity = writes[link.pk].entity
        link.number = writes[link.pk].number
    update_rows(changed, ("entity", "number"))
    return {link.pk: link for link in mine}


def settle(envelope: Envelope, verdicts: Mapping[int, Verdict]) -> None:
    """Store what became of an envelope's open links, by link id.

    A link that was settled meanwhile is left as it is.
    """
    with transaction.atomic():
        current = open_links(envelope).select_for_update().order_by("pk")
        rows = [link for link in current if link.pk in verdicts]
        for link in rows:
            apply(link, verdicts[link.pk])
        save([*rows, *_changed_by(rows)])


def _changed_by(rows: Sequence[Link]) -> list[Link]:
    """The documents that these rows changed, as they are now; not saved.

    A record may have several; which one was changed is told by its id in the target.
    """
    done = {
        (link.integration_id, link.kind, link.key, link.target_id): link
        for link in rows
        if link.state == LinkState.LINKED and is_change(link.role)
    }
    if not done:
        return []
    found = Link.objects.filter(
        key__in={key for _integration, _kind, key, _id in done}, state=LinkState.LINKED
    )
    changed = []
    for document in found.select_for_update().order_by("pk"):
        mine = document.integration_id, document.kind, document.key, document.target_id
        link = done.get(mine)
        if link is None or is_change(document.role):
            continue
        document.version = link.version
        if link.role.startswith(UPDATE):
            document.total, document.facts = link.total, link.facts
        changed.append(document)
    return changed


def is_change(role: str) -> bool:
    """Whether a write of this role changes a document that is there."""
    return role.startswith((UPDATE, CORRECTION))


def doubt(envelope: Envelope, message: str) -> int:
    """Put an envelope's links in doubt: they were sent, and no answer came."""
    sending = Link.objects.filter(envelope=envelope, state=LinkState.SENDING)
    return update_in_order(
        sending, state=LinkState.IN_DOUBT, message=message, updated_at=timezone.now()
    )


def release(envelope: Envelope, message: str) -> int:
    """Give back the right to send: definitely nothing was done under this key."""
    return update_in_order(
        open_links(envelope),
        state=LinkState.PLANNED,
        message=message,
        updated_at=timezone.now(),
    )
