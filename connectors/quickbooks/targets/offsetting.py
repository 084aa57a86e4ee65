"""A reversal and what it reverses, applied to each other as far as both are open. Pure.

How much is open is asked once both are there: others may have paid the invoice, and a
company may have used the credit itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.balances import Open, find_open, make_ask
from connectors.quickbooks.targets.copies import SALE
from connectors.quickbooks.targets.journals import JOURNAL_ENTRY
from connectors.quickbooks.targets.numbers import (
    RECEIPT,
    add_suffix,
    make_mark,
    make_note,
    make_number,
)
from connectors.quickbooks.targets.reversing import Reversal
from connectors.quickbooks.targets.vat import ZERO
from connectors.writes import Ref, Write

POSTED, TURNED = "posted", "turned"
ENTITIES = (documents.INVOICE, documents.CREDIT_MEMO)
APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Offset:
    """The questions, and the Payment of 0.00 that their answers ask for.

    ``is_asking`` says that an answer is not there yet, so that it may be another.
    """

    asks: tuple[Write, ...] = ()
    payment: Write | None = None
    is_asking: bool = False


def offset(reversal: Reversal) -> Offset:
    """What is applied, of a reversal on a customer's account; nothing of another."""
    if reversal.credited is None:
        return Offset()
    asks = tuple(_make_ask(reversal, entity) for entity in ENTITIES)
    answers = [
        find_open(reversal.known[a.ref]) for a in asks if a.ref in reversal.known
    ]
    lines: list[dict[str, Any]] = []
    is_asking = len(answers) < len(asks)
    if not is_asking:
        lines = _list_lines(reversal, *answers)
    is_there = reversal.name(APPLY) in reversal.known
    if not (lines or is_asking or is_there):
        return Offset(asks)
    return Offset(asks, _make_payment(reversal, lines, asks), is_asking)


def _make_ask(reversal: Reversal, entity: str) -> Write:
    """The question what is open of the posted document and of the turned one."""
    stands, hub = reversal.stands, reversal.options.hub
    posted = Ref(reversal.name(SALE).kind, stands.key, stands.name(SALE))
    ask = make_ask(
        stands.key,
        entity,
        (),
        customer=reversal.find_customer(),
        needs=[write.ref for write in reversal.writes],
        options=reversal.options,
        marks={
            POSTED: make_mark(hub, posted),
            TURNED: make_mark(hub, reversal.name(SALE)),
        },
    )
    return replace(ask, role=reversal.name(ask.role).role)


def _list_lines(
    reversal: Reversal, invoices: dict[str, Open], credits: dict[str, Open]
) -> list[dict[str, Any]]:
    """The credit on the invoice, and what is left of it on the money given back."""
    owed = next(iter(invoices.values()), None)
    credit = next(iter(credits.values()), None)
    if credit is None:
        return []
    left, lines = credit.balance, []
    if owed is not None:
        left -= (part := min(owed.balance, left))
        lines.append(_make_line(part, owed.id, documents.INVOICE))
    for write in reversal.writes:
        there = reversal.known.get(write.ref)
        line = str(there.facts.get("customer_line") or "") if there else ""
        if there is not None and line:
            left -= (part := min(_read_owed(write), left))
            lines.append(_make_line(part, there.id, JOURNAL_ENTRY, line=line))
    used = credit.balance - left
    lines.append(_make_line(used, credit.id, documents.CREDIT_MEMO))
    return [line for line in lines if line["Amount"]]


def _read_owed(entry: Write) -> Decimal:
    """What an entry puts on the customer's account."""
    return sum(
        (
            line["Amount"]
            for line in entry.body["Line"]
            if "Entity" in line["JournalEntryLineDetail"]
        ),
        ZERO,
    )


def _make_line(
    amount: Decimal, target: str, entity: str, *, line: str = ""
) -> dict[str, Any]:
    link = {"TxnId": target, "TxnType": entity}
    if line:
        link["TxnLineId"] = line
    return {"Amount": amount, "LinkedTxn": [link]}


def _make_payment(
    reversal: Reversal, lines: list[dict[str, Any]], asks: tuple[Write, ...]
) -> Write:
    """The Payment of 0.00 with these lines."""
    order, options = reversal.before.document, reversal.options
    ref = reversal.name(APPLY)
    base = make_number(
        order.number, source_id=order.id, letter=RECEIPT, prefix=options.prefix
    )
    number = add_suffix(base, f"{options.copy}-a")
    mark = make_mark(options.hub, ref)
    note = make_note(mark, order.number.text if order.number else "")
    head = documents.make_payment_head(
        number=number, day=order.date, currency=order.currency, note=note
    )
    customer = reversal.find_customer()
    body = documents.make_payment(ZERO, (), customer={"value": customer}, head=head)
    owner = (customer,) if isinstance(customer, Ref) else ()
    turned = (write.ref for write in reversal.writes)
    return Write(
        kind=ref.kind,
        key=ref.key,
        role=ref.role,
        entity=documents.PAYMENT,
        body={**body, "Line": lines},
        number=number,
        needs=(*owner, *turned, *(ask.ref for ask in asks)),
        search={"number": number, "date": order.date.isoformat()},
        mark=mark,
        expected_total=ZERO,
        date=order.date,
        label=f"Payment {number}",
    )
