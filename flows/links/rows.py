"""The rows of links: reading them, and the one way their outcome is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils import timezone

from connectors.writes import UNDONE, Known, Ref
from flows.bulk import update_rows
from flows.models import Envelope, Link, LinkState

Links = dict[Ref, Link]
# Nobody has sent it, or it was definitely refused: whoever comes first may.
FREE = (LinkState.PLANNED, LinkState.REFUSED)


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


def open_links(envelope: Envelope) -> QuerySet[Link]:
    """The links of an envelope whose outcome is not known."""
    return Link.objects.filter(
        envelope=envelope, state__in=(LinkState.SENDING, LinkState.IN_DOUBT)
    )


def lock(ids: Iterable[int]) -> list[Link]:
    """Lock these rows, in the order in which everybody does."""
    rows = Link.objects.select_for_update().filter(pk__in=list(ids))
    return list(rows.order_by("pk"))


def apply(link: Link, verdict: Verdict) -> None:
    """Let a link be what became of its write; does not save."""
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


def save(rows: Sequence[Link]) -> None:
    """Store what became of these links' writes."""
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
