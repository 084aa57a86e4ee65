"""Ending together with the process that started this one.

A signal to the whole terminal reaches everybody. One to ``make`` alone does not: make
hands on SIGTERM, but when interrupted it waits for its children and tells them nothing,
and when killed it leaves them behind.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

SECONDS = 0.5
INTERRUPT = 1 << (signal.SIGINT - 1)


def follow_parent() -> None:
    """End this process by SIGTERM once its parent is gone or has been interrupted."""
    parent = os.getppid()
    threading.Thread(
        target=_follow, args=(parent, catches_interrupt(parent)), daemon=True
    ).start()


def _follow(parent: int, caught: bool) -> None:
    while os.getppid() == parent and not (caught and not catches_interrupt(parent)):
        time.sleep(SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def catches_interrupt(pid: int) -> bool:
    """Whether a process handles SIGINT; false where the system does not tell.

    A process that has been interrupted puts the signal back to what it does by itself
    before it waits for its children. Only Linux tells.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    caught = [line.split()[1] for line in status.splitlines() if "SigCgt" in line]
    return bool(caught) and bool(int(caught[0], 16) & INTERRUPT)
