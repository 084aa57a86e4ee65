"""Looking up writes that were sent without an answer, and sending again what is not
there.

The look-up waits for a quiet period, because a slow system may still commit what it
was sent. All members of an envelope that are not found go again in one call, under
the same key, so that a system that did take them answers as it did then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from connectors import writes
from connectors.writes import Found, Ref, Write
from flows import alerts, leases, links
from flows.bulk import update_in_order
from flows.engine import claiming, envelopes, finishing
from flows.engine.bench import ORDER, Bench
from flows.engine.obstacles import refuse_number
from flows.engine.stored import load_write, stored_member
from flows.models import (
    Envelope,
    EnvelopeMember,
    Flow,
    Link,
    LinkState,
    RecordState,
    SyncRecord,
)
from integration_hub.core.errors import (
    Conflict,
    LeaseLost,
    OutcomeUnknown,
    RecordError,
)


@dataclass(frozen=True, slots=True)
class _Doubtful:
    member: EnvelopeMember
    link: Link
    write: Write


def resolve_next(bench: Bench, owner: str) -> bool:
    """Resolve the oldest envelope whose quiet period is over; false if none is.

    The lease is given back also when the target cannot be asked now.
    """
    for row in due_envelopes(bench.integration.pk):
        mine = Envelope.objects.filter(leases.is_free(), pk=row.pk, state="in_doubt")
        if not mine.update(lease_owner=owner, lease_until=leases.lease_end()):
            continue
        row.lease_owner = owner
        try:
            _resolve(bench, row)
        finally:
            Envelope.objects.filter(pk=row.pk, lease_owner=owner).update(
                lease_owner="", lease_until=None
            )
        wake_doubtful(bench.integration.pk)
        _tell_if_lasting(bench, row)
        return True
    return False


def _tell_if_lasting(bench: Bench, row: Envelope) -> None:
    """Tell people of writes of which the target does not say what became of them."""
    if not finishing.lasting_doubts(bench.integration.pk).filter(pk=row.pk).exists():
        return
    mine = links.open_links(row).filter(kind=ORDER).order_by("pk")
    numbers = ", ".join(mine.values_list("number", flat=True)) or "customers and items"
    system = bench.target.account.name
    error = OutcomeUnknown(
        f"{system} does not say what became of some writes ({numbers}), however often "
        f"they are sent.",
        code="in doubt",
        action=f"Look at the records in doubt. They are looked up and sent again by "
        f"themselves; ask {system} whether its service is up.",
        system=system,
    )
    alerts.raise_for_run(bench.flow, error, end=alerts.DOUBT)


def due_envelopes(integration_id: int) -> Iterable[Envelope]:
    """Envelopes in doubt whose quiet period is over, oldest first."""
    return Envelope.objects.filter(
        leases.is_free(),
        integration_id=integration_id,
        state=envelopes.IN_DOUBT,
        resolve_at__lte=timezone.now(),
    ).order_by("created_at")[:5]


def wake_doubtful(integration_id: int) -> None:
    """Let the records in doubt be looked at again now."""
    flows = Flow.objects.filter(integration_id=integration_id)
    doubtful = SyncRecord.objects.filter(flow__in=flows, state=RecordState.IN_DOUBT)
    update_in_order(doubtful, retry_at=timezone.now())


def _resolve(bench: Bench, row: Envelope) -> None:
    doubtful = _doubtful(row)
    found = bench.target.find([d.write for d in doubtful]) if doubtful else {}
    verdicts = {
        d.link.pk: _judge(bench, d.write, found[d.write.ref])
        for d in doubtful
        if d.write.ref in found
    }
    if verdicts:
        links.settle(row, verdicts)
        _fail_taken(bench, [d for d in doubtful if d.link.pk in verdicts], found)
    still_open = set(links.open_links(row).values_list("pk", flat=True))
    again = [d for d in doubtful if d.link.pk in still_open]
    if again:
        _send_again(bench, row, again)
        return
    Envelope.objects.filter(pk=row.pk, lease_owner=row.lease_owner).update(
        state=envelopes.DONE
    )


def _doubtful(row: Envelope) -> list[_Doubtful]:
    members = EnvelopeMember.objects.filter(
        envelope=row,
        link__envelope=row,
        link__state__in=(LinkState.IN_DOUBT, LinkState.SENDING),
    ).select_related("link")
    return [
        _Doubtful(member, member.link, load_write(member.write))
        for member in members.order_by("position")
    ]


def _judge(bench: Bench, write: Write, hit: Found) -> links.Verdict:
    if hit.ours:
        return links.Verdict(LinkState.LINKED, hit.known)
    if hit.error is not None:
        # It may be there: whoever needs it asks again before it is sent.
        return links.Verdict(LinkState.REFUSED, None, hit.error.message)
    message = _make_conflict(bench, write, hit).message
    return links.Verdict(LinkState.REFUSED, None, message, use_fallback=True)


def _make_conflict(bench: Bench, write: Write, hit: Found) -> Conflict:
    there = f"{write.entity} {hit.known.number} (id {hit.known.id})"
    said = f"has {there}, which does not come from this record"
    return refuse_number(bench, write, said)


def _fail_taken(
    bench: Bench, settled: Iterable[_Doubtful], found: Mapping[Ref, Found]
) -> None:
    """Fail the records whose number another document has: sending again is in vain.

    A customer's or an item's name gives way to the second choice instead.
    """
    for doubtful in settled:
        hit, record_id = found[doubtful.write.ref], doubtful.link.record_id
        if hit.ours or doubtful.write.shared or record_id is None:
            continue
        error = hit.error or _make_conflict(bench, doubtful.write, hit)
        with transaction.atomic():
            mine = SyncRecord.objects.filter(
                pk=record_id, lease_owner="", state=RecordState.IN_DOUBT
            )
            for record in mine.select_for_update():
                claiming.mark_failed(record, error, None)
                claiming.give_back([record], "")


def _send_again(bench: Bench, row: Envelope, again: list[_Doubtful]) -> None:
    """Send the members that were not found once more, under the same key.

    A member that the answer does not mention, or a key that the system refuses as
    used, was not taken under this key and, as the look-up found, under no other:
    it may go into a new envelope.
    """
    envelopes.hold(row)
    Envelope.objects.filter(pk=row.pk, lease_owner=row.lease_owner).update(
        resends=F("resends") + 1,
        # Should this worker be lost now, nobody looks before it is quiet again.
        resolve_at=leases.quiet_end(),
    )
    members = tuple(stored_member(d.member, d.link, d.write.entity) for d in again)
    call = writes.Envelope(str(row.pk), members)
    try:
        delivery = envelopes.send(bench.target, row, call)
    except OutcomeUnknown as error:
        envelopes.put_in_doubt(row, envelopes.unknown(error))
        return
    except RecordError as error:
        envelopes.give_up(row, error.message)
        return
    except LeaseLost:
        raise
    except BaseException as error:
        envelopes.put_in_doubt(row, f"not sent again: {type(error).__name__}")
        raise
    positions = {d.member.position: d.link.pk for d in again}
    envelopes.commit(
        row,
        positions,
        delivery.outcomes,
        absent=LinkState.PLANNED,
        used_key=LinkState.PLANNED,
    )
    if delivery.stop is not None:
        raise delivery.stop
