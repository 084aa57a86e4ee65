"""Every figure of RESULTS.md, one after the other.

``python benchmarks/run.py`` takes the short ones, with fewer receipts; ``--full``
takes all of them with the sizes that RESULTS.md tells, more than an hour. Figures on
PostgreSQL need a server (BENCH_POSTGRES, else the local one) and are left out loudly
where there is none.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from rig import SERVER

FOLDER = Path(__file__).parent
Command = tuple[str, ...]

SHORT: tuple[Command, ...] = (
    ("mapping_speed.py",),
    ("sandbox_speed.py", "--singles", "500", "--batches", "50"),
    ("unthrottled.py", "--database", "sqlite", "--receipts", "1000"),
    ("unthrottled.py", "--database", "postgres", "--receipts", "1000"),
    ("requests_made.py",),
    ("memory.py", "--receipts", "1000", "--receipts", "3000"),
)
FULL: tuple[Command, ...] = (
    ("mapping_speed.py",),
    ("sandbox_speed.py",),
    ("sandbox_speed.py", "--state"),
    ("throttled.py",),
    ("throttled.py", "--counted"),
    ("unthrottled.py", "--database", "sqlite"),
    ("unthrottled.py", "--database", "postgres"),
    ("requests_made.py",),
    ("memory.py",),
)


def has_postgres() -> bool:
    """Whether the server for the figures on PostgreSQL can be reached."""
    import psycopg

    try:
        psycopg.connect(SERVER, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        print(f"No PostgreSQL, its figures are left out: {error}", flush=True)
        return False
    return True


def needs_postgres(command: Command) -> bool:
    """Whether a figure is measured on PostgreSQL."""
    return command[0] == "throttled.py" or "postgres" in command


def main() -> None:
    """Run the chosen figures; exit code 1 if one of them could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="everything, at full size")
    options = parser.parse_args()
    commands = FULL if options.full else SHORT
    if not has_postgres():
        commands = tuple(c for c in commands if not needs_postgres(c))
    failed = 0
    for command in commands:
        print(f"\n$ python benchmarks/{' '.join(command)}", flush=True)
        started = time.monotonic()
        line = [sys.executable, str(FOLDER / command[0]), *command[1:]]
        failed += subprocess.run(line, check=False).returncode != 0
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
