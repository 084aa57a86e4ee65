"""Look-ups in value maps as closures, which remember what they found."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from integration_hub.core.errors import ConfigError
from mapping.nodes import Call, Literal, Node
from mapping.paths import Context, Evaluate
from mapping.rules import Missing
from mapping.valuemaps import Tables, ValueTable

# How many look-ups a closure remembers; a run meets the same few values again and again.
_MEMORY = 5_000
_LONGEST_REMEMBERED = 100


def compile_lookup(call: Call, keys: Sequence[Evaluate], tables: Tables) -> Evaluate:
    """The closure of a look-up. Raises ConfigError for one that cannot work."""
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
    filled = any(any(entry.values.values()) for entry in data.entries)
    if not data.force and (filled or data.missing == Missing.FAIL):
        return _look_up(table, column, keys)
    # The keys of such a map change nothing, so they are not worked out.
    value = table.find((), column)
    return lambda context: value


def _look_up(table: ValueTable, column: str, keys: Sequence[Evaluate]) -> Evaluate:
    found: dict[tuple[object, ...], str | None] = {}

    def look_up(context: Context) -> object:
        values = [key(context) for key in keys]
        known = _remember(values)
        if known in found:
            return found[known]
        value = table.find(values, column)
        if known is not None:
            if len(found) >= _MEMORY:
                found.clear()
            found[known] = value
        return value

    return look_up


def _remember(values: Sequence[object]) -> tuple[object, ...] | None:
    """Texts and numbers as a key that equals no other values', None for the rest.

    A number is taken by its digits, in a tuple that equals no text: 21 and 21.00 are
    the same row only where the map says so.
    """
    known: list[object] = []
    for value in values:
        kind = type(value)
        if kind is Decimal:
            known.append((str(value),))
        elif kind is str and len(value) <= _LONGEST_REMEMBERED:  # type: ignore[arg-type]
            known.append(value)
        else:
            return None
    return tuple(known)


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
