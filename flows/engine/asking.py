"""Questions that go along with writes, asked again where the answer was too old."""

from __future__ import annotations

from connectors.writes import Ref
from flows import links
from flows.engine import preparing
from flows.engine.bench import Bench, Work
from flows.engine.session import Session, finish


def ask_again(session: Session) -> None:
    """Ask anew, once per record, what a write was based on that was refused.

    Somebody may have changed it since: another payment of the same invoice, say.
    """
    bench = session.bench
    if not bench.refused:
        return
    works = [
        work
        for pk, work in bench.works.items()
        if pk not in session.asked_again and _find_doubted(bench, work)
    ]
    for work in works:
        session.asked_again.add(work.record.pk)
        for ref in _find_doubted(bench, work):
            del bench.refused[ref]
        for ref in (write.ref for write in work.plan.writes if write.asks):
            if ref in bench.known:
                bench.learn(ref, None)
                links.plan_again(bench.links[ref], use_fallback=False)
    if works:
        done = preparing.replan(bench, works)
        bench.drop([work for work in works if not work.open])
        finish(session, done)
        preparing.prepare(bench, [work for work in works if work.open])


def _find_doubted(bench: Bench, work: Work) -> list[Ref]:
    """The refused writes of a record that need the answer to a question."""
    asks = {write.ref for write in work.plan.writes if write.asks}
    return [
        write.ref
        for write in bench.missing(work)
        if write.ref in bench.refused and asks.intersection(write.needs)
    ]
