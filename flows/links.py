"""The only door to the links: the intent before a write, the memory after it.

A link goes planned → sending → linked, or to refused (definite) or in doubt. Who may
send a write is decided by one conditional update from planned or refused to sending;
that update is committed before the call. Rows are locked and written in one order, so
that two workers never wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connectors.writes import TOUCHED, UNDONE, Found, Known, Ref, Sighting, Write
from flows.bulk import update_in_order, update_rows
from flows.models import Envelope, Integration, Link, LinkState, SyncRecord

Links = dict[Ref, Link]
# Nobody has sent it, or it was definitely refused: whoever comes first may.
FREE = (LinkState.PLANNED, LinkState.REFUSED)
# How the roles of writes begin that change a record's own document.
UPDATE, CORRECTION, SALE = "update:", "correction:", "sale"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one link's write. ``state`` is a LinkState."""

    state: str
    known: Known | None = None
    message: str = ""
    use_fallback: bool = False


def ref_of(link: Link) -> Ref:
    """The identity of a link's write."""
    return Ref(link.kind, link.key, link.role)


def known_of(link: Link) -> Known:
    """What a linked write became, as the contract has it."""
    return Known(
        id=link.target_id,
        number=link.number,
        version=link.version,
        total=link.total,
        facts=link.facts,
        entity=link.entity,
    )


def outline_of(link: Link) -> Known:
    """What a document stays that is to be looked at again: not its amounts."""
    lasting = ("date", "customer", UNDONE)
    facts = {n: link.facts[n] for n in lasting if n in link.facts}
    return replace(known_of(link), total=None, facts=facts)


def load(integration_id: int, refs: Collection[Ref]) -> Links:
    """The links of these writes, with one query."""
    if not refs:
        return {}
    found = _by_keys(integration_id, refs)
    return {ref: link for link in found if (ref := ref_of(link)) in refs}


def load_of_keys(integration_id: int, kind: str, keys: Collection[str]) -> Links:
    """All links of these source records, whatever their role, with one query."""
    if not keys:
        return {}
    found = Link.objects.filter(
        integration_id=integration_id, kind=kind, key__in=list(keys)
    )
    return {ref_of(link): link for link in found}


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
        free = [link.pk for link in _lock(ids) if link.state in FREE]
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
            _apply(link, verdicts[link.pk])
        _save([*rows, *_changed_by(rows)])


def _changed_by(rows: Sequence[Link]) -> list[Link]:
    """The documents that these rows changed, as they are now; not saved."""
    done = {
        (link.integration_id, link.kind, link.key): link
        for link in rows
        if link.state == LinkState.LINKED and link.role.startswith((UPDATE, CORRECTION))
    }
    if not done:
        return []
    keys = {key for _integration, _kind, key in done}
    found = Link.objects.filter(key__in=keys, role=SALE, state=LinkState.LINKED)
    changed = []
    for sale in found.select_for_update().order_by("pk"):
        link = done.get((sale.integration_id, sale.kind, sale.key))
        if link is None or link.target_id != sale.target_id:
            continue
        sale.version = link.version
        if link.role.startswith(UPDATE):
            sale.total, sale.facts = link.total, link.facts
        changed.append(sale)
    return changed


def open_links(envelope: Envelope) -> QuerySet[Link]:
    """The links of an envelope whose outcome is not known."""
    return Link.objects.filter(
        envelope=envelope, state__in=(LinkState.SENDING, LinkState.IN_DOUBT)
    )


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


def own(rows: Links, records: Mapping[str, int]) -> None:
    """Give adopted links the record they belong to, by source id."""
    orphans = [
        link for link in rows.values() if link.record_id is None and link.key in records
    ]
    for link in orphans:
        link.record_id = records[link.key]
    update_rows(orphans, ("record",))


def adopt(integration: Integration, sightings: Iterable[Sighting]) -> int:
    """Link documents that bear our mark and are not linked; gives how many.

    This is how a hub whose database was lost finds its own work again.
    """
    marked = {s.ref: s for s in sightings if s.ref is not None}
    if not marked:
        return 0
    known = load(integration.pk, set(marked))
    missing = [
        Link(
            integration=integration,
            kind=ref.kind,
            key=ref.key,
            role=ref.role,
            entity=s.entity,
        )
        for ref, s in sorted(marked.items(), key=_order_of)
        if ref not in known
    ]
    with transaction.atomic():
        Link.objects.bulk_create(missing, ignore_conflicts=True)
        there = load(integration.pk, set(marked)).values()
        rows = [link for link in _lock(link.pk for link in there) if link.state in FREE]
        for link in rows:
            link.entity = marked[ref_of(link)].entity
            _apply(link, Verdict(LinkState.LINKED, marked[ref_of(link)].known))
        _save(rows)
    return len(rows)


