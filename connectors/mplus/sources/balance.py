"""Does a receipt add up? And what of it is tip, rounding or still to be paid?

The identity of the datamodel, to the cent: sum of lines + tips + cash rounding +
sum rounding = sum of tenders + outstanding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.datamodel import Line, Tender, TenderType
from connectors.mplus.sources.lines import sum_lines
from connectors.mplus.sources.values import CENT, WireError

ZERO = Decimal(0)
STATE_PREFIX = "RECEIPT-STATE-"
DONE = frozenset({"PAID", "HANDLED"})
# Cash is paid in multiples of 5 cents, so at most 2 cents are rounded away.
CASH_STEP = Decimal("0.05")
MOST_CASH_ROUNDING = Decimal("0.02")
NAME_CASH = (
    " If that is cash rounding, name the cash payment methods in the connection's "
    "settings."
)


@dataclass(frozen=True, slots=True)
class Balance:
    """The parts of a receipt that are neither line nor tender."""

    sum_rounding: Decimal = ZERO
    cash_rounding: Decimal = ZERO
    tips: Decimal = ZERO
    outstanding: Decimal = ZERO
    final: bool = True


def balance_receipt(
    *, state: str, total: Decimal, lines: Sequence[Line], tenders: Sequence[Tender]
) -> Balance:
    """Take a receipt apart. Raises WireError, with the amounts, where it cannot be.

    ``state`` is the till's. What was paid over a sale's total is tip; what is missing
    is outstanding, and the receipt is not final until it is covered or the till calls
    it handled. A receipt that the till calls paid must be covered.
    """
    sum_rounding = _find_sum_rounding(lines, total)
    paid = sum((tender.amount for tender in tenders), ZERO)
    over = paid - total
    if over == 0:
        return Balance(sum_rounding)
    state = state.removeprefix(STATE_PREFIX)
    nothing_left = not tenders and state in DONE and abs(over) <= MOST_CASH_ROUNDING
    if nothing_left or _is_cash_rounding(over, paid=paid, tenders=tenders):
        return Balance(sum_rounding, cash_rounding=over)
    if total >= 0 and over > 0:
        return Balance(sum_rounding, tips=over)
    if total <= 0 and over < 0:
        raise WireError(
            f"{_show(-paid)} was paid back, more than the {_show(-total)} due.",
            code="tenders",
        )
    if state == "PAID":
        raise WireError(
            f"The till says paid, but the tenders are {_show(paid)} of {_show(total)}."
            + (NAME_CASH if abs(over) <= MOST_CASH_ROUNDING else ""),
            code="tenders",
        )
    return Balance(sum_rounding, outstanding=-over, final=state == "HANDLED")


def _find_sum_rounding(lines: Sequence[Line], total: Decimal) -> Decimal:
    found = sum_lines(lines)
    if abs(total - found) <= CENT:
        return total - found
    raise WireError(
        f"The lines add up to {_show(found)}, but the receipt's total is "
        f"{_show(total)}.",
        code="lines",
    )


def _is_cash_rounding(
    over: Decimal, *, paid: Decimal, tenders: Sequence[Tender]
) -> bool:
    cash = [tender.amount for tender in tenders if tender.type is TenderType.CASH]
    if not cash or abs(over) > MOST_CASH_ROUNDING:
        return False
    # Beside a card, it is what was paid in cash that is rounded.
    return paid % CASH_STEP == 0 or sum(cash, ZERO) % CASH_STEP == 0


def _show(amount: Decimal) -> str:
    return f"{amount:.2f}"
