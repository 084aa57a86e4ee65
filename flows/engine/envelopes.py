"""Envelopes: filling one remote call, storing it, sending it, storing its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors import writes
from connectors.contract import Connector
from connectors.writes import Delivery, Member, Outcome, Ref, Write
from flows import leases, links
from flows.bulk import update_rows
from flows.engine.bench import Bench
from flows.engine.stored import dump_write
from flows.models import (
    Attempt,
    Envelope,
    EnvelopeMember,
    LinkState,
)
from integration_hub.core import exactjson
from integration_hub.core.errors import Conflict, HubError, LeaseLost, OutcomeUnknown
from integration_hub.core.http import Exchange

DONE = "done"
SENDING = "sending"
IN_DOUBT = "in_doubt"

MEMBER_STATES = {
    "created": LinkState.LINKED,
    "updated": LinkState.LINKED,
    "unchanged": LinkState.LINKED,
    "refused": LinkState.REFUSED,
    "in_doubt": LinkState.IN_DOUBT,
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A stored envelope with what it holds, in the order of the positions.

    ``fallbacks`` are the writes that go with their second choice of name.
    """

    row: Envelope
    envelope: writes.Envelope
    writes: tuple[Write, ...]
    link_ids: tuple[int, ...]
    fallbacks: frozenset[Ref]


def fill(bench: Bench, ready: Sequence[Write], owner: str) -> Filled | None:
    """Take the writes that nobody else has taken and store their envelope.

    Everything happens in one transaction, before the call. None if all were taken.
    What was taken is noted on the bench.
    """
    rows = {bench.links[write.ref].pk: write for write in ready}
    with transaction.atomic():
        row = Envelope.objects.create(
            integration=bench.integration,
            run=bench.run,
            lease_owner=owner,
            lease_until=leases.lease_end(),
        )
        taken = links.take(rows, row)
        mine = [(pk, write) for pk, write in rows.items() if pk in taken]
        if not mine:
            row.delete()
            return None
        members = tuple(
            bench.target.member(
                write, bench.known, position, use_fallback=taken[pk].use_fallback
            )
            for position, (pk, write) in enumerate(mine)
        )
        EnvelopeMember.objects.bulk_create(
            [
                _member_row(row, pk, write, member)
                for (pk, write), member in zip(mine, members, strict=True)
            ]
        )
    bench.remember({write.ref: taken[pk] for pk, write in mine})
    return Filled(
        row,
        writes.Envelope(str(row.pk), members),
        writes=tuple(write for _pk, write in mine),
        link_ids=tuple(pk for pk, _write in mine),
        fallbacks=frozenset(w.ref for pk, w in mine if taken[pk].use_fallback),
    )


def _member_row(
    row: Envelope, link_id: int, write: Write, member: Member
) -> EnvelopeMember:
    return EnvelopeMember(
        envelope=row,
        link_id=link_id,
        position=member.position,
        operation=member.operation,
        write=dump_write(write),
        body=exactjson.dumps(member.body),
    )


def send(target: Connector, row: Envelope, envelope: writes.Envelope) -> Delivery:
    """Make the call and keep the attempt, however it ends. Raises what deliver does.

    Raises LeaseLost, and sends nothing, where somebody else has taken over: a worker
    may have slept (a paused machine, a long wait for a token) since it stored the
    envelope. ``row.lease_owner`` must be whoever holds it.
    """
    hold(row)
    try:
        with target.account.session.guarded(lambda: hold(row)):
            delivery = target.deliver(envelope)
    except LeaseLost:
        raise
    except HubError as error:
        _keep_attempt(row, error.exchange, type(error).__name__, error.message)
        raise
    _keep_attempt(row, delivery.exchange, "answered", "")
    return delivery


def hold(row: Envelope) -> None:
    """Hold on to an envelope for one more call. Raises LeaseLost if it is lost."""
    mine = Envelope.objects.filter(
        pk=row.pk, lease_owner=row.lease_owner, lease_until__gt=timezone.now()
    )
    if not mine.update(lease_until=leases.lease_end()):
        raise LeaseLost("Another worker has taken this call over.", code="lease lost")


