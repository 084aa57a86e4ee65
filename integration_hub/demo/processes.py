"""The demo's processes: both sandboxes, a worker and the web server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

START_SECONDS = 60.0
STOP_SECONDS = 40.0


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


@dataclass(slots=True)
class Processes:
    """Processes in groups of their own, with their output in a file each."""

    folder: Path
    environment: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start one; ``command`` is what follows the Python interpreter."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own commands
                [sys.executable, *command],
                cwd=settings.BASE_DIR,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def wait_for(self, name: str, port: int) -> None:
        """Wait until it listens. Raises DemoError with the end of its output."""
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            if is_listening(port):
                return
            if self.running[name].poll() is not None:
                break
            time.sleep(0.1)
        log = (self.folder / f"{name}.log").read_text(errors="replace")[-1500:]
        raise DemoError(f"{name} did not start on port {port}.\n{log}")

    def stop(self) -> None:
        """Stop all of them, the last started first, and wait until they are gone."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
        ends = time.monotonic() + STOP_SECONDS
        for process in reversed(self.running.values()):
            try:
                process.wait(timeout=max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.running.clear()


def is_listening(port: int) -> bool:
    """Whether somebody listens on this port of the machine itself."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def require_free(ports: Mapping[str, int]) -> None:
    """Raise DemoError naming the port that somebody else has."""
    for name, port in ports.items():
        if is_listening(port):
            raise DemoError(
                f"Port {port} ({name}) is in use. Stop what listens there, or choose "
                f'another: make demo DEMO="--{name}-port {port + 10000}".'
            )
