"""A company's documents by business key, to hold two companies side by side.

Ids and versions are replaced by names and numbers, so that two companies into which
the same receipts were posted have equal snapshots, whatever happened on the way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from .books import Books, show
from .ledger import BookDocument, read_ledger
from .match import SOURCE_ID

# Which of two customers of one name came first, and so kept it, is chance.
NAME_SUFFIX = re.compile(r"\s*[(\[]?\d+[)\]]?$")


def snapshot(books: Books) -> dict[str, dict[str, Any]]:
    """Every document by "<entity> <number>"; a second of that key gets "#2"."""
    ledger = read_ledger(books)
    documents = sorted(ledger.documents, key=_order)
    keys = _name_documents(documents)
    found: dict[str, dict[str, Any]] = {}
    for document in documents:
        key = keys[document.entity, document.id]
        found[key] = _describe(document, keys)
    return found


def _order(document: BookDocument) -> tuple[str, str, str]:
    return document.entity, document.number, document.id.zfill(20)


def _name_documents(documents: Iterable[BookDocument]) -> dict[tuple[str, str], str]:
    seen: Counter[str] = Counter()
    keys = {}
    for document in documents:
        key = f"{document.entity} {document.number or _sources(document)}"
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key} #{seen[key]}"
        keys[document.entity, document.id] = key
    return keys


def _sources(document: BookDocument) -> str:
    return " ".join(sorted(set(SOURCE_ID.findall(document.note.lower()))))


def _describe(
    document: BookDocument, keys: dict[tuple[str, str], str]
) -> dict[str, Any]:
    customer = document.customer
    return {
        "date": document.day.isoformat() if document.day else "",
        "total": show(document.total),
        "balance": show(document.balance),
        "customer": NAME_SUFFIX.sub("", customer.name) if customer else "",
        "email": customer.email if customer else "",
        "location": document.location,
        "account": document.account,
        "method": document.method,
        "term": document.term,
        "due": document.due,
        "source": _sources(document),
        "lines": sorted(
            f"{line.item} | {line.account} | {line.code} | {show(line.net)}"
            f" | {show(line.gross)} | {line.quantity} | {line.text}"
            for line in document.lines
        ),
        "entries": sorted(
            f"{entry.account} | {entry.code} | {entry.side} | {show(entry.amount)}"
            f" | {show(entry.tax)}"
            for entry in document.entries
        ),
        "vat": sorted(f"{show(net)} {show(vat)}" for net, vat in document.tax.values()),
        "links": sorted(
            f"{keys.get((kind, target), f'{kind} that is gone')} {show(amount)}"
            for kind, target, amount in document.links
        ),
    }
