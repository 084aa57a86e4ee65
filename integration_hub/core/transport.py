"""One HTTP call on a socket, under a wall-clock deadline.

requests and urllib3 bound each socket operation, not their sum: a server that sends
one header byte a second holds them for ever. Here every operation gets only what is
left of the call's deadline, and the call knows whether anything has been sent.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import ipaddress
import queue
import socket
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

CONNECT_SECONDS = 10.0
# Servers close idle connections after 5 s and more. A write on a connection that is
# just being closed has an unknown outcome, so a fresh one is cheaper.
IDLE_SECONDS = 4.0


@dataclass(slots=True)
class Call:
    """The progress of one call. ``ends`` is on the monotonic clock."""

    ends: float
    write: bool
    sent: bool = False

    def left(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of the call has passed")
        return left


current_call: ContextVar[Call] = ContextVar("current_call")


class _DeadlineReader(io.RawIOBase):
    """A socket's reading side in which every read obeys the call's deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._call = current_call.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._sock.settimeout(self._call.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _LineReader(io.BufferedReader):
    """A reader that tells the end of a line from the end of the connection."""

    strict = False

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if self.strict and line[-1:] != b"\n" and len(line) != size:
            raise http.client.RemoteDisconnected("closed inside the headers")
        return line


class _DeadlineResponse(http.client.HTTPResponse):
    """An answer whose status line, headers and body are read under the deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = self._reader = _LineReader(_DeadlineReader(sock))

    def begin(self) -> None:
        """Read up to the body. http.client takes a cut here for the headers' end."""
        reader = self._reader
        reader.strict = True
        super().begin()
        reader.strict = False


class _DeadlineMixin(HTTPConnection):
    """Connects and sends under the deadline and says when sending begins."""

    response_class = _DeadlineResponse
    idle_since = 0.0

    def _new_conn(self) -> socket.socket:
        return open_socket(self._dns_host, self.port or self.default_port)

    def send(self, data: ReadableBuffer | Any) -> None:
        if self.sock is None:
            self.connect()
        call = current_call.get()
        self.sock.settimeout(call.left())
        call.sent = True
        super().send(data)


class _DeadlineHTTPConnection(_DeadlineMixin):
    pass


class _DeadlineHTTPSConnection(_DeadlineMixin, HTTPSConnection):
    pass


class _FreshMixin(HTTPConnectionPool):
    """Gives a write no connection that the server may be about to close."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        idle = time.monotonic() - connection.idle_since
        if current_call.get().write and idle > IDLE_SECONDS:
            connection.close()
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)


class _FreshHTTPPool(_FreshMixin):
    ConnectionCls = _DeadlineHTTPConnection


class _FreshHTTPSPool(_FreshMixin, HTTPSConnectionPool):
    ConnectionCls = _DeadlineHTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """An adapter that never retries and whose connections obey ``current_call``."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use our pools and no others."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _FreshHTTPPool,
            "https": _FreshHTTPSPool,
        }


def open_socket(host: str, port: int) -> socket.socket:
    """A connected socket to the first address of ``host`` that answers.

    Raises OSError (``gaierror``, refused, time-out) of the last address tried.
    """
    call = current_call.get()
    failure: OSError | None = None
    for family, kind, protocol, _, address in resolve(host, port, call.left()):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(min(CONNECT_SECONDS, call.left()))
            sock.connect(address)
            sock.settimeout(call.left())
        except OSError as error:
            sock.close()
            failure = error
            continue
        return sock
    raise failure or socket.gaierror(f"no address for {host}")


def resolve(host: str, port: int, seconds: float) -> list[Any]:
    """The addresses of ``host``. A name server that hangs is left after ``seconds``."""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    answers: queue.Queue[list[Any] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            answers.put(error)
        except UnicodeError as error:
            # A label that is empty or too long is no name at all.
            answers.put(socket.gaierror(socket.EAI_NONAME, str(error)))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer from the name server about {host}") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
