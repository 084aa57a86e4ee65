"""The words of an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integration_hub.core.errors import ExpressionError

MAX_LENGTH = 2_000

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
  | (?P<name>[^\W\d]\w*)
  | (?P<sign><>|<=|>=|[-+*/&=<>(),.\[\]])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is number, text, name, sign or end; ``position`` counts from 1."""

    kind: str
    text: str
    position: int

    @property
    def shown(self) -> str:
        """How an error text names this token."""
        return "the end" if self.kind == "end" else f'"{self.text[:40]}"'


def split_tokens(text: str) -> list[Token]:
    """All tokens, an ``end`` token last. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"Position {MAX_LENGTH + 1}: the expression has {len(text):,} characters;"
            f" at most {MAX_LENGTH:,} are allowed.",
            position=MAX_LENGTH + 1,
        )
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _refuse(text, place)
        if found.lastgroup != "space":
            tokens.append(Token(str(found.lastgroup), found.group(), place + 1))
        place = found.end()
    tokens.append(Token("end", "", place + 1))
    return tokens


def _refuse(text: str, place: int) -> ExpressionError:
    if text[place] in "\"'":
        problem = f"the text that begins with {text[place]} has no end"
    else:
        problem = f'"{text[place]}" has no meaning here'
    return ExpressionError(f"Position {place + 1}: {problem}.", position=place + 1)
