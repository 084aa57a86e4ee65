"""Draining what is pending: the loop of a deliver task."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from connectors.contract import Outcome, Ref, Write
from flows import leases, links
from flows.engine import claiming, doubt, envelopes, finishing, preparing
from flows.engine.bench import Bench, Work, open_bench
from flows.models import LinkState, Run, Slot, SyncRecord
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    Conflict,
    HubError,
    OutcomeUnknown,
    RateLimited,
    RecordError,
    Unavailable,
)

BATCHES_AT_HAND = 3
WAIT_FOR_OTHERS = 0.2


@dataclass(slots=True)
class Session:
    """One deliver task at work: its bench, slot, owner name and end of budget."""

    bench: Bench
    slot: Slot
    owner: str
    until: float
    renewed_at: float
    largest: int
    unknown_in_a_row: int = 0
    waited: float = 0.0

    @property
    def time_left(self) -> bool:
        """Whether another call fits into the budget."""
        return time.monotonic() < self.until


def deliver(run_id: int) -> str:
    """Work for a run until nothing is left to do or the budget is spent.

    Ends at once where all of the connection's slots are taken. Whoever leaves looks
    again after its slot is free, so that no record is left between two tasks.
    """
    run = Run.objects.select_related(
        "flow__integration__target", "flow__integration__value_maps", "flow__mapping"
    ).get(pk=run_id)
    if not run.is_active or finishing.is_paused(run):
        return "closed or paused"
    bench = open_bench(run)
    owner = leases.new_owner()
    connection = run.flow.integration.target
    with leases.slot_of(connection, bench.target.parallel, owner) as slot:
        if slot is None:
            return "no slot"
        now = time.monotonic()
        session = Session(
            bench, slot, owner, now + settings.TASK_BUDGET, now, bench.target.batch_size
        )
        _drain(session)
    return finishing.go_on(run_id)


def _drain(session: Session) -> None:
    bench = session.bench
    try:
        while session.time_left and _still_ours(session):
            if doubt.resolve_next(bench, session.owner):
                continue
            _top_up(session)
            _settle(session)
            if not bench.works:
                return
            if not _send_ready(session) and not _wait_for_others(session):
                return
    except (RateLimited, Unavailable) as error:
        _make_wait(session, error)
    except (AuthError, ConfigError) as error:
        finishing.stop(bench.run, error)
    finally:
        _put_back(session)


def _still_ours(session: Session) -> bool:
    """Renew slot and records in good time; forget records that were lost."""
    now = time.monotonic()
    if now - session.renewed_at < settings.LEASE_SECONDS / 4:
        return True
    works = session.bench.works
    kept = claiming.renew([w.record for w in works.values()], session.owner)
    session.bench.drop([w for pk, w in list(works.items()) if pk not in kept])
    session.renewed_at = now
    return leases.renew_slot(session.slot, session.owner)


def _top_up(session: Session) -> None:
    """Lease more records while the bench has room for a batch."""
    bench = session.bench
    batch = bench.target.batch_size
    while session.time_left and not any(w.is_risky for w in bench.works.values()):
        room = batch * BATCHES_AT_HAND - len(bench.works)
        if room < batch:
            return
        records = claiming.claim(
            bench.run, session.owner, room, may_be_risky=not bench.works
        )
        if not records:
            return
        _finish(session, preparing.take_up(bench, records))
        _finish(session, preparing.refuse_foreign(bench))
        _doubt_records(session)


def _settle(session: Session) -> None:
    """Plan again what has all its writes; it is synced or has a follow-up."""
    bench = session.bench
    complete = [w for w in bench.works.values() if not bench.missing(w)]
    if not complete:
        return
    done = preparing.replan(bench, complete)
    bench.drop([work for work in complete if not work.open])
    _finish(session, done)
    preparing.prepare(bench, [work for work in complete if work.open])


def _finish(session: Session, records: Sequence[SyncRecord]) -> None:
    if records:
        with transaction.atomic():
            claiming.give_back(records, session.owner)


def ready_writes(bench: Bench, most: int) -> list[Write]:
    """Writes whose needs are all known and that nobody is sending, records in order."""
    ready: dict[Ref, Write] = {}
    for _work, write in bench.writes():
        if len(ready) == most:
            break
        if write.ref in ready or write.ref in bench.refused:
            continue
        if bench.state_of(write.ref) not in (LinkState.PLANNED, LinkState.REFUSED):
            continue
        if all(need in bench.known for need in write.needs):
            ready[write.ref] = write
    return list(ready.values())


def _send_ready(session: Session) -> bool:
    """Fill and send one envelope; false if there was nothing to send."""
    bench = session.bench
    ready = ready_writes(bench, session.largest)
    if not ready:
        return False
    filled = envelopes.fill(bench, ready, session.owner)
    bench.remember(links.load(bench.integration.pk, {w.ref for w in ready}))
    if filled is None:
        return True
    positions = dict(enumerate(filled.link_ids))
    try:
        delivery = envelopes.send(bench.target, filled.row, filled.envelope)
    except OutcomeUnknown as error:
        _note_unknown(session, filled, error)
        return True
    except RecordError as error:
        _note_refused_whole(session, filled, error)
        return True
    except HubError as error:
        envelopes.give_up(filled.row, error.message)
        bench.remember(links.load(bench.integration.pk, {w.ref for w in ready}))
        raise
    except BaseException:
        envelopes.put_in_doubt(filled.row, "the hub was interrupted")
        raise
    session.unknown_in_a_row = 0
    session.waited = 0.0
    outcomes = envelopes.commit(
        filled.row, positions, delivery.outcomes, absent=LinkState.IN_DOUBT
    )
    _take_outcomes(session, filled, outcomes)
    if delivery.stop is not None:
        raise delivery.stop
    return True


def _take_outcomes(
    session: Session, filled: envelopes.Filled, outcomes: dict[int, Outcome]
) -> None:
    """Carry the outcomes to the records that need them."""
    bench = session.bench
    refs = {write.ref for write in filled.writes}
    bench.remember(links.load(bench.integration.pk, refs))
    for write, pk in zip(filled.writes, filled.link_ids, strict=True):
        outcome = outcomes.get(pk)
        error = outcome.error if outcome else None
        if error is None or (outcome and outcome.state != "refused"):
            continue
        if isinstance(error, Conflict) and write.fallback and not _tried(bench, write):
            bench.asked.add(write.ref)
            continue
        if error.code != DUPLICATE_REQUEST:
            bench.refused[write.ref] = error
    _fail_refused(session)
    _doubt_records(session)


DUPLICATE_REQUEST = "duplicate request"


def _tried(bench: Bench, write: Write) -> bool:
    """Whether the write's second choice of name was sent already."""
    link = bench.links[write.ref]
    return link.members.filter(outcome="refused").count() > 1


