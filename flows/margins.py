"""The margin list: what goods sold under the margin scheme gave in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from connectors.writes import Margin
from flows import sizes
from flows.models import Flow, MarginLine, SyncRecord

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a period. ``margin`` is of the lines whose purchase price is known.

    ``unknown`` is how many are not; their sales are in ``sale`` too.
    """

    lines: int
    sale: Decimal
    purchase: Decimal
    margin: Decimal
    unknown: int


def list_lines(flow: Flow, start: date, end: date) -> QuerySet[MarginLine]:
    """The margin lines of a period, ends included, in the order of the days."""
    lines = MarginLine.objects.filter(flow=flow, date__gte=start, date__lte=end)
    return lines.select_related("record")


def add_up(flow: Flow, start: date, end: date) -> Totals:
    """The sums of a period, in one query."""
    found = list_lines(flow, start, end).aggregate(
        n=Count("pk"),
        sold=Sum("sale"),
        bought=Sum("purchase"),
        gained=Sum(F("sale") - F("purchase")),
        missing=Count("pk", filter=Q(purchase__isnull=True)),
    )
    return Totals(
        lines=found["n"],
        sale=_cents(found["sold"] or ZERO),
        purchase=_cents(found["bought"] or ZERO),
        margin=_cents(found["gained"] or ZERO),
        unknown=found["missing"],
    )


def last_quarter(today: date) -> tuple[date, date]:
    """The quarter before that of a day: the one whose VAT is to be filed."""
    first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    end = first - timedelta(days=1)
    return date(end.year, end.month - 2, 1), end


def keep(found: Sequence[tuple[SyncRecord, Sequence[Margin]]]) -> None:
    """Put the margin lines of records in the place of those they had."""
    ids = [record.pk for record, _margins in found]
    MarginLine.objects.filter(record__in=ids).delete()
    MarginLine.objects.bulk_create(
        [
            _make(record, record.date, margin)
            for record, margins in found
            for margin in margins
            if record.date is not None
        ]
    )


def _make(record: SyncRecord, day: date, margin: Margin) -> MarginLine:
    return MarginLine(
        flow_id=record.flow_id,
        record=record,
        date=day,
        article=sizes.storable(margin.article)[:100],
        text=sizes.storable(margin.text)[:200],
        quantity=margin.quantity,
        sale=margin.sale,
        purchase=_find_purchase(margin),
    )


def _find_purchase(margin: Margin) -> Decimal | None:
    """What a line was bought for; not known either where it is beyond all bounds."""
    bought = margin.purchase
    if bought is None or abs(bought) >= sizes.MOST_AMOUNT:
        return None
    return _cents(bought)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
