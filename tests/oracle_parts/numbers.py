"""The numbers that documents may carry."""

from __future__ import annotations

from collections.abc import Iterable

from .records import TillReceipt

NUMBER_LENGTH = 21
SUFFIX_LENGTH = 2


def make_numbers(
    receipt: TillReceipt, prefix: str, letter: str = "R"
) -> tuple[str, ...]:
    """The DocNumbers that a receipt may carry, the ordinary one first.

    Two of the 21 characters are kept for a suffix; the rule leaves open whether a
    number that needs them is already too long, so both forms are right then.
    """
    short = f"{prefix}{letter}{receipt.id.replace('-', '').lower()[:18]}"
    if receipt.number is None:
        return (short,)
    branch, till, year, number = receipt.number
    full = f"{prefix}{letter}{branch}-{till}-{int(year) % 100:02d}-{number}"
    if len(full) > NUMBER_LENGTH:
        return (short,)
    if len(full) > NUMBER_LENGTH - SUFFIX_LENGTH:
        return full, short
    return (full,)


def suffix(numbers: Iterable[str], ending: str) -> tuple[str, ...]:
    """The numbers with something behind them, shortened to what the books allow."""
    return tuple(f"{each[: NUMBER_LENGTH - len(ending)]}{ending}" for each in numbers)
