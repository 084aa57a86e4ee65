"""The state of a sign-in under way: single use, bound to one person's session."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

KEY = "oauth_pending"
# A person may have a few sign-ins open in tabs; each is good for 15 minutes.
MOST = 5
SECONDS = 900

Store = MutableMapping[str, Any]


def begin(store: Store, *, connection_id: int, user_id: int) -> str:
    """Remember a new sign-in in the session ``store``; its state."""
    state = secrets.token_urlsafe(32)
    pending = [*_list_pending(store), [state, connection_id, user_id, time.time()]]
    store[KEY] = pending[-MOST:]
    return state


def finish(store: Store, *, state: str, user_id: int) -> int | None:
    """The connection that ``state`` was made for, once; None for any other state."""
    found: int | None = None
    kept = []
    for entry in _list_pending(store):
        known, connection_id, owner, _ = entry
        if hmac.compare_digest(known.encode(), state.encode()) and owner == user_id:
            found = int(connection_id)
        else:
            kept.append(entry)
    store[KEY] = kept
    return found


def _list_pending(store: Store) -> list[list[Any]]:
    oldest = time.time() - SECONDS
    return [entry for entry in store.get(KEY, []) if entry[3] >= oldest]
