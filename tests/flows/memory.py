"""A till and books in memory: every answer of the target can be ordered by a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from connectors.contract import Page, PlanSettings
from connectors.datamodel import Customer, Order, Unreadable
from connectors.writes import (
    CLOSED_PERIOD,
    Bridge,
    Delivery,
    Envelope,
    Found,
    Known,
    Mapped,
    Member,
    Outcome,
    Plan,
    Ref,
    Sighting,
    Write,
)
from integration_hub.core.errors import (
    Conflict,
    HubError,
    NotFound,
    RecordError,
    Rejected,
)
from integration_hub.core.http import Exchange
from tests.fake_connector import BooksConnector, TillConnector, make_order

Script = HubError | Callable[[Envelope], None] | None
CENT = Decimal("0.01")
LATE = Rejected("March is closed.", code=CLOSED_PERIOD, action="Open it.")


def order(number: str, *, customer: str = "", **changes: Any) -> Order:
    """A receipt; of this customer, or of nobody."""
    who = Customer(customer, is_company=False, name=f"C{customer}")
    return make_order(number, **{"customer": who if customer else None, **changes})


def unreadable(number: str, version: str = "1") -> Unreadable:
    """What stands in the place of a receipt that makes no sense."""
    return Unreadable(
        f"id-{number}", version, number, "Lines make 1.00, tenders 2.00.", {"a": 1}
    )


def sale(number: str) -> Ref:
    """The identity of a receipt's document."""
    return Ref("order", f"id-{number}", "sale")


class MemoryTill(TillConnector):
    """Its shelf is read in order; the cursor is a place on it, two are read again."""

    shelf: ClassVar[list[Order | Unreadable]] = []
    troubles: ClassVar[list[HubError]] = []

    def read(self, feed: str, cursor: str, limit: int) -> Page:
        if self.troubles:
            raise self.troubles.pop(0)
        start = int(cursor or 0)
        part = tuple(self.shelf[start : start + limit])
        end = start + len(part)
        return Page(part, str(end), more=end < len(self.shelf))

    def rewind(self, feed: str, cursor: str) -> str:
        return str(max(0, int(cursor or 0) - 2))

    def read_one(self, feed: str, key: str) -> Order | Unreadable:
        if self.troubles:
            raise self.troubles.pop(0)
        for document in reversed(self.shelf):
            if document.id == key:
                return document
        raise NotFound("The till does not have it any more.")


@dataclass
class Ledger:
    """What the books hold and what was asked of them.

    ``script`` is taken from the front at each call: an error that is raised before
    anything is done, or something done first. ``after`` is raised when all is done.
    """

    objects: dict[Ref, tuple[str, Known]] = field(default_factory=dict)
    doubles: list[Ref] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    unsearchable: dict[Ref, RecordError] = field(default_factory=dict)
    refused: dict[Ref, RecordError] = field(default_factory=dict)
    silent: set[Ref] = field(default_factory=set)
    off: dict[Ref, Decimal] = field(default_factory=dict)
    script: list[Script] = field(default_factory=list)
    after: list[Script] = field(default_factory=list)
    stop: HubError | None = None
    calls: list[Envelope] = field(default_factory=list)
    finds: list[list[Ref]] = field(default_factory=list)
    found_by: list[Write] = field(default_factory=list)
    find_troubles: list[HubError] = field(default_factory=list)
    days: list[tuple[date, date]] = field(default_factory=list)
    basis: str = ""
    last_id: int = 0

    def next_id(self) -> str:
        """An id that nothing had before."""
        self.last_id += 1
        return f"T{self.last_id}"

    def put(self, ref: Ref, entity: str, total: str | None = None) -> Known:
        """Something that is there already and bears our mark."""
        amount = Decimal(total) if total is not None else None
        known = Known(self.next_id(), total=amount, version="0")
        self.objects[ref] = (entity, known)
        return known

    def sent(self) -> list[list[Ref]]:
        """The writes of each call."""
        return [[_ref(m) for m in call.members] for call in self.calls]


