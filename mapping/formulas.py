"""What the functions on texts and numbers do: pure, bounded, and without regular
expressions made of their arguments. Doc strings are what people read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from integration_hub.core.errors import UnusableError
from mapping.operators import is_equal
from mapping.values import (
    CONTEXT,
    MAX_DIGITS,
    MAX_TEXT,
    check_number,
    join_bounded,
    to_text,
)

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30})?", re.ASCII)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_MAX_PLACES = 10
_MAX_PARTS = 1_000


def is_empty(value: object) -> bool:
    """True for nothing and for a text that is blank."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_one_of(value: object, *choice: object) -> bool:
    """True if the value equals one of the choices."""
    return any(is_equal(value, each) for each in choice)


# ----------------------------------------------------------------------------- texts


def join_texts(separator: str, *value: object) -> str:
    """The values as one text, empty ones left out."""
    return join_bounded([to_text(v) for v in value if not is_empty(v)], separator)


def write_text(value: object) -> str:
    """The value as text: numbers as they are, dates as 2026-01-31."""
    return to_text(value)


def trim_text(text: str) -> str:
    """The text without spaces around it, and single spaces inside."""
    return " ".join(text.split())


def make_upper(text: str) -> str:
    """The text in capitals."""
    return text.upper()


def make_lower(text: str) -> str:
    """The text in small letters."""
    return text.lower()


def make_title(text: str) -> str:
    """The text with a capital at the start of every word; also `proper`."""
    return _WORD.sub(_capitalize, text)


def _capitalize(found: re.Match[str]) -> str:
    # O'Neil and D'Hondt, but It's.
    word = found[0]
    if len(word) > 2 and word[1] in "'’":
        return word[:2].upper() + word[2:].capitalize()
    return word.capitalize()


def truncate_text(text: str, length: int) -> str:
    """At most so many characters from the left; also `cut`, `left`."""
    if length < 0:
        raise UnusableError("needs a length of 0 or more", value=Decimal(length))
    return text[:length]


def replace_text(text: str, old: str, new: str) -> str:
    """The text with every `old` replaced by `new`; also `substitute`."""
    if not old:
        raise UnusableError("needs a text to look for", value=old)
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise UnusableError(f"makes a text longer than {MAX_TEXT:,}", value=text)
    return text.replace(old, new)


def split_text(text: str, separator: str, place: int) -> str | None:
    """The part at a place between separators: 1 is the first, -1 the last; nothing if
    there is none.
    """
    if not separator:
        raise UnusableError("needs a separator", value=separator)
    if not 1 <= abs(place) <= _MAX_PARTS:
        raise UnusableError(
            f"needs a place from 1 to {_MAX_PARTS:,}, or from -1 backwards",
            value=Decimal(place),
        )
    # Splits no further than needed: the text may be long.
    if place > 0:
        parts = text.split(separator, place)
        return parts[place - 1] if len(parts) >= place else None
    parts = text.rsplit(separator, -place)
    return parts[place] if len(parts) >= -place else None


def keep_digits(text: str) -> str:
    """Only the digits of the text."""
    return "".join(each for each in text if each in "0123456789")


def count_characters(value: object) -> Decimal:
    """The number of characters; 0 for nothing; also `len`."""
    return Decimal(len(to_text(value)))


def contains_text(text: str | Sequence[object], part: object) -> bool | None:
    """True if the part is in the text, or equals an entry of the list; capitals or not."""
    if part is None:
        return None
    if isinstance(text, str):
        return to_text(part).casefold() in text.casefold()
    if not isinstance(part, str):
        return any(is_equal(each, part) for each in text)
    folded = part.casefold()
    return any(isinstance(each, str) and each.casefold() == folded for each in text)


def starts_with_text(text: str, part: str) -> bool:
    """True if the text starts with the part, capitals or not."""
    return text.casefold().startswith(part.casefold())


# --------------------------------------------------------------------------- numbers


def parse_number(text: object) -> Decimal | None:
    """The text as a number; decimal point or decimal comma."""
    if isinstance(text, Decimal):
        return text
    if is_empty(text):
        return None
    found = to_text(text).strip()
    if not _NUMBER.fullmatch(found):
        raise UnusableError("needs a text that is a number", value=text)
    return Decimal(found.replace(",", "."))


def round_number(number: Decimal, places: int = 0) -> Decimal:
    """Rounded, halves away from zero; 0 places if left out."""
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
