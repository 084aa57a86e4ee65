"""What a function of the language is: a pure function with typed parameters.

Its Python signature tells the parameters, its doc string is its documentation.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mapping.values import to_date, to_integer, to_number, to_text, to_text_or_list


class Accepts(enum.Enum):
    """The kind of value a parameter wants. Only ANY takes nothing."""

    ANY = "any"
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    TEXT_OR_LIST = "text or list"


_ACCEPTS: Mapping[object, Accepts] = {
    object: Accepts.ANY,
    str: Accepts.TEXT,
    Decimal: Accepts.NUMBER,
    int: Accepts.INTEGER,
    date: Accepts.DATE,
    str | Sequence[object]: Accepts.TEXT_OR_LIST,
}

CONVERT: Mapping[Accepts, Callable[[object], object]] = {
    Accepts.TEXT: to_text,
    Accepts.NUMBER: to_number,
    Accepts.INTEGER: to_integer,
    Accepts.DATE: to_date,
    Accepts.TEXT_OR_LIST: to_text_or_list,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    A repeated one takes all arguments from its place on; one that takes ``lists`` may
    be given a list, a repeated one then takes its entries.
    """

    name: str
    accepts: Accepts = Accepts.ANY
    required: bool = True
    repeated: bool = False
    lists: bool = False
    default: object = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function; ``call`` is None for those the compiler works out itself.

    ``example`` and ``gives`` are expressions with the same value. ``aliases`` are
    other names that people may write; ``gives_list`` says that its value is a list.
    """

    name: str
    parameters: tuple[Parameter, ...]
    help: str
    example: str
    gives: str
    call: Callable[..., object] | None = None
    aliases: tuple[str, ...] = ()
    gives_list: bool = False

    @property
    def signature(self) -> str:
        """The name with its parameters, as shown to people."""
        names = (
            f"{each.name}, …" if each.repeated else each.name
            for each in self.parameters
        )
        return f"{self.name}({', '.join(names)})"

    @property
    def fixed(self) -> tuple[Parameter, ...]:
        """The parameters that take one argument each."""
        return tuple(each for each in self.parameters if not each.repeated)


def make_function(
    name: str,
    call: Callable[..., object],
    example: str,
    gives: str,
    *,
    aliases: tuple[str, ...] = (),
) -> Function:
    """A function of the language made of a Python function.

    Raises TypeError for a parameter of a type that the language does not know.
    """
    signature = inspect.signature(call, eval_str=True)
    return Function(
        name,
        tuple(_make_parameter(each) for each in signature.parameters.values()),
        " ".join((inspect.getdoc(call) or "").split()),
        example,
        gives,
        call,
        aliases,
        gives_list=signature.return_annotation == list[object],
    )


def _make_parameter(parameter: inspect.Parameter) -> Parameter:
    repeated = parameter.kind is parameter.VAR_POSITIONAL
    required = parameter.default is parameter.empty
    accepts = _ACCEPTS.get(parameter.annotation)
    if accepts is None:
        raise TypeError(f"No rule can fill {parameter}.")
    return Parameter(
        # "date" and the like are names of types too.
        parameter.name.rstrip("_"),
        accepts,
        required=required,
        repeated=repeated,
        lists=repeated or accepts is Accepts.TEXT_OR_LIST,
        default=None if required else parameter.default,
    )
