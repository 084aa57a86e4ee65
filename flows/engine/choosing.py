"""Which writes go next: all that they need is known, and nothing may come before."""

from __future__ import annotations

from datetime import date

from connectors.writes import Ref, Write
from flows.engine import claiming
from flows.engine.bench import Bench, Work
from flows.engine.session import Session, finish
from flows.models import LinkState


def choose_writes(session: Session) -> list[Write]:
    """What goes into the next call: a batch, or one write that must go alone."""
    bench, room = session.bench, session.bench.target.find_room()
    ready = ready_writes(bench, room)
    if any(asks_others(write) for write in ready):
        elsewhere = claiming.first_elsewhere(bench.run, session.owner)
        ready = ready_writes(bench, room, elsewhere=elsewhere)
    alone = [write for write in ready if write.ref in session.alone]
    return alone[:1] or ready


def set_aside(session: Session) -> bool:
    """Put off what only asks until its run has read everything; false for nothing.

    A sale that the source has touched since comes after the credit that asks for it.
    """
    bench = session.bench
    works = [
        work
        for work in bench.works.values()
        if any(asks_others(write) for write in bench.missing(work))
    ]
    if not works or not claiming.is_reading(bench.run):
        return False
    for work in works:
        claiming.mark_aside(work.record)
    bench.drop(works)
    finish(session, [work.record for work in works])
    return True


def ready_writes(
    bench: Bench, most: int, *, elsewhere: tuple[date, int] | None = None
) -> list[Write]:
    """Writes whose needs are all known and that nobody is sending, records in order.

    Customers and items go first: records of other workers wait for them too. What
    only asks waits for all that earlier records still write, so that it sees it;
    ``elsewhere`` is date and id of the first of them that is not on this bench.
    """
    shared: dict[Ref, Write] = {}
    own: dict[Ref, Write] = {}
    first = min(filter(None, (_first_open(bench), elsewhere)), default=None)
    unasked: set[int] = set()
    for work, write in bench.writes():
        if not asks_others(write):
            unasked.add(work.record.pk)
        elif work.record.pk in unasked or _comes_after(work, first):
            continue
        if write.ref in bench.refused:
            continue
        # More of its own than fit; a shared one may still come before them.
        if len(own) >= most and not write.shared:
            continue
        if bench.state_of(write.ref) not in (LinkState.PLANNED, LinkState.REFUSED):
            continue
        if all(need in bench.known for need in write.needs):
            (shared if write.shared else own)[write.ref] = write
    return [*shared.values(), *own.values()][:most]


def _first_open(bench: Bench) -> tuple[date, int] | None:
    """Date and id of the earliest record here that still has something to write.

    Records lie on the bench as they were taken, not by their dates. None where nothing
    is asked.
    """
    writes = list(bench.writes())
    if not any(asks_others(write) for _work, write in writes):
        return None
    opened = (_order_of(work) for work, write in writes if not asks_others(write))
    return min(opened, default=None)


def asks_others(write: Write) -> bool:
    """Whether it asks about what other records may still write."""
    own = (write.kind, write.key)
    return write.asks and any((need.kind, need.key) != own for need in write.needs)


def _comes_after(work: Work, other: tuple[date, int] | None) -> bool:
    return other is not None and _order_of(work) > other


def _order_of(work: Work) -> tuple[date, int]:
    return work.record.date or date.max, work.record.pk
