"""What every figure stands on: a database, both sandboxes, the shop, workers.

Everything runs in processes of its own and in a folder that is removed at the end.
Import nothing of the hub before ``open_rig`` has named the database.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
SERVER = os.environ.get("BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
DOCUMENTS = (
    "SalesReceipt",
    "Invoice",
    "RefundReceipt",
    "Payment",
    "CreditMemo",
    "JournalEntry",
)
# The till's last day of sale with --seed, and what is sold on the days after it.
LAST_DAY = date(2026, 10, 31)
SORTS = ("on_account", "several_tenders", "refund", "gift_card_redeemed")
START_SECONDS = 60.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One running sandbox with its control endpoint."""

    url: str

    def ask(self, name: str, payload: Any = None) -> Any:
        """Ask the control endpoint: GET, or POST with a payload."""
        data = None if payload is None else json.dumps(payload).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{name}", data=data)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read())

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """The calls after number ``since``."""
        entries: list[dict[str, Any]] = self.ask(f"log?since={since}")["log"]
        return entries


@dataclass(slots=True)
class Rig:
    """Where a figure is measured. ``flow`` is the receipts flow, set up and not run."""

    folder: Path
    till: Sandbox
    books: Sandbox
    flow: Any
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, *command: str, **environment: str) -> Any:
        """Start ``python command``; its output goes to NAME.log in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_worker(self, workers: int, **environment: str) -> Any:
        """``manage.py worker`` with so many worker processes."""
        return self.start(
            "worker", "manage.py", "worker", WORKERS=str(workers), **environment
        )

    def serve(self, name: str, *options: str) -> Sandbox:
        """Start one sandbox and wait for its address."""
        command = ("manage.py", "sandbox", name, "--port", "0", *options)
        process = self.start(name, *command)
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends and process.poll() is None:
            text = (self.folder / f"{name}.log").read_text()
            found = re.search(r"http://[\d.]+:\d+", text)
            if found:
                return Sandbox(found[0])
            time.sleep(0.05)
        raise SystemExit(f"The sandbox {name} did not start: {text}")

    def stop(self) -> None:
        """Stop what was started, the last first."""
        for process in reversed(self.processes):
            stop(process)
        self.processes.clear()


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process and its group."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def open_rig(
    *,
    database: str,
    receipts: int,
    days: int,
    settings: Mapping[str, Any] | None = None,
) -> Iterator[Rig]:
    """A rig on ``sqlite`` or ``postgres`` with a till that has sold so much.

    ``settings`` go to the connection to QuickBooks; its limits are off without.
    One rig per process, because Django keeps its first database.
    """
    # Told to stop, it stops what it started and drops its database.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        with make_database(database, folder) as address:
            set_up_django(address)
            rig = Rig(folder, Sandbox(""), Sandbox(""), None)
            try:
                seed = ("--seed", "--receipts", str(receipts), "--days", str(days))
                rig.till = rig.serve("mplus", *seed)
                rig.books = rig.serve("quickbooks")
                rig.flow = set_up_flow(rig, settings)
                yield rig
            finally:
                rig.stop()
                close_database()


def call_apart(call: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function of a benchmark in a new process: one rig per process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(call, *arguments).result()


@contextlib.contextmanager
def make_database(kind: str, folder: Path) -> Iterator[str]:
    """An empty database of its own; gives its address."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hub.sqlite3'}"
        return
    import psycopg

    name = f"hub_bench_{os.getpid()}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{SERVER.rpartition('/')[0]}/{name}"
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def set_up_django(address: str) -> None:
    """Load the hub on this database."""
    os.environ["DATABASE_URL"] = address
    os.environ["DJANGO_SETTINGS_MODULE"] = "integration_hub.settings"
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["DEBUG"] = "0"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def close_database() -> None:
    """Close this process's connection."""
    from django.db import connections

    connections.close_all()


def set_up_flow(rig: Rig, settings: Mapping[str, Any] | None) -> Any:
    """The shop's connections, maps and receipts flow."""
    from integration_hub.demo.shop import set_up

    chosen = {"limits": "off"} if settings is None else settings
    return set_up(rig.till.url, rig.books.url, settings=chosen)


def sell(rig: Rig, day: date, count: int) -> None:
    """Ring up so many receipts: two thirds plain sales, the others of four sorts."""
    parts = [(sort, count // 12) for sort in SORTS]
    parts.append(("sale", count - sum(part for _, part in parts)))
    for sort, part in parts:
        more = {"count": part, "sort": sort, "date": day.isoformat()}
        rig.till.ask("do/add_receipts", more)


def start_run(rig: Rig) -> Any:
    """Queue a run of the receipts flow."""
    from flows import services

    return services.run_flow(rig.flow).run


def wait_for(run: Any, *, seconds: float, pause: float = 0.5) -> None:
    """Wait until a run is over."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        run.refresh_from_db()
        if not run.is_active:
            return
        time.sleep(pause)
    raise SystemExit(f"The run did not end within {seconds:.0f} s.")


def states() -> dict[str, int]:
    """How many sync records are in which state."""
    from django.db.models import Count

    from flows.models import SyncRecord

    rows = SyncRecord.objects.values_list("state").annotate(n=Count("pk"))
    return dict(rows.order_by("state"))


def describe_versions(database: str) -> str:
    """Python, Django and database in words."""
    import django
    from django.db import connection

    with connection.cursor() as cursor:
        if database == "sqlite":
            cursor.execute("select sqlite_version()")
        else:
            cursor.execute("show server_version")
        version = cursor.fetchone()[0].split()[0]
    names = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
    return (
        f"Python {platform.python_version()}, Django {django.__version__}, "
        f"{names[database]} {version}"
    )


def show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what was measured."""
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        text = f"{value:,.2f}" if isinstance(value, float) else str(value)
        print(f"  {name:<40} {text}")
