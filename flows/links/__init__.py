"""The only door to the links: the intent before a write, the memory after it.

A link goes planned → sending → linked, or to refused (definite) or in doubt. Who may
send a write is decided by one conditional update from planned or refused to sending;
that update is committed before the call. Rows are locked and written in one order, so
that two workers never wait for each other.
"""

from __future__ import annotations

from flows.links.finding import (
    adopt,
    adopt_found,
    mark_stale,
    note_search,
    note_touched,
    note_undone,
    own,
    plan_again,
    refresh,
)
from flows.links.rows import (
    Links,
    Verdict,
    known_of,
    load,
    load_of_keys,
    open_links,
    outline_of,
    ref_of,
)
from flows.links.sending import (
    CORRECTION,
    UPDATE,
    doubt,
    release,
    reserve,
    settle,
    take,
)

__all__ = [
    "CORRECTION",
    "UPDATE",
    "Links",
    "Verdict",
    "adopt",
    "adopt_found",
    "doubt",
    "known_of",
    "load",
    "load_of_keys",
    "mark_stale",
    "note_search",
    "note_touched",
    "note_undone",
    "open_links",
    "outline_of",
    "own",
    "plan_again",
    "ref_of",
    "refresh",
    "release",
    "reserve",
    "settle",
    "take",
]
