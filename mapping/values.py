"""The values an expression works with, and their limits.

Nothing, text, number (``Decimal``), true/false, date, time (aware ``datetime``), and
lists and records, which only a path can go into.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

from integration_hub.core.errors import UnusableError

MAX_TEXT = 10_000
MAX_DIGITS = 30
MAX_ENTRIES = 10_000
MAX_STEPS = 100_000

# Its own context, so that no thread's default context changes a result.
CONTEXT = Context(
    prec=34,
    rounding=ROUND_HALF_UP,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)

PLAIN = frozenset({str, Decimal, bool, date, datetime, type(None)})


def clean_value(value: object) -> object:
    """A value of a document as one of the kinds above.

    Raises UnusableError for an object that is none of them.
    """
    if type(value) in PLAIN or isinstance(value, Mapping | list | tuple):
        return value
    if isinstance(value, enum.Enum):
        return clean_value(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    raise UnusableError("found a value of an unknown kind", value=value)


def name_kind(value: object) -> str:
    """The kind of a value, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Decimal):
        return "a number"
    if isinstance(value, datetime):
        return "a time"
    if isinstance(value, date):
        return "a date"
    if isinstance(value, Mapping):
        return "a record"
    return "a list" if isinstance(value, list | tuple) else "an unknown kind of value"


def check_number(value: Decimal) -> Decimal:
    """The number, if it is within the limits. Raises UnusableError."""
    if not value.is_finite():
        raise UnusableError("found a number that is not finite", value=value)
    if -MAX_DIGITS <= value.adjusted() < MAX_DIGITS:
        return value
    if not value:
        return Decimal(0)
    raise UnusableError(
        f"found a number beyond {MAX_DIGITS} digits before or behind the point",
        value=value,
    )


def check_text(value: str) -> str:
    """The text, if it is within the limit. Raises UnusableError."""
    if len(value) > MAX_TEXT:
        raise UnusableError(f"makes a text longer than {MAX_TEXT:,}", value=value)
    return value


def to_text(value: object) -> str:
    """Any single value as text; nothing is an empty text. Raises UnusableError."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(check_number(value), "f")
    if isinstance(value, date):
        return value.isoformat()
    raise UnusableError("needs a single value", value=value)


def to_text_or_list(value: object) -> str | Sequence[object]:
    """A list unchanged, any other value as text. Raises UnusableError for a record."""
    return value if isinstance(value, list | tuple) else to_text(value)


def join_bounded(parts: Sequence[str], separator: str = "") -> str:
    """One text of the parts; its size is known before it is made.

    Raises UnusableError beyond the limit.
    """
    size = sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1)
    if size > MAX_TEXT:
        raise UnusableError(f"makes a text longer than {MAX_TEXT:,}", value=parts[0])
    return separator.join(parts)


def to_number(value: object) -> Decimal:
    """A number, unchanged. Raises UnusableError for any other kind."""
    if isinstance(value, Decimal):
        return value
    raise UnusableError("needs a number", value=value, action=_hint_number(value))


def to_integer(value: object) -> int:
    """A whole number of at most nine digits. Raises UnusableError."""
    number = to_number(value)
    if (
        number.is_finite()
        and number.adjusted() < 9
        and number == number.to_integral_value()
    ):
        return int(number)
    raise UnusableError("needs a whole number", value=value)


def to_date(value: object) -> date:
    """A date; of a time its day. Raises UnusableError for any other kind."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise UnusableError(
        "needs a date", value=value, action="Use date(…) to make a date of a text."
    )


def to_key(value: object) -> str:
    """A value as a key of a value map: 21.00 is "21", nothing is ""."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Decimal) and value.is_finite():
        return to_text(check_number(value).normalize(CONTEXT)) if value else "0"
    return to_text(value)


def describe_value(value: object, *, personal: bool) -> str:
    """The value for an error text; of a personal one only kind and length."""
    kind = name_kind(value)
    if isinstance(value, str):
        if personal:
            return f"{kind} of {len(value)} characters"
        return f'{kind}, "{value if len(value) <= 60 else value[:59] + "…"}"'
    if personal or not isinstance(value, Decimal | date):
        return kind
    return f"{kind}, {str(value)[:40]}"


def _hint_number(value: object) -> str:
    if isinstance(value, str):
        return "Use number(…) to make a number of a text."
    return ""
