"""Preview: the same path as a run, up to the envelope. Nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.datamodel import Order, Unreadable
from connectors.services import open_connection
from connectors.writes import Found, Known, Mapped, Plan, Ref, Write
from flows import links
from flows.engine import surveying
from flows.engine.bench import (
    Bench,
    document_of,
    map_document,
    map_record,
    open_bench,
    plan_all,
)
from flows.engine.contents import UNREADABLE_ACTION
from flows.engine.obstacles import find_obstacle
from flows.engine.reading import first_page
from flows.engine.sums import bridge_data
from flows.models import Flow, Run, SyncRecord
from flows.sizes import find_misfit
from integration_hub.core.errors import HubError, MappingError, RecordError


@dataclass(frozen=True, slots=True)
class PreviewWrite:
    """One write as it would be sent. ``fate``: create, update, exists, taken.

    ``body`` holds ids where they are known and the needed write's name elsewhere.
    ``shared`` ones (customers, items) are never changed once they are there.
    """

    label: str
    entity: str
    number: str
    fate: str
    target_id: str
    body: Mapping[str, Any]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of one record. ``fate``: create, exists, skip, wait, fail."""

    source_id: str
    number: str
    fate: str
    reason: str = ""
    action: str = ""
    writes: tuple[PreviewWrite, ...] = ()
    bridge: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A document to preview, with the record that holds it where there is one."""

    order: Order
    record: SyncRecord | None = None


def preview_flow(flow: Flow, limit: int = 30) -> list[Preview]:
    """What a run would do with the next records of a flow."""
    source = open_connection(flow.integration.source)
    page = first_page(flow, source, limit)
    unreadable = [
        Preview(d.id, d.number, "fail", d.reason, UNREADABLE_ACTION)
        for d in page.documents
        if isinstance(d, Unreadable)
    ]
    orders = [d for d in page.documents if isinstance(d, Order)]
    bench = open_bench(Run(flow=flow))
    return preview_all(bench, [Subject(order) for order in orders]) + unreadable


def preview_record(record: SyncRecord) -> Preview:
    """What would become of one stored record now."""
    subject = open_subject(record)
    if isinstance(subject, Preview):
        return subject
    return preview_all(open_bench(Run(flow=record.flow)), [subject])[0]


def open_subject(record: SyncRecord) -> Subject | Preview:
    """The document of a stored record, or what becomes of a record without one."""
    if not record.readable:
        return _of_record(record, record.message, record.action)
    try:
        return Subject(document_of(record), record)
    except RecordError as error:
        return fail_record(record, error)


def fail_record(record: SyncRecord, error: HubError) -> Preview:
    """What becomes of a record whose document cannot be had."""
    return _of_record(record, error.message, error.action)


def _of_record(record: SyncRecord, reason: str, action: str) -> Preview:
    return Preview(record.source_id, record.number, "fail", reason, action)


def _number(document: Order) -> str:
    return document.number.text if document.number else ""


def preview_all(
    bench: Bench, subjects: Sequence[Subject], *, asks: bool = True
) -> list[Preview]:
    """What becomes of these documents; filtered and unmapped ones come first.

    Without ``asks`` nothing is asked of the target: only what the hub remembers is
    there already.
    """
    previews: list[Preview] = []
    mapped: list[Mapped] = []
    for subject in subjects:
        order = subject.order
        try:
            result = _map(bench, subject)
        except RecordError as error:
            previews.append(_failed(order, error))
            continue
        if isinstance(result, str):
            previews.append(Preview(order.id, _number(order), "skip", result))
        else:
            mapped.append(result)
    keys = [m.document.id for m in mapped]
    bench.remember(links.load_of_keys(bench.integration.pk, "order", keys))
    plans, found = _plan(bench, mapped, asks=asks)
    for document, plan in zip(mapped, plans, strict=True):
        previews.append(_of_plan(bench, document.document, plan, found))
    return previews


def _map(bench: Bench, subject: Subject) -> Mapped | str:
    if subject.record is not None:
        return map_record(subject.record, bench.mapping)
    return map_document(subject.order, bench.mapping)


def _plan(
    bench: Bench, mapped: Sequence[Mapped], *, asks: bool
) -> tuple[list[Plan], dict[Ref, Found]]:
    """What is planned with what is there already, and what of that was found."""
    before = plan_all(bench, mapped)
    found = _look_up(bench, before, asks=asks)
    # What was found may ask for something else: a correction, a payment less.
    plans = plan_all(bench, mapped)
    waited = {plan.key for plan in before if plan.wait}
    there = [plan for plan in plans if plan.key in waited and plan.writes]
    if there:
        # What waited has told only now which customer and items it needs.
        found |= _look_up(bench, there, asks=asks)
        plans = plan_all(bench, mapped)
    return plans, found


def _look_up(bench: Bench, plans: Sequence[Plan], *, asks: bool) -> dict[Ref, Found]:
    refs = {write.ref for plan in plans for write in plan.writes}
    bench.remember(links.load(bench.integration.pk, refs))
    return _find(bench, plans) if asks else {}


def _find(bench: Bench, plans: Sequence[Plan]) -> dict[Ref, Found]:
    """What the target has already of these plans' records that is not linked.

    That may be more than what is planned: what stands in a period that is closed since.
    """
    writes = [write for plan in plans for write in plan.writes]
    missing = [write for write in writes if write.ref not in bench.known]
    shared = [*{write.ref: write for write in missing if write.shared}.values()]
    hits = bench.target.find(shared) if shared else {}
    found = {ref: hit for ref, hit in hits.items() if hit.error is None}
    bench.refused.update({r: hit.error for r, hit in hits.items() if hit.error})
    days = {day for plan in plans for day in plan.days}
    days |= {w.date for w in missing if w.date is not None and not w.shared}
    keys = {plan.key for plan in plans}
    for group in surveying.group_days(days):
        sightings = surveying.ask(bench, group[0], group[-1])
        for day in group:
            foreign = surveying.list_foreign(sightings, day)
            bench.surveyed[day] = {s.known.number for s in foreign}
        found |= {
            s.ref: Found(s.known, ours=True)
            for s in sightings
            if s.ref is not None and s.ref.key in keys and s.ref not in bench.known
        }
    for ref, hit in found.items():
        if hit.ours:
            bench.learn(ref, hit.known)
    return found


def _find_error(bench: Bench, plan: Plan) -> RecordError | None:
    """Why a run would fail this record, None if it would not."""
    error = plan.error or find_misfit(plan.writes)
    if error is not None:
        return error
    missing = (write for write in plan.writes if write.ref not in bench.known)
    obstacles = (find_obstacle(bench, write) for write in missing)
    return next((each for each in obstacles if each is not None), None)


def _of_plan(
    bench: Bench, order: Order, plan: Plan, found: Mapping[Ref, Found]
) -> Preview:
    error = _find_error(bench, plan)
    if error is not None:
        return _failed(order, error)
    if plan.skip or plan.wait:
        fate = "skip" if plan.skip else "wait"
        return Preview(order.id, _number(order), fate, plan.skip or plan.wait)
    try:
        shown = (*plan.writes, *plan.later)
        writes = tuple(_of_write(bench, write, found) for write in shown)
    except MappingError as refused:
        return _failed(order, refused)
    fates = {write.fate for write in writes}
    return Preview(
        order.id,
        _number(order),
        "exists" if fates == {"exists"} else "create",
        writes=writes,
        bridge=bridge_data(plan.bridge),
    )


def _of_write(bench: Bench, write: Write, found: Mapping[Ref, Found]) -> PreviewWrite:
    known = bench.known.get(write.ref)
    hit = found.get(write.ref)
    link = bench.links.get(write.ref)
    fallback = bool((hit and not hit.ours) or (link and link.use_fallback))
    stand_ins = {need: bench.known.get(need) or _named(need) for need in write.needs}
    if write.update_of is not None:
        stand_ins.setdefault(write.update_of, _named(write.update_of))
    member = bench.target.member(
        write, {**bench.known, **stand_ins}, 0, use_fallback=fallback
    )
    return PreviewWrite(
        label=write.label or write.role,
        entity=write.entity,
        number=write.number,
        fate="exists" if known else member.operation,
        target_id=known.id if known else "",
        body=member.body,
        shared=write.shared,
    )


def _named(ref: Ref) -> Known:
    return Known(id=f"<{ref.kind} {ref.key} {ref.role}>", version="0")


def _failed(order: Order, error: RecordError) -> Preview:
    return Preview(order.id, _number(order), "fail", error.message, error.action)
