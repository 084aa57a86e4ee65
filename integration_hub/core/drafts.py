"""A call while it is made, and what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import requests

from integration_hub.core.exchanges import Exchange
from integration_hub.core.redaction import redact
from integration_hub.core.transport import Call

EXCERPT = 20_000


@dataclass(slots=True)
class Draft:
    """What is known of a call while it is made."""

    request: requests.PreparedRequest
    call: Call
    request_id: str
    started_at: datetime
    started: float
    status: int | None = None
    remote_id: str = ""
    body: bytearray | None = None


def prepare_request(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    data: bytes | str | None = None,
) -> requests.PreparedRequest:
    """The request of a call, with the headers that all of the hub's calls have."""
    request = requests.PreparedRequest()
    base = {"User-Agent": "integration-hub", "Accept-Encoding": "gzip, deflate"}
    request.prepare(
        method=method,
        url=url,
        params=dict(params or {}),
        headers={**base, **(headers or {})},
        data=data.encode() if isinstance(data, str) else data,
    )
    return request


def make_exchange(draft: Draft, secrets: Collection[str]) -> Exchange:
    """What is kept of a call as it stands now, without these secrets."""
    return Exchange(
        method=draft.request.method or "",
        url=redact(draft.request.url or "", secrets),
        status=draft.status,
        request_id=draft.request_id,
        remote_id=draft.remote_id,
        started_at=draft.started_at,
        seconds=time.monotonic() - draft.started,
        sent=make_excerpt(draft.request.body, secrets),
        received=make_excerpt(draft.body, secrets),
    )


def make_excerpt(body: bytes | bytearray | str | None, secrets: Collection[str]) -> str:
    """The beginning of a body as text, without these secrets."""
    if not body:
        return ""
    # A secret on the edge is hidden whole before the text is cut.
    longest = max((len(secret) for secret in secrets), default=0)
    head = body[: EXCERPT * 4 + longest]
    text = head if isinstance(head, str) else head.decode("utf-8", "replace")
    return redact(text[: EXCERPT + longest], secrets)[:EXCERPT]
