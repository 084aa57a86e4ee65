"""Makes nodes of what the grammar found, and refuses what it cannot see is wrong."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import NoReturn

from lark import Token
from lark.visitors import Transformer_NonRecursive, v_args

from integration_hub.core.errors import ExpressionError
from mapping.functions import Functions
from mapping.nodes import (
    EVERY,
    Call,
    Chain,
    Every,
    Literal,
    Match,
    Node,
    Pair,
    Path,
    Prefix,
    Step,
    gives_list,
)
from mapping.signatures import Function, Parameter
from mapping.values import MAX_DIGITS

MAX_DEPTH = 40

_CONSTANTS = {"true": True, "false": False, "nothing": None}
_USE_OF_LISTS = (
    "use first, last, sum, count, any, all or join to make one value of a list"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A node and where it begins; ``name`` for a named argument."""

    node: Node
    at: Token
    name: Token | None = None


@v_args(inline=True)
class Builder(Transformer_NonRecursive[Token, Found]):
    """Nodes from the leaves up; ``personal`` once a path meets a customer."""

    def __init__(self, roots: Collection[str], functions: Functions) -> None:
        super().__init__()
        self.roots = roots
        self.functions = functions
        self.personal = False

    def check_single(self, found: Found) -> Node:
        """The node, if its value is no list. Raises ExpressionError."""
        if gives_list(found.node):
            refuse(found.at, f"a list cannot stand here; {_USE_OF_LISTS}")
        return found.node

    # -------------------------------------------------------------- literals, paths

    def number(self, token: Token) -> Found:
        """A number of a bounded size."""
        return Found(Literal(_read_number(token)), token)

    def text(self, token: Token) -> Found:
        """A text without its quotes."""
        return Found(Literal(_unquote(token)), token)

    def constant(self, token: Token) -> Found:
        """True, false or nothing."""
        return Found(Literal(_CONSTANTS[token.lower()]), token)

    def path(self, root: Token, *steps: Step) -> Found:
        """A path from its root on."""
        self.personal = self.personal or "customer" in (root, *steps)
        return Found(Path(str(root), steps), root)

    def unknown(self, name: Token, *_steps: Step) -> NoReturn:
        """A name that starts no path."""
        word = name.lower()
        if word in self.functions:
            refuse(name, f"{show(name)} is a function: write {self._signature(word)}")
        known = " or ".join(self.roots)
        refuse(name, f"{show(name)} is not known here; a path starts with {known}")

    def field(self, name: Token) -> str:
        """The step into a field."""
        return str(name)

    def quoted(self, name: Token) -> str:
        """The step into a field whose name is in quotes."""
        return _unquote(name)

    def entry(self, number: Token) -> int:
        """The step to one entry of a list."""
        if len(number) > 9:
            refuse(number, f"expected a smaller number, but found {show(number)}")
        if "." in number:
            refuse(number, f"expected a whole number, but found {show(number)}")
        return int(number)

    def every(self) -> Every:
        """The step to each entry of a list."""
        return EVERY

    def match(self, name: Token, _sign: Token, value: Token) -> Match:
        """The step to the entry of a list whose field has a value."""
        if value.type == "NUMBER":
            return Match(str(name), _read_number(value))
        return Match(str(name), _unquote(value))

    def unquoted(self, name: Token) -> NoReturn:
        """A name that lacks its quotes, or what it is to be."""
        refuse(
            name,
            f"expected a number or a name in quotes, but found {show(name)}; to find"
            f' the entry of a list whose {name[:40]} is "x", write [{name[:40]} = "x"]',
        )

    # --------------------------------------------------------------------- operators

    def prefix(self, sign: Token, operand: Found) -> Found:
        """``not`` or ``-``."""
        node = self.check_single(operand)
        return Found(Prefix(sign.lower(), node, _measure(sign, node)), sign)

    def calculate(self, left: Found, sign: Token, right: Found) -> Found:
        """A calculation of two single values."""
        nodes = self.check_single(left), self.check_single(right)
        return Found(Pair(str(sign), *nodes, _measure(sign, *nodes)), left.at)

    def compare(self, left: Found, sign: Token, right: Found) -> Found:
        """A comparison; one side may be a list, each entry is then compared."""
        if gives_list(left.node) and gives_list(right.node):
            refuse(right.at, "compare a list with a single value, not with a list")
        depth = _measure(sign, left.node, right.node)
        return Found(Pair(str(sign), left.node, right.node, depth), left.at)

    def chain(self, first: Found, *rest: Found | Token) -> Found:
        """``and``, ``or`` or ``&``; the sign stands between all parts."""
        sign = next(each for each in rest if isinstance(each, Token))
        word = sign.lower()
        nodes = [self.check_single(first)]
        if isinstance(first.node, Chain) and first.node.sign == word:
            nodes = list(first.node.parts)
        nodes += [self.check_single(each) for each in rest if isinstance(each, Found)]
        return Found(Chain(word, tuple(nodes), _measure(sign, *nodes)), first.at)

    # ------------------------------------------------------------------------- calls

    def named(self, name: Token, _sign: Token, value: Found) -> Found:
        """An argument with its parameter's name."""
        return Found(value.node, value.at, name)

    def call(self, name: Token, *arguments: Found | None) -> Found:
        """A call, its arguments put where its parameters are."""
        function = self.functions.get(name.lower())
        if function is None:
            near = get_close_matches(name.lower(), self.functions, n=1)
            hint = f"; is {near[0]} meant?" if near else ""
            refuse(name, f"there is no function {show(name)}{hint}")
        given = [each for each in arguments if each is not None]
        fixed, repeated = self._bind(name, function, given)
        for parameter in function.fixed:
            if parameter.required and parameter.name not in fixed:
                refuse(name, f'{function.signature} needs "{parameter.name}"')
        ordered = tuple(fixed.get(each.name) for each in function.fixed)
        depth = _measure(name, *ordered, *repeated)
        return Found(Call(function, ordered, repeated, depth), name)

    def _bind(
        self, name: Token, function: Function, given: list[Found]
    ) -> tuple[dict[str, Node], tuple[Node, ...]]:
        named = self._bind_names(function, given)
        rest = [each for each in given if each.name is None]
        fixed: dict[str, Node] = {}
        repeated: tuple[Node, ...] = ()
        for parameter in function.parameters:
            if parameter.repeated:
                repeated = tuple(self._accept(parameter, each) for each in rest)
                rest = []
                if not repeated:
                    refuse(name, f"{function.signature} needs more arguments")
            elif rest:
                fixed[parameter.name] = self._accept(parameter, rest.pop(0))
        if rest:
            refuse(name, f"{function.signature} takes fewer arguments")
        if both := fixed.keys() & named.keys():
            refuse(name, f'"{min(both)}" is given twice')
        return fixed | named, repeated

    def _bind_names(self, function: Function, given: list[Found]) -> dict[str, Node]:
        known = {each.name: each for each in function.fixed}
        named: dict[str, Node] = {}
        for each in given:
            name = each.name
            if name is None:
                if named:
                    refuse(each.at, "an argument without a name after a named one")
                continue
            if name not in known:
                refuse(name, f"{function.signature} has no {show(name)}")
            if name in named:
                refuse(name, f"{show(name)} is given twice")
            named[str(name)] = self._accept(known[name], each)
        return named

    def _accept(self, parameter: Parameter, found: Found) -> Node:
        return found.node if parameter.lists else self.check_single(found)

    def _signature(self, word: str) -> str:
        return self.functions[word].signature


def show(word: str) -> str:
    """A word of the expression as errors name it."""
    return f'"{word[:40]}"'


def refuse(at: Token, problem: str) -> NoReturn:
    """Raise ExpressionError at a token."""
    position = (at.start_pos or 0) + 1
    raise ExpressionError(f"Position {position}: {problem}.", position=position)


def refuse_depth(at: Token) -> NoReturn:
    """Raise ExpressionError for too many levels."""
    refuse(at, f"more than {MAX_DEPTH} levels in one expression")


def _measure(at: Token, *below: Node | None) -> int:
    depth = 1 + max((node.depth for node in below if node), default=0)
    if depth > MAX_DEPTH:
        refuse_depth(at)
    return depth


def _read_number(token: Token) -> Decimal:
    whole, _, fraction = token.partition(".")
    if max(len(whole), len(fraction)) > MAX_DIGITS:
        refuse(token, f"a number has at most {MAX_DIGITS} digits")
    return Decimal(token)


def _unquote(text: str) -> str:
    mark = text[0]
    return text[1:-1].replace(mark * 2, mark)
