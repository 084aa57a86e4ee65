"""What customers still owe, and have to their credit: asked before it is applied.

Asking is a write that changes nothing: it goes along in a batch as a query, and its
answer is what is known of it. A later look asks anew, because balances change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.datamodel import OrderNumber
from connectors.quickbooks.targets.copies import SALE, find_copy, is_sale
from connectors.quickbooks.targets.numbers import (
    RECEIPT,
    add_suffix,
    make_number,
    parse_mark,
)
from connectors.quickbooks.targets.options import Options
from connectors.writes import Known, Ref, Write

ENTITY = "Balance"
KIND = "order"


@dataclass(frozen=True, slots=True)
class Open:
    """A document of ours with what is open of it."""

    id: str
    balance: Decimal


def make_ask(
    record: str,
    entity: str,
    names: Sequence[str],
    *,
    customer: Ref | str,
    needs: Sequence[Ref] = (),
    options: Options,
    marks: Mapping[str, str] | None = None,
) -> Write:
    """The question which of a customer's documents are open, and how much of each.

    ``names`` are those of the records they were made of: an id or a printed number.
    ``marks`` are those of particular documents, by the name that the answer has.
    """
    wanted = {name: find_number(name, options) for name in names}
    return Write(
        kind=KIND,
        key=record,
        role=f"balance:{entity}",
        entity=ENTITY,
        body={
            "Query": [
                f"select * from {entity} where CustomerRef = '",  # noqa: S608
                customer,
                "' and Balance > '0' orderby TxnDate desc maxresults 1000",
            ],
            "entity": entity,
            "hub": options.hub,
            "wanted": wanted,
            "marks": dict(marks or {}),
        },
        needs=(*((customer,) if isinstance(customer, Ref) else ()), *needs),
        asks=True,
        label=f"what is open of the customer's {entity}s",
    )


def make_own_ask(invoice: Write, *, applied: Decimal) -> Write:
    """The question what others have paid of a record's own invoice.

    ``applied`` is what its own payments have paid of it until now.
    """
    return Write(
        kind=KIND,
        key=invoice.key,
        role="balance:own",
        entity=ENTITY,
        body={
            "Query": ["select * from Invoice where Id = '", invoice.ref, "'"],
            "applied": str(applied),
        },
        needs=(invoice.ref,),
        asks=True,
        label=f"what is open of {invoice.label}",
    )


def read_answer(
    rows: Sequence[Mapping[str, Any]], body: Mapping[str, Any]
) -> dict[str, Any]:
    """What is remembered of a question's answer. ``body`` is the question's."""
    if "applied" in body:
        return {"taken": str(sum_taken(rows, Decimal(body["applied"])))}
    return {"open": read_balances(rows, body)}


def sum_taken(rows: Sequence[Mapping[str, Any]], applied: Decimal) -> Decimal:
    """What others have paid of the invoice that was asked for."""
    total, left = (
        sum((Decimal(str(row.get(name) or "0")) for row in rows), Decimal(0))
        for name in ("TotalAmt", "Balance")
    )
    return max(Decimal(0), total - left - applied)


def find_taken(there: Known) -> Decimal:
    """What an answered question says that others have paid."""
    return Decimal(str(there.facts.get("taken", "0")))


def find_number(name: str, options: Options) -> str:
    """The document number that a printed number became, "" for what is none."""
    parts = name.split("-")
    if len(parts) != len(OrderNumber.__match_args__) - 1:
        return ""
    printed = OrderNumber(*parts)
    return make_number(printed, source_id=name, letter=RECEIPT, prefix=options.prefix)


def read_balances(
    rows: Sequence[Mapping[str, Any]], body: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Id and balance of those that were asked for, by the name they were asked by.

    Of a receipt that was reversed and posted again the last one counts.
    """
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: str(row.get("DocNumber") or "")):
        note, number = str(row.get("PrivateNote") or ""), row.get("DocNumber")
        answer = [str(row["Id"]), str(row.get("Balance") or "0")]
        for name, mark in body.get("marks", {}).items():
            if mark in note:
                found[name] = answer
        ref = parse_mark(note, str(body["hub"]))
        if ref is None or not is_sale(ref.role):
            continue
        copy = find_copy(str(number)) if ref.role != SALE else ""
        for name, own in body["wanted"].items():
            if name == ref.key or (own and number == add_suffix(own, copy)):
                found[name] = answer
    return found


def find_open(there: Known) -> dict[str, Open]:
    """What an answered question says, by name."""
    balances = there.facts.get("open", {})
    return {name: Open(id, Decimal(left)) for name, (id, left) in balances.items()}