class MemoryBooks(BooksConnector):
    """One sale per receipt, its customer before it, its payments after it."""

    batch_size = 4
    parallel = 2
    plan_lists = ("tax_codes",)
    ledger: ClassVar[Ledger]

    def plan(
        self,
        mapped: Sequence[Mapped],
        known: Mapping[Ref, Known],
        settings: PlanSettings,
    ) -> list[Plan]:
        return [self._plan_order(each.document, known) for each in mapped]

    def _plan_order(self, order: Order, known: Mapping[Ref, Known]) -> Plan:
        if order.reference == "defect":
            raise ZeroDivisionError
        is_late = order.reference == "late" and sale_of(order) not in known
        if is_late and self.ledger.basis:
            days = (order.date,)
            return Plan(order.id, wait=CLOSED_PERIOD, cause=LATE, days=days)
        if order.reference == "waits":
            return Plan(order.id, wait="not final")
        plan = self._plan(order)
        if not plan.writes:
            return plan
        writes = list(_writes(order))
        there = known.get(
            writes[-1].ref if order.reference != "pay" else sale_of(order)
        )
        if there and there.total is not None and there.total != order.total_incl:
            writes.append(_correction(order))
        return Plan(order.id, writes=tuple(writes), bridge=Bridge(order.total_incl))

    def hold_basis(self, settings: PlanSettings) -> str:
        return self.ledger.basis

    def member(
        self,
        write: Write,
        known: Mapping[Ref, Known],
        position: int,
        *,
        use_fallback: bool = False,
    ) -> Member:
        needs = [known[need].id for need in write.needs]
        body = {**write.body, **(write.fallback if use_fallback else {})}
        operation = "update" if write.update_of else "create"
        body |= {"Ref": [write.kind, write.key, write.role], "Needs": needs}
        return Member(position, write.entity, operation, body)

    def deliver(self, envelope: Envelope) -> Delivery:
        self.ledger.calls.append(envelope)
        _play(self.ledger.script, envelope)
        outcomes = [self._write(member) for member in envelope.members]
        _play(self.ledger.after, envelope)
        given = [o for o, m in zip(outcomes, envelope.members, strict=True) if o]
        return Delivery(tuple(given), EXCHANGE, self.ledger.stop)

    def _write(self, member: Member) -> Outcome | None:
        ledger, ref = self.ledger, _ref(member)
        error = ledger.refused.get(ref)
        if member.body.get("Name") in ledger.taken:
            error = Conflict("That name is taken.", code="6240")
        if error is not None:
            return Outcome(member.position, "refused", error=error)
        if ref in ledger.objects and member.operation == "create":
            ledger.doubles.append(ref)
        total = member.body.get("Total")
        if total is not None:
            total = Decimal(str(total)) + ledger.off.get(ref, Decimal(0))
        known = Known(ledger.next_id(), version="0", total=total)
        ledger.objects[ref] = (member.entity, known)
        if ref in ledger.silent:
            return None
        return Outcome(member.position, "created", known)

    def find(self, writes: Sequence[Write]) -> dict[Ref, Found]:
        self.ledger.finds.append([write.ref for write in writes])
        self.ledger.found_by.extend(writes)
        if self.ledger.find_troubles:
            raise self.ledger.find_troubles.pop(0)
        found = {}
        for write in writes:
            error = self.ledger.unsearchable.get(write.ref)
            if error is not None:
                found[write.ref] = Found(Known(""), ours=False, error=error)
            elif write.ref in self.ledger.objects:
                found[write.ref] = Found(self.ledger.objects[write.ref][1], ours=True)
            elif write.search.get("name") in self.ledger.taken:
                found[write.ref] = Found(Known("other"), ours=False)
            elif write.number in self.ledger.foreign:
                found[write.ref] = Found(Known("F1", write.number), ours=False)
        return found

    def survey(self, start: date, end: date, hub: str) -> Iterator[Sighting]:
        self.ledger.days.append((start, end))
        for ref, (entity, known) in list(self.ledger.objects.items()):
            if ref.kind == "order":
                yield Sighting(entity, known, ref, start)


def sale_of(order: Order) -> Ref:
    """The identity of an order's document."""
    return Ref("order", order.id, "sale")


def _writes(order: Order) -> Iterator[Write]:
    needs: tuple[Ref, ...] = ()
    if order.customer is not None:
        name, key = order.customer.name, order.customer.id
        needs = (Ref("customer", key, "customer"),)
        yield Write(
            *("customer", key, "customer", "Customer", {"Name": name}),
            search={"name": name},
            fallback={"Name": f"{name} ({key})"},
            shared=True,
        )
    document = _document(order, needs)
    yield document
    if order.reference == "pay":
        body = {"Total": str(order.total_incl)}
        yield Write(
            *("order", order.id, "payment:1", "Payment", body),
            number=f"P{order.id}",
            needs=(document.ref,),
            expected_total=order.total_incl,
            date=order.date,
        )


def _document(order: Order, needs: tuple[Ref, ...]) -> Write:
    return Write(
        *("order", order.id, "sale", "Sale", {"Total": str(order.total_incl)}),
        number=f"S{order.id}",
        needs=needs,
        expected_total=order.total_incl,
        date=order.date,
    )


def _correction(order: Order) -> Write:
    body = {"Total": str(order.total_incl)}
    return Write(
        *("order", order.id, "correction:1", "Sale", body),
        number=f"S{order.id}",
        update_of=sale_of(order),
        needs=(sale_of(order),),
        expected_total=order.total_incl,
        date=order.date,
    )


def _ref(member: Member) -> Ref:
    return Ref(*member.body["Ref"])


def _play(script: list[Script], envelope: Envelope) -> None:
    step = script.pop(0) if script else None
    if isinstance(step, HubError):
        raise step
    if step is not None:
        step(envelope)


EXCHANGE = Exchange(
    *("POST", "https://books.example/batch", 200, "our-id", "their-id"),
    *(datetime(2026, 3, 1, tzinfo=UTC), 0.1, "sent", "received"),
)
