"""By what accounts, items and tax codes a document is booked, as a short digest.

What is to be reversed must still be booked by the same ones: rules and settings may have
changed since it was posted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.writes import Known, Ref

FACT = "booked"
LENGTH = 16


def digest(
    document: Mapping[str, Any], known: Mapping[Ref, Known] | None = None
) -> str:
    """The digest of a sales document or payment, as it is there or is to be.

    ``known`` has the items of one that is to be.
    """
    parts = "\n".join(_list_parts(document, known or {}))
    return hashlib.sha256(parts.encode()).hexdigest()[:LENGTH]


def _list_parts(
    document: Mapping[str, Any], known: Mapping[Ref, Known]
) -> Iterator[str]:
    yield _read_ref(document, "DepositToAccountRef", known)
    for line in document.get("Line") or ():
        detail = line.get("SalesItemLineDetail")
        if detail:
            item = _read_ref(detail, "ItemRef", known)
            yield f"{item} {_read_ref(detail, 'TaxCodeRef', known)}"


def _read_ref(holder: Mapping[str, Any], name: str, known: Mapping[Ref, Known]) -> str:
    value = (holder.get(name) or {}).get("value")
    if isinstance(value, Ref):
        return known[value].id if value in known else ""
    return str(value or "")
