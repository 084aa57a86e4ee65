"""Whether nothing but payments came to an invoice since it was posted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.changes import list_changes, tender_facts
from connectors.quickbooks.targets import documents, late_rounding
from connectors.quickbooks.targets.tenders import PAYMENTS
from connectors.writes import Known, Mapped, Plan, Ref, Write

OPEN = "on_account"


def only_adds_payments(mapped: Mapped, plan: Plan, known: Mapping[Ref, Known]) -> bool:
    """Whether ``plan``, of the receipt as it is now, only adds Payments to its invoice.

    Where it is not known any more what was posted, document, date, total and VAT must
    be those of the invoice.
    """
    sale = Ref("order", mapped.document.id, "sale")
    posted = known.get(sale)
    if posted is None or posted.entity != documents.INVOICE or not plan.writes:
        return False
    missing = [w for w in plan.writes if not w.shared and w.ref not in known]
    if not all(w.entity == documents.PAYMENT or w.asks or _rounds(w) for w in missing):
        return False
    if mapped.before is not None:
        return has_more_payments(mapped.before, mapped)
    day = mapped.document.date.isoformat()
    return posted.facts.get("date") == day and not plan.differences


def _rounds(write: Write) -> bool:
    return write.role == late_rounding.ROLE


def has_more_payments(before: Mapped, after: Mapped) -> bool:
    """Whether payments came to those there were, and as much less is open now.

    Cash may have been rounded.
    """
    if list_changes(before.document, after.document) != ("tenders",):
        return False
    old, new = _list_closed(before), _list_closed(after)
    if any(new.get(key) != facts for key, facts in old.items()):
        return False
    added = [new[key] for key in new.keys() - old.keys()]
    if any(treatment not in PAYMENTS or facts[2] <= 0 for treatment, facts in added):
        return False
    paid = sum((facts[2] for _treatment, facts in added), Decimal(0))
    rounded = after.document.cash_rounding - before.document.cash_rounding
    return _sum_open(before) - _sum_open(after) == paid - rounded


def _list_closed(
    mapped: Mapped,
) -> dict[str, tuple[str, tuple[object, object, Decimal, object, object]]]:
    """Treatment and facts of the tenders that are not on account, by id."""
    return {
        tender.id: (str(fields.get("treatment") or ""), tender_facts(tender))
        for tender, fields in zip(mapped.document.tenders, mapped.tenders, strict=True)
        if fields.get("treatment") != OPEN
    }


def _sum_open(mapped: Mapped) -> Decimal:
    """What is on account, and what nobody has paid."""
    on_account = (
        tender.amount
        for tender, fields in zip(mapped.document.tenders, mapped.tenders, strict=True)
        if fields.get("treatment") == OPEN
    )
    return sum(on_account, mapped.document.outstanding)
