"""Figure (a): documents per minute where the vendor's limits are the bottleneck.

QuickBooks' sandbox keeps all its limits and takes 150 ms for every item; a real
``manage.py worker`` works against it. What counts is the sandbox's own log, minutes
2 to 11 after the worker's first call: sales documents and payments, not customers
and items.

    python benchmarks/throttled.py [--counted] [--known]

``--known``: what the shop sells and whom it knows was moved before, as in any shop
after its first day. Without it the first 600 writes are customers and items.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import rig as bench

TARGETS = {False: 1140, True: 475}
LATENCY = 0.15
# Receipts that name nearly all of the shop's customers and articles.
FEW, FEW_DAYS = 3000, 5
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured, see the options."""

    counted: bool
    known: bool
    receipts: int
    days: int
    minutes: int

    @property
    def name(self) -> str:
        """In words."""
        counted = "items counted" if self.counted else "items not counted"
        known = "known" if self.known else "new"
        return f"{counted}, customers and items {known}"


def measure(case: Case, log_file: str) -> dict[str, Any]:
    """Run for so many minutes and read the log of all but the first."""
    sold = (FEW, FEW_DAYS) if case.known else (case.receipts, case.days)
    with bench.open_rig(database="postgres", receipts=sold[0], days=sold[1]) as rig:
        if case.known:
            move_few(rig, case)
        throttle(rig, case)
        before = len(rig.books.log())
        run = bench.start_run(rig)
        rig.start_worker(4)
        log = follow(rig, run, since=before, seconds=case.minutes * MINUTE)
        created = read_created(rig)
        if log_file:
            Path(log_file).write_text(json.dumps(log))
        return {
            "case": case.name,
            "software": bench.describe_versions("postgres"),
            "receipts at the till": case.receipts,
            "days": case.days,
            **summarise(
                log, created, minutes=case.minutes, target=TARGETS[case.counted]
            ),
        }


def move_few(rig: bench.Rig, case: Case) -> None:
    """Move enough receipts that the company has the customers and items; sell more."""
    from flows import services

    services.work_here(bench.start_run(rig))
    for day in range(1, case.days + 1):
        on = bench.LAST_DAY + timedelta(days=day)
        bench.sell(rig, on, case.receipts // case.days)


def throttle(rig: bench.Rig, case: Case) -> None:
    """Switch the limits on, in the sandbox and in the hub."""
    connection = rig.flow.integration.target
    counted = "true" if case.counted else ""
    address = connection.settings["base_url"]
    connection.settings = {"base_url": address, "batch_counts_items": counted}
    connection.save(update_fields=["settings"])
    switches = {"limits": True, "latency_per_item": LATENCY}
    switches["batch_counts_items"] = case.counted
    rig.books.ask("switches", switches)


def follow(
    rig: bench.Rig, run: Any, *, since: int, seconds: float
) -> list[dict[str, Any]]:
    """Wait until ``seconds`` after the first call; the log from there on."""
    log: list[dict[str, Any]] = []
    while not log or time.time() < log[0]["at"] + seconds + 1:
        time.sleep(1 if not log else 10)
        run.refresh_from_db()
        if not run.is_active:
            why = run.problem or "take more receipts."
            print(f"The run ended early ({run.stage}): {why}", flush=True)
            break
        log = log or rig.books.log(since)
    return rig.books.log(since)


def read_created(rig: bench.Rig) -> dict[str, list[float]]:
    """When each document, customer and item was made, by the sandbox's clock."""
    created = {}
    for entity in (*bench.DOCUMENTS, "Customer", "Item"):
        found = rig.books.ask("do/documents", {"entity": entity})["documents"]
        created[entity] = sorted(
            datetime.fromisoformat(row["MetaData"]["CreateTime"]).timestamp()
            for row in found[entity]
        )
    return created


def summarise(
    log: Sequence[dict[str, Any]],
    created: dict[str, list[float]],
    *,
    minutes: int,
    target: int,
) -> dict[str, Any]:
    """Documents per minute of minutes 2 to the last, and what filled the calls."""
    first = log[0]["at"]
    start, end = first + MINUTE, first + minutes * MINUTE
    window = [e for e in log if start <= e["at"] < end]
    batches = [e for e in window if e["operation"] == "batch" and e["status"] == 200]
    items = sum(e["items"] for e in batches)
    others = sum(
        start <= at < end for name in ("Customer", "Item") for at in created[name]
    )
    span = (minutes - 1) * MINUTE / 60
    documents = (items - others) / span
    sizes = Counter(e["items"] for e in batches)
    made = Counter(
        int((at - first) // MINUTE) + 1
        for name in bench.DOCUMENTS
        for at in created[name]
        if at >= first
    )
    return {
        "documents per minute": documents,
        "target": target,
        "reached": documents >= target,
        "answers 429": sum(e["status"] == 429 for e in log),
        "batches per minute": len(batches) / span,
        "items per batch": items / max(len(batches), 1),
        "reads per minute": sum(e["operation"] != "batch" for e in window) / span,
        "customers and items in the window": others,
        "batch sizes": dict(sorted(sizes.items(), reverse=True)),
        "documents made by minute": dict(sorted(made.items())),
        "documents so far": sum(made.values()),
    }


def main() -> None:
    """Measure one case and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counted", action="store_true", help="every item is a call")
    parser.add_argument(
        "--known", action="store_true", help="the company has customers and items"
    )
    parser.add_argument("--receipts", type=int, default=17000)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--minutes", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--log", default="", help="file to keep the log in")
    options = parser.parse_args()
    if options.minutes < 2:
        parser.error("The first minute does not count: take at least 2.")
    case = Case(
        counted=options.counted,
        known=options.known,
        receipts=options.receipts,
        days=options.days,
        minutes=options.minutes,
    )
    figures = measure(case, options.log)
    bench.show(figures, as_json=options.json)


if __name__ == "__main__":
    main()
