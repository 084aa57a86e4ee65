"""What a decision rests on besides the receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from .records import CashCount, Relation, Till, TillReceipt
from .setup import Setup

TillDay = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What neither till nor setup tells: which receipts the till may still change,
    until when the books are closed, and which receipts came after that (None: nobody
    knows); ``posted`` are receipts as they were when they were posted, ``between`` the
    versions that were posted in their place since, ``touched`` the ids of those whose
    documents a person changed, deposited or reconciled since.
    """

    not_final: frozenset[str] = frozenset()
    closed_through: date | None = None
    late: frozenset[str] | None = None
    posted: Mapping[str, TillReceipt] = field(default_factory=dict)
    between: Mapping[str, tuple[TillReceipt, ...]] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    def close(self, day: date | None) -> Knowledge:
        """The same with books closed through a day, if they are not closed later."""
        days = [each for each in (day, self.closed_through) if each]
        return replace(self, closed_through=max(days, default=None))


@dataclass(frozen=True, slots=True)
class Shop:
    """``scale`` is what a percentage of the till is divided by, ``not_final`` the ids
    of receipts that the till may still change, ``counted`` the branches, tills and
    days whose cash was counted for good, ``closed_through`` the last day that nothing
    may be posted on; ``late`` the ids of receipts that came after it was closed, None
    if nobody knows.
    """

    setup: Setup
    relations: Mapping[str, Relation]
    percentages: Mapping[str, Decimal]
    scale: Decimal
    not_final: frozenset[str] = frozenset()
    counted: frozenset[TillDay] = frozenset()
    closed_through: date | None = None
    late: frozenset[str] | None = None
    by_id: Mapping[str, TillReceipt] = field(default_factory=dict)
    by_number: Mapping[str, TillReceipt] = field(default_factory=dict)
    posted: Mapping[str, TillReceipt] = field(default_factory=dict)
    between: Mapping[str, tuple[TillReceipt, ...]] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    def is_final(self, receipt: TillReceipt) -> bool:
        """Whether the cash of the receipt's till was counted on its day."""
        if receipt.number is None:
            return False
        branch, till = receipt.number[:2]
        return (branch, till, receipt.day) in self.counted

    def names_customer(self, receipt: TillReceipt) -> Relation | None:
        """The relation of a receipt when it has what a document needs: a name."""
        relation = self.relations.get(receipt.relation)
        return relation if relation and (relation.company or relation.name) else None


def find_scale(percentages: Mapping[str, Decimal]) -> Decimal:
    """100 where the till sends 2100 for 21 %, else 1; it says so nowhere."""
    return Decimal(100 if max(percentages.values(), default=Decimal(0)) > 100 else 1)


def make_shop(
    till: Till, setup: Setup, receipts: Iterable[TillReceipt], known: Knowledge
) -> Shop:
    """Everything that decisions rest on."""
    found = tuple(receipts)
    percentages = till.vat_percentages()
    known = known.close(setup.choices.filed_through)
    return Shop(
        setup=setup,
        relations=till.relations(),
        percentages=percentages,
        scale=find_scale(percentages),
        not_final=known.not_final,
        counted=find_counted(till.cash_counts()),
        closed_through=known.closed_through,
        late=known.late,
        by_id={receipt.id.lower(): receipt for receipt in found},
        by_number={
            "-".join(receipt.number): receipt for receipt in found if receipt.number
        },
        posted=known.posted,
        between=known.between,
        touched=known.touched,
    )


def find_counted(counts: Iterable[CashCount]) -> frozenset[TillDay]:
    """The branches, tills and days whose cash was counted for good."""
    return frozenset(
        (count.branch, till, count.day)
        for count in counts
        if count.final
        for till in count.tills
    )
