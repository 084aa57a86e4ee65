"""What became of a call, carried to the records that needed it."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.writes import CHANGED, CLOSED_PERIOD, DUPLICATE_REQUEST, Outcome, Write
from flows import leases, links
from flows.engine import asking, claiming, envelopes, finishing, holding
from flows.engine.bench import Work
from flows.engine.envelopes import Filled
from flows.engine.session import Session, finish
from integration_hub.core.errors import (
    Conflict,
    OutcomeUnknown,
    RecordError,
    Unavailable,
)

# So many calls without an answer in a row, and the system counts as unavailable.
MOST_UNKNOWN = 3


def take_outcomes(
    session: Session, filled: Filled, outcomes: Mapping[int, Outcome]
) -> None:
    """Carry the outcomes (by link id) to the records that need them."""
    session.unknown_in_a_row = 0
    session.waited = 0.0
    finishing.note_answer(session.bench.run)
    look_again(session, filled)
    for write, pk in zip(filled.writes, filled.link_ids, strict=True):
        session.alone.discard(write.ref)
        outcome = outcomes.get(pk)
        error = outcome.error if outcome and outcome.state == "refused" else None
        if error is not None and error.code == DUPLICATE_REQUEST:
            continue
        if error is not None and _is_final(filled, write, error):
            session.bench.refused[write.ref] = error
    asking.ask_again(session)
    _fail_refused(session)
    doubt_records(session)


def _is_final(filled: Filled, write: Write, error: RecordError) -> bool:
    """Whether a refused write is not sent again by itself.

    A name that is taken is tried with the second choice once.
    """
    second_choice_left = bool(write.fallback) and write.ref not in filled.fallbacks
    return not (isinstance(error, Conflict) and second_choice_left)


def look_again(session: Session, filled: Filled) -> None:
    """Take note of an envelope's links as they are now, and of what they changed."""
    bench = session.bench
    refs = {write.ref for write in filled.writes}
    refs |= {write.update_of for write in filled.writes if write.update_of is not None}
    bench.remember(links.load(bench.integration.pk, refs))


def _fail_refused(session: Session) -> None:
    """Fail the records that need a write which the target refused."""
    bench = session.bench
    if not bench.refused:
        return
    failed: list[Work] = []
    for work in bench.works.values():
        for write in bench.missing(work):
            error = bench.refused.get(write.ref)
            if error is not None:
                _mark_refused(session, work, write, error)
                failed.append(work)
                break
    bench.drop(failed)
    finish(session, [work.record for work in failed])
    bench.refused.clear()


def _mark_refused(
    session: Session, work: Work, write: Write, error: RecordError
) -> None:
    """A period that was closed meanwhile holds a record; anything else fails it.

    A document that somebody touched is not updated: the change is reported.
    """
    if write.role.startswith(links.UPDATE) and isinstance(error, Conflict):
        claiming.mark_failed(work.record, _tell_change(error), work.plan)
    elif error.code == CLOSED_PERIOD:
        holding.mark_late(work.record, error, session.bench.hold_basis)
    else:
        claiming.mark_failed(work.record, error, work.plan)


def _tell_change(error: Conflict) -> Conflict:
    return Conflict(
        f"This record was changed in the source after it had been posted, and its "
        f"document could not be updated. {error.message}",
        code=CHANGED,
    )


def doubt_records(session: Session) -> None:
    """Put aside the records that need a write whose outcome is not known."""
    bench = session.bench
    if not bench.doubted:
        return
    doubtful: list[Work] = []
    for work in bench.works.values():
        if any(write.ref in bench.doubted for write in bench.missing(work)):
            claiming.mark_in_doubt(work.record, leases.quiet_end())
            doubtful.append(work)
    bench.drop(doubtful)
    finish(session, [work.record for work in doubtful])


def note_unknown(session: Session, filled: Filled, error: OutcomeUnknown) -> None:
    """No answer came: the writes are in doubt.

    Raises Unavailable when it happens again and again.
    """
    envelopes.put_in_doubt(filled.row, envelopes.unknown(error))
    look_again(session, filled)
    doubt_records(session)
    session.unknown_in_a_row += 1
    if session.unknown_in_a_row >= MOST_UNKNOWN:
        raise Unavailable(
            error.message, code=error.code, action=error.action, system=error.system
        )


def note_refused_whole(session: Session, filled: Filled, error: RecordError) -> None:
    """The whole call was refused: send its writes alone, to see which one it was.

    A key that was used before although we send it for the first time means that
    somebody else has sent this envelope: then its writes are in doubt.
    """
    if error.code == DUPLICATE_REQUEST:
        envelopes.put_in_doubt(filled.row, error.message)
        look_again(session, filled)
        doubt_records(session)
        return
    envelopes.give_up(filled.row, error.message)
    look_again(session, filled)
    if len(filled.writes) > 1:
        session.alone.update(write.ref for write in filled.writes)
        return
    session.alone.discard(filled.writes[0].ref)
    session.bench.refused[filled.writes[0].ref] = error
    _fail_refused(session)
