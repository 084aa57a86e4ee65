"""Nodes → closures, once per run; working out a rule is then only calls.

A closure takes the context (the roots of its scope by name) and gives a value. It
raises nothing but MappingError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integration_hub.core.errors import ConfigError, UnusableError
from mapping.formulas import is_empty
from mapping.functions import CONVERT, Function
from mapping.nodes import Call, Chain, Literal, Node, Pair, Path, Prefix
from mapping.operators import OPERATIONS, Operation, is_true, negate
from mapping.valuemaps import ValueTable
from mapping.values import PLAIN, check_text, clean_value, to_text

Context = Mapping[str, object]
Evaluate = Callable[[Context], object]
Tables = Mapping[str, ValueTable]


def compile_node(node: Node, tables: Tables) -> Evaluate:
    """The closure of a node. Raises ConfigError for a look-up that cannot work."""
    if isinstance(node, Literal):
        value = node.value
        return lambda context: value
    if isinstance(node, Path):
        return _compile_path(node)
    if isinstance(node, Prefix):
        operand = compile_node(node.operand, tables)
        if node.sign == "not":
            return lambda context: not is_true(operand(context))
        return lambda context: negate(operand(context))
    if isinstance(node, Pair):
        return _compile_pair(
            OPERATIONS[node.sign],
            compile_node(node.left, tables),
            compile_node(node.right, tables),
        )
    if isinstance(node, Chain):
        parts = tuple(compile_node(part, tables) for part in node.parts)
        return _CHAINS[node.sign](parts)
    return _compile_call(node, tables)


def _compile_path(path: Path) -> Evaluate:
    root, steps = path.root, path.steps

    def follow(context: Context) -> object:
        value = context[root]
        for step in steps:
            # The usual case first; a document from anywhere may hold anything.
            value = value.get(step) if type(value) is dict else _enter(value, step)
            if value is None:
                return None
        return value if type(value) in PLAIN else clean_value(value)

    return follow


def _enter(value: object, step: str | int) -> object:
    if isinstance(step, int):
        if isinstance(value, list | tuple) and step < len(value):
            return value[step]
        return None
    return value.get(step) if isinstance(value, Mapping) else None


def _compile_pair(operation: Operation, left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda context: operation(left(context), right(context))


def _compile_and(parts: Sequence[Evaluate]) -> Evaluate:
    return lambda context: all(is_true(part(context)) for part in parts)


def _compile_or(parts: Sequence[Evaluate]) -> Evaluate:
    return lambda context: any(is_true(part(context)) for part in parts)


def _compile_join(parts: Sequence[Evaluate]) -> Evaluate:
    return lambda context: check_text("".join([to_text(p(context)) for p in parts]))


_CHAINS: Mapping[str, Callable[[Sequence[Evaluate]], Evaluate]] = {
    "and": _compile_and,
    "or": _compile_or,
    "&": _compile_join,
}


def _compile_call(call: Call, tables: Tables) -> Evaluate:
    arguments = [
        None if node is None else compile_node(node, tables) for node in call.arguments
    ]
    repeated = [compile_node(node, tables) for node in call.repeated]
    name = call.function.name
    if name == "lookup":
        return _compile_lookup(call, repeated, tables)
    if name == "if":
        return _compile_if(*arguments)
    if name == "coalesce":
        return _compile_coalesce(repeated)
    return _compile_function(call.function, arguments, repeated)


def _compile_if(
    condition: Evaluate | None, then: Evaluate | None, otherwise: Evaluate | None
) -> Evaluate:
    test, met, unmet = (each or _give_nothing for each in (condition, then, otherwise))
    return lambda context: met(context) if is_true(test(context)) else unmet(context)


def _give_nothing(context: Context) -> None:
    return None


def _compile_coalesce(values: Sequence[Evaluate]) -> Evaluate:
    def pick(context: Context) -> object:
        for each in values:
            value = each(context)
            if not is_empty(value):
                return value
        return None

    return pick


def _compile_function(
    function: Function,
    arguments: Sequence[Evaluate | None],
    repeated: Sequence[Evaluate],
) -> Evaluate:
    call: Callable[..., object] = function.call or _give_nothing
    steps: list[tuple[Evaluate, Callable[[object], Any] | None]] = [
        (argument, CONVERT.get(parameter.accepts))
        for parameter, argument in zip(function.fixed, arguments, strict=True)
        if argument is not None
    ]
    steps += [(each, None) for each in repeated]
    name = function.name

    def apply(context: Context) -> object:
        values = []
        for evaluate, convert in steps:
            value = evaluate(context)
            if convert is not None:
                if value is None:
                    return None
                value = _convert(name, convert, value)
            values.append(value)
        try:
            result = call(*values)
        except UnusableError as error:
            raise _name_function(name, error) from error
        return check_text(result) if type(result) is str else result

    return apply


def _convert(name: str, convert: Callable[[object], Any], value: object) -> object:
    try:
        return convert(value)
    except UnusableError as error:
        raise _name_function(name, error) from error


def _name_function(name: str, error: UnusableError) -> UnusableError:
    return UnusableError(
        f"{name} {error.message}", value=error.value, action=error.action
    )


def _compile_lookup(call: Call, keys: Sequence[Evaluate], tables: Tables) -> Evaluate:
    name, column = (_read_name(node) for node in call.arguments)
    table = tables.get(name)
    if table is None:
        raise _refuse(f'There is no value map "{name}"', name, tables)
    data = table.data
    if len(keys) != len(data.keys):
        wanted = ", ".join(field.label for field in data.keys)
        raise _refuse(
            f'Value map "{name}" wants {len(data.keys)} keys ({wanted}), not'
            f" {len(keys)}",
            name,
            (),
        )
    if not column and len(data.columns) == 1:
        column = data.columns[0]
    if column not in data.columns:
        raise _refuse(
            f'Value map "{name}" has no column "{column}"', name, data.columns
        )

    def look_up(context: Context) -> object:
        return table.find([key(context) for key in keys], column)

    return look_up


def _read_name(node: Node | None) -> str:
    if node is None:
        return ""
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    raise _refuse("lookup takes the names of map and column in quotes", "lookup", ())


def _refuse(
    problem: str, reference: str, choices: Sequence[str] | Tables
) -> ConfigError:
    known = f"; there is {', '.join(sorted(choices))}" if choices else ""
    return ConfigError(
        f"{problem}{known}.",
        code="expression",
        reference=reference,
        action="Change the expression, or the value map.",
    )
