"""Journal entries: bodies and writes, for what no sales document can say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.quickbooks.targets.numbers import (
    JOURNAL,
    add_suffix,
    make_mark,
    make_note,
    make_number,
)
from connectors.quickbooks.targets.options import Options
from connectors.writes import Known, Mapped, Ref, Write
from integration_hub.core.errors import MappingError, Rejected

JOURNAL_ENTRY = "JournalEntry"
KIND = "order"
# Stands among the accounts of an entry for the tax that the company books.
TAX = "tax"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal entry: a debit if ``amount`` is positive, else a credit.

    With a ``tax_code``, ``amount`` is net and ``tax_amount`` the VAT on it, in the
    same sign; QuickBooks books the VAT itself. ``tax_on`` is Sales or Purchase.
    ``customer`` is whose account it is, on receivables.
    """

    account: str
    amount: Decimal
    text: str = ""
    tax_code: str = ""
    tax_on: str = ""
    tax_amount: Decimal = ZERO
    customer: Ref | str = ""


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
    day: date | None = None,
    suffix: str = "",
) -> Write:
    """The JournalEntry that a record needs, with its number, mark and note.

    QuickBooks reports a total of 0.00 for any, so none is expected. ``day`` is the
    record's own unless said.
    """
    order = mapped.document
    day = day or order.date
    number = make_journal_number(mapped, options, suffix)
    mark = make_mark(options.hub, Ref(KIND, order.id, role))
    printed = order.number.text if order.number else ""
    return Write(
        kind=KIND,
        key=order.id,
        role=role,
        entity=JOURNAL_ENTRY,
        body=make_journal_body(
            _place_vat(entries, options),
            number=number,
            day=day,
            currency=order.currency,
            note=make_note(mark, printed, text),
            header=mapped.header,
        ),
        number=number,
        needs=needs,
        search={"number": number, "date": day.isoformat()},
        mark=mark,
        date=day,
        label=f"{JOURNAL_ENTRY} {number}",
    )


def make_journal_number(mapped: Mapped, options: Options, suffix: str = "") -> str:
    """The number of a record's entry, of whichever copy."""
    order = mapped.document
    number = make_number(
        order.number, source_id=order.id, letter=JOURNAL, prefix=options.prefix
    )
    return add_suffix(number, options.copy + suffix)


def _place_vat(entries: Sequence[Entry], options: Options) -> Sequence[Entry]:
    """The entries with their VAT in the amount, where the company wants it there."""
    if options.journal_vat != "inside":
        return entries
    return [replace(e, amount=e.amount + e.tax_amount) for e in entries]


def _make_line(entry: Entry, header: Mapping[str, Any]) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "PostingType": "Debit" if entry.amount > 0 else "Credit",
        "AccountRef": {"value": entry.account},
    }
    for field, name in (("DepartmentRef", "location"), ("ClassRef", "class")):
        if header.get(name):
            detail[field] = {"value": str(header[name])}
    if entry.customer:
        owner = {"value": entry.customer}
        detail["Entity"] = {"Type": "Customer", "EntityRef": owner}
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


def check_location(mapped: Mapped, options: Options) -> None:
    """Raise MappingError where a location is required and the branch has none."""
    if options.location_required and not mapped.header.get("location"):
        branch = mapped.document.branch
        raise MappingError(
            f"Branch {branch} has no location.",
            code="location",
            reference=branch,
            action="Map it in the value map “Branches”.",
        )


def sum_sides(entry: Mapping[str, Any]) -> dict[str, str]:
    """Debits less credits of a JournalEntry by account, and of the tax on its lines."""
    sums: dict[str, Decimal] = {}
    for line in entry.get("Line") or ():
        detail = line.get("JournalEntryLineDetail")
        if not detail:
            continue
        sign = 1 if detail.get("PostingType") == "Debit" else -1
        account = str((detail.get("AccountRef") or {}).get("value") or "")
        for name, amount in (
            (account, line.get("Amount")),
            (TAX, detail.get("TaxAmount")),
        ):
            if amount:
                sums[name] = sums.get(name, ZERO) + sign * Decimal(str(amount))
    return {name: str(amount) for name, amount in sums.items() if amount}


def turn_lines(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of an entry with debit and credit turned; VAT is taken back with them."""
    turned = []
    for line in lines:
        detail = {**line["JournalEntryLineDetail"]}
        was_debit = detail["PostingType"] == "Debit"
        detail["PostingType"] = "Credit" if was_debit else "Debit"
        turned.append({**line, "JournalEntryLineDetail": detail})
    return turned


def find_customer_line(entry: Mapping[str, Any]) -> str:
    """The id of the line on a customer's account, "" without one."""
    for line in entry.get("Line") or ():
        detail = line.get("JournalEntryLineDetail") or {}
        if detail.get("Entity"):
            return str(line.get("Id") or "")
    return ""


def check_returned(write: Write, known: Mapping[Ref, Known]) -> None:
    """Raise Rejected where the entry came back with other amounts than ours.

    Its total is always 0.00, so the accounts are compared; what the company added is
    its own affair.
    """
    there = known.get(write.ref)
    if there is None or "sides" not in there.facts:
        return
    found = there.facts["sides"]
    for name, amount in sum_sides(write.body).items():
        theirs = Decimal(str(found.get(name, "0")))
        if theirs != Decimal(amount):
            what = "the VAT" if name == TAX else f"account {name}"
            raise Rejected(
                f"{write.label} (id {there.id}) has {theirs} on {what} in QuickBooks; "
                f"{amount} is expected.",
                code="entry differs",
                reference=there.id,
                action="Compare the entry with the till's record and mend it by hand.",
            )
