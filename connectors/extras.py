"""``extra`` as JSON and back, exactly.

``extra`` holds whatever the source's API sends: records, lists, texts, numbers, dates,
times. What JSON has no word for becomes a record with one key that starts with "$";
a record of the source that looks the same is wrapped.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

_JSON = frozenset({str, int, bool, type(None)})

_MARKS: dict[type, tuple[str, Callable[[Any], str]]] = {
    Decimal: ("$decimal", str),
    float: ("$float", repr),
    datetime: ("$datetime", datetime.isoformat),
    date: ("$date", date.isoformat),
    time: ("$time", time.isoformat),
    bytes: ("$bytes", bytes.hex),
}

_READERS: dict[str, Callable[[Any], Any]] = {
    "$decimal": Decimal,
    "$float": float,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$bytes": bytes.fromhex,
}

_WRAPPED = "$record"


def encode_extra(value: Any) -> Any:
    """JSON-ready form. Lists and tuples become lists, unknown objects their text."""
    kind = type(value)
    if kind in _JSON:
        return value
    if isinstance(value, Mapping):
        record = {str(key): encode_extra(entry) for key, entry in value.items()}
        return {_WRAPPED: record} if _looks_marked(record) else record
    if isinstance(value, list | tuple):
        return [encode_extra(entry) for entry in value]
    if isinstance(value, enum.Enum):
        return encode_extra(value.value)
    mark = _MARKS.get(kind)
    return {mark[0]: mark[1](value)} if mark else str(value)


def decode_extra(value: Any) -> Any:
    """The value that ``encode_extra`` was given."""
    if isinstance(value, list):
        return [decode_extra(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if _looks_marked(value):
        [(mark, content)] = value.items()
        if mark in _READERS:
            return _READERS[mark](content)
        value = content
    return {key: decode_extra(entry) for key, entry in value.items()}


def _looks_marked(record: Mapping[str, Any]) -> bool:
    if len(record) != 1:
        return False
    return next(iter(record)) in _READERS or _WRAPPED in record
