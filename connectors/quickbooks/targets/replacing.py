"""A changed receipt reversed exactly, and posted again beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from connectors.quickbooks.targets import movements, own_use
from connectors.quickbooks.targets.changed import HALF, Change
from connectors.quickbooks.targets.closing import move_to_open_day
from connectors.quickbooks.targets.copies import MOST, Copy, is_of, shorten
from connectors.quickbooks.targets.offsetting import offset
from connectors.quickbooks.targets.reversing import Reversal
from connectors.writes import Mapped, Plan, Ref, Write

# Why a record becomes nothing, where that is for what it says itself.
NOTHING = frozenset({"zero sale", own_use.SKIPPED, *movements.SORTS.values()})


def plan_reversal(change: Change) -> Plan:
    """What was posted turned, and the new version beside it, on open days.

    The new version waits for the reversal. Reports what cannot be reversed exactly.
    """
    copy = change.history.find_copy(change.version)
    if copy.place > MOST:
        raise change.report("it was reversed too often")
    fresh = change.plan_as(copy, change.mapped)
    if fresh.wait:
        return fresh
    if fresh.error is not None:
        raise fresh.error
    if fresh.skip and fresh.skip not in NOTHING:
        raise change.report(f"it would not be posted now: {fresh.skip}")
    fresh = change.name(copy, fresh)
    version, before = change.history.find_reversal(copy), change.mapped.before
    if before is None:
        raise change.report("what was posted is not kept any more")
    if version != change.version and version == shorten(before.document.version):
        # It had become nothing, so that nothing is left to be reversed.
        return replace(fresh, writes=_place(change, fresh.writes))
    reversal = _make_reversal(change, copy, before)
    plan = _join(change, reversal, fresh)
    if change.is_begun:
        return plan
    return replace(plan, stands=tuple(reversal.stands.list_there(change.known)))


def _make_reversal(change: Change, copy: Copy, before: Mapped) -> Reversal:
    stands = change.history.find_before(copy)
    posted = shorten(before.document.version)
    is_known = not stands.place or stands.version == posted
    if not is_known and not change.was_updated(stands, posted):
        raise change.report(HALF)
    change.require_posted(stands)
    options = replace(change.options, copy=copy.turned_letter)
    # The numbers that are there are those of what is reversed, not of its reversal.
    seen = {
        ref: replace(there, number="") if is_of(ref, change.key) else there
        for ref, there in stands.see(change.known).items()
    }
    plan = change.plan(before, seen, options)
    change.check_posts(plan)
    reversal = Reversal(
        before=before,
        posted=plan,
        stands=stands,
        version=change.history.find_reversal(copy),
        known=change.known,
        options=options,
    )
    obstacle = reversal.find_obstacle()
    if obstacle:
        raise change.report(obstacle)
    return reversal


def _join(change: Change, reversal: Reversal, fresh: Plan) -> Plan:
    """What was posted, its reversal, what joins the two, and then the new version."""
    old = change.name(reversal.stands, change.plan_as(reversal.stands, reversal.before))
    change.check_posts(old)
    if old.later or reversal.lacks_items:
        # What was posted is not known before a question is answered once more, or its
        # items are found.
        return replace(fresh, skip="", writes=old.writes, later=fresh.writes)
    applied = offset(reversal)
    payment = (applied.payment,) if applied.payment is not None else ()
    done = tuple(write.ref for write in (*reversal.writes, *payment))
    first = (
        *(write for write in old.writes if not write.asks),
        *reversal.writes,
        *applied.asks,
    )
    again = (*payment, *(_need(write, done) for write in fresh.writes))
    later = tuple(_need(write, done) for write in fresh.later)
    if applied.is_asking:
        again, later = (), (*again, *later)
    writes = {write.ref: write for write in _place(change, (*first, *again))}
    return replace(fresh, skip="", writes=tuple(writes.values()), later=later)


def _place(change: Change, writes: Iterable[Write]) -> tuple[Write, ...]:
    """Writes on open days; what is there stays where it is."""
    placed = [move_to_open_day(w, change.known, change.options) for w in writes]
    if None in placed:
        raise change.report("the first open day is in another year of the books")
    return tuple(write for write in placed if write is not None)


def _need(write: Write, needs: tuple[Ref, ...]) -> Write:
    """A write that goes after others; customers and items wait for nothing."""
    return write if write.shared else replace(write, needs=(*write.needs, *needs))
