"""The MplusKASSA sandbox: a local till that speaks the vendor's SOAP."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.mplus.sandbox.actions import Actions
from connectors.mplus.sandbox.operations import SERVICE_VERSION, Operations
from connectors.mplus.sandbox.rendering import Style, get_renderer
from connectors.mplus.sandbox.selection import ORDERS
from connectors.mplus.sandbox.soap import (
    CONTENT_TYPE,
    Fault,
    parse_call,
    read_request,
    unknown_method,
    wrap,
    wrap_fault,
)
from connectors.mplus.sandbox.store import Store
from connectors.mplus.schema import OPERATIONS, wsdl
from connectors.sandbox.faults import Hold
from connectors.sandbox.messages import Request, Response
from connectors.sandbox.state import State
from connectors.sandbox.switches import Switch, Switches

DEFAULT_PORT = 18083
DEFAULT_RECEIPTS = 300
IDENT = "sandbox"
SECRET = "sandbox"  # noqa: S105 - published in the README

SWITCHES = {
    "late_markers": Switch(0),
    "late_calls": Switch(0),
    "one_item_pages": Switch(False),
    "page_order": Switch(ORDERS[0], ORDERS),
    "percent_times_100": Switch(True),
    "unknown_fields": Switch(False),
    "unknown_enums": Switch(False),
    "unknown_receipt_types": Switch(True),
    "cash_counts": Switch("given", ("given", "none", "unknown", "refused")),
    "cash_count_flag": Switch(True),
    "default_limit": Switch(1000),
    "max_limit": Switch(1000),
    "strict": Switch(False),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How the till is set up: without ``seed`` or ``receipts`` it has cards and no
    receipts; another seed is another shop's day."""

    seed: int = 0
    receipts: int | None = None
    days: int = 30
    ident: str = IDENT
    secret: str = SECRET


class Sandbox:
    """The vendor's service for one shop."""

    key = "mplus"

    def __init__(self, options: Options) -> None:
        self._options = options
        self.switches = Switches(SWITCHES)
        self.store = Store()
        self._operations = Operations(self.store, self.switches)
        self._actions = Actions(self.store, self._operations.lateness)

    def load(self, state: State) -> None:
        """Take up a state, or seed when it holds nothing."""
        with self.store.lock:
            if not self.store.load(state):
                self._seed()

    def reset(self) -> None:
        """Forget everything and seed again."""
        with self.store.lock:
            self._operations.lateness.release()
            self.store.forget()
            self._seed()

    def handle(self, request: Request, hold: Hold) -> Response:
        """Answer a call, the WSDL, or 405 to a plain GET as the vendor does."""
        if request.method == "POST":
            return self._handle_call(request, hold)
        wanted = {"wsdl", "docs"} & set(request.query)
        hold.begin("".join(sorted(wanted)))
        if request.method == "GET" and "wsdl" in wanted:
            address = f"http://{request.headers.get('host', '127.0.0.1')}/"
            return Response(200, _headers(CONTENT_TYPE), wsdl(address))
        if request.method == "GET" and "docs" in wanted:
            return Response(200, _headers("text/html; charset=utf-8"), _write_docs())
        return Response(405, _headers("text/html; charset=utf-8"))

    def failure(self, status: int) -> Response:
        """A SOAP fault for 500, a proxy's page for anything else."""
        if status == 500:
            fault = Fault("Internal error", "Server")
            return Response(500, _headers(CONTENT_TYPE), wrap_fault(fault))
        page = f"<html><body><h1>{status}</h1></body></html>"
        return Response(status, _headers("text/html"), page.encode())

    def control(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do an action of the control endpoint. Raises ControlError."""
        return self._actions.do(action, payload)

    def _handle_call(self, request: Request, hold: Hold) -> Response:
        started = time.perf_counter()
        try:
            operation, element = parse_call(request.body)
        except Fault as fault:
            hold.begin("")
            return Response(500, _headers(CONTENT_TYPE), wrap_fault(fault))
        hold.begin(operation)
        try:
            self._check_credentials(request)
            self._check_known(operation)
            wanted = read_request(operation, element, strict=self.switches["strict"])
        except Fault as fault:
            return Response(500, _headers(CONTENT_TYPE), wrap_fault(fault))
        answer = self._operations.answer(operation, wanted)
        body = get_renderer(self._style()).render_answer(operation, answer)
        hold.after()
        milliseconds = (time.perf_counter() - started) * 1000
        headers = _headers(CONTENT_TYPE, f"total;dur={milliseconds:.1f}")
        return Response(200, headers, wrap(body))

    def _check_credentials(self, request: Request) -> None:
        given = request.query.get("ident"), request.query.get("secret")
        if given != (self._options.ident, self._options.secret):
            raise Fault("Invalid ident or secret", "Client.Authentication")

    def _check_known(self, operation: str) -> None:
        """Older servers do not know cash counts; a login may not read them."""
        if "CashCount" in operation and self.switches["cash_counts"] == "unknown":
            raise Fault(unknown_method(operation))
        # No public source tells what a login hears that may not call something.
        if "CashCount" in operation and self.switches["cash_counts"] == "refused":
            raise Fault(f"No permission for {operation}")

    def _style(self) -> Style:
        return Style(
            percent_times_100=self.switches["percent_times_100"],
            unknown_fields=self.switches["unknown_fields"],
            unknown_enums=self.switches["unknown_enums"],
        )

    def _seed(self) -> None:
        seed, receipts = self._options.seed, self._options.receipts
        if not seed and receipts is None:
            return
        count = DEFAULT_RECEIPTS if receipts is None else receipts
        self._actions.seed(count, days=self._options.days, seed=seed or 1)


def build(options: Mapping[str, Any]) -> Sandbox:
    """Make the sandbox. Options: seed, receipts, days, ident, secret."""
    known = {name: options[name] for name in Options.__slots__ if name in options}
    return Sandbox(Options(**{k: v for k, v in known.items() if v is not None}))


def _headers(content_type: str, timing: str = "total;dur=0") -> dict[str, str]:
    return {
        "Content-Type": content_type,
        "Server": "gSOAP/2.8",
        "Server-Timing": timing,
        "Mplus-Service-Version": SERVICE_VERSION,
    }


def _write_docs() -> bytes:
    rows = "".join(f"<li>{name}</li>" for name in OPERATIONS)
    return (
        f"<html><body><h1>MplusQapi sandbox</h1><ul>{rows}</ul></body></html>".encode()
    )
