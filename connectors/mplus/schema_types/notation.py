"""How the types are written down: one text per element, ``name: type`` and a mark.

No mark is an element that may be absent, ``!`` one that must be there, ``*`` a
repeated one. The order of the elements is the order on the wire.
"""

from __future__ import annotations

from dataclasses import dataclass

SIMPLE_TYPES = frozenset(
    {
        "boolean",
        "date",
        "dateTime",
        "decimal",
        "int",
        "long",
        "short",
        "string",
    }
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type: ``type`` is a simple type, an enumeration or a struct."""

    name: str
    type: str
    required: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Struct:
    """A named sequence of elements."""

    name: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: the elements inside the request element, which has its name, and
    the answer element, whose type has the same name."""

    name: str
    request: tuple[Element, ...]
    answer: str


def struct(name: str, *elements: str) -> Struct:
    """Build a struct from its name and its elements' notation."""
    return Struct(name, tuple(parse_element(text) for text in elements))


def operation(name: str, *request: str, answer: str) -> Operation:
    """Build an operation from its name, its request and its answer element."""
    parsed = tuple(parse_element(text) for text in request)
    return Operation(name, parsed, answer)


def parse_element(text: str) -> Element:
    """Read ``name: type``, ``name: type!`` or ``name: type*``."""
    name, _, rest = text.partition(": ")
    return Element(
        name=name,
        type=rest.rstrip("!*"),
        required=rest.endswith("!"),
        repeated=rest.endswith("*"),
    )