def _fail_refused(session: Session) -> None:
    """Fail the records that need a write which the target refused."""
    bench = session.bench
    failed: list[Work] = []
    for work in bench.works.values():
        for write in bench.missing(work):
            error = bench.refused.get(write.ref)
            if error is not None:
                claiming.mark_failed(work.record, error, work.plan)
                failed.append(work)
                break
    bench.drop(failed)
    _finish(session, [work.record for work in failed])
    bench.refused.clear()


def _doubt_records(session: Session) -> None:
    """Put aside the records that need a write whose outcome is not known."""
    bench = session.bench
    doubtful: list[Work] = []
    for work in bench.works.values():
        states = {bench.state_of(write.ref) for write in bench.missing(work)}
        if LinkState.IN_DOUBT in states:
            claiming.mark_in_doubt(work.record, _quiet_end())
            doubtful.append(work)
    bench.drop(doubtful)
    _finish(session, [work.record for work in doubtful])


def _quiet_end() -> datetime:
    return leases.lease_end(settings.QUIET_SECONDS)


def _note_unknown(
    session: Session, filled: envelopes.Filled, error: OutcomeUnknown
) -> None:
    envelopes.put_in_doubt(filled.row, envelopes.unknown(error))
    refs = {write.ref for write in filled.writes}
    session.bench.remember(links.load(session.bench.integration.pk, refs))
    _doubt_records(session)
    session.unknown_in_a_row += 1
    if session.unknown_in_a_row >= 3:
        raise Unavailable(error.message, code=error.code, system=error.system)


def _note_refused_whole(
    session: Session, filled: envelopes.Filled, error: RecordError
) -> None:
    """The whole call was refused: send its members alone, to see which one it was."""
    bench = session.bench
    envelopes.give_up(filled.row, error.message)
    bench.remember(links.load(bench.integration.pk, {w.ref for w in filled.writes}))
    if error.code == DUPLICATE_REQUEST:
        return
    session.largest = 1
    if len(filled.writes) == 1:
        bench.refused[filled.writes[0].ref] = error
        _fail_refused(session)


def _wait_for_others(session: Session) -> bool:
    """Look again at links that other workers are sending; false if it takes long.

    A record that waits for somebody else's customer or item costs a query, no call.
    """
    bench = session.bench
    blocked = {write.ref for _work, write in bench.writes()}
    if session.waited > settings.TASK_BUDGET / 2:
        return False
    time.sleep(WAIT_FOR_OTHERS)
    session.waited += WAIT_FOR_OTHERS
    bench.remember(links.load(bench.integration.pk, blocked))
    _doubt_records(session)
    return True


def _make_wait(session: Session, error: RateLimited | Unavailable) -> None:
    """Records wait, they do not fail; the connection slows down for everybody."""
    bench = session.bench
    pause = error.retry_after if isinstance(error, RateLimited) else 0.0
    works = list(bench.works.values())
    finishing.pause(bench.run, claiming.retry_time(0, at_least=pause))
    for work in works:
        retry_at = claiming.retry_time(work.record.tries, at_least=pause)
        claiming.mark_waiting(work.record, error.message, retry_at)
    bench.drop(works)
    _finish(session, [work.record for work in works])


def _put_back(session: Session) -> None:
    """Give back what is still on the bench, as if it had not been touched."""
    works: Iterable[Work] = list(session.bench.works.values())
    for work in works:
        claiming.mark_pending(work.record)
    session.bench.drop(works)
    _finish(session, [work.record for work in works])
