"""Figure (d): peak memory, which must not grow with the number of receipts.

Once with a run in one process (``run_flow --here``: the system's own figure of its
largest size), once with real workers: the supervisor and all below it, sampled, with
memory that processes share counted once.

    python benchmarks/memory.py [--receipts 3000 --receipts 30000]
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import rig as bench

PAUSE = 0.25
KIB = 1024


def measure_here(receipts: int) -> float:
    """The largest resident size of one process that does everything, in MiB."""
    with bench.open_rig(database="sqlite", receipts=receipts, days=30) as rig:
        command = ("manage.py", "run_flow", "Receipts", "--here", "--json")
        process = rig.start("run", *command)
        _, _, usage = os.wait4(process.pid, 0)
        return usage.ru_maxrss / KIB


def measure_workers(receipts: int) -> float:
    """The largest size of the workers' whole process tree, in MiB."""
    with bench.open_rig(database="sqlite", receipts=receipts, days=30) as rig:
        worker = rig.start_worker(2)
        run = bench.start_run(rig)
        most = 0
        while run.is_active:
            time.sleep(PAUSE)
            most = max(most, size_of(worker.pid))
            run.refresh_from_db()
        return most / KIB


def size_of(pid: int) -> int:
    """KiB of a process and all below it; shared pages count once (PSS)."""
    own = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                own = int(line.split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return own
    return own + sum(size_of(int(child)) for child in children)


def main() -> None:
    """Measure each number of receipts in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, action="append")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    for receipts in options.receipts or (3000, 30000):
        for name, call in (("one process", measure_here), ("workers", measure_workers)):
            found = bench.call_apart(call, receipts)
            figures[f"{name}, {receipts} receipts: MiB"] = found
    bench.show(figures, as_json=options.json)


if __name__ == "__main__":
    main()
