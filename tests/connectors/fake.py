"""A made-up system with a sign-in service, served on a real socket."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from connectors.contract import CheckResult, Connector, Field, OAuth
from connectors.models import Connection
from integration_hub.core.limits import Limit
from tests.core.wire import Wire, make_answer

CLIENT_ID = "client-1"
CLIENT_SECRET = "client-secret-1"


class FakeConnector(Connector):
    """Signs in through the browser and says who it is."""

    key = "fake"
    label = "Fake books"
    credentials = (
        Field("client_id", "Client id", required=True),
        Field("client_secret", "Client secret", type="secret", required=True),
    )
    settings = (
        Field("colour", "Colour", choices=(("r", "Red"), ("b", "Blue")), default="r"),
        Field("rows", "Rows", type="integer"),
        Field("eager", "Eager", type="boolean"),
        Field("since", "Since", type="date"),
        Field("account", "Account", choices="accounts"),
        Field("door", "Door", type="integer", leads=True),
    )
    oauth = OAuth(
        discovery={"sandbox": "{base_url}/discovery", "live": "{base_url}/discovery"},
        scopes=("books", "mail"),
        callback_fields=("realmId",),
    )
    limits = (Limit("calls", 100, 60), Limit("batch", 10, 60))
    base_urls = {"live": "https://books.example"}
    remote_id_header = "X-Tid"

    def check(self) -> CheckResult:
        assert self.account.tokens is not None
        reply = self.account.session.send(
            "GET",
            f"{self.account.settings['base_url']}/who",
            write=False,
            headers={"Authorization": f"Bearer {self.account.tokens.access_token()}"},
        )
        if reply.status != 200:
            return CheckResult(ok=False, problem="It says no.", action="Ask it.")
        return CheckResult(ok=True, who=reply.body.decode(), warnings=("Almost full.",))


class PlainConnector(Connector):
    """Has no browser sign-in and nothing else."""

    key = "plain"
    label = "Plain till"
    credentials = (Field("secret", "Secret", type="secret"),)

    def check(self) -> CheckResult:
        return CheckResult(ok=True, who="till")


class SignIn:
    """The service: one refresh token is valid, and the one before it."""

    def __init__(self) -> None:
        self.valid = ["refresh-0"]
        self.issued = 0
        self.calls: list[dict[str, str]] = []
        self.authorizations: list[str] = []
        self.revoked: list[Any] = []
        self.lose = 0
        self.answer: bytes | None = None
        self.discovery: bytes | None = None
        self.busy = 0
        self.most_busy = 0
        self.before: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def handle(self, sock: socket.socket, wire: Wire) -> None:
        head, _, body = wire.requests[-1].partition(b"\r\n\r\n")
        path = head.split(b" ")[1].decode().split("?")[0]
        if path == "/discovery":
            sock.sendall(self.discovery or make_answer(self._discover(wire.url)))
        elif path == "/token":
            self._give_tokens(sock, head, body.decode())
        elif path == "/revoke":
            self.revoked.append((head.decode(), body.decode()))
            sock.sendall(self.answer or make_answer())
        else:
            sock.sendall(self.answer or make_answer(b"Books Ltd"))

    def _discover(self, url: str) -> bytes:
        return json.dumps(
            {
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "revocation_endpoint": f"{url}/revoke",
            }
        ).encode()

    def _give_tokens(self, sock: socket.socket, head: bytes, body: str) -> None:
        with self._lock:
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
        self.before()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.calls.append(form)
        line = next(x for x in head.decode().split("\r\n") if x.startswith("Auth"))
        self.authorizations.append(base64.b64decode(line.split()[-1]).decode())
        answer = self.answer or self._issue(form)
        with self._lock:
            self.busy -= 1
        if self.lose:
            self.lose -= 1
            sock.shutdown(socket.SHUT_RDWR)
            return
        sock.sendall(answer)

    def _issue(self, form: dict[str, str]) -> bytes:
        token = form.get("refresh_token")
        if token is not None and token not in self.valid:
            error = json.dumps({"error": "invalid_grant"}).encode()
            return make_answer(error, status="400 Bad Request")
        self.issued += 1
        if token is None or token == self.valid[-1]:
            self.valid = [*self.valid[-1:], f"refresh-{self.issued}"]
        values = {
            "token_type": "bearer",
            "access_token": f"access-{self.issued}",
            "refresh_token": self.valid[-1],
            "expires_in": 3600,
            "x_refresh_token_expires_in": 8_640_000,
        }
        return make_answer(json.dumps(values).encode())


def make_connection(url: str = "", **values: Any) -> Connection:
    """A stored connection to the fake system at ``url``."""
    defaults: dict[str, Any] = {
        "name": "Books",
        "connector": "fake",
        "credentials": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        "settings": {"base_url": url} if url else {},
    }
    return Connection.objects.create(**{**defaults, **values})
