"""Figure (b): receipts per second where nothing limits them but the hub itself.

The workers are real (``manage.py worker``), the sandboxes keep no limits. Beside it,
in the same run: where the time of one process goes, and a bare script that posts the
very same documents in batches of 30, with no ledger.

    python benchmarks/unthrottled.py [--database sqlite|postgres] [--receipts 3000]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
import rig as bench

BATCH = 30
DAYS = 10
CASES = ("1", "2", "here")


@dataclass(slots=True)
class Clock:
    """Seconds spent in parts of the work, in this process."""

    spent: dict[str, float] = field(default_factory=dict)

    def around(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """``call`` with its time added to ``part``."""

        def timed(*args: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*args, **options)
            finally:
                passed = time.perf_counter() - started
                self.spent[part] = self.spent.get(part, 0.0) + passed

        return timed

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Time mapping, planning, HTTP and the database while this lasts."""
        from django.db import connection

        from connectors.quickbooks.connector import QuickBooks
        from flows.engine import preparing
        from integration_hub.core.http import Session

        parts = (
            (preparing, "map_record", "mapping"),
            (QuickBooks, "plan", "planning"),
            (Session, "send", "HTTP"),
            (connection, "_commit", "database"),
        )
        kept = [(owner, name, getattr(owner, name)) for owner, name, _ in parts]
        for owner, name, part in parts:
            setattr(owner, name, self.around(part, getattr(owner, name)))
        try:
            with connection.execute_wrapper(self._execute):
                yield
        finally:
            for owner, name, original in kept:
                setattr(owner, name, original)

    def _execute(self, execute: Any, *arguments: Any) -> Any:
        return self.around("database", execute)(*arguments)


def measure_workers(database: str, workers: int, receipts: int) -> dict[str, float]:
    """Receipts and documents per second with real workers."""
    with bench.open_rig(database=database, receipts=receipts, days=DAYS) as rig:
        worker = rig.start_worker(workers)
        wait_for_worker()
        run = bench.start_run(rig)
        bench.wait_for(run, seconds=3600, pause=0.1)
        seconds = (run.finished_at - run.started_at).total_seconds()
        bench.stop(worker)
        return {
            "receipts/s": run.read / seconds,
            "documents/s": count_documents(rig) / seconds,
        }


def wait_for_worker() -> None:
    """Wait until a worker has done a task: it is there."""
    from flows.models import WorkerStamp

    ends = time.monotonic() + 60
    while not WorkerStamp.objects.filter(finished_at__isnull=False).exists():
        if time.monotonic() > ends:
            raise SystemExit("The worker did not start.")
        time.sleep(0.1)


def count_documents(rig: bench.Rig) -> int:
    """Sales documents and payments in the company."""
    counts = rig.books.ask("do/counts", {})
    return sum(counts.get(name, 0) for name in bench.DOCUMENTS)


def measure_here(database: str, receipts: int) -> dict[str, float]:
    """One process: where its time goes, and the bare script's speed beside it."""
    with bench.open_rig(database=database, receipts=receipts, days=DAYS) as rig:
        from flows import services

        clock = Clock()
        run = bench.start_run(rig)
        started = time.perf_counter()
        with clock.watch():
            services.work_here(run)
        seconds = time.perf_counter() - started
        run.refresh_from_db()
        documents = count_documents(rig)
        writes, bare = post_bare(rig)
        return {
            "receipts/s": run.read / seconds,
            "documents/s": documents / seconds,
            **{f"share of {k}": v / seconds for k, v in sorted(clock.spent.items())},
            "share of the rest": 1 - sum(clock.spent.values()) / seconds,
            "bare script: documents/s": documents / bare,
            "hub / bare script": bare / seconds,
            "writes of the bare script": writes,
        }


def post_bare(rig: bench.Rig) -> tuple[int, float]:
    """Post what the hub posted into a company as it was before; writes and seconds.

    The company numbers its objects in order, so the same writes in the same order
    refer to the same customers, items and invoices.
    """
    from connectors.services import open_connection
    from integration_hub.demo.shop import REALM, sign_in

    items = read_items()
    rig.books.ask("reset", {})
    connection = rig.flow.integration.target
    sign_in(connection)
    tokens = open_connection(connection).account.tokens
    assert tokens is not None
    address = f"{rig.books.url}/v3/company/{REALM}/batch"
    batches = [items[n : n + BATCH] for n in range(0, len(items), BATCH)]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {tokens.access_token()}"
        session.headers["Accept"] = "application/json"
        started = time.perf_counter()
        for number, batch in enumerate(batches):
            post(session, address, number, batch)
        return len(items), time.perf_counter() - started


def post(
    session: requests.Session, address: str, number: int, batch: Sequence[Any]
) -> None:
    """Post one batch; whatever is refused must have been refused before."""
    answer = session.post(
        f"{address}?minorversion=75&requestid=bare-{number}",
        data=json.dumps({"BatchItemRequest": batch}),
        headers={"Content-Type": "application/json"},
        timeout=60,
    )
    answer.raise_for_status()
    if any("Fault" in item for item in answer.json()["BatchItemResponse"]):
        raise SystemExit(f"The bare script was refused: {answer.text[:1000]}")


def read_items() -> list[dict[str, Any]]:
    """What was written, in the order it was sent, as items of batches."""
    from flows.models import EnvelopeMember

    members = EnvelopeMember.objects.filter(outcome__in=("created", "updated"))
    items = []
    ordered = members.select_related("link").order_by(
        "envelope__created_at", "position"
    )
    for number, member in enumerate(ordered.iterator(chunk_size=500)):
        entity = json.loads(member.write)["entity"]
        body = json.loads(member.body)
        item = {"bId": str(number % BATCH), "operation": member.operation}
        items.append({**item, entity: body})
    return items


def run_case(database: str, case: str, receipts: int) -> dict[str, float]:
    """One case in a process of its own, because Django keeps its first database."""
    found: dict[str, float]
    if case == "here":
        found = bench.call_apart(measure_here, database, receipts)
    else:
        found = bench.call_apart(measure_workers, database, int(case), receipts)
    return found


def main() -> None:
    """Measure all cases of one database and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--receipts", type=int, default=3000)
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    for case in options.case or CASES:
        name = "one process" if case == "here" else f"{case} worker(s)"
        found = run_case(options.database, case, options.receipts)
        figures |= {f"{name}: {key}": value for key, value in found.items()}
    bench.show(figures, as_json=options.json)


if __name__ == "__main__":
    main()
