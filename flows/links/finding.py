"""Links of what is in the target: found, adopted, looked at again, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors.writes import TOUCHED, UNDONE, Found, Ref, Sighting
from flows.bulk import update_in_order, update_rows
from flows.links.rows import FREE, Links, Verdict, apply, load, lock, ref_of, save
from flows.models import Integration, Link, LinkState, SyncRecord


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
        rows = [link for link in lock(link.pk for link in there) if link.state in FREE]
        for link in rows:
            link.entity = marked[ref_of(link)].entity
            apply(link, Verdict(LinkState.LINKED, marked[ref_of(link)].known))
        save(rows)
    return len(rows)


def adopt_found(links: Links, found: Mapping[Ref, Found]) -> None:
    """Link what a search found; what is not ours makes its write use the fallback.

    ``links`` is as it was before the search; what others sent or settled meanwhile is
    left as it is. The rows in it are brought up to date.
    """
    ids = [links[ref].pk for ref in found if ref in links]
    with transaction.atomic():
        rows = lock(ids)
        free = [link for link in rows if link.state in FREE]
        for link in free:
            hit = found[ref_of(link)]
            if hit.ours:
                apply(link, Verdict(LinkState.LINKED, hit.known))
            else:
                link.use_fallback = True
        save(free)
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
        apply(link, Verdict(LinkState.LINKED, found[ref_of(link)].known))
        if link.kind == "order" and left not in ("", link.version):
            kept[TOUCHED] = "true"
        link.facts |= kept
    save(seen)


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


def note_undone(link: Link) -> None:
    """Remember that a document is taken back. ``link`` is brought up to date."""
    link.facts = {**link.facts, UNDONE: timezone.now().isoformat()}
    Link.objects.filter(pk=link.pk).update(facts=link.facts, updated_at=timezone.now())


def note_touched(rows: Iterable[Link]) -> None:
    """Remember that somebody changed these documents. The rows are brought up to date."""
    for link in rows:
        link.facts = {**link.facts, TOUCHED: "true"}
        Link.objects.filter(pk=link.pk).update(
            facts=link.facts, updated_at=timezone.now()
        )


def _order_of(entry: tuple[Ref, Sighting]) -> tuple[str, str, str]:
    ref = entry[0]
    return (ref.kind, ref.key, ref.role)
