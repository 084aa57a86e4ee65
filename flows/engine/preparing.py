"""From leased records to writes that can be sent: map, plan, look up, reserve."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from connectors.writes import CLOSED_PERIOD, Found, Plan, Ref, Write
from flows import links, sizes
from flows.engine import claiming, guarding, holding
from flows.engine.bench import (
    ORDER,
    Bench,
    Work,
    map_record,
    owner_records,
    plan_all,
)
from flows.models import LinkState, SyncRecord
from integration_hub.core.errors import NotFound, RecordError

logger = logging.getLogger(__name__)


def take_up(bench: Bench, records: Sequence[SyncRecord]) -> list[SyncRecord]:
    """Map and plan newly leased records and put those with writes on the bench.

    Gives the records that are done already: skipped, waiting or failed. At most one
    query, however many records, and no call. ``look_up`` comes next.
    """
    done: list[SyncRecord] = []
    if records:
        keys = [record.source_id for record in records]
        rows = links.load_of_keys(bench.integration.pk, ORDER, keys)
        links.own(rows, {record.source_id: record.pk for record in records})
        bench.remember(rows)
    works: list[Work] = []
    for record in records:
        try:
            mapped = map_record(record, bench.mapping)
        except RecordError as error:
            claiming.mark_failed(record, error, None)
            _log(record, error, done)
            done.append(record)
        else:
            if isinstance(mapped, str):
                claiming.mark_skipped(record, mapped)
                done.append(record)
                continue
            works.append(Work(record, mapped, Plan(record.source_id)))
    done += replan(bench, works)
    bench.works.update({work.record.pk: work for work in works if work.open})
    bench.forget(done)
    return done


def look_up(bench: Bench, records: Iterable[SyncRecord]) -> list[SyncRecord]:
    """Look at what is there of these records, and for what they need; may make calls.

    Gives those that are done by it. Until all of that is known they are on the bench,
    so that they wait where the target does not answer.
    """
    works = [bench.works[r.pk] for r in records if r.pk in bench.works]
    done = replan(bench, guarding.note_changed(bench, works))
    done += _fail_unknown(bench, works)
    done += refresh_stale(bench, [work for work in works if work.open])
    prepare_open(bench, works)
    return done


def prepare_open(bench: Bench, works: Sequence[Work]) -> None:
    """Prepare what these records still write; those that are done leave the bench."""
    prepare(bench, [work for work in works if work.open])
    bench.drop([work for work in works if not work.open])


def _fail_unknown(bench: Bench, works: Iterable[Work]) -> list[SyncRecord]:
    done = []
    for work in works:
        error = guarding.find_unknown(bench, work) if work.open else None
        if error is not None:
            claiming.mark_failed(work.record, error, work.plan)
            work.open = False
            done.append(work.record)
    return done


def _log(record: SyncRecord, error: RecordError, done: Iterable[SyncRecord]) -> None:
    """Say once per cause why records cannot be mapped; an error text is not personal."""
    if error.fingerprint not in {other.fingerprint for other in done}:
        logger.warning("Record %s: %s", record.number or record.pk, error.message)


def refresh_stale(bench: Bench, works: Sequence[Work]) -> list[SyncRecord]:
    """Look again at linked objects that a person may have mended; gives what is done.

    A document that is not there any more is not written again by itself: somebody
    removed it. A customer or an item is, and so is a change that somebody undid, and
    what was asked is asked again.
    """
    suspect_needs(bench, works)
    done: list[SyncRecord] = []
    # What is seen may ask for something else that was done before: a correction.
    while wanted := _list_stale(bench, [work for work in works if work.open]):
        writes = [write for write, _work in wanted.values()]
        found = bench.target.find(writes)
        links.refresh(bench.links, found)
        again = [w for w in writes if w.shared or w.asks or w.update_of is not None]
        _plan_again(bench, again, found)
        bench.remember({ref: bench.links[ref] for ref in found})
        for ref in wanted.keys() - {w.ref for w in again} - bench.known.keys():
            work = wanted[ref][1]
            if work.open:
                error = found[ref].error if ref in found else None
                claiming.mark_failed(work.record, error or _gone(bench, ref), work.plan)
                work.open = False
                done.append(work.record)
        seen = dict.fromkeys(work for _write, work in wanted.values() if work.open)
        done += replan(bench, list(seen))
    return done


def _list_stale(bench: Bench, works: Sequence[Work]) -> dict[Ref, tuple[Write, Work]]:
    return {
        write.ref: (write, work)
        for work in works
        for write in bench.missing(work)
        if write.ref in bench.links
        and bench.links[write.ref].is_stale
        and write.ref not in bench.refused
    }


def suspect_needs(bench: Bench, works: Iterable[Work]) -> None:
    """Look again, once per run, at customers and items of writes that were refused.

    Somebody may have merged, deleted or replaced them since they were linked.
    """
    refused = [
        write
        for work in works
        for write in bench.missing(work)
        if bench.state_of(write.ref) == LinkState.REFUSED
    ]
    needs = {need for write in refused for need in write.needs if need.kind != ORDER}
    rows = links.load(bench.integration.pk, needs)
    for link in rows.values():
        if link.state == LinkState.LINKED and link.searched_in != bench.run.pk:
            link.is_stale = True
    bench.remember(rows)


def _plan_again(
    bench: Bench, writes: Iterable[Write], found: Mapping[Ref, Found]
) -> None:
    """What is not there any more is written anew; what cannot be asked for, is not."""
    asked = []
    for write in writes:
        hit = found.get(write.ref)
        if hit is not None and hit.error is not None:
            bench.refused[write.ref] = hit.error
            continue
        asked.append(bench.links[write.ref])
        if hit is None or not hit.ours:
            links.plan_again(bench.links[write.ref], use_fallback=hit is not None)
    links.note_search(asked, bench.run.pk)


def _gone(bench: Bench, ref: Ref) -> NotFound:
    link, system = bench.links[ref], bench.target.account.name
    return NotFound(
        f"{link.entity} {link.number} (id {link.target_id}) is not in {system} any more.",
        code="gone",
        reference=link.target_id,
        action=f"Restore it in {system} and choose Retry, or choose Skip.",
        system=system,
    )


def replan(bench: Bench, works: Sequence[Work]) -> list[SyncRecord]:
    """Plan again with what is known now; gives the records that are done by it."""
    done = []
    plans = plan_all(bench, [work.mapped for work in works])
    for work, plan in zip(works, plans, strict=True):
        bench.assign(work, plan)
        _forget_overwritten(bench, plan)
        work.open = not _decide(bench, work)
        if not work.open:
            done.append(work.record)
    return done


def _forget_overwritten(bench: Bench, plan: Plan) -> None:
    """Have corrections made anew whose document was updated since."""
    for write in plan.writes:
        if write.update_of is None or not write.role.startswith(links.CORRECTION):
            continue
        done, document = bench.known.get(write.ref), bench.known.get(write.update_of)
        if done and document and done.version != document.version:
            links.plan_again(bench.links[write.ref], use_fallback=False)
            bench.learn(write.ref, None)


def replan_surprised(bench: Bench) -> list[SyncRecord]:
    """Plan again what met something else than it expects; gives what is done by it.

    A record is planned before its items are looked up or made, by another one perhaps,
    and a document whose total is a cent off is mended before it is paid.
    """
    works = [work for work in bench.works.values() if _is_surprised(bench, work)]
    if not works:
        return []
    done = replan(bench, works)
    prepare_open(bench, works)
    return done


def _is_surprised(bench: Bench, work: Work) -> bool:
    """Whether an object is not as the last of the writes that it got should make it."""
    last = {write.update_of or write.ref: write for write in work.plan.writes}
    return any(
        write.ref in bench.known and write.is_surprised_by(bench.known[write.ref])
        for write in last.values()
    )


def _decide(bench: Bench, work: Work) -> bool:
    """Whether this record needs no more writes now; marks it accordingly."""
    plan, record = work.plan, work.record
    error = plan.error or sizes.find_misfit(plan.writes)
    if error is not None:
        claiming.mark_failed(record, error, plan)
    elif plan.skip:
        claiming.mark_skipped(record, plan.skip)
    elif plan.wait == CLOSED_PERIOD and bench.new_days(work):
        # A hub that was lost may have posted it before the period was closed.
        return False
    elif plan.wait == CLOSED_PERIOD:
        holding.mark_held(record, plan.cause, bench.hold_basis, plan=plan)
    elif plan.wait:
        claiming.mark_waiting(record, plan.wait, None, cause=plan.cause)
    elif not bench.missing(work):
        claiming.mark_synced(record, plan)
    else:
        return False
    return True


def prepare(bench: Bench, works: Sequence[Work]) -> None:
    """Reserve the links of these records' writes and look up what may exist."""
    wanted = {w.ref: w for work in works for w in bench.missing(work)}
    # Others may have sent or settled meanwhile what was open when it was last seen.
    bench.remember(links.load(bench.integration.pk, wanted.keys() & bench.links.keys()))
    unknown = [w for ref, w in wanted.items() if ref not in bench.links]
    if unknown:
        records = owner_records(works)
        bench.remember(links.reserve(bench.integration, unknown, records))
    look_up_shared(bench, [w for w in wanted.values() if w.shared])


def look_up_shared(bench: Bench, writes: Iterable[Write]) -> None:
    """Ask the target once per run for customers and items that are not linked yet."""
    new = [
        write
        for write in writes
        if write.ref not in bench.known
        and bench.state_of(write.ref) in (LinkState.PLANNED, LinkState.REFUSED)
        and bench.links[write.ref].searched_in != bench.run.pk
    ]
    if not new:
        return
    hits = bench.target.find(new)
    errors = {ref: hit.error for ref, hit in hits.items() if hit.error is not None}
    # What cannot be asked for may be there: it is not sent, and asked for again.
    bench.refused.update(errors)
    found = {ref: hit for ref, hit in hits.items() if ref not in errors}
    links.adopt_found(bench.links, found)
    asked = [bench.links[write.ref] for write in new if write.ref not in errors]
    links.note_search(asked, bench.run.pk)
    bench.remember({ref: bench.links[ref] for ref in found})
