"""The bench: the records one deliver task has leased, and what is known for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from connectors.contract import Connector, PlanSettings
from connectors.datamodel import Order
from connectors.plain import from_json, to_plain
from connectors.services import open_connection
from connectors.writes import CHANGED, Known, Mapped, Plan, Ref, Write
from flows.engine.contents import GARBLED, posted_of
from flows.engine.kept_lists import kept_list, run_list
from flows.links import known_of, outline_of
from flows.models import Flow, Integration, Link, LinkState, Run, SyncRecord
from integration_hub.core.errors import Conflict, MappingError, NotFound, RecordError
from mapping.engine import CompiledMapping
from mapping.rules import Occasion
from mapping.services import load as load_mapping

ORDER = "order"


@dataclass(slots=True, eq=False)
class Work:
    """One leased record with its document, its fields and its plan.

    ``missing`` are the writes that were not in the target when so many changes of what
    is known had been counted.
    """

    record: SyncRecord
    mapped: Mapped
    plan: Plan
    open: bool = True
    missing: tuple[int, list[Write]] | None = None

    @property
    def key(self) -> str:
        """The source id."""
        return self.record.source_id

    @property
    def is_risky(self) -> bool:
        """Whether a worker was lost with this record before."""
        return self.record.lost_leases > 0


@dataclass(slots=True)
class Bench:
    """What a deliver task needs at hand. ``links`` is a memory of rows that other
    workers may change, so decisions are made in the database. ``stale`` are documents
    that are to be looked at again: there, but not to be relied on. ``doubted`` are the
    writes whose outcome is not known. ``changes`` counts how often something became
    known or unknown.
    """

    run: Run
    flow: Flow
    integration: Integration
    target: Connector
    mapping: CompiledMapping
    settings: PlanSettings
    works: dict[int, Work] = field(default_factory=dict)
    links: dict[Ref, Link] = field(default_factory=dict)
    known: dict[Ref, Known] = field(default_factory=dict)
    stale: dict[Ref, Known] = field(default_factory=dict)
    refused: dict[Ref, RecordError] = field(default_factory=dict)
    surveyed: dict[Any, set[str]] = field(default_factory=dict)
    doubted: set[Ref] = field(default_factory=set)
    changes: int = 0

    @property
    def hold_basis(self) -> str:
        """What decides now which records a closed period holds."""
        return self.target.hold_basis(self.settings)

    def remember(self, rows: Mapping[Ref, Link]) -> None:
        """Take note of links as they are in the database now."""
        self.links.update(rows)
        for ref, link in rows.items():
            is_linked = link.state == LinkState.LINKED
            self.learn(ref, known_of(link) if is_linked and not link.is_stale else None)
            self.stale.pop(ref, None)
            if is_linked and link.is_stale and ref.kind == ORDER and link.target_id:
                self.stale[ref] = outline_of(link)
            self.doubted.discard(ref)
            if link.state == LinkState.IN_DOUBT:
                self.doubted.add(ref)

    def learn(self, ref: Ref, known: Known | None) -> None:
        """Note what a write became, None for what is not (any more) to be relied on."""
        was_known = self.known.pop(ref, None) is not None
        if known is not None:
            self.known[ref] = known
        if was_known != (known is not None):
            self.changes += 1

    def assign(self, work: Work, plan: Plan) -> None:
        """Give a record a new plan."""
        work.plan, work.missing = plan, None

    def drop(self, works: Iterable[Work]) -> None:
        """Take records off that are done or no longer ours, and forget them."""
        gone = list(works)
        for work in gone:
            self.works.pop(work.record.pk, None)
        self.forget(work.record for work in gone)

    def forget(self, records: Iterable[SyncRecord]) -> None:
        """Forget what is known of records; customers and items are kept for others."""
        keys = {record.source_id for record in records}
        gone = [ref for ref in self.links if ref.kind == ORDER and ref.key in keys]
        for ref in gone:
            del self.links[ref]
            self.learn(ref, None)
            self.stale.pop(ref, None)
            self.doubted.discard(ref)

    def missing(self, work: Work) -> list[Write]:
        """The writes of a record that are not in the target yet, in order.

        Kept until something else is known: every step of every call asks for them.
        """
        if work.missing is None or work.missing[0] != self.changes:
            writes = [w for w in work.plan.writes if w.ref not in self.known]
            work.missing = (self.changes, writes)
        return work.missing[1]

    def new_days(self, work: Work) -> set[date]:
        """Days not surveyed yet that the record's documents would get, or may have.

        What a hub that was lost posted may stand in a period that is closed since.
        """
        missing = [write for write in self.missing(work) if not write.shared]
        days = {w.date for w in missing if w.date is not None and w.update_of is None}
        return days.union(work.plan.days) - {*self.surveyed}

    def writes(self) -> Iterator[tuple[Work, Write]]:
        """All writes still missing, in the records' order."""
        for work in self.works.values():
            for write in self.missing(work):
                yield work, write

    def state_of(self, ref: Ref) -> str:
        """The state of a link as far as this bench knows."""
        link = self.links.get(ref)
        return link.state if link is not None else ""


