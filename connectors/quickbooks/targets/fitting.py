"""Payments of an invoice, where the company applies credits to it by itself.

What a credit has paid already no payment can be applied to: so much of the payments
stays unapplied, which is the customer's as the credit was. What the customer owes and
what came into the accounts is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.balances import find_taken, make_own_ask
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.settling import Paid, Posting
from connectors.writes import Difference, Known, Ref, Write

ZERO = Decimal(0)
REASON = (
    "the company applied a credit to the invoice by itself; the rest is unapplied, to "
    "the customer's credit"
)


def fit_payments(
    posting: Posting, options: Options, known: Mapping[Ref, Known]
) -> Posting:
    """The posting with payments that fit on its invoice, in order.

    What is open is asked for once the invoice is there; payments that are not posted
    wait for the answer.
    """
    invoice = posting.documents[0].write if posting.documents else None
    if invoice is None or invoice.entity != documents.INVOICE or not posting.payments:
        return posting
    writes = [paid.write for paid in posting.payments]
    there = [write for write in writes if write.ref in known]
    applied = sum((_find_applied(write, known) for write in there), ZERO)
    ask = make_own_ask(invoice, applied=applied)
    loose = applied < sum((_amount(write) for write in there), ZERO)
    if not (options.applies_credits or loose or ask.ref in known):
        return posting
    posting = replace(posting, asks=(*posting.asks, ask))
    if ask.ref not in known:
        later = tuple(
            Paid(_fit(write, _amount(write), ask.ref), applied=False)
            for write in writes
            if write.ref not in known
        )
        kept = tuple(Paid(write, applied=False) for write in there)
        return replace(posting, payments=kept, is_asking=True, later=later)
    left = (invoice.expected_total or ZERO) - find_taken(known[ask.ref]) - applied
    return _fit_all(posting, writes, known, ask.ref, left)


def _fit_all(
    posting: Posting,
    writes: Sequence[Write],
    known: Mapping[Ref, Known],
    ask: Ref,
    left: Decimal,
) -> Posting:
    """Deal out what is ``left`` open to the payments that are not posted.

    A posted one must not be unapplied while something is open that it was meant for.
    """
    must_apply, payments = left > 0, []
    differences: list[Difference] = []
    for write in writes:
        if write.ref in known:
            part = _find_applied(write, known)
            payments.append(Paid(write, applied=must_apply))
        else:
            part = max(ZERO, min(_amount(write), left))
            left -= part
            payments.append(Paid(_fit(write, part, ask), applied=False))
        if part != _amount(write):
            what = f"{write.label} on its invoice"
            differences.append(Difference(what, _amount(write), part, REASON))
    return replace(
        posting,
        payments=tuple(payments),
        differences=(*posting.differences, *differences),
    )


def _fit(write: Write, part: Decimal, ask: Ref) -> Write:
    """The payment with only a part of it applied; without any line where that is 0."""
    (line,) = write.body["Line"]
    body = {name: value for name, value in write.body.items() if name != "Line"}
    if part:
        body["Line"] = [{**line, "Amount": part}]
    return replace(write, body=body, needs=(*write.needs, ask))


def _find_applied(write: Write, known: Mapping[Ref, Known]) -> Decimal:
    """What of a posted payment is applied."""
    there = known[write.ref]
    return _amount(write) - Decimal(str(there.facts.get("unapplied", "0")))


def _amount(write: Write) -> Decimal:
    return write.expected_total or ZERO
