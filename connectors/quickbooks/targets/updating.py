"""A full update of the document of a changed receipt. Pure."""

from __future__ import annotations

from dataclasses import replace

from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.changed import Change
from connectors.quickbooks.targets.copies import KIND, SALE, UPDATE
from connectors.quickbooks.targets.settling import CORRECTIONS
from connectors.writes import Known, Plan, Ref, Write


def plan_update(change: Change) -> Plan:
    """The update with the version that we left, with plain roles; reports what cannot
    be updated."""
    posted = change.require_posted(change.stands).get(SALE)
    if posted is None:
        raise change.report("it is no sales document")
    if "tenders" in change.parts:
        raise change.report("another payment is no change that can be updated")
    sale = Ref(KIND, change.key, SALE)
    ref = replace(sale, role=f"{UPDATE}{change.version}")
    mended = replace(sale, role=CORRECTIONS[SALE])
    hidden = {e: known for e, known in change.seen.items() if e not in (sale, mended)}
    if mended in change.seen and change.seen[mended].version == posted.version:
        hidden[mended] = change.seen[mended]
    if ref in change.seen:
        hidden[sale] = change.seen[ref]
    mapped = change.mapped.on_update or change.mapped
    fresh = change.plan_as(change.stands, mapped, hidden)
    write = _find_single(change, fresh, sale)
    if write.entity != posted.entity:
        raise change.report(f"it would be a {write.entity} now")
    _check_open(change, write, posted)
    place = [each.ref for each in fresh.writes].index(sale) + 1
    update = _make_update(change, write, ref, left=documents.list_left(mapped, posted))
    return replace(fresh, writes=(*fresh.writes[:place], update, *fresh.writes[place:]))


def _make_update(change: Change, write: Write, ref: Ref, *, left: list[str]) -> Write:
    """The update; ``left`` are fields of the header that it says nothing of."""
    trace = f"(version {change.version})"
    body = {
        **write.body,
        "TxnTaxDetail": write.body.get("TxnTaxDetail", {}),
        "PrivateNote": f"{write.body['PrivateNote']} {trace}",
        "sparse": False,
    }
    if left:
        before = change.mapped.before
        header = before.header if before is not None else {}
        body = documents.leave_alone(write.entity, body, left, before=header)
    return replace(
        write,
        role=ref.role,
        body=body,
        mark=trace,
        needs=(*write.needs, write.ref),
        update_of=write.ref,
        label=f"change of {write.label}",
    )


def _check_open(change: Change, write: Write, posted: Known) -> None:
    closed = change.options.closed_through
    stood = str(posted.facts.get("date") or "")
    days = (write.date.isoformat() if write.date else "", stood)
    if closed is not None and min(days) <= closed.isoformat():
        raise change.report(f"it is in a period that is closed up to {closed}")


def _find_single(change: Change, plan: Plan, sale: Ref) -> Write:
    """The document of a plan of which all the rest is there already."""
    change.check_posts(plan)
    own = [write for write in plan.writes if not write.shared]
    sales = [write for write in own if write.ref == sale]
    others = [w for w in own if w.update_of is None and w.ref not in change.seen]
    if len(sales) != 1 or others:
        raise change.report("it takes more than one document")
    return sales[0]
