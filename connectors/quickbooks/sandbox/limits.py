"""The service's rate limits, when they are switched on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

# Name, units, seconds: of one company and app.
REQUESTS = ("requests", 500, 60.0)
BURST = ("burst", 10, 1.0)
BATCHES = ("batches", 40, 60.0)
Limit = tuple[str, int, float]


class Limits:
    """Sliding windows per company."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], deque[float]] = {}

    def allow(self, realm: str, *, batch: bool, units: int) -> bool:
        """Whether a request may pass; it counts only if it may.

        ``units`` is what it counts for in the minute limit.
        """
        wanted: list[tuple[Limit, int]] = [(REQUESTS, units), (BURST, 1)]
        if batch:
            wanted.append((BATCHES, 1))
        now = self._clock()
        with self._lock:
            windows = [self._window(realm, limit, now) for limit, _ in wanted]
            for window, (limit, count) in zip(windows, wanted, strict=True):
                if len(window) + count > limit[1]:
                    return False
            for window, (_, count) in zip(windows, wanted, strict=True):
                window.extend([now] * count)
        return True

    def reset(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._windows.clear()

    def _window(self, realm: str, limit: Limit, now: float) -> deque[float]:
        window = self._windows.setdefault((realm, limit[0]), deque())
        while window and window[0] <= now - limit[2]:
            window.popleft()
        return window
