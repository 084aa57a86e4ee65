"""Calls of the language's functions as closures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from integration_hub.core.errors import UnusableError
from mapping.paths import Context, Evaluate, count_steps
from mapping.signatures import CONVERT, Function
from mapping.values import PLAIN, check_text, clean_value

Convert = Callable[[object], object]


def compile_function(
    function: Function,
    arguments: Sequence[Evaluate | None],
    repeated: Sequence[Evaluate],
    many: Sequence[bool],
) -> Evaluate:
    """The closure of a call. ``many`` says which of the repeated give lists.

    An argument that is left out takes its parameter's default.
    """
    call: Callable[..., object] = function.call or _give_nothing
    name = function.name
    steps: list[tuple[Evaluate, Convert | None]] = [
        (_give(parameter.default), None)
        if argument is None
        else (argument, CONVERT.get(parameter.accepts))
        for parameter, argument in zip(function.fixed, arguments, strict=True)
    ]
    if any(many):
        rest = _gather(repeated, many)
    else:
        steps += [(each, None) for each in repeated]
        rest = None

    def apply(context: Context) -> object:
        values: list[object] = []
        for evaluate, convert in steps:
            value = evaluate(context)
            if convert is not None:
                if value is None:
                    return None
                try:
                    value = convert(value)
                except UnusableError as error:
                    raise _name_function(name, error) from error
            values.append(value)
        if rest is not None:
            values += rest(context)
        try:
            result = call(*values)
        except UnusableError as error:
            raise _name_function(name, error) from error
        return _check_result(result)

    return apply


def _give_nothing(*values: object) -> None:
    return None


def _give(value: object) -> Evaluate:
    return lambda context: value


def _gather(
    repeated: Sequence[Evaluate], many: Sequence[bool]
) -> Callable[[Context], list[object]]:
    """The values with each list replaced by its entries."""
    parts = list(zip(repeated, many, strict=True))

    def gather(context: Context) -> list[object]:
        values: list[object] = []
        for evaluate, is_list in parts:
            if is_list:
                values += count_steps(context, evaluate(context))
            else:
                values.append(evaluate(context))
        return values

    return gather


def _check_result(result: object) -> object:
    if type(result) is str:
        return check_text(result)
    return result if type(result) in PLAIN else clean_value(result)


def _name_function(name: str, error: UnusableError) -> UnusableError:
    return UnusableError(
        f"{name} {error.message}", value=error.value, action=error.action
    )
