"""Stored texts made readable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration_hub.core.exactjson import dumps, loads

# Longer answers are shown as they came.
MOST = 200_000


def pretty_json(value: Any, margin: str = "") -> str:
    """JSON with one thing a line, its numbers digit by digit as they are."""
    inner = f"{margin}  "
    if isinstance(value, Mapping) and value:
        rows = [f"{inner}{dumps(k)}: {pretty_json(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{margin}}}"
    if isinstance(value, list | tuple) and value:
        rows = [f"{inner}{pretty_json(each, inner)}" for each in value]
        return "[\n" + ",\n".join(rows) + f"\n{margin}]"
    return dumps(value)


def pretty_text(text: str) -> str:
    """JSON laid out if it is JSON, else the text as it is."""
    if len(text) > MOST:
        return text
    try:
        return pretty_json(loads(text))
    except ValueError:
        return text


def flatten(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested records and lists as rows of dotted name and text; empty ones left out."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list | tuple):
        pairs = [(str(place), each) for place, each in enumerate(value, 1)]
    else:
        return [(name, str(value))] if value not in (None, "") else []
    rows = []
    for key, each in pairs:
        rows += flatten(each, f"{name}.{key}" if name else str(key))
    return rows
