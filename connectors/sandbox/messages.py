"""What goes in and out of a sandbox: requests, answers and what is to be had of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from connectors.sandbox.faults import Hold
    from connectors.sandbox.state import State
    from connectors.sandbox.switches import Switches


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are in lower case; of a query parameter that
    is given twice the last value counts, one without a value is empty text."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    raw_query: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer; length and connection headers are added by the server."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_response(status: int, value: Any) -> Response:
    """An answer with ``value`` as JSON."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json;charset=UTF-8"}, body)


class ControlError(Exception):
    """The control endpoint cannot do what is asked; the text says why."""


class Application(Protocol):
    """A vendor's system, as the sandbox server needs it."""

    key: str
    switches: Switches

    def handle(self, request: Request, hold: Hold) -> Response:
        """Answer one API request.

        Must call ``hold.begin(operation, items)`` before any work, and for writes
        ``hold.inside(done)`` after each item and ``hold.after()`` after the last,
        never while holding a lock: those calls may block, and may raise
        ``faults.Answered`` or ``faults.CutOff``, which the server handles. Called by
        several threads at a time.
        """

    def failure(self, status: int) -> Response:
        """How this vendor answers when it fails with ``status`` (429, 500, 503)."""

    def control(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do a domain action of the control endpoint. Raises ControlError."""

    def load(self, state: State) -> None:
        """Take up what ``state`` holds, or seed it when it holds nothing."""

    def reset(self) -> None:
        """Forget everything and seed again."""
