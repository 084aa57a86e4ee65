"""Members of a batch, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.quickbooks.client import list_rows
from connectors.quickbooks.faults import Fault, find_taker, judge_item, read_faults
from connectors.quickbooks.targets import balances, booked
from connectors.quickbooks.targets.documents import PAYMENT, RECEIPTS, list_filled
from connectors.quickbooks.targets.journals import (
    JOURNAL_ENTRY,
    find_customer_line,
    sum_sides,
)
from connectors.quickbooks.targets.vat import show_rate
from connectors.writes import Known, Member, Outcome, Ref, Write
from integration_hub.core.errors import ConfigError, NotFound, RecordError

QUERY = "query"
ZERO = Decimal(0)
NUMBER_TAKEN = "6140"
NEGATIVE = "2290"
NOT_LINKED = "620"
BUSINESS_RULE = "6000"
PERSONAL = frozenset({"Customer"})


def make_member(
    write: Write, known: Mapping[Ref, Known], position: int, *, use_fallback: bool
) -> Member:
    """The final body: every Ref replaced by its id, an update with Id and SyncToken."""
    body = {**write.body, **(write.fallback if use_fallback else {})}
    operation = "create"
    if "Query" in body:
        operation = QUERY
    if write.update_of is not None:
        there = known[write.update_of]
        operation = "update"
        body = {"Id": there.id, "SyncToken": there.version, "sparse": True, **body}
    filled = fill_refs(body, known)
    return Member(position, write.entity, operation, filled)


def fill_refs(value: Any, known: Mapping[Ref, Known]) -> Any:
    """``value`` with every Ref in it replaced by the id it stands for."""
    if isinstance(value, Ref):
        return known[value].id
    if isinstance(value, Mapping):
        return {key: fill_refs(entry, known) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [fill_refs(entry, known) for entry in value]
    return value


def make_item(member: Member) -> dict[str, Any]:
    """A member as an item of a batch; its position is the bId."""
    if member.operation == QUERY:
        query = member.body["Query"]
        text = query if isinstance(query, str) else "".join(query)
        return {"bId": str(member.position), "Query": text}
    return {
        "bId": str(member.position),
        "operation": member.operation,
        member.entity: member.body,
    }


def read_outcome(
    member: Member, answer: Mapping[str, Any] | None, *, system: str
) -> Outcome:
    """What an item's answer says; in doubt if there is none or it makes no sense."""
    position = member.position
    if answer is None:
        return Outcome(position, "in_doubt")
    faults = read_faults(answer)
    if faults:
        return refuse(member, faults, system=system)
    if member.entity == balances.ENTITY:
        facts = balances.read_answer(list_rows(answer), member.body)
        return Outcome(position, "unchanged", Known("", facts=facts))
    if member.operation == QUERY:
        return read_look_up(member, answer, system=system)
    there = answer.get(member.entity)
    if not isinstance(there, Mapping) or not there.get("Id"):
        return Outcome(position, "in_doubt")
    state = "created" if member.operation == "create" else "updated"
    return Outcome(position, state, read_known(member.entity, there))


def refuse(member: Member, faults: Sequence[Fault], *, system: str) -> Outcome:
    """A fault as an outcome: refused, or in doubt where it is not definite.

    A number taken by a document of the same kind may be our own write's, so it is
    looked up; so is a failure of the system itself.
    """
    fault = faults[0]
    error = judge_item(fault, subject=name_subject(member), system=system)
    if isinstance(error, NotFound) and not error.reference:
        error.reference = name_account(member)
    error.action = find_setting(member, fault.code) or error.action
    if any(fault.is_system for fault in faults):
        return Outcome(member.position, "in_doubt", error=error)
    if fault.code == NUMBER_TAKEN and find_taker(fault) == member.entity:
        return Outcome(member.position, "in_doubt", error=error)
    return Outcome(member.position, "refused", error=error)


def find_setting(member: Member, code: str) -> str:
    """What to do where a setting avoids what the company refuses, "" otherwise."""
    if member.entity == PAYMENT and code == NOT_LINKED:
        return (
            "Look in QuickBooks at what is open of the invoice, and whether credits were "
            "applied to it: switch off “Automatically apply credits” there, then choose "
            "Retry."
        )
    if member.operation == QUERY or member.entity not in RECEIPTS:
        return ""
    lines = member.body.get("Line") or []
    amounts = [read_amount(line.get("Amount")) or ZERO for line in lines]
    details = [line.get("SalesItemLineDetail", {}) for line in lines]
    grosses = [read_amount(d.get("TaxInclusiveAmt")) or ZERO for d in details]
    if code == NEGATIVE and min(amounts, default=ZERO) < 0:
        setting = "A refund with lines that were sold"
    elif code == BUSINESS_RULE and lines and not sum(grosses, ZERO):
        setting = "A receipt whose total is 0.00"
    else:
        return ""
    return (
        f"The company may not take this. Choose in the settings of the integration, "
        f"“{setting}”, that it becomes a sales receipt and a refund receipt; then choose "
        f"Retry."
    )


def judge_whole(
    members: Sequence[Member], faults: Sequence[Fault], *, system: str
) -> RecordError | None:
    """The error of a call that was refused whole; None where the system failed."""
    if any(fault.is_system for fault in faults):
        return None
    first, others = members[0], len(members) - 1
    subject = name_subject(first) + (f" and {others} others" if others else "")
    return judge_item(faults[0], subject=subject, system=system)


