"""Taking back what a run created, as long as nobody changed it.

A record is taken back whole: what depends on its documents (payments, what divides
them) goes first, and where a part of that is refused the documents stay. Nothing is
taken back while the flow may work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.contract import Connector, PlanSettings
from connectors.services import open_connection
from connectors.writes import UNDONE, Outcome
from flows import alerts, leases, links, margins
from flows.engine import finishing, ticking
from flows.engine.bench import settings_of
from flows.engine.claiming import mark_failed
from flows.links import CORRECTION, UPDATE, known_of, ref_of
from flows.models import Link, LinkState, RecordState, Run, SyncRecord
from flows.reasons import UNDONE_BY
from flows.standing import is_payable, is_touched, look, take_version
from integration_hub.core.errors import ConfigError, NotFound, RecordError

AT_ONCE = 20
# More than this is a matter for the command: a page would wait too long.
MOST = 300
CHANGED_THERE = "Somebody changed it there since the hub left it."
# Roles of documents that others depend on; everything else goes before them.
DOCUMENTS = frozenset({"sale", "return", "movement"})
# Roles of a document that was reversed or posted again begin so, then the version.
COPIES = ("reversal", "again")
# What of thousands of records would be decrypted in vain.
CONTENTS = ("payload", "next_payload", "posted_payload")
# A payment of an earlier debt, which may be all that a record is.
SETTLEMENT = "settlement:"
# What a record becomes in the first place.
POSTED = Q(role__in=DOCUMENTS) | Q(role__startswith=SETTLEMENT)


@dataclass(frozen=True, slots=True)
class Undone:
    """How many records were taken back, and how many were not."""

    records: int
    refused: int


@dataclass(frozen=True, slots=True)
class Beside:
    """What a run wrote to records that it did not post, and the runs that posted them.

    It goes when those are taken back, whose number may not be known any more.
    """

    links: list[Link]
    runs: list[int]


def list_links(run: Run, records: Collection[int] | None = None) -> list[Link]:
    """What would be taken back: all documents of the records that the run posted.

    Of these ``records`` only, by their ids, where they are given. The latest first,
    because what pays or credits a sale comes after it. Not what an earlier try took
    back already.
    """
    return list(_find_links(_list_posted(run) if records is None else records))


def list_beside(run: Run) -> Beside:
    """What of a run is not taken back with it: what changed the records of other runs.

    A record is taken back whole, with the run that posted it.
    """
    found = _find_beside(run)
    records = found.order_by().values("record")
    first = Link.objects.filter(POSTED, kind="order", record__in=records)
    runs = first.values_list("envelope__run", flat=True).distinct()
    return Beside(list(found), sorted(pk for pk in runs if pk is not None))


def has_any(run: Run) -> bool:
    """Whether there is anything to be taken back, or to be told beside it."""
    return _find_links(_list_posted(run)).exists() or _find_beside(run).exists()


def _find_links(records: Collection[int] | QuerySet[Link, Any]) -> QuerySet[Link]:
    states = (RecordState.SYNCED, RecordState.FAILED)
    found = Link.objects.filter(record__in=records, record__state__in=states)
    found = found.exclude(role__startswith=UPDATE)
    found = found.exclude(role__startswith=CORRECTION)
    return _those_left(found).order_by("-record__date", "-record_id", "-pk")


def _find_beside(run: Run) -> QuerySet[Link]:
    found = Link.objects.filter(envelope__run=run).exclude(record=None)
    found = found.exclude(record__in=_list_posted(run))
    found = found.exclude(record__state=RecordState.UNDONE)
    return _those_left(found).order_by("-record__date", "-record_id", "pk")


def _those_left(found: QuerySet[Link]) -> QuerySet[Link]:
    """Documents that are there and not taken back; without what records contain."""
    found = found.filter(kind="order", state=LinkState.LINKED).exclude(target_id="")
    found = found.exclude(facts__has_key=UNDONE).select_related("record")
    return found.defer(*(f"record__{name}" for name in CONTENTS))


def _list_posted(run: Run) -> QuerySet[Link, Any]:
    """The records that a run posted."""
    mine = Link.objects.filter(envelope__run=run, kind="order", state=LinkState.LINKED)
    return mine.filter(POSTED).values("record")


def require_rest(run: Run, count: int, *, most: int | None = MOST) -> None:
    """Raise ConfigError while the flow of a run may work, or for too many at once.

    Also for a run so old that part of what it sent may be kept no longer.
    """
    flow, days = run.flow, settings.RETENTION_DAYS
    if run.started_at < timezone.now() - timedelta(days=days):
        raise ConfigError(
            _("What %(run)s sent is kept for %(days)s days only.")
            % {"run": run, "days": days},
            code="too old",
            action=_("Mend in the target by hand what its records list."),
        )
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

    Others may let the flow work meanwhile, so that it is looked at again each time.
    Raises ConfigError while the flow may work or for more than ``most`` documents, and
    what the target raises; what was taken back until then is stored.
    """
    found = list_links(run)
    require_rest(run, len(found), most=most)
    target = open_connection(run.flow.integration.target)
    chosen = settings_of(run.flow, target)
    done = refused = 0
    last = (link.record.run_id for link in found if link.record)
    runs = {run.pk, *(pk for pk in last if pk is not None)}
    try:
        for ids in _in_parts(found):
            require_rest(run, len(found), most=most)
            part = list_links(run, ids)
            errors = _undo(target, chosen, part)
            records = {link.record_id: link.record for link in part if link.record}
            done += len(records) - len(errors)
            refused += len(errors)
            _store(records.values(), errors, by=by)
    finally:
        finishing.count_again(Run.objects.filter(pk__in=runs))
    alerts.refresh(run.flow)
    return Undone(done, refused)


