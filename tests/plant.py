"""A whole plant for tests: both sandboxes, the shop set up between them, the oracle."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.mplus.sandbox import app as till_app
from connectors.quickbooks.sandbox import app as books_app
from connectors.sandbox.server import Running, start
from connectors.services import open_connection
from flows import services
from flows.engine import ticking
from flows.models import Envelope, Flow, Link, Run, Slot, SyncRecord
from integration_hub.demo.shop import REALM, SHOP_FILE, set_up
from tests import oracle
from tests.oracle_parts.books import BooksServer, to_cents
from tests.oracle_parts.setup import Setup, load_setup
from tests.oracle_parts.shop import Knowledge
from tests.oracle_parts.till import TillServer
from tests.oracle_parts.verdict import Verdict


@dataclass(slots=True)
class Sandbox:
    """One running sandbox with its control endpoint."""

    running: Running

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return self.running.url

    def ask(self, method: str, name: str, payload: Any = None) -> Any:
        """Ask the control endpoint."""
        data = None if payload is None else json.dumps(payload).encode()
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{name}", data=data, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def switch(self, **values: Any) -> None:
        """Change switches."""
        self.ask("POST", "switches", values)

    def fault(self, **rule: Any) -> None:
        """Order a fault."""
        self.ask("POST", "faults", rule)

    def do(self, action: str, **payload: Any) -> Any:
        """Do something in the sandbox's own domain."""
        return self.ask("POST", f"do/{action}", payload)

    def log(self) -> list[dict[str, Any]]:
        """The calls so far."""
        log: list[dict[str, Any]] = self.ask("GET", "log")["log"]
        return log

    def writes(self) -> int:
        """How many write calls there were."""
        return sum(e["operation"] == "batch" for e in self.log())


@dataclass(slots=True)
class Plant:
    """Till, books and the flow between them."""

    till: Sandbox
    books: Sandbox
    flow: Flow

    def run(self) -> Run:
        """One run in this process, from reading to the end."""
        run = services.run_flow(self.flow).run
        services.work_here(run)
        run.refresh_from_db()
        return run

    def work(self) -> None:
        """Work on what is pending, without reading."""
        services.work_here(ticking.wake_flow(self.flow))

    def states(self) -> dict[str, int]:
        """How many records are in which state."""
        counts: dict[str, int] = {}
        for state in SyncRecord.objects.values_list("state", flat=True):
            counts[state] = counts.get(state, 0) + 1
        return counts

    def judge(
        self, *, vat: str = "honoured", known: Knowledge | None = None, **choices: Any
    ) -> Verdict:
        """What the oracle says of till and books; ``choices`` are other settings."""
        return oracle.judge(
            self.open_till(),
            BooksServer(self.books.url, REALM, self.token),
            choose_setup(**choices),
            vat=vat,
            known=known,
        )

    def compare_balances(
        self, known: Knowledge | None = None, **choices: Any
    ) -> dict[str, tuple[int, int]]:
        """The accounts whose balances differ: cents in the books, and by the till."""
        found = self.books.do("trial_balance")["accounts"]
        there = {name: to_cents(amount) for name, amount in found.items()}
        right = oracle.trial_balance(self.open_till(), choose_setup(**choices), known)
        pairs = {
            name: (there.get(name, 0), right.get(name, 0)) for name in {*there, *right}
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def open_till(self) -> TillServer:
        """The till as the oracle reads it."""
        return TillServer(self.till.url, "sandbox", "sandbox")

    def token(self) -> str:
        """A bearer token of the company."""
        self.flow.integration.target.refresh_from_db()
        tokens = open_connection(self.flow.integration.target).account.tokens
        assert tokens is not None
        return tokens.access_token()

    def delete(self, entity: str, target_id: str) -> None:
        """Delete a document in the company, as a bookkeeper would."""
        address = f"{self.books.url}/v3/company/{REALM}/{entity.lower()}"
        body = {"Id": target_id, "SyncToken": "0"}
        request = urllib.request.Request(
            f"{address}?operation=delete",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token()}",
                "Accept": "application/json",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.loads(answer.read())[entity]["status"] == "Deleted"

    def stop(self) -> None:
        """Stop both sandboxes."""
        self.till.running.stop()
        self.books.running.stop()


def build(*, receipts: int, till: Mapping[str, Any] | None = None) -> Plant:
    """Both sandboxes on free ports and the shop set up between them."""
    options = {"seed": 1, "receipts": receipts, **(till or {})}
    till_box = Sandbox(start(till_app.build(options)))
    books_box = Sandbox(start(books_app.build({})))
    flow = set_up(till_box.url, books_box.url, settings={"limits": "off"})
    source = flow.integration.source
    source.settings = {**source.settings, "limits": "off"}
    source.save(update_fields=["settings"])
    return Plant(till_box, books_box, flow)


def wait_until(
    condition: Callable[[], bool], *, seconds: float, what: Callable[[], str]
) -> None:
    """Look again and again until it is so; fails with ``what()`` after ``seconds``."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"Not within {seconds:.0f} s: {what()}.")


def open_rows() -> dict[str, int]:
    """What must be zero once everything is quiet."""
    return {
        "leased records": SyncRecord.objects.exclude(lease_owner="").count(),
        "pending records": SyncRecord.objects.filter(
            state__in=("pending", "in_doubt"), readable=True
        ).count(),
        "records that wait for a time": SyncRecord.objects.filter(
            state="waiting", retry_at__isnull=False
        ).count(),
        "open links": Link.objects.filter(
            state__in=("planned", "sending", "in_doubt")
        ).count(),
        "open envelopes": Envelope.objects.exclude(state="done").count(),
        "active runs": Run.objects.filter(stage__in=("reading", "delivering")).count(),
        "held slots": Slot.objects.exclude(owner="").count(),
    }


def choose_setup(**choices: Any) -> Setup:
    """What the demo's shop keeper chose, with some choices made otherwise."""
    setup = load_setup(Path(SHOP_FILE))
    return replace(setup, choices=replace(setup.choices, **choices))
