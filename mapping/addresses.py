"""Splits a street line into street and number, as Dutch and Spanish people write them.

What does not clearly end in a number stays whole: no part of a line is ever lost. Doc
strings are what people read.
"""

from __future__ import annotations

import re

_LONGEST = 200
# Boxes have a number that is no house's.
_BOX = re.compile(
    r"\s*(?:postbus|antwoordnummer|apartado|apdo|p\.?\s?o\.?\s?box)\b", re.IGNORECASE
)
_LINE = re.compile(
    r"""
    # No blank at its start: runs of them could be split in too many ways.
    \s* (?P<street> [^,\s] [^,]*? )
    (?: \s*,\s* | \s+ ) (?: n[º°o]\.?\s* | n[uú]m\.?\s* )?
    (?P<number>
        # 12, 12a, 12 A, 12 bis, 12-14, 12a-3
        \d{1,5} (?: \s?[-/]?\s?[a-z]{1,4} )? (?: \s?[-/]\s?\w{1,5} )?
        # 12, 3º B: floor and door behind a comma, but no postcode
      | (?: \d{1,5} \s?[a-z]? | s/n ) \s*,\s* (?!\s|\d{4}) [^,]{1,20} (?: ,[^,]{1,20} )?
        # 12 3º B: floor and door known by their sign
      | \d{1,5} \s+ \d{1,2}\s?[ºª°] [^,]{0,20}
      | s/n
    ) \s*
    """,
    re.VERBOSE | re.IGNORECASE,
)


def find_street(text: str) -> str:
    """The street of a Dutch or Spanish address line; the whole line where it cannot be
    split.
    """
    return _split(text)[0]


def find_house_number(text: str) -> str | None:
    """The house number of a Dutch or Spanish address line, with what follows it; nothing
    where it cannot be split.
    """
    return _split(text)[1]


def _split(text: str) -> tuple[str, str | None]:
    if len(text) > _LONGEST or _BOX.match(text):
        return text, None
    found = _LINE.fullmatch(text)
    if found is None or not any(each.isalpha() for each in found["street"]):
        return text, None
    return found["street"], found["number"]