def _in_parts(found: Sequence[Link]) -> Iterator[list[int]]:
    """The records of links, by their ids, as many as are taken back at once."""
    ids = list(dict.fromkeys(link.record_id for link in found if link.record_id))
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _undo(
    target: Connector, chosen: PlanSettings, found: Sequence[Link]
) -> dict[int, RecordError]:
    """Take back links, dependents first; gives the errors by record.

    All are looked at before, so that of what somebody changed, of what others are
    linked to and of what is in a closed period nothing is taken back.
    """
    first = [link for link in found if not _is_document(link)]
    last = [link for link in found if _is_document(link)]
    records = {link.record_id for link in first}
    paid = {k.pk for k in last if k.record_id in records or is_payable(k)}
    there = look(target, found)
    errors = {
        link.record_id: _refuse(link, CHANGED_THERE)
        for link in found
        if is_touched(link, there, paid) and link.record_id is not None
    }
    _add_obstacles(errors, target, chosen, found)
    for part in (first, last):
        wanted = [link for link in part if link.record_id not in errors]
        if part is last:
            there |= look(target, [link for link in wanted if link.pk in paid])
        for link in wanted:
            take_version(link, there.get(ref_of(link)))
        wanted = [link for link in wanted if UNDONE not in link.facts]
        outcomes = target.undo([(link.entity, known_of(link)) for link in wanted])
        for link, outcome in zip(wanted, outcomes, strict=True):
            is_gone = there.get(ref_of(link), link) is None
            error = _read(link, outcome, is_gone=is_gone)
            if error is not None and link.record_id is not None:
                errors.setdefault(link.record_id, error)
    return errors


def _add_obstacles(
    errors: dict[int, RecordError],
    target: Connector,
    chosen: PlanSettings,
    found: Sequence[Link],
) -> None:
    """Add what the target has against it, until no more comes of what stays."""
    while True:
        wanted = [link for link in found if link.record_id not in errors]
        targets = [(link.entity, known_of(link)) for link in wanted]
        obstacles = target.find_undo_obstacles(targets, chosen) if wanted else []
        new = {
            link.record_id: _refuse(link, error.message, error.code, error.action)
            for link, error in zip(wanted, obstacles, strict=True)
            if error is not None and link.record_id is not None
        }
        if not new:
            return
        errors |= new


def _is_document(link: Link) -> bool:
    """Whether others depend on it, so that it goes last."""
    first, *rest = link.role.split(":")
    if first in COPIES:
        return "".join(rest[1:]) in {"", *DOCUMENTS}
    return link.role in DOCUMENTS


def _read(link: Link, outcome: Outcome, *, is_gone: bool) -> RecordError | None:
    """Why a document is not taken back; None if it is, which its link remembers.

    ``is_gone``: its number is not there, so that nothing is left if its id is not.
    """
    gone = is_gone and isinstance(outcome.error, NotFound)
    if gone or outcome.state in ("updated", "unchanged", "created"):
        links.note_undone(link)
        return None
    if outcome.error is None:
        return _refuse(link, _("No answer came."))
    return _refuse(link, outcome.error.message, outcome.error.code)


def _refuse(link: Link, why: str, code: str = "", action: str = "") -> RecordError:
    return RecordError(
        _("%(entity)s %(number)s was not taken back. %(why)s")
        % {"entity": link.entity, "number": link.number, "why": why},
        code="not undone",
        reference=code,
        action=action
        or _(
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
            record.state = RecordState.UNDONE
            record.reason = f"{UNDONE_BY}{by}"[:80]
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
