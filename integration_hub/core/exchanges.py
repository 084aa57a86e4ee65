"""What was said in one remote call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """One remote call, for people: texts are excerpts without secrets."""

    method: str
    url: str
    status: int | None
    request_id: str
    remote_id: str
    started_at: datetime
    seconds: float
    sent: str
    received: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Header names are found in any case; ``body`` is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    exchange: Exchange

    @property
    def retry_after(self) -> float | None:
        """Seconds the server asks us to wait (Retry-After), None if it does not."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isdigit():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
