"""Reads expressions: text → nodes. The grammar is told in docs/mapping.md."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from lark import Lark, Token, Tree, UnexpectedInput
from lark.exceptions import VisitError
from lark.parsers.lalr_interactive_parser import InteractiveParser

from integration_hub.core.errors import ExpressionError
from mapping.building import MAX_DEPTH, Builder, refuse_depth
from mapping.functions import BUILT_IN, Functions
from mapping.nodes import Expression
from mapping.refusing import explain, find_place

MAX_LENGTH = 2_000

_OPENING = frozenset({"LPAR", "LSQB"})
_CLOSING = frozenset({"RPAR", "RSQB"})


def parse_expression(
    text: str,
    roots: Collection[str],
    functions: Functions = BUILT_IN,
    *,
    lists: bool = False,
) -> Expression:
    """The nodes of an expression whose paths may start with ``roots``.

    A list as the result is refused unless ``lists``. Raises ExpressionError, which
    names the position and what was expected there.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"Position {MAX_LENGTH + 1}: the expression has {len(text):,} characters;"
            f" at most {MAX_LENGTH:,} are allowed.",
            position=MAX_LENGTH + 1,
        )
    builder = Builder(roots, functions)
    try:
        result = builder.transform(_parse(text, roots))
    except UnexpectedInput as error:
        place = find_place(text, error)
        raise explain(text, place, error, _accepts(text[:place], roots)) from error
    except VisitError as error:
        # Lark wraps what its transformers raise.
        raise error.orig_exc from error
    if not lists:
        builder.check_single(result)
    return Expression(result.node, builder.personal)


@cache
def _grammar() -> Lark:
    return Lark.open("grammar.lark", rel_to=__file__, parser="lalr", lexer="contextual")


def _parse(text: str, roots: Collection[str]) -> Tree[Token]:
    tree: Tree[Token] = _feed(text, roots).feed_eof()  # type: ignore[no-untyped-call]
    return tree


def _accepts(text: str, roots: Collection[str]) -> Collection[str]:
    """What could follow a beginning.

    Asked of a parser that has not seen the wrong word: with it in sight a parser
    finishes what it can, and forgets what else was possible.
    """
    accepted: Collection[str] = _feed(text, roots).accepts()  # type: ignore[no-untyped-call]
    return accepted


def _feed(text: str, roots: Collection[str]) -> InteractiveParser:
    parser = _grammar().parse_interactive(text)
    nesting = _Nesting()
    for token in parser.iter_parse():
        if token.type == "NAME" and token in roots:
            token.type = "ROOT"
        nesting.count(token)
    return parser


class _Nesting:
    """Counts brackets and prefixes that are open, because those may stay so.

    The depth of what is finished is counted by the builder.
    """

    def __init__(self) -> None:
        self.open: list[int] = []
        self.prefixes = 0
        self.after_value = False

    def count(self, token: Token) -> None:
        """Take one token. Raises ExpressionError beyond the limit."""
        if token.type in _OPENING:
            self.open.append(1 + self.prefixes)
            self.prefixes = 0
        elif token.type in _CLOSING:
            self.prefixes = 0
            if self.open:
                self.open.pop()
        elif token.type == "NOT" or (token.type == "MINUS" and not self.after_value):
            self.prefixes += 1
        else:
            self.prefixes = 0
        self.after_value = token.type in _ENDS_VALUE
        if len(self.open) > MAX_DEPTH or sum(self.open) + self.prefixes > MAX_DEPTH:
            raise refuse_depth(token)


_ENDS_VALUE = _CLOSING | {
    *("NUMBER", "TEXT", "TRUE", "FALSE", "NOTHING", "NAME", "ROOT", "FIELD")
}
