"""What the till sends about a receipt, a customer and its lists.

Amounts are whole cents, as the till sends them (the vendor's WSDL: ``long`` cents).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TillLine:
    """One line of a receipt, with the sub-lines under it; amounts in cents.

    ``cost`` is what one piece was bought for, None where the till does not say.
    """

    text: str
    incl: int
    excl: int
    vat_code: str
    group: str
    group_type: str
    price_type: str
    quantity: int
    bpe: int
    bpe_excl: int = 0
    type: str = ""
    kind: str = ""
    subs: tuple[TillLine, ...] = ()
    article: str = ""
    decimals: int = 0
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class TillPayment:
    """One payment as registered; change and refunds are negative cents.

    ``entered`` is the shop's wall clock.
    """

    id: str
    day: date | None
    branch: str
    method: str
    type: str
    amount: int
    entered: datetime | None = None


@dataclass(frozen=True, slots=True)
class TillVat:
    """The till's own sums of one VAT code, in cents; the percentage as sent."""

    code: str
    percentage: Decimal
    excl: int
    vat: int
    country: str


@dataclass(frozen=True, slots=True)
class TillReceipt:
    """One receipt. ``fault`` says why the record cannot be read, else it is empty."""

    id: str
    fault: str = ""
    text: str = ""
    number: tuple[str, str, str, str] | None = None
    type: str = ""
    state: str = ""
    relation: str = ""
    day: date = date.min
    branch: str = ""
    vat_method: str = ""
    total_incl: int = 0
    total_excl: int = 0
    paid: int = 0
    lines: tuple[TillLine, ...] = ()
    payments: tuple[TillPayment, ...] = ()
    vat: tuple[TillVat, ...] = ()
    credits: str = ""
    entered: datetime | None = None

    @property
    def label(self) -> str:
        """How the receipt is called in sentences: its number and its id."""
        if self.number is None:
            return f"receipt {self.id}"
        return f"receipt {'-'.join(self.number)} ({self.id})"


@dataclass(frozen=True, slots=True)
class Relation:
    """A customer card of the till."""

    number: str
    name: str = ""
    company: str = ""
    email: str = ""
    days: int | None = None
    country: str = ""
    vat_number: str = ""


@dataclass(frozen=True, slots=True)
class CountLine:
    """What was counted of one tender: too much (or too little), and taken to the bank."""

    method: str
    difference: int
    banked: int


@dataclass(frozen=True, slots=True)
class CashCount:
    """The count of one or more tills at the end of a day."""

    id: str
    day: date
    branch: str
    tills: tuple[str, ...]
    final: bool
    lines: tuple[CountLine, ...] = ()


class Till(Protocol):
    """What the oracle asks a till."""

    def receipts(self) -> Iterator[TillReceipt]:
        """Every receipt, each once, as it is now."""

    def relations(self) -> Mapping[str, Relation]:
        """Every customer card by its number."""

    def payment_methods(self) -> Mapping[str, str]:
        """The type of every payment method by its code."""

    def vat_percentages(self) -> Mapping[str, Decimal]:
        """The percentage of every VAT code, as sent."""

    def cash_counts(self) -> tuple[CashCount, ...]:
        """Every cash count, the unfinished ones too."""
