"""What the functions of expressions do: pure, bounded, and without regular
expressions made of their arguments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from integration_hub.core.errors import UnusableError
from mapping.operators import is_equal
from mapping.values import (
    CONTEXT,
    MAX_DIGITS,
    MAX_TEXT,
    check_number,
    to_date,
    to_text,
)

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30})?", re.ASCII)
_DATE_PARTS = re.compile("YYYY|YY|MM|DD|hh|mm|ss")
_MAX_PLACES = 10
_MAX_DAYS = 36_600


def is_empty(value: object) -> bool:
    """True for nothing and for a blank text."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_one_of(value: object, *choices: object) -> bool:
    """True if the value equals one of the choices."""
    return any(is_equal(value, choice) for choice in choices)


def join_texts(separator: str, *values: object) -> str:
    """The values as one text, empty ones left out."""
    return separator.join(to_text(each) for each in values if not is_empty(each))


def trim_text(text: str) -> str:
    """Without spaces around it, and single spaces inside."""
    return " ".join(text.split())


def truncate_text(text: str, length: int) -> str:
    """At most ``length`` characters. Raises UnusableError for a negative length."""
    if length < 0:
        raise UnusableError("needs a length of 0 or more", value=Decimal(length))
    return text[:length]


def replace_text(text: str, old: str, new: str) -> str:
    """Every ``old`` replaced; the size is known before anything is made."""
    if not old:
        raise UnusableError("needs a text to look for", value=old)
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise UnusableError(f"makes a text longer than {MAX_TEXT:,}", value=text)
    return text.replace(old, new)


def keep_digits(text: str) -> str:
    """Only the digits 0 to 9."""
    return "".join(each for each in text if each in "0123456789")


def count_characters(value: object) -> Decimal:
    """The length of the value as text; 0 for nothing."""
    return Decimal(len(to_text(value)))


def contains_text(text: str, part: str) -> bool:
    """Whether the part is in the text, capitals or not."""
    return part.casefold() in text.casefold()


def starts_with_text(text: str, part: str) -> bool:
    """Whether the text starts with the part, capitals or not."""
    return text.casefold().startswith(part.casefold())


def parse_number(value: object) -> Decimal | None:
    """A number from a text with decimal point or comma; nothing of a blank one."""
    if isinstance(value, Decimal):
        return value
    if is_empty(value):
        return None
    text = to_text(value).strip()
    if not _NUMBER.fullmatch(text):
        raise UnusableError("needs a text that is a number", value=value)
    return Decimal(text.replace(",", "."))


def round_number(number: Decimal, places: int = 0) -> Decimal:
    """Rounded, halves away from zero. Raises UnusableError beyond the limits."""
    if not 0 <= places <= _MAX_PLACES:
        raise UnusableError(
            f"rounds to 0 to {_MAX_PLACES} places", value=Decimal(places)
        )
    number = check_number(number)
    if number.adjusted() + places >= MAX_DIGITS:
        raise UnusableError("cannot round a number this large", value=number)
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, CONTEXT)


def drop_sign(number: Decimal) -> Decimal:
    """The number without its sign."""
    return check_number(number).copy_abs()


def pick_best(
    is_better: Callable[[object, object], object],
) -> Callable[..., object]:
    """A function that gives the best of its values, nothing left out."""

    def pick(*values: object) -> object:
        best = None
        for value in values:
            if value is not None and (best is None or is_better(value, best)):
                best = value
        return best

    return pick


def parse_date(value: object) -> date | None:
    """The day of a date, a time or an ISO 8601 text; nothing of a blank one."""
    if is_empty(value):
        return None
    if not isinstance(value, str):
        return to_date(value)
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError as error:
        raise UnusableError("needs a date such as 2026-01-31", value=value) from error


def shift_date(day: date, days: int) -> date:
    """So many days later. Raises UnusableError beyond a century or the calendar."""
    if abs(days) > _MAX_DAYS:
        raise UnusableError("shifts by a century at most", value=Decimal(days))
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise UnusableError("leaves the calendar", value=day) from error


def format_day(day: object, pattern: str) -> str | None:
    """A date or time with YYYY, YY, MM, DD, hh, mm and ss of the pattern filled in."""
    if day is None:
        return None
    if not isinstance(day, date):
        raise UnusableError(
            "needs a date or time",
            value=day,
            action="Use date(…) to make a date of a text.",
        )
    parts = {
        "YYYY": f"{day.year:04}",
        "YY": f"{day.year % 100:02}",
        "MM": f"{day:%m}",
        "DD": f"{day:%d}",
        "hh": f"{day:%H}",
        "mm": f"{day:%M}",
        "ss": f"{day:%S}",
    }
    return _DATE_PARTS.sub(lambda found: parts[found.group()], pattern)
