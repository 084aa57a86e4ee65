"""A real server on a loopback socket that does exactly what a test tells it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

from integration_hub.core.http import Session

Handler = Callable[[socket.socket, "Wire"], None]


class Wire:
    """Hands each whole request to ``handler`` with the socket it came on."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.handler = handler
        self.tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        scheme = "https" if tls else "http"
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.closed.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _accept(self) -> None:
        workers = []
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                worker = threading.Thread(target=self._serve, args=(sock,), daemon=True)
                worker.start()
                workers.append(worker)
        for worker in workers:
            worker.join(5)

    def _serve(self, raw: socket.socket) -> None:
        with raw, contextlib.suppress(OSError):
            sock = self.tls.wrap_socket(raw, server_side=True) if self.tls else raw
            with sock:
                self._open.append(sock)
                while request := read_request(sock):
                    self.requests.append(request)
                    self.handler(sock, self)


def read_request(sock: socket.socket) -> bytes:
    """One request with its body (Content-Length only), b"" at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65_536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += sock.recv(65_536)
    return head + b"\r\n\r\n" + body


def make_answer(
    body: bytes = b"", *, status: str = "200 OK", headers: tuple[str, ...] = ()
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answering(
    body: bytes = b"", *, status: str = "200 OK", headers: tuple[str, ...] = ()
) -> Handler:
    """A handler that always gives this answer."""
    data = make_answer(body, status=status, headers=headers)

    def handle(sock: socket.socket, wire: Wire) -> None:
        sock.sendall(data)

    return handle


def cutting(data: bytes = b"") -> Handler:
    """A handler that sends ``data`` and closes the connection."""

    def handle(sock: socket.socket, wire: Wire) -> None:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_RDWR)

    return handle


def in_turn(*handlers: Handler) -> Handler:
    """The first request goes to the first handler; the last one keeps answering."""
    left = list(handlers)

    def handle(sock: socket.socket, wire: Wire) -> None:
        handler = left.pop(0) if len(left) > 1 else left[0]
        handler(sock, wire)

    return handle


def trickling(data: bytes, pause: float = 0.02) -> Handler:
    """A handler that sends ``data`` byte by byte, until the client has gone."""

    def handle(sock: socket.socket, wire: Wire) -> None:
        for byte in data:
            sock.sendall(bytes([byte]))
            wire.closed.wait(pause)

    return handle


@contextlib.contextmanager
def running(handler: Handler, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    wire = Wire(handler, tls)
    try:
        yield wire
    finally:
        wire.stop()


def make_session(**options: object) -> Session:
    values: dict[str, object] = {
        "system": "Shop",
        "bucket": "test",
        "limits": (),
        "waits": (0, 0),
        "deadline": 5.0,
        **options,
    }
    return Session(**values)  # type: ignore[arg-type]
