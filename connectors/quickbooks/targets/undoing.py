"""Taking documents back: voided or deleted, as long as nobody changed them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from connectors.quickbooks.client import Client
from connectors.quickbooks.targets import balances
from connectors.quickbooks.targets.outcomes import read_outcome, refuse
from connectors.writes import Known, Member, Outcome
from integration_hub.core.errors import UnsupportedError

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
CHUNK = 30


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
