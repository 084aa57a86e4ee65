"""How documents stand in the target now, beside what the hub left there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from connectors.contract import Connector
from connectors.writes import TOUCHED, Known, Ref
from flows import links
from flows.engine.stored import load_write
from flows.links import ref_of
from flows.models import Link

There = Mapping[Ref, Known | None]


def look(target: Connector, rows: Sequence[Link]) -> dict[Ref, Known | None]:
    """How the documents stand now, None for one that is not found.

    Those of which it is not known how they were sent are not looked for.
    """
    writes = {}
    for link in rows:
        member = link.members.order_by("-pk").first()
        if member is not None:
            writes[ref_of(link)] = load_write(member.write)
    found = target.find(list(writes.values())) if writes else {}
    there = {ref: hit.known for ref, hit in found.items()}
    ids = {ref_of(link): link.target_id for link in rows}
    return {
        ref: there[ref] if ref in there and there[ref].id == ids[ref] else None
        for ref in writes
    }


def is_payable(link: Link) -> bool:
    """Whether payments of other records may be linked to a document."""
    left = link.facts.get("balance")
    return bool(link.total) and left is not None and Decimal(str(left)) == link.total


def is_touched(link: Link, there: There, paid: Collection[int]) -> bool:
    """Whether somebody changed a document since we left it.

    Payments that come and go change the version of what they pay (``paid``, by the
    links' ids), and nothing else of it.
    """
    known = there.get(ref_of(link))
    if TOUCHED in link.facts or known is None or known.version == link.version:
        return TOUCHED in link.facts
    as_left = link.pk in paid and _is_as_left(link, known)
    return not (as_left or _is_void(link, known))


def take_version(link: Link, there: Known | None) -> None:
    """Take over what may have changed: the version; that it is taken back already."""
    if there is None or there.version == link.version:
        return
    if _is_void(link, there):
        links.note_undone(link)
    elif _is_as_left(link, there):
        link.version = there.version


def _is_void(link: Link, there: Known) -> bool:
    """Whether nothing is left of a document: an earlier try had no answer, say."""
    return bool(link.total) and there.total == 0


def _is_as_left(link: Link, there: Known) -> bool:
    facts = [
        {name: facts.get(name) for name in ("date", "vat", "customer")}
        for facts in (link.facts, there.facts)
    ]
    same = facts[0] == facts[1]
    return same and (link.number, link.total) == (there.number, there.total)
