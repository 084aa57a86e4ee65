"""Figure (c): how many requests a thousand receipts cost, reads and writes apart.

First a thousand with nothing linked, then another thousand of the following days with
customers and items known, then a run that finds nothing new and reads the overlap.
Counted in the logs of both sandboxes.

    python benchmarks/requests_made.py [--receipts 1000] [--days 10]
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

import rig as bench


def measure(*, receipts: int, days: int) -> dict[str, Any]:
    """Three runs, and what each of them asked for."""
    with bench.open_rig(database="sqlite", receipts=receipts, days=days) as rig:
        figures = count_run(rig, "cold")
        for day in range(1, days + 1):
            bench.sell(rig, bench.LAST_DAY + timedelta(days=day), receipts // days)
        figures |= count_run(rig, "warm")
        figures |= count_run(rig, "nothing new")
        return figures


def count_run(rig: bench.Rig, name: str) -> dict[str, Any]:
    """One run in this process; its requests by system, reads and writes apart."""
    from flows import services

    before = len(rig.till.log()), len(rig.books.log())
    run = bench.start_run(rig)
    services.work_here(run)
    run.refresh_from_db()
    till = rig.till.log()[before[0] :]
    books = rig.books.log()[before[1] :]
    batches = [e for e in books if e["operation"] == "batch"]
    return {
        f"{name}: receipts read": run.read,
        f"{name}: new among them": run.staged,
        f"{name}: reads at the till": len(till),
        f"{name}: reads at the company": len(books) - len(batches),
        f"{name}: writes (batches)": len(batches),
        f"{name}: objects written": sum(e["items"] for e in batches),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=1000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(receipts=options.receipts, days=options.days)
    bench.show(figures, as_json=options.json)


if __name__ == "__main__":
    main()
