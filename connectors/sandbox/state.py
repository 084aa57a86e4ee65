"""What a sandbox remembers: rows of (kind, id, JSON), kept over a restart in a file.

The sandbox works on its own objects in memory; this is only where they are written
to, once per request, and read from at the start.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from typing import Any

Row = tuple[str, str, Any]


class State:
    """Rows in a SQLite file; without a file nothing is kept."""

    def __init__(self, path: str | None = None) -> None:
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        if path is None:
            return
        self._database = sqlite3.connect(path, check_same_thread=False)
        # A crash of the machine may lose the last rows; a sandbox may do that.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS rows (kind TEXT NOT NULL, id TEXT NOT NULL,"
            " body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )
        self._database.commit()

    @property
    def kept(self) -> bool:
        """Whether rows go to a file."""
        return self._database is not None

    def rows(self) -> Iterable[Row]:
        """Everything that is kept, in order of kind and id (as text)."""
        if self._database is None:
            return []
        with self._lock:
            found = self._database.execute(
                "SELECT kind, id, body FROM rows ORDER BY kind, id"
            ).fetchall()
        return [(kind, key, json.loads(body)) for kind, key, body in found]

    def save(self, rows: Iterable[Row], gone: Iterable[tuple[str, str]] = ()) -> None:
        """Write ``rows`` and remove ``gone`` (kind, id) in one transaction."""
        if self._database is None:
            return
        texts = [
            (kind, key, json.dumps(body, separators=(",", ":")))
            for kind, key, body in rows
        ]
        with self._lock, self._database:
            self._database.executemany(
                "INSERT INTO rows (kind, id, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                texts,
            )
            self._database.executemany(
                "DELETE FROM rows WHERE kind = ? AND id = ?", list(gone)
            )

    def clear(self) -> None:
        """Remove everything."""
        if self._database is None:
            return
        with self._lock, self._database:
            self._database.execute("DELETE FROM rows")

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            with self._lock:
                self._database.close()
            self._database = None
