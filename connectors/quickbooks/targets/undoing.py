"""Taking documents back: voided or deleted, as long as nobody changed them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from connectors.quickbooks.client import Client
from connectors.quickbooks.targets import balances
from connectors.quickbooks.targets.items import quote_all
from connectors.quickbooks.targets.outcomes import read_amount, read_outcome, refuse
from connectors.writes import Known, Member, Outcome
from integration_hub.core.errors import Conflict, UnsupportedError

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
            for outcome in _take_back(client, entity, members[start : start + CHUNK]):
                outcomes[outcome.position] = outcome
    return [outcomes[place] for place in range(len(targets))]


def _take_back(
    client: Client, entity: str, members: Sequence[Member]
) -> Iterator[Outcome]:
    """Send what nothing is linked to: a payment of it would be left without a use."""
    linked = _find_linked(client, entity, members) if entity in LINKABLE else set()
    for member in members:
        if member.body["Id"] in linked:
            error = Conflict(
                "A payment or credit that was not taken back is linked to it.",
                code="linked",
                system=client.system,
            )
            yield Outcome(member.position, "refused", error=error)
    free = [member for member in members if member.body["Id"] not in linked]
    if free:
        yield from _send(client, free)


def _find_linked(client: Client, entity: str, members: Sequence[Member]) -> set[str]:
    """The ids of documents of which another amount is open than their total.

    Those of another version than ours are not judged: QuickBooks refuses them.
    """
    versions = {str(m.body["Id"]): m.body["SyncToken"] for m in members}
    found = client.query_all(entity, f"Id in ({quote_all(list(versions))})")
    return {
        str(row["Id"])
        for row in found
        if read_amount(row.get("Balance")) not in (None, read_amount(row["TotalAmt"]))
        and versions[str(row["Id"])] == str(row.get("SyncToken"))
    }


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
