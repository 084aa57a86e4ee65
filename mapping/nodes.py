"""What an expression is made of: a closed set of nodes.

``depth`` counts the levels below, so that neither reading nor working out an
expression can exhaust the stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mapping.functions import Function


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, true, false or nothing."""

    value: str | Decimal | bool | None
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Path:
    """The way into the document: a root, then names and list positions."""

    root: str
    steps: tuple[str | int, ...]
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Prefix:
    """``not`` or ``-`` before a value."""

    sign: str
    operand: Node
    depth: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison or calculation of two values."""

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


Node = Literal | Path | Prefix | Pair | Chain | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read. ``personal`` says that a path meets a customer."""

    node: Node
    personal: bool
