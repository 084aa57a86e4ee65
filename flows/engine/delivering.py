"""Draining what is pending: the loop of a deliver task."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.conf import settings

from flows import leases, links, twins
from flows.engine import (
    choosing,
    claiming,
    doubt,
    envelopes,
    finishing,
    holding,
    obstacles,
    preparing,
    surveying,
)
from flows.engine.bench import Work, open_bench
from flows.engine.outcomes import (
    doubt_records,
    look_again,
    note_refused_whole,
    note_unknown,
    take_outcomes,
)
from flows.engine.session import Session, finish, keep_leases, open_session
from flows.models import LinkState, Run
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    HubError,
    LeaseLost,
    OutcomeUnknown,
    RateLimited,
    RecordError,
    Unavailable,
)

# The more records, the fuller the envelopes: while some wait for a customer that
# another worker is sending, others are ready. Customers and items of all records that
# are taken at once are looked up together, because reads are metered; where few are
# left, workers share them.
BATCHES_AT_HAND = 20
BATCHES_AT_ONCE = (4, 16)
WAIT_FOR_OTHERS = 0.2


def deliver(run_id: int) -> str:
    """Work for a run until nothing is left to do or the budget is spent.

    Ends at once where all of the connection's slots are taken. Whoever leaves looks
    again after its slot is free, so that no record is left between two tasks.
    """
    run = Run.objects.select_related(
        "flow__integration__source",
        "flow__integration__target",
        "flow__integration__value_maps",
        "flow__mapping",
    ).get(pk=run_id)
    if not run.is_active or finishing.is_paused(run):
        return "closed or paused"
    if not _has_work(run):
        return finishing.go_on(run_id)
    twins.require_single(run.flow)
    bench = open_bench(run)
    holding.release_held(run, bench.hold_basis)
    owner = leases.new_owner()
    connection = run.flow.integration.target
    with leases.slot_of(connection, bench.target.parallel, owner) as slot:
        if slot is None:
            return "no slot"
        _drain(open_session(bench, slot, owner))
    return finishing.go_on(run_id)


def _has_work(run: Run) -> bool:
    """Whether the target is needed: a quiet run asks it nothing."""
    return (
        claiming.due(run.flow_id).exists()
        or holding.held_in(run).exists()
        or bool(doubt.due_envelopes(run.flow.integration_id))
    )


def _drain(session: Session) -> None:
    bench = session.bench
    try:
        while session.time_left and keep_leases(session):
            if doubt.resolve_next(bench, session.owner):
                continue
            _top_up(session)
            finish(session, preparing.replan_surprised(bench))
            _settle(session)
            # Looking up may have taken all the time, or so long that the slot was lost.
            if not bench.works or not session.time_left:
                return
            if not (_send_ready(session) or _wait(session)):
                return
    except (RateLimited, Unavailable) as error:
        _make_wait(session, error)
    except (AuthError, ConfigError) as error:
        finishing.stop(bench.run, error)
    except LeaseLost:
        # This worker slept too long. Whatever it holds is, or will be, somebody's.
        bench.drop(list(bench.works.values()))
    finally:
        _put_back(session)


def _top_up(session: Session) -> None:
    """Lease more records while there is room for all that are taken at once."""
    bench = session.bench
    batch = bench.target.batch_size
    while session.takes_more and not any(w.is_risky for w in bench.works.values()):
        least, most = (batch * batches for batches in BATCHES_AT_ONCE)
        most = claiming.fair_share(bench.run, bench.target.parallel, least, most)
        if len(bench.works) + most > batch * BATCHES_AT_HAND:
            return
        records = claiming.claim(
            bench.run, session.owner, most, may_be_risky=not bench.works
        )
        if not records:
            return
        finish(session, preparing.take_up(bench, records))
        finish(session, preparing.look_up(bench, records))
        surveying.survey_days(session)
        finish(session, obstacles.refuse_foreign(bench))
        doubt_records(session)
        if len(bench.works) >= batch:
            return


def _settle(session: Session) -> None:
    """Plan again what has all its writes; it is synced or has a follow-up.

    So is what is held once its days are surveyed, if it is not there.
    """
    bench = session.bench
    while complete := [w for w in bench.works.values() if not bench.missing(w)]:
        done = preparing.replan(bench, complete)
        bench.drop([work for work in complete if not work.open])
        finish(session, done)
        preparing.prepare(bench, [work for work in complete if work.open])
        surveying.survey_days(session)
        finish(session, obstacles.refuse_foreign(bench))


def _send_ready(session: Session) -> bool:
    """Fill and send one envelope; false if there was nothing to send."""
    bench = session.bench
    ready = choosing.choose_writes(session)
    if not ready:
        return False
    filled = envelopes.fill(bench, ready, session.owner)
    taken = {write.ref for write in filled.writes} if filled else set()
    others = {write.ref for write in ready} - taken
    bench.remember(links.load(bench.integration.pk, others))
    if filled is None:
        return True
    positions = dict(enumerate(filled.link_ids))
    try:
        delivery = envelopes.send(bench.target, filled.row, filled.envelope)
    except OutcomeUnknown as error:
        note_unknown(session, filled, error)
        return True
    except RecordError as error:
        note_refused_whole(session, filled, error)
        return True
    except LeaseLost:
        raise
    except HubError as error:
        envelopes.give_up(filled.row, error.message)
        look_again(session, filled)
        raise
    except BaseException:
        envelopes.put_in_doubt(filled.row, "the hub was interrupted")
        raise
    outcomes = envelopes.commit(
        filled.row,
        positions,
        delivery.outcomes,
        absent=LinkState.IN_DOUBT,
        used_key=LinkState.IN_DOUBT,
    )
    take_outcomes(session, filled, outcomes)
    if delivery.stop is not None:
        raise delivery.stop
    return True


def _wait(session: Session) -> bool:
    """See to what cannot be sent now; false if there is nothing left to wait for."""
    return choosing.set_aside(session) or _wait_for_others(session)


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
    doubt_records(session)
    return True


def _make_wait(session: Session, error: RateLimited | Unavailable) -> None:
    """Records wait, they do not fail; the connection slows down for everybody."""
    bench = session.bench
    pause = error.retry_after if isinstance(error, RateLimited) else 0.0
    works = list(bench.works.values())
    until = claiming.retry_time(0, at_least=pause)
    tries = max((work.record.tries for work in works), default=0) + 1
    finishing.pause(bench.run, error, until=until, tries=tries)
    for work in works:
        retry_at = claiming.retry_time(work.record.tries, at_least=pause)
        claiming.mark_waiting(work.record, error.message, retry_at)
    bench.drop(works)
    finish(session, [work.record for work in works])


def _put_back(session: Session) -> None:
    """Give back what is still on the bench, as if it had not been touched."""
    works: Iterable[Work] = list(session.bench.works.values())
    for work in works:
        claiming.mark_pending(work.record)
    session.bench.drop(works)
    finish(session, [work.record for work in works])
