"""Sums of receipts, asked of the till anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from connectors.datamodel import Order, OrderType, Unreadable
from connectors.mplus.client import Client
from connectors.mplus.reading import read_day
from connectors.mplus.sources.counts import is_final
from connectors.mplus.translation import Translator
from connectors.writes import TotalRow

Sums = dict[tuple[str, str, str], tuple[Decimal, int]]


def sum_receipts(
    client: Client,
    translator: Translator,
    *,
    start: date,
    end: date,
    branches: Sequence[str] = (),
) -> Iterator[TotalRow]:
    """Rows by financial date and branch, ends included, day by day.

    Measures, in euros: "total" by kind of receipt, "net" and "vat" by VAT rate,
    "tender" by payment method, "outstanding", and "unreadable" by reason, which has
    a count and the till's own total. Each counts the receipts in it.
    """
    numbers = [int(branch) for branch in branches]
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        records = read_day(client, day, branches=numbers)
        sums: Sums = defaultdict(lambda: (Decimal(0), 0))
        for record, document in zip(
            records, translator.translate(records), strict=True
        ):
            branch = str(record.get("financialBranchNumber") or "")
            for measure, label, amount in _list_parts(document):
                total, count = sums[branch, measure, label]
                sums[branch, measure, label] = (total + amount, count + 1)
        for (branch, measure, label), (amount, count) in sorted(sums.items()):
            yield TotalRow(day, branch, measure, label, amount, count)


def sum_cash_counts(
    client: Client,
    translator: Translator,
    *,
    start: date,
    end: date,
    branches: Sequence[str] = (),
) -> Iterator[TotalRow]:
    """Rows by financial date and branch, ends included: "total" of the differences."""
    sums: dict[tuple[date, str], tuple[Decimal, int]] = defaultdict(
        lambda: (Decimal(0), 0)
    )
    records = client.cash_counts(start=start, end=end)
    for document in translator.translate_counts([*filter(is_final, records)]):
        if isinstance(document, Unreadable) or not start <= document.date <= end:
            continue
        if not branches or document.branch in branches:
            total, count = sums[document.date, document.branch]
            total += document.total_incl
            sums[document.date, document.branch] = (total, count + 1)
    for (day, branch), (amount, count) in sorted(sums.items()):
        label = OrderType.CASH_COUNT.value
        yield TotalRow(day, branch, "total", label, amount, count)


def _list_parts(document: Order | Unreadable) -> Iterator[tuple[str, str, Decimal]]:
    if isinstance(document, Unreadable):
        cents = document.raw.get("totalInclAmount")
        amount = Decimal(cents) / 100 if isinstance(cents, int) else Decimal(0)
        yield "unreadable", document.code, amount
        return
    yield "total", document.type.value, document.total_incl
    nets: dict[str, Decimal] = defaultdict(Decimal)
    vats: dict[str, Decimal] = defaultdict(Decimal)
    for total in document.vat_totals:
        nets[f"{total.vat_rate:f}"] += total.net
        vats[f"{total.vat_rate:f}"] += total.vat
    tenders: dict[str, Decimal] = defaultdict(Decimal)
    for tender in document.tenders:
        tenders[tender.method] += tender.amount
    for measure, parts in (("net", nets), ("vat", vats), ("tender", tenders)):
        yield from ((measure, label, amount) for label, amount in parts.items())
    if document.outstanding:
        yield "outstanding", "", document.outstanding
