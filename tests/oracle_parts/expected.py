"""What must be in the books for one receipt, as the rules say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from .records import Relation, TillReceipt

POSTED = "posted"
SKIPPED = "skipped"
WAITING = "waiting"
FAILED = "failed"
# Which way a form's amounts go: in the books they are positive all the same.
SIGNS = {"SalesReceipt": 1, "Invoice": 1, "RefundReceipt": -1, "CreditMemo": -1}

PartKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Bridge:
    """From the till's total to the total in the books, in cents.

    ``settled`` is what pays earlier debts: a payment and no sale.
    """

    till: int = 0
    liability: int = 0
    tips: int = 0
    rounding: int = 0
    settled: int = 0

    @property
    def target(self) -> int:
        """What the sales documents must amount to; negative for a refund."""
        sold = self.till - self.settled
        return sold - self.liability + self.tips + self.rounding


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a document: cents in the till's sign. ``added`` says why VAT is on
    it that the till does not count, "" where it does."""

    account: str
    code: str
    gross: int
    net: int
    added: str = ""


@dataclass(frozen=True, slots=True)
class CodeSum:
    """Turnover and VAT of one tax code in cents, in the till's sign.

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
    """One sales document and its payments, positive as the books show them.

    ``customer`` None is the default debtor; ``parts`` is gross by account and tax
    code; ``account`` and ``method`` are of the one tender: "" on an Invoice, and on a
    document of 0.00, which has to be on some account, whichever it is. ``method`` None
    may be any. ``balance`` is what stays open before credits and settlements.
    """

    receipt: TillReceipt
    entity: str
    numbers: tuple[str, ...]
    day: date
    total: int
    customer: Relation | None
    location: str
    lines: tuple[Part, ...]
    account: str = ""
    method: str | None = None
    payments: tuple[ExpectedPayment, ...] = ()
    balance: int = 0
    term: str = ""
    due: str = ""
    other_day: date | None = None

    @property
    def sign(self) -> int:
        """1 where the document brings income, -1 where it gives it back."""
        return SIGNS[self.entity]

    @property
    def parts(self) -> dict[PartKey, int]:
        """Gross by account and tax code, in the document's sign."""
        sums: dict[PartKey, int] = {}
        for part in self.lines:
            key = part.account, part.code
            sums[key] = sums.get(key, 0) + self.sign * part.gross
        return {key: amount for key, amount in sums.items() if amount}


@dataclass(frozen=True, slots=True)
class Received:
    """A Payment that belongs to no sale of its own: it settles or applies a credit.

    ``target`` is the number of the Invoice it may be linked to, "" for none;
    ``applies`` is set where it only joins a credit and an invoice (total 0.00), and is
    the most that may be applied; ``turned`` the numbers of a document and of its exact
    opposite where it joins those.
    """

    receipt: TillReceipt
    numbers: tuple[str, ...]
    day: date
    total: int
    customer: Relation
    account: str = ""
    method: str | None = None
    target: str = ""
    applies: int = 0
    other_day: date | None = None
    entity: str = "Payment"
    turned: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A JournalEntry: debit less credit by account and tax code, and the tax by code.

    ``numbers`` empty: any number will do. ``side`` is what the tax is for: Sales or
    Purchase.
    """

    receipt: TillReceipt
    numbers: tuple[str, ...]
    day: date
    lines: Mapping[PartKey, int]
    taxes: Mapping[str, int] = field(default_factory=dict)
    side: str = ""
    other_day: date | None = None
    entity: str = "JournalEntry"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that one receipt must become.

    ``codes`` is the VAT of all its forms together, in the till's sign; ``added`` the
    VAT in it that the till does not count, by tax code and reason.
    """

    bridge: Bridge = Bridge()
    forms: tuple[Expected, ...] = ()
    received: tuple[Received, ...] = ()
    entries: tuple[Entry, ...] = ()
    codes: Mapping[str, CodeSum] = field(default_factory=dict)
    added: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one receipt, and why.

    ``others`` are bundles that are as right as ``bundle``; ``may_wait`` is set where
    nothing at all is right too (a period that was closed, nobody knows when).
    """

    receipt: TillReceipt
    outcome: str
    reason: str
    bundle: Bundle | None = None
    others: tuple[Bundle, ...] = ()
    may_wait: bool = False

    @property
    def expected(self) -> Expected | None:
        """The first sales document, if there is one."""
        return self.bundle.forms[0] if self.bundle and self.bundle.forms else None


class RefusedError(Exception):
    """A receipt becomes no document: the outcome and the reason."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(outcome, reason)
        self.outcome = outcome
        self.reason = reason
