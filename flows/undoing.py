"""Taking back what a run created, as long as nobody changed it.

A record is taken back whole: what depends on its documents (payments, what divides
them) goes first, and where a part of that is refused the documents stay. Nothing is
taken back while the flow may work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.contract import Connector
from connectors.services import open_connection
from connectors.writes import TOUCHED, UNDONE, Known, Outcome, Ref
from flows import alerts, leases, margins
from flows.engine import ticking
from flows.engine.claiming import mark_failed
from flows.engine.envelopes import load_write
from flows.links import CORRECTION, UPDATE, known_of, ref_of
from flows.models import Link, LinkState, RecordState, Run, SyncRecord
from integration_hub.core.errors import ConfigError, NotFound, RecordError

AT_ONCE = 20
# More than this is a matter for the command: a page would wait too long.
MOST = 300
CHANGED_THERE = "Somebody changed it there since the hub left it."
# Roles of documents that others depend on; everything else goes before them.
DOCUMENTS = frozenset({"sale", "return", "movement"})
# What of thousands of records would be decrypted in vain.
CONTENTS = ("payload", "next_payload", "posted_payload")
# A payment of an earlier debt, which may be all that a record is.
SETTLEMENT = "settlement:"


@dataclass(frozen=True, slots=True)
class Undone:
    """How many records were taken back, and how many were not."""

    records: int
    refused: int


def list_links(run: Run) -> list[Link]:
    """What would be taken back: all documents of the records that the run posted.

    The latest first, because what pays or credits a sale comes after it. Not what an
    earlier try took back already.
    """
    mine = Link.objects.filter(envelope__run=run, kind="order", state=LinkState.LINKED)
    posted = mine.filter(Q(role__in=DOCUMENTS) | Q(role__startswith=SETTLEMENT))
    found = (
        Link.objects.filter(
            record__in=posted.values("record"),
            record__state__in=(RecordState.SYNCED, RecordState.FAILED),
            kind="order",
            state=LinkState.LINKED,
        )
        .exclude(target_id="")
        .exclude(role__startswith=UPDATE)
        .exclude(role__startswith=CORRECTION)
        .select_related("record")
        .defer(*(f"record__{name}" for name in CONTENTS))
        .order_by("-record__date", "-record_id", "-pk")
    )
    return [link for link in found if UNDONE not in link.facts]


def require_rest(run: Run, count: int, *, most: int | None = MOST) -> None:
    """Raise ConfigError while the flow of a run may work, or for too many at once."""
    flow = run.flow
    if flow.enabled or ticking.active_run(flow) is not None:
        raise ConfigError(
            _("%s is on, or at work.") % flow,
            code="flow at work",
            action=_("Switch it off and wait for its run; then take back."),
        )
    if most is not None and count > most:
        raise ConfigError(
            _("%s documents are too many for a page.") % count,
            code="too many",
            action=_("Use the command: manage.py undo_run %s") % run.pk,
        )


def find_obstacle(run: Run, count: int) -> str:
    """Why a run cannot be taken back on a page now, "" if it can."""
    try:
        require_rest(run, count)
    except ConfigError as error:
        return f"{error.message} {error.action}"
    return ""


def undo_run(run: Run, *, by: str, most: int | None = MOST) -> Undone:
    """Take back what a run created, a few records at a time. Makes calls.

    Raises ConfigError while the flow may work or for more than ``most`` documents, and
    what the target raises; what was taken back until then is stored.
    """
    found = list_links(run)
    require_rest(run, len(found), most=most)
    target = open_connection(run.flow.integration.target)
    done = refused = 0
    for links in _in_parts(found):
        errors = _undo(target, links)
        records = {link.record_id: link.record for link in links if link.record}
        done += len(records) - len(errors)
        refused += len(errors)
        _store(records.values(), errors, by=by)
    alerts.refresh(run.flow)
    return Undone(done, refused)


def _in_parts(links: Sequence[Link]) -> Iterator[list[Link]]:
    by_record: dict[int | None, list[Link]] = defaultdict(list)
    for link in links:
        by_record[link.record_id].append(link)
    groups = list(by_record.values())
    for start in range(0, len(groups), AT_ONCE):
        yield [link for group in groups[start : start + AT_ONCE] for link in group]


def _undo(target: Connector, links: Sequence[Link]) -> dict[int, RecordError]:
    """Take back links, dependents first; gives the errors by record.

    All are looked at before, so that of what somebody changed nothing is taken back.
    """
    first = [link for link in links if link.role not in DOCUMENTS]
    last = [link for link in links if link.role in DOCUMENTS]
    records = {link.record_id for link in first}
    paid = {link.pk for link in last if link.record_id in records or _is_payable(link)}
    there = _look(target, links)
    errors = {
        link.record_id: _refuse(link, CHANGED_THERE)
        for link in links
        if _is_touched(link, there, paid) and link.record_id is not None
    }
    for part in (first, last):
        wanted = [link for link in part if link.record_id not in errors]
        if part is last:
            there |= _look(target, [link for link in wanted if link.pk in paid])
        for link in wanted:
            _take_version(link, there.get(ref_of(link)))
        wanted = [link for link in wanted if UNDONE not in link.facts]
        outcomes = target.undo([(link.entity, known_of(link)) for link in wanted])
        for link, outcome in zip(wanted, outcomes, strict=True):
            is_gone = there.get(ref_of(link), link) is None
            error = _read(link, outcome, is_gone=is_gone)
            if error is not None and link.record_id is not None:
                errors.setdefault(link.record_id, error)
    return errors


def _look(target: Connector, links: Sequence[Link]) -> dict[Ref, Known | None]:
    """How the documents stand now, None for one that is not found.

    Those of which it is not known how they were sent are not looked for.
    """
    writes = {}
    for link in links:
        member = link.members.order_by("-pk").first()
        if member is not None:
            writes[ref_of(link)] = load_write(member.write)
    found = target.find(list(writes.values())) if writes else {}
    there = {ref: hit.known for ref, hit in found.items()}
    ids = {ref_of(link): link.target_id for link in links}
    return {
        ref: there[ref] if ref in there and there[ref].id == ids[ref] else None
        for ref in writes
    }


def _is_payable(link: Link) -> bool:
    """Whether payments of other records may be linked to a document."""
    left = link.facts.get("balance")
    return bool(link.total) and left is not None and Decimal(str(left)) == link.total


def _is_touched(
    link: Link, there: Mapping[Ref, Known | None], paid: Collection[int]
) -> bool:
    """Whether somebody changed a document since we left it.

    Payments that come and go change the version of what they pay (``paid``, by the
    links' ids), and nothing else of it.
    """
    known = there.get(ref_of(link))
    if TOUCHED in link.facts or known is None or known.version == link.version:
        return TOUCHED in link.facts
    as_left = link.pk in paid and _is_as_left(link, known)
    return not (as_left or _is_void(link, known))


def _take_version(link: Link, there: Known | None) -> None:
    """Take over what may have changed: the version; that it is taken back already."""
    if there is None or there.version == link.version:
        return
    if _is_void(link, there):
        _remember(link)
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


def _remember(link: Link) -> None:
    """Remember that a document is taken back."""
    link.facts = {**link.facts, UNDONE: timezone.now().isoformat()}
    Link.objects.filter(pk=link.pk).update(facts=link.facts, updated_at=timezone.now())


def _read(link: Link, outcome: Outcome, *, is_gone: bool) -> RecordError | None:
    """Why a document is not taken back; None if it is, which its link remembers.

    ``is_gone``: its number is not there, so that nothing is left if its id is not.
    """
    gone = is_gone and isinstance(outcome.error, NotFound)
    if gone or outcome.state in ("updated", "unchanged", "created"):
        _remember(link)
        return None
    if outcome.error is None:
        return _refuse(link, _("No answer came."))
    return _refuse(link, outcome.error.message, outcome.error.code)


def _refuse(link: Link, why: str, code: str = "") -> RecordError:
    return RecordError(
        _("%(entity)s %(number)s was not taken back. %(why)s")
        % {"entity": link.entity, "number": link.number, "why": why},
        code="not undone",
        reference=code,
        action=_(
            "Look at the record's documents in the target; then take the run back again, "
            "or choose Skip."
        ),
    )


def _store(
    records: Iterable[SyncRecord], errors: Mapping[int, RecordError], *, by: str
) -> None:
    for record in records:
        error = errors.get(record.pk)
        if error is not None:
            mark_failed(record, error, None)
        else:
            record.state = RecordState.SKIPPED
            record.reason = f"undone by {by}"[:80]
            record.message = record.action = record.fingerprint = ""
            margins.keep([(record, ())])
        mine = SyncRecord.objects.filter(leases.is_free(), pk=record.pk)
        mine.update(
            state=record.state,
            reason=record.reason,
            message=record.message,
            action=record.action,
            fingerprint=record.fingerprint,
            updated_at=timezone.now(),
        )
