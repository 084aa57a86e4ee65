"""What becomes of a receipt that was posted and is something else at the till now. Pure.

Payments that were added are posted. For the rest the setting decides: report, a full
update of our document, or its reversal and a new one. What cannot be done so is
reported: nothing is ever posted twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from connectors.changes import list_changes
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.additions import only_adds_payments
from connectors.quickbooks.targets.closing import find_open_day
from connectors.quickbooks.targets.numbers import make_mark
from connectors.quickbooks.targets.options import Options
from connectors.writes import CHANGED, TOUCHED, UNDONE, Known, Mapped, Plan, Ref, Write
from integration_hub.core.errors import Conflict, RecordError, Rejected

Planner = Callable[[Mapped, Mapping[Ref, Known], Options], Plan]
KIND = "order"
REVERSAL, AGAIN = "reversal", "again"
TURNED = {
    documents.SALES_RECEIPT: documents.REFUND_RECEIPT,
    documents.REFUND_RECEIPT: documents.SALES_RECEIPT,
}
LEFT = "What stands in QuickBooks was left as it is"
BY_HAND = (
    "Compare source and target on this page, mend QuickBooks' document by hand, then "
    "choose Skip."
)
ROLE_LENGTH = 60


def plan_change(
    mapped: Mapped, known: Mapping[Ref, Known], options: Options, plan: Planner
) -> Plan:
    """The plan of a changed receipt. ``plan`` plans one as if it were new."""
    change = _Change(mapped, known, options, plan)
    if not change.roles or not mapped.document.final:
        return plan(mapped, known, options)
    try:
        change.refuse_undone()
        new = plan(mapped, known, options)
        if only_adds_payments(mapped, new, known):
            return new
        if options.after_posting == "update":
            return change.update()
        if options.after_posting == "reverse":
            return change.reverse()
        raise change.report("")
    except RecordError as error:
        return Plan(mapped.document.id, error=error)


def plan_reversed(
    mapped: Mapped, known: Mapping[Ref, Known], options: Options, plan: Planner
) -> Plan | None:
    """The plan of a receipt that was reversed and posted again; None if it was not."""
    key = mapped.document.id
    for ref, again in known.items():
        if ref.key == key and ref.role.startswith(f"{AGAIN}:"):
            there = replace(again, number=again.number.removesuffix("b"))
            sale = replace(ref, role="sale")
            return plan(mapped, {**known, sale: there}, options)
    return None


@dataclass(frozen=True)
class _Change:
    mapped: Mapped
    known: Mapping[Ref, Known]
    options: Options
    plan: Planner

    @property
    def key(self) -> str:
        return self.mapped.document.id

    @property
    def sale(self) -> Ref:
        return Ref(KIND, self.key, "sale")

    @cached_property
    def roles(self) -> frozenset[str]:
        """What of it is in QuickBooks; an answered question is not."""
        return frozenset(
            ref.role
            for ref, known in self.known.items()
            if (ref.kind, ref.key) == (KIND, self.key) and known.id
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """What differs from what was posted; () where that is not known any more."""
        before = self.mapped.before
        return list_changes(before.document, self.mapped.document) if before else ()

    @cached_property
    def old(self) -> Plan | None:
        """How what was posted would be planned anew."""
        before = self.mapped.before
        return self.plan(before, self._hide(), self.options) if before else None

    def report(self, why: str) -> Conflict:
        """The error that leaves the change to a person."""
        what = ", ".join(self.parts) or "something"
        reason = f": {why}" if why else ""
        return Conflict(
            f"This record was changed in the till after it had been posted ({what}). "
            f"{LEFT}{reason}.",
            code=CHANGED,
            action=BY_HAND,
        )

    def refuse_undone(self) -> None:
        """Raise Conflict where the hub has taken back what was posted."""
        if is_undone(self.key, self.known):
            raise self.report("it was taken back")

    # ----------------------------------------------------------------- full update

    def update(self) -> Plan:
        """A full update of our document, with the version that we left."""
        posted = self._require_posted()
        if "tenders" in self.parts:
            raise self.report("another payment is no change that can be updated")
        ref = self._ref("update")
        there = self.known.get(ref)
        mapped = self.mapped.on_update or self.mapped
        fresh = self.plan(mapped, self._hide(there), self.options)
        write = self._single(fresh)
        if write.entity != posted.entity:
            raise self.report(f"it would be a {write.entity} now")
        self._check_open(write, posted)
        trace = f"(version {self._version})"
        body = {
            **write.body,
            "TxnTaxDetail": write.body.get("TxnTaxDetail", {}),
            "PrivateNote": f"{write.body['PrivateNote']} {trace}",
            "sparse": False,
        }
        if left := documents.list_left(mapped, posted):
            body = documents.leave_alone(write.entity, body, left)
        update = replace(
            write,
            role=ref.role,
            body=body,
            mark=trace,
            needs=(*write.needs, self.sale),
            update_of=self.sale,
            label=f"change of {write.label}",
        )
        return replace(fresh, writes=self._follow(fresh, write, (write, update)))

    def _check_open(self, write: Write, posted: Known) -> None:
        closed = self.options.closed_through
        days = (write.date.isoformat() if write.date else "", _day_of(posted))
        if closed is not None and min(days) <= closed.isoformat():
            raise self.report(f"it is in a period that is closed up to {closed}")

    @property
    def _version(self) -> str:
        version = self.mapped.document.version
        if len(version) <= ROLE_LENGTH:
            return version
        return hashlib.sha256(version.encode()).hexdigest()[:20]

    # -------------------------------------------------------------------- reversal

    def reverse(self) -> Plan:
        """What was posted turned exactly, and the new version beside it."""
        posted = self._require_posted()
        if self.old is None:
            raise self.report("what was posted is not kept any more")
        old = self._single(self.old, exact=True)
        if old.entity not in TURNED or old.entity != posted.entity:
            raise self.report(f"a {posted.entity} cannot be reversed exactly")
        if posted.total not in (None, old.expected_total):
            raise self.report(f"it has a total of {posted.total} there")
        there = self.known.get(self._ref(AGAIN))
        if there is not None:
            there = replace(there, number=there.number.removesuffix("b"))
        fresh = self.plan(self.mapped, self._hide(there), self.options)
        new = self._single(fresh, exact=True)
        if new.entity not in TURNED:
            raise self.report(f"it would be a {new.entity} now")
        writes = (
            replace(self._copy(old, REVERSAL, "a"), entity=TURNED[old.entity]),
            self._copy(new, AGAIN, "b"),
        )
        for write in writes:
            _check_total(write, self.known)
        rest = self._follow(fresh, new, (old, *writes))
        kept = {write.ref for write in rest}
        shared = (w for w in self.old.writes if w.shared and w.ref not in kept)
        return replace(fresh, writes=(*shared, *rest))

    def _copy(self, write: Write, role: str, suffix: str) -> Write:
        """The document again under another number, on an open day."""
        ref = self._ref(role)
        number = f"{write.number}{suffix}"
        day = write.date and find_open_day(write.date, self.options)
        if day is None:
            raise self.report("the first open day is in another year of the books")
        mark = make_mark(self.options.hub, ref)
        note = str(write.body["PrivateNote"]).replace(write.mark, mark, 1)
        if day != write.date:
            note += f" (dated {write.date})"
        body = {
            **write.body,
            "DocNumber": number,
            "TxnDate": day.isoformat(),
            "PrivateNote": note,
        }
        return replace(
            write,
            role=ref.role,
            number=number,
            body=body,
            mark=mark,
            search={"number": number, "date": day.isoformat()},
            date=day,
            label=f"{role} of {write.label}",
        )

    # ---------------------------------------------------------------------- common

    def _hide(self, instead: Known | None = None) -> dict[Ref, Known]:
        """What is known but for our document, or with another in its place."""
        hidden = {ref: known for ref, known in self.known.items() if ref != self.sale}
        return {**hidden, self.sale: instead} if instead else hidden

    def _require_posted(self) -> Known:
        posted = self.known.get(self.sale)
        if posted is None or not self.parts:
            raise self.report("what was posted is not known well enough")
        if TOUCHED in posted.facts:
            raise self.report("somebody changed it there")
        mine = {self._ref(REVERSAL).role, self._ref(AGAIN).role}
        if any(r.partition(":")[0] in (REVERSAL, AGAIN) for r in self.roles - mine):
            raise self.report("it was reversed once before")
        return posted

    def _ref(self, role: str) -> Ref:
        """One of the writes that this version of the receipt asks for."""
        return replace(self.sale, role=f"{role}:{self._version}")

    def _single(self, plan: Plan, *, exact: bool = False) -> Write:
        """The one document of a plan. Raises what the plan says, or reports.

        ``exact`` asks that nothing else belongs to it; otherwise the rest must be
        there already.
        """
        if plan.error is not None:
            raise plan.error
        if plan.skip or plan.wait:
            raise self.report(f"it would not be posted now: {plan.skip or plan.wait}")
        own = [write for write in plan.writes if not write.shared]
        sales = [write for write in own if write.ref == self.sale]
        others = [write for write in own if write.ref != self.sale]
        open_ones = [w for w in others if exact or w.ref not in self.known]
        if len(sales) != 1 or open_ones:
            raise self.report("it takes more than one document")
        return sales[0]

    def _follow(
        self, plan: Plan, write: Write, instead: tuple[Write, ...]
    ) -> tuple[Write, ...]:
        """The writes of a plan with others in the place of its document."""
        place = [each.ref for each in plan.writes].index(write.ref)
        return (*plan.writes[:place], *instead, *plan.writes[place + 1 :])


def is_undone(key: str, known: Mapping[Ref, Known]) -> bool:
    """Whether the hub has taken back a document of a receipt."""
    posted = (
        there for ref, there in known.items() if (ref.kind, ref.key) == (KIND, key)
    )
    return any(UNDONE in there.facts for there in posted)


def _day_of(known: Known) -> str:
    return str(known.facts.get("date") or "")


def _check_total(write: Write, known: Mapping[Ref, Known]) -> None:
    there = known.get(write.ref)
    if there is None or there.total in (None, write.expected_total):
        return
    raise Rejected(
        f"{write.label} (id {there.id}) has a total of {there.total} in QuickBooks; "
        f"{write.expected_total} is expected.",
        code="total differs",
        reference=there.id,
        action=BY_HAND,
    )
