"""What must be in the books for one receipt, as the rules say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .records import Relation, TillReceipt

POSTED = "posted"
SKIPPED = "skipped"
WAITING = "waiting"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Bridge:
    """From the till's total to the total in the books, in cents."""

    till: int
    liability: int
    tips: int
    rounding: int

    @property
    def target(self) -> int:
        """What the document must amount to; negative for a refund."""
        return self.till - self.liability + self.tips + self.rounding


@dataclass(frozen=True, slots=True)
class CodeSum:
    """Turnover and VAT of one tax code in cents, in the sign of the document.

    ``slack`` is how far the till's own sums lie apart (its lines beside its VAT
    sums): a document may follow either, so nothing closer can be asked.
    """

    gross: int
    net: int
    vat: int
    slack: int
    lines: int


@dataclass(frozen=True, slots=True)
class ExpectedPayment:
    """One tender of a receipt in several tenders."""

    account: str
    method: str
    amount: int
    day: date


@dataclass(frozen=True, slots=True)
class Expected:
    """One document and its payments. Amounts are positive as the books show them.

    ``customer`` None is the default debtor; ``parts`` is gross by account and tax
    code; ``account`` and ``method`` are of the one tender: "" on an Invoice, and on a
    document of 0.00, which has to be on some account, whichever it is.
    """

    receipt: TillReceipt
    entity: str
    numbers: tuple[str, ...]
    day: date
    total: int
    customer: Relation | None
    location: str
    parts: Mapping[tuple[str, str], int]
    codes: Mapping[str, CodeSum]
    account: str
    method: str
    payments: tuple[ExpectedPayment, ...]
    balance: int
    term: str
    due: str
    bridge: Bridge


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one receipt, and why."""

    receipt: TillReceipt
    outcome: str
    reason: str
    expected: Expected | None = None
