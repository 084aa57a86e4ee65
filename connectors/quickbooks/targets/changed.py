"""A receipt that was posted and is something else at the till now. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from connectors.changes import list_changes
from connectors.quickbooks.targets.closing import FIRST_OPEN_DAY
from connectors.quickbooks.targets.copies import (
    KIND,
    SALE,
    UPDATE,
    Copy,
    History,
    is_of,
    list_own,
    read_history,
    shorten,
)
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.reversing import BY_HAND
from connectors.writes import CHANGED, TOUCHED, UNDONE, Known, Mapped, Plan, Ref
from integration_hub.core.errors import Conflict

Planner = Callable[[Mapped, Mapping[Ref, Known], Options], Plan]
LEFT = "What stands in QuickBooks was left as it is"
HALF = "an earlier change of it was not posted to its end"


@dataclass(frozen=True)
class Change:
    """A receipt that is something else now, and what is there of it.

    ``plan`` plans a receipt as if it were new.
    """

    mapped: Mapped
    known: Mapping[Ref, Known]
    options: Options
    plan: Planner

    @property
    def key(self) -> str:
        """Its source id."""
        return self.mapped.document.id

    @property
    def version(self) -> str:
        """The version of the receipt, as it stands in roles."""
        return shorten(self.mapped.document.version)

    @cached_property
    def history(self) -> History:
        """What it was posted as so far."""
        return read_history(self.key, self.known)

    @property
    def stands(self) -> Copy:
        """What was posted last."""
        return self.history.stands

    @cached_property
    def seen(self) -> dict[Ref, Known]:
        """What is known, with what was posted last under plain roles."""
        return self.stands.see(self.known)

    @property
    def is_posted(self) -> bool:
        """Whether anything of it is in QuickBooks."""
        return any(list_own(self.key, self.known))

    @property
    def has_begun_itself(self) -> bool:
        """Whether something was written because of this version."""
        return self.history.has(self.version)

    @property
    def is_begun(self) -> bool:
        """Whether what was posted last is being reversed, or is because of this."""
        return self.has_begun_itself or self.history.is_reversed

    def was_updated(self, copy: Copy, version: str) -> bool:
        """Whether a posting was updated to a version: both have one document."""
        roles = copy.name(SALE), f"{UPDATE}{version}"
        sale, update = (self.known.get(Ref(KIND, self.key, role)) for role in roles)
        return sale is not None and update is not None and sale.id == update.id

    @property
    def parts(self) -> tuple[str, ...]:
        """What differs from what was posted; () where that is not known any more."""
        before = self.mapped.before
        return list_changes(before.document, self.mapped.document) if before else ()

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

    # -------------------------------------------------------------- plans of copies

    def plan_as(
        self, copy: Copy, mapped: Mapped, known: Mapping[Ref, Known] | None = None
    ) -> Plan:
        """A plan with plain roles and the numbers of a copy."""
        seen = copy.see(self.known) if known is None else known
        options = replace(self.options, copy=copy.letter)
        if copy.place:
            options = replace(options, closed_period=FIRST_OPEN_DAY)
        return self.plan(mapped, seen, options)

    def name(self, copy: Copy, plan: Plan) -> Plan:
        """A plan with plain roles as that of a copy."""
        return copy.rename(plan, hub=self.options.hub)

    def require_posted(self, copy: Copy) -> dict[str, Known]:
        """What a posting is in QuickBooks, by plain role. Reports where it may not be
        touched."""
        seen = copy.see(self.known)
        posted = {r.role: k for r, k in seen.items() if is_of(r, self.key) and k.id}
        if not self.parts or not posted:
            raise self.report("what was posted is not known well enough")
        if any(TOUCHED in there.facts for there in posted.values()):
            raise self.report("somebody changed it there")
        return posted

    def check_posts(self, plan: Plan) -> None:
        """Raise what a plan says, or report where it posts nothing."""
        if plan.error is not None:
            raise plan.error
        if plan.skip or plan.wait:
            raise self.report(f"it would not be posted now: {plan.skip or plan.wait}")


def is_undone(key: str, known: Mapping[Ref, Known]) -> bool:
    """Whether the hub has taken back a document of a receipt."""
    return any(UNDONE in there.facts for ref, there in known.items() if is_of(ref, key))
