"""Reads expressions: text → nodes. The grammar is told in docs/mapping.md."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from difflib import get_close_matches

from integration_hub.core.errors import ExpressionError
from mapping.functions import FUNCTIONS, Function
from mapping.nodes import Call, Chain, Expression, Literal, Node, Pair, Path, Prefix
from mapping.tokens import Token, split_tokens
from mapping.values import MAX_DIGITS

MAX_DEPTH = 40

# How strongly a sign binds; ``not`` and the sign of a number stand before a value.
_STRENGTH = {
    **dict.fromkeys(["or"], 1),
    **dict.fromkeys(["and"], 2),
    **dict.fromkeys(["=", "<>", "<", "<=", ">", ">="], 4),
    **dict.fromkeys(["&"], 5),
    **dict.fromkeys(["+", "-"], 6),
    **dict.fromkeys(["*", "/"], 7),
}
_NOT, _COMPARISON, _MINUS = 3, 4, 8
_CHAINED = frozenset({"or", "and", "&"})
_WORDS = frozenset({"or", "and", "not", "true", "false", "nothing"})
_COMPARE_TWO = "compare two values at a time, and join comparisons with and"
_CONSTANTS = {"true": True, "false": False, "nothing": None}


def parse_expression(text: str, roots: Collection[str]) -> Expression:
    """The nodes of an expression whose paths may start with ``roots``.

    Raises ExpressionError, which names the position and what was expected there.
    """
    parser = _Parser(text, roots)
    node = parser.parse()
    return Expression(node, parser.personal)


class _Parser:
    """Reads tokens from left to right, never back."""

    def __init__(self, text: str, roots: Collection[str]) -> None:
        self.tokens = split_tokens(text)
        self.place = 0
        self.levels = 0
        self.roots = roots
        self.personal = False

    def parse(self) -> Node:
        node = self._read_value(0)
        if self._token.kind != "end":
            raise self._expect("an operator or the end")
        return node

    # ---------------------------------------------------------------- tokens

    @property
    def _token(self) -> Token:
        return self.tokens[self.place]

    def _next(self) -> Token:
        token = self.tokens[self.place]
        self.place += 1
        return token

    def _is_sign(self, sign: str, ahead: int = 0) -> bool:
        token = self.tokens[min(self.place + ahead, len(self.tokens) - 1)]
        return token.kind == "sign" and token.text == sign

    def _skip(self, sign: str, wanted: str) -> None:
        if not self._is_sign(sign):
            raise self._expect(wanted)
        self.place += 1

    @property
    def _word(self) -> str:
        """The reserved word or sign here, in small letters, or an empty text."""
        token = self._token
        if token.kind == "sign":
            return token.text
        word = token.text.lower()
        return word if token.kind == "name" and word in _WORDS else ""

    def _expect(self, wanted: str) -> ExpressionError:
        return _refuse(self._token, f"expected {wanted}, but found {self._token.shown}")

    def _check_depth(self, *below: Node | None) -> int:
        depth = 1 + max((node.depth for node in below if node), default=0)
        if depth > MAX_DEPTH:
            raise self._too_deep()
        return depth

    def _too_deep(self) -> ExpressionError:
        return _refuse(self._token, f"more than {MAX_DEPTH} levels in one expression")

    # ---------------------------------------------------------------- values

    def _read_value(self, strength: int) -> Node:
        """A value and what is bound to it more strongly than ``strength``."""
        self.levels += 1
        if self.levels > MAX_DEPTH:
            raise self._too_deep()
        node = self._read_prefix()
        compared = False
        while (found := _STRENGTH.get(self._word, 0)) > strength:
            if found == _COMPARISON:
                if compared:
                    raise _refuse(self._token, _COMPARE_TWO)
                compared = True
            node = self._read_infix(node, found)
        self.levels -= 1
        return node

    def _read_prefix(self) -> Node:
        sign = self._word
        if sign not in ("not", "-"):
            return self._read_single()
        self.place += 1
        operand = self._read_value(_NOT if sign == "not" else _MINUS)
        return Prefix(sign, operand, self._check_depth(operand))

    def _read_infix(self, left: Node, strength: int) -> Node:
        sign = self._word
        self.place += 1
        right = self._read_value(strength)
        if sign not in _CHAINED:
            return Pair(sign, left, right, self._check_depth(left, right))
        parts: tuple[Node, ...] = (left, right)
        if isinstance(left, Chain) and left.sign == sign:
            parts = (*left.parts, right)
        return Chain(sign, parts, self._check_depth(*parts))

    def _read_single(self) -> Node:
        token = self._token
        if self._is_sign("("):
            self.place += 1
            node = self._read_value(0)
            self._skip(")", 'an operator or ")"')
            return node
        if token.kind == "number":
            return Literal(_read_number(self._next()))
        if token.kind == "text":
            return Literal(_unquote(self._next().text))
        if self._word in _CONSTANTS:
            return Literal(_CONSTANTS[self._next().text.lower()])
        if token.kind != "name" or self._word:
            raise self._expect("a value")
        return self._read_call() if self._is_sign("(", 1) else self._read_path()

    # ----------------------------------------------------------------- paths

    def _read_path(self) -> Path:
        root = self._next()
        if root.text not in self.roots:
            raise _refuse(root, _explain_root(root.text, self.roots))
        steps: list[str | int] = []
        while True:
            if self._is_sign("."):
                self.place += 1
                steps.append(self._read_step("name", "the name of a field"))
            elif self._is_sign("["):
                self.place += 1
                steps.append(self._read_index())
                self._skip("]", '"]"')
            else:
                break
        self.personal = self.personal or "customer" in (root.text, *steps)
        return Path(root.text, tuple(steps))

    def _read_step(self, kind: str, wanted: str) -> str:
        if self._token.kind != kind:
            raise self._expect(wanted)
        return self._next().text

    def _read_index(self) -> str | int:
        if self._token.kind == "text":
            return _unquote(self._next().text)
        if self._token.kind == "number" and len(self._token.text) > 9:
            raise self._expect("a smaller number")
        if "." in self._token.text:
            raise self._expect("a whole number")
        return int(self._read_step("number", "a number or a name in quotes"))

    # ----------------------------------------------------------------- calls

    def _read_call(self) -> Call:
        name = self._next()
        function = FUNCTIONS.get(name.text.lower())
        if function is None:
            raise _refuse(name, _explain_function(name.text))
        self.place += 1
        plain: list[Node] = []
        named: dict[str, Node] = {}
        while not self._is_sign(")"):
            self._read_argument(function, plain, named)
            if not self._is_sign(")"):
                self._skip(",", '"," or ")"')
                if self._is_sign(")"):
                    raise self._expect("a value")
        self.place += 1
        return self._bind(name, function, plain, named)

    def _read_argument(
        self, function: Function, plain: list[Node], named: dict[str, Node]
    ) -> None:
        token = self._token
        if not self._is_name_of_argument():
            if named:
                raise _refuse(token, "an argument without a name after a named one")
            plain.append(self._read_value(0))
            return
        names = [each.name for each in function.fixed]
        if token.text not in names:
            raise _refuse(token, f"{function.signature} has no {token.shown}")
        if token.text in named:
            raise _refuse(token, f"{token.shown} is given twice")
        self.place += 2
        named[token.text] = self._read_value(0)

    def _is_name_of_argument(self) -> bool:
        token = self._token
        return (
            token.kind == "name"
            and not self._word
            and token.text not in self.roots
            and self._is_sign("=", 1)
        )

    def _bind(
        self,
        name: Token,
        function: Function,
        plain: list[Node],
        named: dict[str, Node],
    ) -> Call:
        fixed: dict[str, Node] = {}
        repeated: tuple[Node, ...] = ()
        rest = list(plain)
        for parameter in function.parameters:
            if parameter.repeated:
                repeated, rest = tuple(rest), []
                if not repeated:
                    raise _refuse(name, f"{function.signature} needs more arguments")
            elif rest:
                fixed[parameter.name] = rest.pop(0)
        if rest:
            raise _refuse(name, f"{function.signature} takes fewer arguments")
        if both := fixed.keys() & named.keys():
            raise _refuse(name, f'"{min(both)}" is given twice')
        arguments = fixed | named
        for parameter in function.fixed:
            if parameter.required and parameter.name not in arguments:
                raise _refuse(name, f'{function.signature} needs "{parameter.name}"')
        ordered = tuple(arguments.get(each.name) for each in function.fixed)
        depth = self._check_depth(*ordered, *repeated)
        return Call(function, ordered, repeated, depth)


def _refuse(token: Token, problem: str) -> ExpressionError:
    return ExpressionError(
        f"Position {token.position}: {problem}.", position=token.position
    )


def _read_number(token: Token) -> Decimal:
    whole, _, fraction = token.text.partition(".")
    if max(len(whole), len(fraction)) > MAX_DIGITS:
        raise _refuse(token, f"a number has at most {MAX_DIGITS} digits")
    return Decimal(token.text)


def _unquote(text: str) -> str:
    mark = text[0]
    return text[1:-1].replace(mark * 2, mark)


def _explain_root(name: str, roots: Collection[str]) -> str:
    if name.lower() in FUNCTIONS:
        return f'"{name}" is a function: write {FUNCTIONS[name.lower()].signature}'
    return f'"{name}" is not known here; a path starts with {" or ".join(roots)}'


def _explain_function(name: str) -> str:
    near = get_close_matches(name.lower(), FUNCTIONS, n=1)
    hint = f"; is {near[0]} meant?" if near else ""
    return f'there is no function "{name}"{hint}'
