"""How documents stand in the target now, beside what the hub left there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.contract import Connector
from connectors.writes import TOUCHED, Known, Ref, Write
from flows import links
from flows.engine.stored import load_write
from flows.links import CORRECTION, ref_of
from flows.models import Link, LinkState
from integration_hub.core.errors import RecordError

There = Mapping[Ref, Known | None]
# Facts by which a document is as we left it: always, and where we noted them.
ALWAYS, NOTED = ("date", "vat", "customer"), ("booked", "sides")


def look(target: Connector, rows: Sequence[Link]) -> dict[Ref, Known | None]:
    """How the documents stand now, None for one that is not found.

    Those of which it is not known how they were sent are not looked for.
    """
    writes = _list_writes(rows)
    found = target.find(list(writes.values())) if writes else {}
    there = {ref: hit.known for ref, hit in found.items()}
    ids = {ref_of(link): link.target_id for link in rows}
    return {
        ref: there[ref] if ref in there and there[ref].id == ids[ref] else None
        for ref in writes
    }


def find_changed(
    target: Connector, rows: Sequence[Link], planned: Mapping[Ref, Write]
) -> tuple[list[Link], dict[Ref, RecordError]]:
    """The documents of which somebody changed what the books hold, or that are gone.

    Payments and what is no amount, a text say, change nothing of it. Those of which it
    is not known how they were sent, because they were found by their mark or it is kept
    no longer, are looked for by what is ``planned`` for them, and left out without. Of
    those that the target cannot be asked for the errors are given, too.
    """
    writes = _list_planned(rows, planned) | _list_writes(rows)
    found = target.find(list(writes.values())) if writes else {}
    errors = {ref: hit.error for ref, hit in found.items() if hit.error is not None}
    changed = []
    for link in rows:
        ref = ref_of(link)
        hit = found.get(ref)
        there = hit.known if hit and hit.known.id == link.target_id else None
        is_left = ref not in writes or (there and is_as_left(link, there))
        if ref not in errors and not is_left:
            changed.append(link)
    return changed, errors


def _list_writes(rows: Sequence[Link]) -> dict[Ref, Write]:
    writes = {}
    for link in rows:
        member = link.members.order_by("-pk").first()
        if member is not None:
            writes[ref_of(link)] = load_write(member.write)
    return writes


def _list_planned(
    rows: Iterable[Link], planned: Mapping[Ref, Write]
) -> dict[Ref, Write]:
    """The writes of documents by their plan, with the numbers that they have."""
    return {
        ref: replace(planned[ref], number=link.number)
        for link in rows
        if (ref := ref_of(link)) in planned and link.number
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
    as_left = link.pk in paid and is_as_left(link, known)
    return not (as_left or _is_void(link, known))


def take_version(link: Link, there: Known | None) -> None:
    """Take over what may have changed: the version; that it is taken back already."""
    if there is None or there.version == link.version:
        return
    if _is_void(link, there):
        links.note_undone(link)
    elif is_as_left(link, there):
        link.version = there.version


def _is_void(link: Link, there: Known) -> bool:
    """Whether nothing is left of a document: an earlier try had no answer, say."""
    return bool(link.total) and there.total == 0


def is_as_left(link: Link, there: Known) -> bool:
    """Whether a document is for the books what we left, with a cent mended or without."""
    if link.version == there.version or _agrees(link, there):
        return True
    mended = Link.objects.filter(
        integration=link.integration_id,
        kind=link.kind,
        key=link.key,
        role__startswith=CORRECTION,
        target_id=link.target_id,
        state=LinkState.LINKED,
    )
    return any(_agrees(each, there) for each in mended)


def _agrees(link: Link, there: Known) -> bool:
    names = (*ALWAYS, *(name for name in NOTED if name in link.facts))
    same = all(link.facts.get(name) == there.facts.get(name) for name in names)
    return same and (link.number, link.total) == (there.number, there.total)
