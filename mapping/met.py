"""The fields of the source's own API that were met in records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mapping.vocabulary import BOOLEAN, DATE, NUMBER, TEXT, DocumentField, find_field

MAX_LEVELS = 3
MAX_FIELDS = 200
MAX_PATH = 150
_RESERVED = frozenset({"and", "or", "not", "if", "true", "false", "nothing"})


def list_met(documents: Iterable[Mapping[str, Any]]) -> list[DocumentField]:
    """What ``extra`` of documents, customers, lines and payments was met with, by path.

    A field that was met with values of several types is a text.
    """
    met: dict[str, str] = {}
    for document in documents:
        for path, kind in _walk_document(document):
            if len(met) < MAX_FIELDS or path in met:
                met[path] = kind if met.get(path, kind) == kind else TEXT
    return [find_field(path, met[path]) for path in sorted(met)]


def write_step(name: str) -> str:
    """The step into a field within a path, in quotes where it is no plain word."""
    if name.isidentifier() and name.isascii() and name.lower() not in _RESERVED:
        return f".{name}"
    return '["' + name.replace('"', '""') + '"]'


def _walk_document(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _walk(document.get("extra"), "order.extra", MAX_LEVELS)
    customer = document.get("customer") or {}
    yield from _walk(customer.get("extra"), "order.customer.extra", MAX_LEVELS)
    for name, root in (("lines", "line"), ("tenders", "tender")):
        for entry in document.get(name) or ():
            yield from _walk(entry.get("extra"), f"{root}.extra", MAX_LEVELS)


def _walk(value: object, path: str, levels: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items() if levels else ():
            yield from _walk(inner, f"{path}{write_step(str(name))}", levels - 1)
    elif value not in (None, "") and len(path) <= MAX_PATH:
        kind = _type_of(value)
        if kind:
            yield path, kind


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, Decimal | int | float):
        return NUMBER
    if isinstance(value, date):
        return DATE
    return TEXT if isinstance(value, str) else ""
