"""Functions that a connector adds to the language of rules, as declarations.

They appear in the mappings that the connector is source or target of, beside those
that every mapping has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """One function for expressions: pure, quick, and bounded in what it makes.

    ``call`` is a plain function. Its parameters are typed str, Decimal, int, date or
    object (any value); those with a default may be left out, ``*values`` takes any
    number. Its doc string is what people read. It gives a text, Decimal, bool, date or
    None, and raises UnusableError for a value it cannot use. ``example`` and ``gives``
    are expressions with the same value.
    """

    name: str
    call: Callable[..., object]
    example: str
    gives: str