def take_over(row: Envelope, owner: str) -> bool:
    """Take an envelope from a worker that was lost, before it wakes up and sends."""
    lost = Envelope.objects.filter(
        pk=row.pk, lease_owner=row.lease_owner, lease_until=row.lease_until
    )
    taken = bool(lost.update(lease_owner=owner, lease_until=leases.lease_end()))
    row.lease_owner = owner
    return taken


def _keep_attempt(
    row: Envelope, exchange: Exchange | None, result: str, message: str
) -> None:
    Attempt.objects.create(
        envelope=row,
        at=exchange.started_at if exchange else timezone.now(),
        seconds=exchange.seconds if exchange else 0,
        status=exchange.status if exchange else None,
        request_id=exchange.request_id[:80] if exchange else "",
        remote_id=exchange.remote_id[:120] if exchange else "",
        received=exchange.received if exchange else "",
        result=result[:20],
        message=message,
    )


def commit(
    row: Envelope,
    link_ids: Mapping[int, int],
    outcomes: Sequence[Outcome],
    *,
    absent: str,
    used_key: str,
) -> dict[int, Outcome]:
    """Store the outcomes; gives them by link id.

    ``link_ids`` maps positions to links. A position that the answer does not
    mention gets the state ``absent``, one that is refused because its key was used
    before the state ``used_key``. An envelope with a member in doubt stays open
    until it is resolved. Where somebody else has taken over meanwhile, only what
    certainly is in the target is stored: the rest is for them to find out.
    """
    by_link = {link_ids[o.position]: o for o in outcomes if o.position in link_ids}
    verdicts = {pk: _verdict(outcome, used_key) for pk, outcome in by_link.items()}
    for pk in link_ids.values():
        verdicts.setdefault(pk, links.Verdict(absent, None, "not in the answer"))
    with transaction.atomic():
        if not _is_mine(row):
            done = {p: v for p, v in verdicts.items() if v.state == LinkState.LINKED}
            links.settle(row, done)
            return by_link
        links.settle(row, verdicts)
        _keep_outcomes(row, by_link)
        _close(row, is_open=any(v.state == IN_DOUBT for v in verdicts.values()))
    return by_link


def _is_mine(row: Envelope) -> bool:
    """Whether nobody has taken the envelope over; locks it while that matters."""
    mine = Envelope.objects.select_for_update().filter(
        pk=row.pk, lease_owner=row.lease_owner
    )
    return mine.exists()


def _verdict(outcome: Outcome, used_key: str) -> links.Verdict:
    error = outcome.error
    is_used = error is not None and error.code == writes.DUPLICATE_REQUEST
    return links.Verdict(
        state=used_key if is_used else MEMBER_STATES[outcome.state],
        known=outcome.known,
        message=error.message if error else "",
        use_fallback=isinstance(error, Conflict),
    )


def _keep_outcomes(row: Envelope, by_link: Mapping[int, Outcome]) -> None:
    there = EnvelopeMember.objects.filter(envelope=row, link_id__in=by_link)
    # Without the bodies, which take long to decrypt.
    members = list(there.only("link_id"))
    for member in members:
        outcome = by_link[member.link_id]
        member.outcome = outcome.state
        member.message = outcome.error.message if outcome.error else ""
    update_rows(members, ("outcome", "message"))


def _close(row: Envelope, *, is_open: bool) -> None:
    fields: dict[str, Any] = {"lease_owner": "", "lease_until": None, "state": DONE}
    if is_open:
        fields["state"] = IN_DOUBT
        fields["resolve_at"] = leases.quiet_end()
    Envelope.objects.filter(pk=row.pk).update(**fields)


def give_up(row: Envelope, message: str) -> None:
    """Definitely nothing was done: the writes may go into another envelope."""
    with transaction.atomic():
        if _is_mine(row):
            links.release(row, message)
            _close(row, is_open=False)


def put_in_doubt(row: Envelope, message: str) -> None:
    """The call was made and no answer came: look before sending again."""
    with transaction.atomic():
        if _is_mine(row):
            links.doubt(row, message)
            _close(row, is_open=True)


def unknown(error: HubError) -> str:
    """The text kept for an outcome that is not known."""
    kind = "no answer" if isinstance(error, OutcomeUnknown) else "a defect"
    return f"{kind}: {error.message}"
