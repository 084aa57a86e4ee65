"""The only way to the wire: limits, deadlines, size, redaction, and what was said.

The session judges no status: each connector maps (status, code) to errors through
its one table. It does judge the transport: what certainly did not leave is
``Unavailable``; a write that may have left without an answer is ``OutcomeUnknown``.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3
from django.conf import settings
from django.db import connections, transaction

from integration_hub.core import limits as rate_limits
from integration_hub.core.addresses import check_address
from integration_hub.core.drafts import Draft, make_exchange, prepare_request
from integration_hub.core.errors import (
    ConfigError,
    HubError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from integration_hub.core.exchanges import Exchange, Reply
from integration_hub.core.limits import Limit
from integration_hub.core.redaction import redact, remember_secrets
from integration_hub.core.transport import Call, DeadlineAdapter, current_call
from integration_hub.core.troubles import Trouble, describe_trouble

__all__ = ["Exchange", "Reply", "Session", "assert_no_transaction"]

logger = logging.getLogger(__name__)

DEFAULT_WAITS = (0.5, 2.0)
CHUNK = 65_536
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Reads wait this long themselves; a longer wait is the engine's to schedule.
LONGEST_READ_WAIT = 5.0
# What a try gets whose pause took a little longer than it should.
LEAST_SECONDS = 0.001


class Session:
    """Calls of one connection. Not to be shared between threads.

    ``bucket`` names the budget of ``limits``, shared by all processes. ``deadline``
    is the wall clock in seconds for waiting and call together; ``waits`` are the
    pauses between tries of ``read`` (``settings.READ_WAITS``).
    """

    def __init__(
        self,
        *,
        system: str,
        bucket: str,
        limits: Sequence[Limit] = (),
        secrets: Sequence[str] = (),
        deadline: float = 60.0,
        max_bytes: int = 50_000_000,
        remote_id_header: str = "",
        ca_file: str = "",
        waits: Sequence[float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.system = system
        self.bucket = bucket
        self.limits = {limit.name: limit for limit in limits}
        self.deadline = deadline
        self.max_bytes = max_bytes
        self.waits = tuple(_read_waits() if waits is None else waits)
        self._secrets = [s for s in secrets if s]
        self._remote_id_header = remote_id_header
        self._verify: str | bool = ca_file or True
        self._sleep = sleep
        self._adapter = DeadlineAdapter(max_retries=0)
        self._before_write: Callable[[], None] | None = None
        remember_secrets(self._secrets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._adapter.close()

    def add_secret(self, secret: str) -> None:
        """Hide ``secret`` too from now on (a fresh token)."""
        if secret and secret not in self._secrets:
            self._secrets.append(secret)
            remember_secrets([secret])

    def redact(self, text: str) -> str:
        """``text`` without this session's secrets."""
        return redact(text, self._secrets)

    @contextmanager
    def guarded(self, check: Callable[[], None]) -> Iterator[None]:
        """Ask ``check`` right before every write leaves, after all waiting.

        What it raises is raised by ``send``; nothing has been sent then.
        """
        before, self._before_write = self._before_write, check
        try:
            yield
        finally:
            self._before_write = before

    def slow_down(self, seconds: float) -> None:
        """Nobody calls on this budget during ``seconds`` (after a 429)."""
        if self.limits:
            rate_limits.slow_down(self.bucket, seconds)

    def find_room(self, spend: Collection[str], name: str) -> int | None:
        """How many units of limit ``name`` the next call could spend at once.

        ``spend`` names all limits that it spends from. None where there is no limit.
        """
        if name not in self.limits:
            return None
        limits = [self.limits[each] for each in spend if each in self.limits]
        return rate_limits.find_room(self.bucket, limits, self.limits[name])

    def send(
        self,
        method: str,
        url: str,
        *,
        write: bool,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | str | None = None,
        spend: Mapping[str, int] | Sequence[str] = ("calls",),
        deadline: float | None = None,
    ) -> Reply:
        """Make exactly one call, after waiting for the limits.

        Raises RuntimeError inside a database transaction; ConfigError for an address
        that may not be called and for a redirect; RateLimited when the limits would
        leave less than half the deadline; Unavailable and OutcomeUnknown.
        """
        assert_no_transaction()
        check_address(url, system=self.system)
        request = prepare_request(
            method, url, params=params, headers=headers, data=data
        )
        ends = time.monotonic() + (deadline or self.deadline)
        self._wait_for_limits(spend, (deadline or self.deadline) / 2)
        if write and self._before_write is not None:
            self._before_write()
        draft = Draft(
            request=request,
            call=Call(ends=ends, write=write),
            request_id=uuid.uuid4().hex,
            started_at=datetime.now(UTC),
            started=time.monotonic(),
        )
        return self._exchange(draft)

    def read(
        self,
        method: str,
        url: str,
        *,
        retry_reply: Callable[[Reply], bool] | None = None,
        tries: int = 3,
        deadline: float | None = None,
        **options: Any,
    ) -> Reply:
        """Like ``send`` for a call that changes nothing: tried up to ``tries`` times.

        ``retry_reply`` says which answers (a 503, say) are worth another try; the
        last one is returned as it is. All tries share one deadline.
        """
        whole = deadline or self.deadline
        ends = time.monotonic() + whole
        for wait in self.waits[: tries - 1]:
            left = min(whole, max(ends - time.monotonic(), LEAST_SECONDS))
            try:
                reply = self.send(method, url, write=False, deadline=left, **options)
            except RateLimited as error:
                if error.retry_after > LONGEST_READ_WAIT:
                    raise
                wait = max(wait, error.retry_after)
                # Nothing was asked yet.
                ends += wait
            except Unavailable as error:
                if error.code in Trouble.LASTING or time.monotonic() + wait >= ends:
                    raise
            else:
                if retry_reply is None or not retry_reply(reply):
                    return reply
                wait = max(wait, reply.retry_after or 0.0)
                if wait > LONGEST_READ_WAIT or time.monotonic() + wait >= ends:
                    return reply
            self._sleep(wait)
        left = min(whole, max(ends - time.monotonic(), LEAST_SECONDS))
        return self.send(method, url, write=False, deadline=left, **options)

    def _wait_for_limits(
        self, spend: Mapping[str, int] | Sequence[str], max_wait: float
    ) -> None:
        if not self.limits:
            return
        units = spend if isinstance(spend, Mapping) else dict.fromkeys(spend, 1)
        wanted = {self.limits[name]: count for name, count in units.items() if count}
        try:
            wait = rate_limits.spend_all(self.bucket, wanted, max_wait=max_wait)
        except RateLimited as error:
            error.system = self.system
            raise
        if wait > 0:
            self._sleep(wait)

    def _exchange(self, draft: Draft) -> Reply:
        token = current_call.set(draft.call)
        try:
            response = self._adapter.send(
                draft.request,
                stream=True,
                timeout=draft.call.left(),
                verify=self._verify,
            )
            return self._take(draft, response)
        except HubError:
            raise
        except (OSError, urllib3.exceptions.HTTPError) as error:
            # requests' own errors are OSErrors.
            trouble = describe_trouble(error, sent=draft.call.sent)
            raise self._explain(draft, trouble) from error
        finally:
            current_call.reset(token)

    def _take(self, draft: Draft, response: requests.Response) -> Reply:
        draft.status = response.status_code
        draft.remote_id = response.headers.get(self._remote_id_header, "")
        draft.body = bytearray()
        try:
            for chunk in response.raw.stream(CHUNK, decode_content=True):
                draft.body += chunk
                if len(draft.body) > self.max_bytes:
                    raise self._explain(draft, Trouble.too_large(self.max_bytes))
        except BaseException:
            response.raw.close()
            raise
        response.raw.release_conn()
        exchange = self._record(draft)
        if draft.status in REDIRECTS:
            raise self._refuse_redirect(response, exchange)
        return Reply(draft.status, response.headers, bytes(draft.body), exchange)

    def _refuse_redirect(
        self, response: requests.Response, exchange: Exchange
    ) -> ConfigError:
        target = self.redact(response.headers.get("Location", "nowhere"))
        return ConfigError(
            f"{self.system} answers with a redirect to {target[:200]}, which is not "
            f"followed.",
            code="redirect",
            action="Enter the address that answers directly.",
            system=self.system,
            exchange=exchange,
        )

    def _explain(self, draft: Draft, trouble: Trouble) -> HubError:
        """The error for a call that brought no whole answer."""
        unknown = draft.call.write and draft.call.sent
        kind = OutcomeUnknown if unknown else Unavailable
        host = urlsplit(draft.request.url or "").netloc
        return kind(
            f"{self.system}: {trouble.text.format(host=host)}",
            code=trouble.code,
            action=trouble.action,
            system=self.system,
            exchange=self._record(draft),
        )

    def _record(self, draft: Draft) -> Exchange:
        exchange = make_exchange(draft, self._secrets)
        logger.debug(
            "%s %s: %s in %.3f s",
            exchange.method,
            # What is asked for may name people.
            exchange.url.partition("?")[0],
            exchange.status,
            exchange.seconds,
        )
        return exchange


def _read_waits() -> Sequence[float]:
    waits: Sequence[float] = getattr(settings, "READ_WAITS", DEFAULT_WAITS)
    return waits


def assert_no_transaction() -> None:
    """Raise RuntimeError if a database transaction is open on any connection."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            # Django itself raises here, except in a test case's own wrapper.
            with transaction.atomic(using=connection.alias, durable=True):
                pass
