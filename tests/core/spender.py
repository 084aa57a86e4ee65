"""A process that spends two limits as fast as it may; prints its moments (ms)."""

from __future__ import annotations

import sys

import django

django.setup()

from integration_hub.core import limits  # noqa: E402
from integration_hub.core.limits import Limit, Stamps, spend_all  # noqa: E402

CALLS = Limit("calls", 30, 1.0)
BURST = Limit("burst", 5, 0.1, spacing=0.005)

store = limits._store


def store_and_tell(bucket: str, version: int, stamps: Stamps) -> bool:
    stored = store(bucket, version, stamps)
    if stored:
        print(stamps["calls"][-1][0])
    return stored


def main(count: int) -> None:
    limits._store = store_and_tell
    for _ in range(count):
        spend_all("shared", {CALLS: 1, BURST: 1}, max_wait=60)


if __name__ == "__main__":
    main(int(sys.argv[1]))
