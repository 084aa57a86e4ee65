"""What an expression is made of: a closed set of nodes.

``depth`` counts the levels below, so that neither reading nor working out an
expression can exhaust the stack.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal

from mapping.signatures import Function

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


class Every(enum.Enum):
    """The step ``[]`` of a path: each entry of a list."""

    ENTRY = "[]"


EVERY = Every.ENTRY


@dataclass(frozen=True, slots=True)
class Match:
    """The step ``[name = "x"]``: the first entry of a list whose field is that."""

    field: str
    value: str | Decimal


Step = str | int | Every | Match


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, true, false or nothing."""

    value: str | Decimal | bool | None
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Path:
    """The way into the document: a root, then names and list positions.

    With ``EVERY`` among the steps its value is a list.
    """

    root: str
    steps: tuple[Step, ...]
    depth: int = 1

    @property
    def takes_lists(self) -> bool:
        """Whether it goes through entries of lists."""
        return any(isinstance(step, Every | Match) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Prefix:
    """``not`` or ``-`` before a value."""

    sign: str
    operand: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison or calculation of two values.

    A comparison with a list on one side gives a list of true and false.
    """

    sign: str
    left: Node
    right: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Chain:
    """``and``, ``or`` or ``&`` between two or more values."""

    sign: str
    parts: tuple[Node, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with one argument per parameter (None: left out), then the repeated."""

    function: Function
    arguments: tuple[Node | None, ...]
    repeated: tuple[Node, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Each:
    """Whether a condition holds for some entry of a list, or for every one of it.

    An entry is ``name`` there. Of a list without entries neither is so.
    """

    every: bool
    entries: Path
    name: str
    condition: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Choose:
    """The value of the first (condition, value) whose condition is true."""

    rows: tuple[tuple[Node, Node], ...]
    otherwise: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Named:
    """A part whose ``place`` errors name before they say what is wrong."""

    place: str
    part: Node
    depth: int


Node = Literal | Path | Prefix | Pair | Chain | Call | Each | Choose | Named


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read. ``personal`` says that a path meets a customer."""

    node: Node
    personal: bool


def gives_list(node: Node) -> bool:
    """Whether the value is a list, which only lists' functions and comparisons take."""
    if isinstance(node, Path):
        return EVERY in node.steps
    if isinstance(node, Pair):
        return node.sign in COMPARISONS and (
            gives_list(node.left) or gives_list(node.right)
        )
    return isinstance(node, Call) and node.function.gives_list


def list_below(node: Node) -> tuple[Node, ...]:
    """The nodes that a node is made of."""
    if isinstance(node, Prefix):
        return (node.operand,)
    if isinstance(node, Pair):
        return (node.left, node.right)
    if isinstance(node, Chain):
        return node.parts
    if isinstance(node, Call):
        given = tuple(each for each in node.arguments if each is not None)
        return (*given, *node.repeated)
    if isinstance(node, Each):
        return (node.condition,)
    if isinstance(node, Choose):
        return (*(part for row in node.rows for part in row), node.otherwise)
    return (node.part,) if isinstance(node, Named) else ()
