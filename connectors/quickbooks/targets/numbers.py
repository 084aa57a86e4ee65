"""Document numbers, and the mark by which the hub knows its own documents."""

from __future__ import annotations

import hashlib
import re
from typing import Protocol

from connectors.writes import Ref

# QuickBooks allows 21 characters (Intuit's reference); two are kept for a suffix.
LONGEST = 21
SUFFIX = 2
RECEIPT = "R"
JOURNAL = "J"
NOTE_LENGTH = 4000

MARK = re.compile(
    r"\[(?P<hub>[^\[\]:]+):(?P<kind>[a-z_]+):(?P<key>[^\[\]]+?):"
    r"(?P<role>sale|return|apply|split|rounding|movement"
    r"|(payment|settlement|reversal|again):[^\[\]]+|correction:\d+|customer)\]"
)
NUMBER = re.compile(
    r"[^-]{0,2}[RICOPDJ](\w+-\w+-\d{2}-\w+|[0-9a-f]{15,18})"
    r"[a-z]?([-/]\d{1,3}|-[a-z]\d{0,2})?"
)
PART = re.compile(r"[0-9A-Za-z]+")
HEX = re.compile(r"[0-9a-f]{18,}")


class Printed(Protocol):
    """The parts of a till's number."""

    @property
    def branch(self) -> str: ...
    @property
    def till(self) -> str: ...
    @property
    def year(self) -> str: ...
    @property
    def number(self) -> str: ...


def make_number(
    printed: Printed | None, *, source_id: str, letter: str, prefix: str = ""
) -> str:
    """The DocNumber: prefix, letter and branch-till-yy-number, else 18 hex digits."""
    text = _join_parts(printed) if printed else ""
    number = f"{prefix[:2]}{letter}{text}"
    if text and len(number) <= LONGEST - SUFFIX:
        return number
    return prefix[:2] + letter + make_hex(source_id)


def make_hex(source_id: str) -> str:
    """18 hexadecimal digits of a source id: its own if it has as many."""
    plain = source_id.lower().replace("-", "")
    if HEX.fullmatch(plain):
        return plain[:18]
    return hashlib.sha256(source_id.encode()).hexdigest()[:18]


def make_payment_number(number: str, position: int, *, copy: str = "") -> str:
    """The PaymentRefNum of the payment at ``position`` (from 1) of a document."""
    return add_suffix(number, f"{copy}-{position}")


def add_suffix(number: str, suffix: str) -> str:
    """A number with a suffix, cut to what QuickBooks allows."""
    return number[: LONGEST - len(suffix)] + suffix


def clean_hub(hub: str) -> str:
    """The name of a hub as it stands in a mark."""
    return re.sub(r"[\[\]:]", "-", hub) or "hub"


def make_mark(hub: str, ref: Ref) -> str:
    """The text in a PrivateNote that proves a document to be ours."""
    return f"[{clean_hub(hub)}:{ref.kind}:{ref.key}:{ref.role}]"


def make_note(mark: str, original: str, text: str = "") -> str:
    """A PrivateNote: the mark, the till's own number and what a rule adds."""
    return " ".join(part for part in (mark, original, text) if part)[:NOTE_LENGTH]


def parse_mark(note: str, hub: str) -> Ref | None:
    """The write of this hub that a PrivateNote names, None if it bears no such mark."""
    for found in MARK.finditer(note):
        if found["hub"] == clean_hub(hub):
            return Ref(found["kind"], found["key"], found["role"])
    return None


def has_mark(note: str) -> bool:
    """Whether a PrivateNote bears the mark of this hub or another."""
    return MARK.search(note) is not None


def looks_like_ours(number: str) -> bool:
    """Whether a document number has the form that ``make_number`` gives."""
    return NUMBER.fullmatch(number) is not None


def _join_parts(printed: Printed) -> str:
    parts = (printed.branch, printed.till, printed.year[-2:], printed.number)
    return "-".join(parts) if all(PART.fullmatch(part) for part in parts) else ""
