"""JSON whose numbers are exact: ``Decimal`` in, the same digits out.

Python's own encoder knows only binary floats, which cannot hold 0.10. Amounts that
go to another system or are kept to be sent again pass through here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def dumps(value: object) -> str:
    """``value`` as JSON text: texts, bool, None, int, Decimal, lists, mappings.

    Decimals keep their digits (``Decimal("10.00")`` is ``10.00``). Raises TypeError
    for anything else (a float, a date, a key that is no text) and ValueError for a
    Decimal that is not finite.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def loads(text: str | bytes) -> Any:
    """The value of JSON text; numbers with a point or an exponent become Decimal.

    Raises ValueError for text that is not JSON, also for NaN and Infinity.
    """
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number.")


def _write(value: object, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif value is None or isinstance(value, bool):
        parts.append({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, int):
        parts.append(int.__repr__(value))
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a JSON number.")
        parts.append(format(value, "f"))
    elif isinstance(value, Mapping):
        _write_mapping(value, parts)
    elif isinstance(value, list | tuple):
        _write_list(value, parts)
    else:
        raise TypeError(f"A {type(value).__name__} has no exact JSON form.")


def _write_mapping(value: Mapping[Any, object], parts: list[str]) -> None:
    opening = "{"
    for key, entry in value.items():
        if not isinstance(key, str):
            raise TypeError(f"The key {key!r} is no text.")
        parts.append(opening + encode_basestring(key) + ":")
        _write(entry, parts)
        opening = ","
    parts.append("{}" if opening == "{" else "}")


def _write_list(value: list[Any] | tuple[Any, ...], parts: list[str]) -> None:
    opening = "["
    for entry in value:
        parts.append(opening)
        _write(entry, parts)
        opening = ","
    parts.append("[]" if opening == "[" else "]")
