"""What the hub's documents in QuickBooks add up to, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from connectors.quickbooks.client import Client, Record, all_concerned
from connectors.quickbooks.targets.items import quote
from connectors.quickbooks.targets.journals import TAX, sum_sides
from connectors.quickbooks.targets.numbers import has_mark
from connectors.quickbooks.targets.outcomes import read_amount, read_vat
from connectors.writes import TotalRow

SIGNS = {
    "SalesReceipt": 1,
    "Invoice": 1,
    "RefundReceipt": -1,
    "CreditMemo": -1,
    "Payment": 1,
    "JournalEntry": 1,
}
ON_ACCOUNT = frozenset({"Invoice", "CreditMemo"})
Key = tuple[date, str, str, str]


def sum_documents(
    client: Client, start: date, end: date, *, locations: Collection[str] = ()
) -> Iterator[TotalRow]:
    """Sums of the documents that bear a hub's mark; refunds and credits are negative.

    ``branch`` is the id of the location. Measures: ``total`` by entity, ``vat`` by rate,
    ``tender`` by deposit account id; payments count as tenders only, on their own day,
    and so does what a journal entry moves between accounts.
    """
    sums: dict[Key, list[Decimal]] = defaultdict(list)
    days = (
        f"TxnDate >= {quote(start.isoformat())} and TxnDate <= {quote(end.isoformat())}"
    )
    for entity, sign in SIGNS.items():
        with all_concerned():
            rows = list(client.query_all(entity, days))
        for row in rows:
            if not has_mark(str(row.get("PrivateNote") or "")):
                continue
            branch = _find_branch(entity, row)
            if locations and entity != "Payment" and branch not in locations:
                continue
            for measure, label, amount in _list_parts(entity, row):
                day = date.fromisoformat(str(row["TxnDate"]))
                sums[day, branch, measure, label].append(sign * amount)
    for (day, branch, measure, label), amounts in sorted(sums.items()):
        total = sum(amounts, Decimal(0))
        yield TotalRow(day, branch, measure, label, total, len(amounts))


def _list_parts(entity: str, row: Record) -> Iterator[tuple[str, str, Decimal]]:
    if entity == "JournalEntry":
        for account, amount in sum_sides(row).items():
            if account != TAX:
                yield "tender", account, Decimal(amount)
        return
    total = read_amount(row.get("TotalAmt")) or Decimal(0)
    if entity not in ON_ACCOUNT and (total or entity != "Payment"):
        yield "tender", _find_id(row, "DepositToAccountRef"), total
    if entity == "Payment":
        return
    yield "total", entity, total
    for rate, vat in read_vat(row.get("TxnTaxDetail")).items():
        yield "vat", rate, Decimal(vat)


def _find_branch(entity: str, row: Record) -> str:
    """The location of a document; a journal entry has one on each line."""
    if entity != "JournalEntry":
        return _find_id(row, "DepartmentRef")
    lines = (line.get("JournalEntryLineDetail") or {} for line in row.get("Line") or [])
    return next(filter(None, (_find_id(line, "DepartmentRef") for line in lines)), "")


def _find_id(row: Record, field: str) -> str:
    reference = row.get(field)
    return str(reference.get("value") or "") if isinstance(reference, dict) else ""
