"""Nodes → closures, once per run; working out a rule is then only calls.

A closure takes the context (the roots of its scope by name) and gives a value. It
raises nothing but MappingError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from integration_hub.core.errors import ConfigError
from mapping.calls import compile_function
from mapping.choosing import ask_entries, choose_first, name_errors
from mapping.formulas import is_empty
from mapping.lookups import compile_lookup
from mapping.nodes import (
    Call,
    Chain,
    Choose,
    Each,
    Literal,
    Named,
    Node,
    Pair,
    Path,
    Prefix,
    gives_list,
    list_below,
)
from mapping.operators import OPERATIONS, Operation, is_true, negate
from mapping.paths import STEPS, Context, Evaluate, Steps, compile_path, count_steps
from mapping.valuemaps import Tables
from mapping.values import MAX_STEPS, join_bounded, to_text


def compile_node(node: Node, tables: Tables) -> Evaluate:
    """The closure of an expression. Raises ConfigError for what cannot work.

    Nodes are counted here and entries of lists when they are met, so that counting
    costs expressions without lists nothing.
    """
    size, takes_lists = _measure(node)
    left = MAX_STEPS - size
    if left < 0:
        raise ConfigError(
            f"The expression takes more than {MAX_STEPS:,} steps.",
            code="expression",
            action="Make the expression, or the table, shorter.",
        )
    evaluate = _compile(node, tables)
    if not takes_lists:
        return evaluate
    return lambda context: evaluate({**context, STEPS: Steps(left)})


def _measure(node: Node) -> tuple[int, bool]:
    size, takes_lists = 0, False
    waiting = [node]
    while waiting:
        node = waiting.pop()
        size += 1
        is_list = gives_list(node) or isinstance(node, Each)
        if is_list or (isinstance(node, Path) and node.takes_lists):
            takes_lists = True
        waiting += list_below(node)
    return size, takes_lists


def _compile(node: Node, tables: Tables) -> Evaluate:
    if isinstance(node, Literal):
        return _give(node.value)
    if isinstance(node, Path):
        return compile_path(node)
    if isinstance(node, Prefix):
        operand = _compile(node.operand, tables)
        if node.sign == "not":
            return lambda context: not is_true(operand(context))
        return lambda context: negate(operand(context))
    if isinstance(node, Pair):
        left, right = _compile(node.left, tables), _compile(node.right, tables)
        return _compile_pair(node, OPERATIONS[node.sign], left, right)
    if isinstance(node, Chain):
        parts = tuple(_compile(part, tables) for part in node.parts)
        return _CHAINS[node.sign](parts)
    if isinstance(node, Each | Choose | Named):
        return _compile_table_part(node, tables)
    return _compile_call(node, tables)


def _compile_pair(
    pair: Pair, operation: Operation, left: Evaluate, right: Evaluate
) -> Evaluate:
    if not gives_list(pair):
        if pair.sign == "=" and isinstance(pair.right, Literal):
            return _compile_test(operation, left, pair.right.value)
        return lambda context: operation(left(context), right(context))
    turned = gives_list(pair.right)

    def compare_each(context: Context) -> object:
        values, single = left(context), right(context)
        if turned:
            values, single = single, values
        entries = count_steps(context, values)
        if turned:
            return [operation(single, each) for each in entries]
        return [operation(each, single) for each in entries]

    return compare_each


def _compile_test(operation: Operation, left: Evaluate, wanted: object) -> Evaluate:
    """Whether a value is a given one: most conditions are of this kind."""

    def test(context: Context) -> object:
        value = left(context)
        if type(value) is str and type(wanted) is str:
            return value == wanted
        return operation(value, wanted)

    return test


def _compile_and(parts: Sequence[Evaluate]) -> Evaluate:
    def check(context: Context) -> bool:
        for part in parts:  # noqa: SIM110 - a generator would cost as much again
            if not is_true(part(context)):
                return False
        return True

    return check


def _compile_or(parts: Sequence[Evaluate]) -> Evaluate:
    def check(context: Context) -> bool:
        for part in parts:  # noqa: SIM110 - a generator would cost as much again
            if is_true(part(context)):
                return True
        return False

    return check


def _compile_join(parts: Sequence[Evaluate]) -> Evaluate:
    return lambda context: join_bounded([to_text(part(context)) for part in parts])


_CHAINS: Mapping[str, Callable[[Sequence[Evaluate]], Evaluate]] = {
    "and": _compile_and,
    "or": _compile_or,
    "&": _compile_join,
}


def _compile_table_part(node: Each | Choose | Named, tables: Tables) -> Evaluate:
    if isinstance(node, Named):
        return name_errors(node.place, _compile(node.part, tables))
    if isinstance(node, Each):
        size, _takes_lists = _measure(node.condition)
        return ask_entries(
            compile_path(node.entries),
            node.name,
            _compile(node.condition, tables),
            every=node.every,
            size=size,
        )
    rows = [
        (_compile(test, tables), _compile(value, tables)) for test, value in node.rows
    ]
    return choose_first(rows, _compile(node.otherwise, tables))


def _compile_call(call: Call, tables: Tables) -> Evaluate:
    arguments = [
        None if node is None else _compile(node, tables) for node in call.arguments
    ]
    repeated = [_compile(node, tables) for node in call.repeated]
    name = call.function.name
    if name == "lookup":
        return compile_lookup(call, repeated, tables)
    if name == "if":
        return _compile_if(*arguments)
    if name == "coalesce":
        return _compile_coalesce(repeated)
    many = [gives_list(node) for node in call.repeated]
    return compile_function(call.function, arguments, repeated, many)


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


def _give(value: object) -> Evaluate:
    return lambda context: value
