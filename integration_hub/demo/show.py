"""The demo step by step: serve, set up, run through the queue, judge, show."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from flows import services
from flows.engine import claiming
from flows.models import Flow, Run
from integration_hub.demo import judgement, shop
from integration_hub.demo.processes import DemoError, Processes

LOGIN = "demo"
LONGEST_RUN = 3600.0


class Output(Protocol):
    """Where the demo writes."""

    def write(self, text: str, *, ending: str = ...) -> object:
        """Write one line, or, with an empty ``ending``, a part of one."""

    def flush(self) -> None:
        """Show it now."""


class Show:
    """One demo in one folder."""

    def __init__(
        self, folder: Path, ports: Mapping[str, int], processes: Processes, out: Output
    ) -> None:
        self.folder = folder
        self.ports = ports
        self.processes = processes
        self.out = out

    def run(self, *, receipts: int) -> bool:
        """Everything up to the table; whether all is as it should be."""
        self._say("Preparing the database and both sandboxes …")
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        make_user()
        self._start_servers(receipts)
        # The sandbox's own limits are off, so there is nothing to keep to.
        flow = shop.set_up(
            self._url("mplus"), self._url("quickbooks"), settings={"limits": "off"}
        )
        self._say("Moving receipts from MplusKASSA to QuickBooks Online …")
        started = time.monotonic()
        self._wait(services.run_flow(flow).run)
        seconds = time.monotonic() - started
        return self._judge(flow, seconds)

    def serve(self) -> None:
        """Keep everything running until Ctrl-C."""
        self._say("Ctrl-C stops everything.")
        while all(p.poll() is None for p in self.processes.running.values()):
            time.sleep(0.5)
        raise DemoError(f"A process of the demo ended; see the logs in {self.folder}.")

    def _start_servers(self, receipts: int) -> None:
        for name in ("mplus", "quickbooks"):
            command = ["manage.py", "sandbox", name, "--port", str(self.ports[name])]
            command += ["--state", str(self.folder / f"{name}.sqlite3")]
            if name == "mplus":
                command += ["--seed", "--receipts", str(receipts)]
            self.processes.start(name, command)
        web = ["-m", "gunicorn", "integration_hub.wsgi", "--threads", "8"]
        web += ["--bind", f"127.0.0.1:{self.ports['web']}"]
        self.processes.start("web", web)
        self.processes.start("worker", ["manage.py", "worker"])
        for name, port in self.ports.items():
            self.processes.wait_for(name, port)

    def _wait(self, run: Run) -> None:
        ends = time.monotonic() + LONGEST_RUN
        while time.monotonic() < ends:
            counts = services.progress(run)
            done = sum(counts.values()) - counts["read"] - counts.get("pending", 0)
            if sys.stdout.isatty():
                text = f"\r  {done} of {counts['read']} receipts done "
                self.out.write(text, ending="")
                self.out.flush()
            if not run.is_active and run.problem:
                raise DemoError(f"{run.problem} {run.action}")
            if not run.is_active and not claiming.due(run.flow_id).exists():
                self._say(f"\r  {run.read} receipts read, {run.staged} of them new.")
                return
            time.sleep(0.2)
        raise DemoError("The run did not end within an hour.")

    def _judge(self, flow: Flow, seconds: float) -> bool:
        books = flow.integration.target
        report = judgement.judge(self.folder, self._url("mplus"), books)
        rows = judgement.make_rows(report, seconds)
        self._say(f"\n{judgement.format_rows(rows)}\n")
        problems = judgement.find_problems(report, flow)
        for problem in problems[:50]:
            self._say(f"  PROBLEM: {problem}")
        verdict = "Every sale once, to the cent." if not problems else "Not right yet."
        self._say(f"  {verdict}\n")
        self._say(f"  Admin: http://127.0.0.1:{self.ports['web']}/admin/")
        self._say(f"  Login: {LOGIN}, password: {LOGIN}\n")
        return not problems

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def _say(self, text: str) -> None:
        self.out.write(f"{text}\n", ending="")
        self.out.flush()


def make_user() -> None:
    """The demo's administrator. Only ever in the demo's own database."""
    if "HUB_DEMO" not in os.environ or settings.DATABASES["default"]["HOST"]:
        raise DemoError("The demo's user is made in the demo's own database only.")
    users = get_user_model().objects
    if not users.filter(username=LOGIN).exists():
        users.create_superuser(LOGIN, password=LOGIN)