def doubt_all(members: Sequence[Member]) -> list[Outcome]:
    """Nobody knows what became of these."""
    return [Outcome(member.position, "in_doubt") for member in members]


def read_look_up(member: Member, answer: Mapping[str, Any], *, system: str) -> Outcome:
    """The item that a query found, what stands in for it, or NotFound."""
    found = choose_item(list_rows(answer))
    if found is not None:
        return Outcome(member.position, "unchanged", read_known("Item", found))
    otherwise = str(member.body.get("otherwise") or "")
    if otherwise:
        account = str(member.body.get("account") or "")
        facts = {"stands_in": "true", "income_account": account}
        return Outcome(member.position, "unchanged", Known(otherwise, facts=facts))
    error = NotFound(
        f"{system} has no item for an article of this receipt.",
        code="no item",
        reference=str(member.body["Query"]).partition("(")[2].partition(")")[0],
        action="Create the item with the article number as its SKU, then choose Retry.",
        system=system,
    )
    return Outcome(member.position, "refused", error=error)


def choose_item(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Of the active items with one SKU the oldest that can be sold."""
    usable = [
        row
        for row in rows
        if is_active(row) and row.get("Type") not in ("Category", "Group")
    ]
    return min(usable, key=lambda row: int(str(row["Id"])), default=None)


def is_active(row: Mapping[str, Any]) -> bool:
    """Whether documents may refer to this customer or item."""
    return row.get("Active") is not False


def read_known(entity: str, there: Mapping[str, Any]) -> Known:
    """What the hub remembers of an object. Facts are texts and hold nothing personal."""
    number = there.get("DocNumber") or there.get("PaymentRefNum") or there.get("Sku")
    return Known(
        id=str(there["Id"]),
        number=str(number or ""),
        version=str(there.get("SyncToken", "")),
        total=read_amount(there.get("TotalAmt")),
        facts=read_facts(entity, there),
        entity=entity,
    )


def read_facts(entity: str, there: Mapping[str, Any]) -> dict[str, Any]:
    """Date, customer's id, balances and VAT per rate of a document; an item's account.

    ``filled`` names the fields that rules may fill and that have a value, ``booked``
    tells the accounts, items and tax codes.
    """
    if entity == "Item":
        account = there.get("IncomeAccountRef")
        value = account.get("value") if isinstance(account, Mapping) else ""
        return {"income_account": str(value or "")}
    if entity in PERSONAL:
        return {}
    facts: dict[str, Any] = {"date": str(there.get("TxnDate") or "")}
    customer = there.get("CustomerRef")
    if isinstance(customer, Mapping):
        facts["customer"] = str(customer.get("value") or "")
    for name, field in (("balance", "Balance"), ("unapplied", "UnappliedAmt")):
        amount = read_amount(there.get(field))
        if amount is not None:
            facts[name] = str(amount)
    if entity == JOURNAL_ENTRY:
        facts["sides"] = sum_sides(there)
        line = find_customer_line(there)
        if line:
            facts["customer_line"] = line
    elif entity != "Payment":
        facts["vat"] = read_vat(there.get("TxnTaxDetail"))
        facts["filled"] = " ".join(list_filled(there))
    if entity != JOURNAL_ENTRY:
        facts[booked.FACT] = booked.digest(there)
    return facts


def read_vat(detail: Any) -> dict[str, str]:
    """VAT by rate, of a TxnTaxDetail."""
    sums: dict[str, Decimal] = {}
    lines = detail.get("TaxLine") if isinstance(detail, Mapping) else None
    for line in lines or []:
        inner = line.get("TaxLineDetail") or {}
        rate = read_amount(inner.get("TaxPercent"))
        amount = read_amount(line.get("Amount"))
        if rate is not None and amount is not None:
            name = show_rate(rate)
            sums[name] = sums.get(name, ZERO) + amount
    return {rate: str(amount) for rate, amount in sums.items()}


def read_amount(value: Any) -> Decimal | None:
    """A number of an answer, None where there is none."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def find_renumbered(
    members: Sequence[Member], outcomes: Sequence[Outcome], *, system: str
) -> ConfigError | None:
    """The error that stops the flow where a document came back with another number."""
    for member, outcome in zip(members, outcomes, strict=True):
        asked = member.body.get("DocNumber") or member.body.get("PaymentRefNum")
        if not asked or outcome.known is None or outcome.known.number == asked:
            continue
        return ConfigError(
            f"{system} gave our document {asked} the number "
            f"“{outcome.known.number}”. Without our numbers nothing can be found again.",
            code="number changed",
            reference=system,
            action="Switch on “Custom transaction numbers” in QuickBooks (Account and "
            "settings, Sales), then start the flow again.",
            system=system,
        )
    return None


def name_subject(member: Member) -> str:
    """A member for people, without personal data."""
    number = member.body.get("DocNumber") or member.body.get("PaymentRefNum")
    sku = member.body.get("Sku")
    account = f"on account {name_account(member)}" if name_account(member) else ""
    parts = (member.entity, number or sku, account)
    return " ".join(str(part) for part in parts if part)


def name_account(member: Member) -> str:
    """The account that an item sells to, "" for what is no item."""
    account = member.body.get("IncomeAccountRef")
    return str(account["value"]) if isinstance(account, Mapping) else ""
