"""Stored texts made readable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integration_hub.core.exactjson import dumps, loads

# Longer answers are shown as they came.
MOST = 200_000


@dataclass(frozen=True, slots=True)
class Section:
    """Fields of one part of a nested record, by dotted name; "" names the whole."""

    name: str
    rows: tuple[tuple[str, str], ...]


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


def split_sections(value: Mapping[str, Any], name: str = "") -> list[Section]:
    """A nested record in parts: its own fields first, then each entry of its lists.

    Empty fields are left out, and parts without any.
    """
    rows: list[tuple[str, str]] = []
    parts: list[Section] = []
    _split(value, "", name, rows, parts)
    own = [Section(name, tuple(rows))] if rows else []
    return own + parts


def _split(
    value: Mapping[str, Any],
    prefix: str,
    name: str,
    rows: list[tuple[str, str]],
    parts: list[Section],
) -> None:
    for key, each in value.items():
        path = f"{prefix}{key}"
        if isinstance(each, Mapping):
            _split(each, f"{path}.", name, rows, parts)
        elif isinstance(each, list | tuple):
            for place, entry in enumerate(each, 1):
                title = f"{name} {path} {place}".strip()
                fields = entry if isinstance(entry, Mapping) else {"value": entry}
                parts.extend(split_sections(fields, title))
        elif each not in (None, ""):
            rows.append((path, str(each)))
