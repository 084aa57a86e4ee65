"""Says in words where and why an expression cannot be read."""

from __future__ import annotations

from collections.abc import Collection

from lark import UnexpectedInput, UnexpectedToken

from integration_hub.core.errors import ExpressionError
from mapping.building import show

_SIGNS = {
    "EQUALS": '"="',
    "RPAR": '")"',
    "COMMA": '","',
    "RSQB": '"]"',
    "$END": "the end",
}


def find_place(text: str, error: UnexpectedInput) -> int:
    """Where the parser stopped, counted from 0; behind the text at its end."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text)
    return error.pos_in_stream or 0


def explain(
    text: str, place: int, error: UnexpectedInput, accepted: Collection[str]
) -> ExpressionError:
    """The error of the parser as people read it.

    ``accepted`` names what could have stood in the place, as the grammar calls it.
    """
    if not isinstance(error, UnexpectedToken):
        problem = _explain_sign(text[place])
    elif error.token.type in ("COMPARISON", "EQUALS") and "PLUS" in accepted:
        problem = "compare two values at a time, and join comparisons with and"
    else:
        found = "the end" if place == len(text) else show(error.token)
        problem = f"expected {_name(accepted)}, but found {found}"
    return ExpressionError(f"Position {place + 1}: {problem}.", position=place + 1)


def _explain_sign(sign: str) -> str:
    if sign in "\"'":
        return f"the text that begins with {sign} has no end"
    return f'"{sign}" has no meaning here'


def _name(accepted: Collection[str]) -> str:
    if "NOT" in accepted:
        return "a value"
    if "RSQB" in accepted and "TEXT" in accepted:
        return 'a number or a name in quotes, or "]" for every entry'
    if "FIELD" in accepted:
        return "the name of a field"
    if "TEXT" in accepted:
        return "a number or a text"
    if "COMMA" in accepted:
        return '"," or ")"'
    ends = [name for sign, name in _SIGNS.items() if sign in accepted]
    if "PLUS" in accepted:
        ends = [each for each in ends if each != '"="']
        ends.insert(0, "an operator")
    return " or ".join(ends)