def adopt_found(links: Links, found: Mapping[Ref, Found]) -> None:
    """Link what a search found; what is not ours makes its write use the fallback.

    ``links`` is as it was before the search; what others sent or settled meanwhile is
    left as it is. The rows in it are brought up to date.
    """
    ids = [links[ref].pk for ref in found if ref in links]
    with transaction.atomic():
        rows = _lock(ids)
        free = [link for link in rows if link.state in FREE]
        for link in free:
            hit = found[ref_of(link)]
            if hit.ours:
                _apply(link, Verdict(LinkState.LINKED, hit.known))
            else:
                link.use_fallback = True
        _save(free)
    links.update({ref_of(link): link for link in rows})


def note_search(rows: Iterable[Link], run_id: int) -> None:
    """Remember that these were looked for in the target, so that nobody asks twice."""
    ids = []
    for link in rows:
        link.searched_in = run_id
        ids.append(link.pk)
    update_in_order(Link.objects.filter(pk__in=ids), searched_in=run_id)


def refresh(rows: Mapping[Ref, Link], found: Mapping[Ref, Found]) -> None:
    """Take over how linked objects stand in the target now.

    A record's document with another version than we left is remembered as touched: it
    is neither updated nor taken back by itself any more.
    """
    seen = [rows[ref] for ref, hit in found.items() if ref in rows and hit.ours]
    for link in seen:
        left = link.version
        kept = {n: link.facts[n] for n in (TOUCHED, UNDONE) if n in link.facts}
        _apply(link, Verdict(LinkState.LINKED, found[ref_of(link)].known))
        if link.kind == "order" and left not in ("", link.version):
            kept[TOUCHED] = "true"
        link.facts |= kept
    _save(seen)


def plan_again(link: Link, *, use_fallback: bool) -> None:
    """Let a write be sent anew whose object is gone, unless somebody did so meanwhile.

    ``link`` is brought up to date.
    """
    there = Link.objects.filter(
        pk=link.pk, state=LinkState.LINKED, target_id=link.target_id
    )
    there.update(
        state=LinkState.PLANNED,
        target_id="",
        version="",
        total=None,
        facts={},
        is_stale=False,
        use_fallback=use_fallback,
        updated_at=timezone.now(),
    )
    link.refresh_from_db()


def mark_stale(records: QuerySet[SyncRecord]) -> int:
    """Have the linked objects of these records looked at again before they are used.

    Not those of records that changed after posting: the version that we left says
    whether a person has touched them.
    """
    linked = Link.objects.filter(
        record__in=records.filter(posted_payload__isnull=True).values("pk"),
        kind="order",
        state=LinkState.LINKED,
    )
    return update_in_order(linked, is_stale=True)


def _lock(ids: Iterable[int]) -> list[Link]:
    rows = Link.objects.select_for_update().filter(pk__in=list(ids))
    return list(rows.order_by("pk"))


def _order_of(entry: tuple[Ref, Sighting]) -> tuple[str, str, str]:
    ref = entry[0]
    return (ref.kind, ref.key, ref.role)


def _apply(link: Link, verdict: Verdict) -> None:
    link.state = verdict.state
    link.is_stale = False
    link.message = verdict.message
    link.use_fallback = link.use_fallback or verdict.use_fallback
    if verdict.known is None:
        return
    link.target_id = verdict.known.id
    link.number = verdict.known.number or link.number
    link.version = verdict.known.version
    link.total = verdict.known.total
    link.facts = dict(verdict.known.facts)


def _save(rows: Sequence[Link]) -> None:
    now = timezone.now()
    for link in rows:
        link.updated_at = now
    fields = (
        "state",
        "message",
        "use_fallback",
        "is_stale",
        "entity",
        "target_id",
        "number",
        "version",
        "total",
        "facts",
        "updated_at",
    )
    update_rows(rows, fields)


def _by_keys(integration_id: int, refs: Collection[Ref]) -> QuerySet[Link]:
    by_kind: dict[str, set[str]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, set()).add(ref.key)
    wanted = Q()
    for kind, keys in by_kind.items():
        wanted |= Q(kind=kind, key__in=list(keys))
    return Link.objects.filter(wanted, integration_id=integration_id)
