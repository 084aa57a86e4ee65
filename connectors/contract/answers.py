"""What a system answers: to a check, with a list, with a page of documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.datamodel import Document, Unreadable


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What ``check`` found. ``problem`` and ``action`` are for people."""

    ok: bool
    who: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    action: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list of the system. ``facts`` helps to match (rate, type)."""

    id: str
    name: str
    code: str = ""
    active: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Documents (or what stands in their place) and where reading goes on.

    ``cursor`` is opaque text; ``more`` is false when nothing is left for now.
    """

    documents: tuple[Document | Unreadable, ...]
    cursor: str
    more: bool
