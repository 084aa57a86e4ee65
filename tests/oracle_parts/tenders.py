"""The payments of a receipt by what they are for the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from .records import TillPayment, TillReceipt
from .setup import PAYMENT_TREATMENTS, Setup

CASH_ROUNDING = 2
COIN = 5
OWN_USE = frozenset({"not_a_sale", "own_use", "breakage", "promotion"})
BPE = "BPE"
AT_ONCE = timedelta(minutes=10)

Key = tuple[str, str, date]


@dataclass(slots=True)
class Tenders:
    """Cents by what the shop keeper chose; ``money`` is by method, branch and day, with
    change netted, the rest by method; a deposit used counts as a gift card.

    ``at_lines`` is what lines say was own use, where no tender says it; ``left_out`` is
    set where the amounts of those lines do not hold it.
    """

    money: dict[Key, int] = field(default_factory=dict)
    on_account: int = 0
    gift_cards: dict[str, int] = field(default_factory=dict)
    vouchers: dict[str, int] = field(default_factory=dict)
    own_use: dict[str, int] = field(default_factory=dict)
    at_lines: int = 0
    left_out: bool = False
    other: int = 0
    unknown: str = ""
    unknown_own_use: int = 0

    @property
    def total(self) -> int:
        """All tenders together."""
        money = sum(self.money.values())
        return money + self.on_account + self.as_lines + self.other

    @property
    def as_lines(self) -> int:
        """The tenders that are booked as lines."""
        lines = (self.gift_cards, self.vouchers, self.own_use)
        sums = sum(sum(amounts.values()) for amounts in lines)
        return sums + self.at_lines + self.unknown_own_use

    @property
    def used(self) -> int:
        """What the shop used itself."""
        return sum(self.own_use.values()) + self.at_lines + self.unknown_own_use

    @property
    def has_own_use(self) -> bool:
        """Whether the shop used anything itself."""
        odd = self.at_lines or self.unknown_own_use
        return bool(any(self.own_use.values()) or odd)

    @property
    def is_nothing(self) -> bool:
        """Whether no tender is left, whatever it is for the books."""
        lines = (self.gift_cards, self.vouchers, self.own_use)
        odd = self.at_lines or self.other or self.unknown or self.unknown_own_use
        named = any(any(amounts.values()) for amounts in lines)
        return not (self.left or self.on_account or named or odd)

    @property
    def left(self) -> dict[Key, int]:
        """The money tenders that are not 0.00."""
        return {key: amount for key, amount in self.money.items() if amount}


def sum_tenders(receipt: TillReceipt, setup: Setup) -> Tenders:
    """Sum the payments by treatment; change of the same method is netted."""
    tenders = Tenders()
    for payment in receipt.payments:
        if not payment.amount:
            continue
        method, amount = payment.method, payment.amount
        chosen = setup.tenders.get(method)
        treatment = chosen.treatment if chosen else ""
        if not treatment and BPE in payment.type:
            tenders.unknown_own_use += amount
        elif not treatment:
            tenders.unknown = method
        elif treatment in PAYMENT_TREATMENTS:
            key = method, payment.branch or receipt.branch, payment.day or receipt.day
            tenders.money[key] = tenders.money.get(key, 0) + amount
        elif treatment == "on_account":
            tenders.on_account += amount
        else:
            _add_line(tenders, treatment, method, amount)
    _find_own_use_at_lines(tenders, receipt)
    _take_off_the_account(tenders, receipt)
    return tenders


def _take_off_the_account(tenders: Tenders, receipt: TillReceipt) -> None:
    """Money that came later pays what was on account; at once it would be a tip.

    Where it covers the whole receipt, but for what is rounded to coins, nothing is
    owed, whenever it came.
    """
    over = tenders.total - receipt.total_incl
    coins = [p.amount for p in receipt.payments if p.amount and p.amount % COIN == 0]
    rounding = CASH_ROUNDING if any(amount > 0 for amount in coins) else 0
    if over > 0 and 0 < tenders.on_account <= over + rounding:
        tenders.on_account = 0
    elif 0 < over < tenders.on_account and any(
        is_later(payment, receipt) for payment in receipt.payments
    ):
        tenders.on_account -= over


def is_later(payment: TillPayment, receipt: TillReceipt) -> bool:
    """Whether a payment was made after the sale was."""
    if payment.day and payment.day > receipt.day:
        return True
    if payment.entered is None or receipt.entered is None:
        return False
    return payment.entered - receipt.entered > AT_ONCE


def _add_line(tenders: Tenders, treatment: str, method: str, amount: int) -> None:
    kinds: Mapping[str, dict[str, int]] = {
        "gift_card": tenders.gift_cards,
        "deposit": tenders.gift_cards,
        "own_voucher": tenders.vouchers,
        **dict.fromkeys(OWN_USE, tenders.own_use),
    }
    if treatment not in kinds:
        tenders.other += amount
        return
    kind = kinds[treatment]
    kind[method] = kind.get(method, 0) + amount


def _find_own_use_at_lines(tenders: Tenders, receipt: TillReceipt) -> None:
    """Own use that stands at lines counts where the tenders do not hold it."""
    at_lines = sum(line.bpe for line in receipt.lines)
    if not at_lines:
        return
    if find_rounding(receipt, tenders) is not None:
        tenders.left_out = not tenders.used
        return
    tenders.at_lines = at_lines
    if find_rounding(receipt, tenders) is None:
        tenders.at_lines = 0


def find_rounding(receipt: TillReceipt, tenders: Tenders) -> int | None:
    """What cash rounding added, 0 without any; None when tenders do not add up."""
    difference = tenders.total - receipt.total_incl
    if difference == 0:
        return 0
    # Beside a card or a gift card, it is the part in cash that is rounded.
    amounts = (tenders.total, *tenders.money.values())
    rounded = any(amount % COIN == 0 for amount in amounts)
    return difference if abs(difference) <= CASH_ROUNDING and rounded else None
