"""Taking documents back: voided or deleted, as long as nobody changed them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.quickbooks.client import Client
from connectors.quickbooks.targets import balances
from connectors.quickbooks.targets.items import quote_all
from connectors.quickbooks.targets.outcomes import read_amount, read_outcome, refuse
from connectors.writes import CLOSED_PERIOD, Known, Member, Outcome
from integration_hub.core.errors import (
    Conflict,
    RecordError,
    Rejected,
    UnsupportedError,
)

# What others are linked to can be taken back only after them: an invoice or a credit
# after its payments, and a journal entry once nothing is on the account it divides.
ORDER = (
    "Payment",
    "SalesReceipt",
    "RefundReceipt",
    "CreditMemo",
    "Invoice",
    "JournalEntry",
)
# QuickBooks has no void for these.
DELETED = frozenset({"CreditMemo", "JournalEntry"})
# What payments can be linked to.
LINKABLE = frozenset({"CreditMemo", "Invoice"})
CHUNK = 30
ZERO = Decimal(0)


def void_all(client: Client, targets: Sequence[tuple[str, Known]]) -> list[Outcome]:
    """Void documents, payments first; one outcome per target, in the same order.

    What QuickBooks cannot void is deleted; a question that was asked is nothing.

    The version that we left goes along, so what somebody changed is refused (5010).
    """
    places = sorted(
        (place for place, (entity, _) in enumerate(targets) if entity in ORDER),
        key=lambda place: ORDER.index(targets[place][0]),
    )
    outcomes = {
        place: _pass_over(place, entity)
        for place, (entity, _) in enumerate(targets)
        if entity not in ORDER
    }
    for entity in ORDER:
        members = [
            _make_member(place, *targets[place])
            for place in places
            if targets[place][0] == entity
        ]
        for start in range(0, len(members), CHUNK):
            for outcome in _send(client, members[start : start + CHUNK]):
                outcomes[outcome.position] = outcome
    return [outcomes[place] for place in range(len(targets))]


def find_obstacles(
    client: Client,
    targets: Sequence[tuple[str, Known]],
    *,
    closed_through: date | None,
) -> list[RecordError | None]:
    """Why these cannot be taken back together, in the same order; None for the rest.

    What is dated in a closed period, and what a payment or credit is linked to that is
    not among them.
    """
    found: list[RecordError | None] = [
        _find_closed(client, known, closed_through) for _entity, known in targets
    ]
    linked = _find_linked(client, targets)
    for place, (entity, known) in enumerate(targets):
        if found[place] is None and (entity, known.id) in linked:
            found[place] = Conflict(
                "A payment or credit that was not taken back is linked to it.",
                code="linked",
                system=client.system,
            )
    return found


def _find_closed(
    client: Client, known: Known, closed_through: date | None
) -> Rejected | None:
    day = str(known.facts.get("date") or "")
    if closed_through is None or not day or day > closed_through.isoformat():
        return None
    return Rejected(
        f"It is dated {day}, and the books are closed, or VAT is filed, up to and "
        f"including {closed_through}.",
        code=CLOSED_PERIOD,
        reference=closed_through.isoformat(),
        action=f"Set the closing date in {client.system} (Account and settings, "
        f"Advanced) and “VAT is filed up to and including” in the settings of the "
        f"integration to a day before {day}, then take the run back again; or choose "
        f"Skip and correct it by hand in an open period.",
        system=client.system,
    )


def _find_linked(
    client: Client, targets: Sequence[tuple[str, Known]]
) -> set[tuple[str, str]]:
    """The invoices and credits of which others than these pay or use a part.

    A payment that somebody voided, or that was taken back before, uses nothing.
    """
    used: dict[tuple[str, str], Decimal] = {}
    for payment in _read(client, "Payment", targets):
        for line in payment.get("Line") or ():
            for link in line.get("LinkedTxn") or ():
                key = str(link.get("TxnType")), str(link.get("TxnId"))
                amount = read_amount(line.get("Amount")) or ZERO
                used[key] = used.get(key, ZERO) + amount
    linked = set()
    for entity in sorted(LINKABLE):
        for row in _read(client, entity, targets):
            balance, key = read_amount(row.get("Balance")), (entity, str(row["Id"]))
            total = read_amount(row.get("TotalAmt")) or ZERO
            if balance is not None and balance + used.get(key, ZERO) != total:
                linked.add(key)
    return linked


def _read(
    client: Client, entity: str, targets: Sequence[tuple[str, Known]]
) -> Iterator[Mapping[str, Any]]:
    """Those of a kind as they are now."""
    ids = [known.id for name, known in targets if name == entity]
    for start in range(0, len(ids), CHUNK):
        chunk = quote_all(ids[start : start + CHUNK])
        yield from client.query_all(entity, f"Id in ({chunk})")


def _make_member(place: int, entity: str, known: Known) -> Member:
    body = {"Id": known.id, "SyncToken": known.version, "sparse": True}
    operation = "delete" if entity in DELETED else "void"
    return Member(place, entity, operation, body)


def _send(client: Client, members: Sequence[Member]) -> list[Outcome]:
    items = [
        {"bId": str(m.position), "operation": m.operation, m.entity: m.body}
        for m in members
    ]
    answers, faults, _ = client.send_batch(str(uuid.uuid4()), items)
    if faults:
        return [refuse(member, faults, system=client.system) for member in members]
    by_id = {str(answer.get("bId")): answer for answer in answers}
    return [
        read_outcome(m, by_id.get(str(m.position)), system=client.system)
        for m in members
    ]


def _pass_over(place: int, entity: str) -> Outcome:
    if entity == balances.ENTITY:
        return Outcome(place, "unchanged", Known(""))
    error = UnsupportedError(f"QuickBooks cannot take back a {entity}.", code="undo")
    return Outcome(place, "refused", error=error)
