"""Journal entries: bodies and writes, for what no sales document can say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.quickbooks.targets.numbers import (
    JOURNAL,
    make_mark,
    make_note,
    make_number,
)
from connectors.quickbooks.targets.options import Options
from connectors.writes import Mapped, Ref, Write

JOURNAL_ENTRY = "JournalEntry"
KIND = "order"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal entry: a debit if ``amount`` is positive, else a credit.

    With a ``tax_code``, ``amount`` is net and ``tax_amount`` the VAT on it, in the
    same sign; QuickBooks books the VAT itself. ``tax_on`` is Sales or Purchase.
    """

    account: str
    amount: Decimal
    text: str = ""
    tax_code: str = ""
    tax_on: str = ""
    tax_amount: Decimal = ZERO


def divide(
    amounts: Iterable[tuple[str, Decimal]], *, account: str
) -> tuple[Entry, ...]:
    """Entries that move amounts, by their accounts, out of the account they are on.

    Amounts of one account are summed; ``account`` takes the opposite of the sum.
    """
    sums: dict[str, Decimal] = {}
    for name, amount in amounts:
        sums[name] = sums.get(name, ZERO) + amount
    sums[account] = sums.get(account, ZERO) - sum(sums.values(), ZERO)
    return tuple(Entry(name, amount) for name, amount in sums.items() if amount)


def make_journal_body(
    entries: Sequence[Entry],
    *,
    number: str,
    day: date,
    currency: str,
    note: str,
    header: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A JournalEntry. Location and class of ``header`` go to every line."""
    return {
        "DocNumber": number,
        "TxnDate": day.isoformat(),
        "CurrencyRef": {"value": currency},
        "PrivateNote": note,
        "Line": [_make_line(entry, header or {}) for entry in entries if entry.amount],
    }


def make_journal(
    mapped: Mapped,
    entries: Sequence[Entry],
    *,
    role: str,
    options: Options,
    needs: tuple[Ref, ...] = (),
    text: str = "",
) -> Write:
    """The JournalEntry that a record needs, with its number, mark and note.

    QuickBooks reports a total of 0.00 for any, so none is expected.
    """
    order = mapped.document
    number = make_number(
        order.number, source_id=order.id, letter=JOURNAL, prefix=options.prefix
    )
    mark = make_mark(options.hub, Ref(KIND, order.id, role))
    printed = order.number.text if order.number else ""
    return Write(
        kind=KIND,
        key=order.id,
        role=role,
        entity=JOURNAL_ENTRY,
        body=make_journal_body(
            entries,
            number=number,
            day=order.date,
            currency=order.currency,
            note=make_note(mark, printed, text),
            header=mapped.header,
        ),
        number=number,
        needs=needs,
        search={"number": number, "date": order.date.isoformat()},
        mark=mark,
        date=order.date,
        label=f"{JOURNAL_ENTRY} {number}",
    )


def _make_line(entry: Entry, header: Mapping[str, Any]) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "PostingType": "Debit" if entry.amount > 0 else "Credit",
        "AccountRef": {"value": entry.account},
    }
    for field, name in (("DepartmentRef", "location"), ("ClassRef", "class")):
        if header.get(name):
            detail[field] = {"value": str(header[name])}
    if entry.tax_code:
        detail["TaxCodeRef"] = {"value": entry.tax_code}
        detail["TaxApplicableOn"] = entry.tax_on
        detail["TaxAmount"] = abs(entry.tax_amount)
    line: dict[str, Any] = {
        "Amount": abs(entry.amount),
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }
    return {**line, "Description": entry.text} if entry.text else line
