"""The log of a sandbox: one entry per API request."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 500_000


@dataclass(slots=True)
class Entry:
    """One API request. ``at`` is when it arrived and ``seconds`` how long it took;
    ``status`` is 0 when it was not answered, None while it is at work."""

    n: int
    at: float
    method: str
    path: str
    operation: str = ""
    items: int = 1
    status: int | None = None
    seconds: float = 0.0


class Journal:
    """The last entries, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def open(self, method: str, path: str) -> Entry:
        """Enter a request that has just arrived."""
        with self._lock:
            entry = Entry(next(self._numbers), time.time(), method, path)
            self._entries.append(entry)
        return entry

    def since(self, number: int) -> list[dict[str, Any]]:
        """The entries after ``number``."""
        with self._lock:
            return [asdict(entry) for entry in self._entries if entry.n > number]

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        with self._lock:
            self._entries.clear()
