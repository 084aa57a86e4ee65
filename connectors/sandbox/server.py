"""Serves a sandbox application over HTTP on the loopback interface.

``serve`` runs one in this process until it is stopped, ``start`` runs one in a thread
for tests. Everything under ``/_sandbox/`` is the control endpoint.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from connectors.sandbox.control import PREFIX, Control
from connectors.sandbox.faults import Answered, CutOff, Faults, Hold
from connectors.sandbox.journal import Entry, Journal
from connectors.sandbox.messages import (
    Application,
    Request,
    Response,
    json_response,
)
from connectors.sandbox.state import State
from connectors.sandbox.wire import (
    BadRequest,
    format_response,
    read_request,
    wants_close,
)

__all__ = ["Application", "Request", "Response", "Running", "serve", "start"]

HOST = "127.0.0.1"
logger = logging.getLogger(__name__)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The listening socket with all that its connections share."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, application: Application, port: int) -> None:
        self.application = application
        self.faults = Faults()
        self.journal = Journal()
        self.control = Control(application, faults=self.faults, journal=self.journal)
        self.open_sockets: set[socket.socket] = set()
        super().__init__((HOST, port), _Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log a defect of the sandbox; its connection is closed."""
        logger.error("The sandbox failed on a request.", exc_info=sys.exc_info())

    def close_connections(self) -> None:
        """Let held calls go and close what clients keep open."""
        self.faults.clear()
        self.faults.release()
        for connection in list(self.open_sockets):
            _shut(connection)


class _Connection(socketserver.StreamRequestHandler):
    """One client connection, served by its own thread."""

    server: _Server
    disable_nagle_algorithm = True
    rbufsize = 65_536

    def setup(self) -> None:
        super().setup()
        self.server.open_sockets.add(self.request)

    def handle(self) -> None:
        """Answer requests until either side closes."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            while self._handle_one():
                pass

    def finish(self) -> None:
        self.server.open_sockets.discard(self.request)
        with contextlib.suppress(OSError):
            super().finish()

    def _handle_one(self) -> bool:
        try:
            request = read_request(self.rfile, self.wfile)
        except BadRequest as error:
            bad = json_response(400, {"error": str(error)})
            self.wfile.write(format_response(bad))
            return False
        if request is None:
            return False
        try:
            response = self._answer(request)
        except CutOff:
            _shut(self.request)
            return False
        self.wfile.write(format_response(response, head=request.method == "HEAD"))
        return not wants_close(request)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self.server.control.handle(request)
        entry = self.server.journal.open(request.method, request.path)
        hold = Hold(
            self.server.faults,
            request,
            cut=lambda: _shut(self.request),
            failure=self.server.application.failure,
        )
        try:
            response = self._run(request, hold)
            entry.status = response.status
            return response
        except CutOff:
            entry.status = 0
            raise
        finally:
            _close_entry(entry, hold)

    def _run(self, request: Request, hold: Hold) -> Response:
        try:
            return hold.answer(self.server.application.handle(request, hold))
        except Answered as fault:
            return fault.response


class Running:
    """A sandbox that runs in a thread. ``url`` has no slash at its end."""

    def __init__(self, server: _Server, state: State) -> None:
        self._server = server
        self._state = state
        self.application = server.application
        self.port: int = server.server_address[1]
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, close every connection and the state file."""
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()
        self._state.close()


def start(
    application: Application, port: int = 0, state_file: str | None = None
) -> Running:
    """Serve in a thread; port 0 picks a free one."""
    state = _load(application, state_file)
    return Running(_make_server(application, port), state)


def serve(
    application: Application,
    port: int,
    state_file: str | None = None,
    *,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve in this thread until KeyboardInterrupt or SystemExit.

    ``ready`` is called with the address once requests are accepted.
    """
    state = _load(application, state_file)
    server = _make_server(application, port)
    if ready is not None:
        ready(f"http://{HOST}:{server.server_address[1]}")
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        server.close_connections()
        server.server_close()
        state.close()


def _load(application: Application, state_file: str | None) -> State:
    state = State(state_file)
    application.load(state)
    return state


def _make_server(application: Application, port: int) -> _Server:
    return _Server(application, port)


def _close_entry(entry: Entry, hold: Hold) -> None:
    entry.operation = hold.operation
    entry.items = hold.items
    entry.seconds = round(time.time() - entry.at, 6)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