def open_bench(run: Run, *, target: Connector | None = None) -> Bench:
    """Set up a bench for a run: connector, rules and settings, each loaded once."""
    flow = run.flow
    integration = flow.integration
    connector = target or open_connection(integration.target)
    return Bench(
        run=run,
        flow=flow,
        integration=integration,
        target=connector,
        mapping=load_mapping(
            flow.mapping,
            integration.value_maps,
            fields=connector.target_fields,
            flow=flow.name,
        ),
        settings=settings_of(flow, connector, run),
    )


def settings_of(
    flow: Flow, target: Connector, run: Run | None = None, *, kept: bool = False
) -> PlanSettings:
    """The flow's settings as the target takes them, for one run.

    ``kept``: for looking only, with lists that may be an hour old.
    """
    integration = flow.integration
    lists = {name: kept_list(target, name) for name in target.plan_lists}
    lists |= {
        name: kept_list(target, name) if kept else run_list(target, name, run)
        for name in target.run_lists
    }
    return PlanSettings(
        values=flow.settings_in_force,
        hub=integration.mark,
        prefix=integration.number_prefix,
        start_date=integration.start_date,
        lists=lists,
    )


def document_of(record: SyncRecord) -> Order:
    """The stored document of a record. Raises RecordError where there is none."""
    if record.payload is None:
        raise NotFound(
            "The content of this record was removed after its time.",
            code="removed",
            action="Choose Retry: it is read from the source again.",
        )
    try:
        document = from_json(json.loads(record.payload))
    except GARBLED as error:
        raise NotFound(
            "What is stored of this record cannot be read by this version of the hub.",
            code="garbled",
            action="Choose Retry: it is read from the source again.",
        ) from error
    if not isinstance(document, Order):
        raise MappingError(
            "This record is not an order, and this flow moves orders.",
            code="kind",
            action="Choose another feed for this flow.",
        )
    return document


def map_document(
    document: Order, mapping: CompiledMapping, occasion: str = Occasion.CREATE
) -> Mapped | str:
    """Apply filters and rules; a text is why a filter leaves the document out.

    Raises MappingError.
    """
    plain = to_plain(document)
    left_out = mapping.filters.reason(plain)
    if left_out:
        return f"filtered: {left_out}"
    fields = mapping.apply(plain, occasion=occasion)
    return Mapped(
        document=document,
        header=fields.header,
        lines=tuple(fields.lines),
        tenders=tuple(fields.tenders),
        items=tuple(fields.items),
        customer=fields.customer,
        kept=fields.kept,
    )


def map_record(record: SyncRecord, mapping: CompiledMapping) -> Mapped | str:
    """The document of a record with its fields, beside what was posted of it before.

    A text is why a filter leaves it out. Raises RecordError.
    """
    mapped = map_document(document_of(record), mapping)
    if record.posted_payload is None:
        return mapped
    if isinstance(mapped, str):
        raise Conflict(
            f"This record was changed in the source after it had been posted, and would "
            f"be left out now ({mapped}).",
            code=CHANGED,
        )
    posted = posted_of(record)
    before = map_document(posted, mapping) if posted is not None else None
    if isinstance(before, str):
        before = None
    on_update = map_document(mapped.document, mapping, Occasion.UPDATE)
    if isinstance(on_update, str):
        return replace(mapped, changed=True, before=before)
    # Its customer and its items are created with it where they are not there.
    on_update = replace(on_update, customer=mapped.customer, items=mapped.items)
    return replace(
        mapped,
        changed=True,
        before=before,
        on_update=replace(on_update, changed=True, before=before),
    )


def plan_all(bench: Bench, mapped: Sequence[Mapped]) -> list[Plan]:
    """Plan documents with what is known now. Pure."""
    known = {**bench.stale, **bench.known}
    return bench.target.plan(mapped, known, bench.settings)


def owner_records(works: Iterable[Work]) -> Mapping[Ref, int]:
    """Which record each unshared write belongs to."""
    return {
        write.ref: work.record.pk
        for work in works
        for write in work.plan.writes
        if not write.shared
    }
