"""Real workers in processes of their own, with waits of seconds, to be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from flows.models import Envelope, Run, WorkerStamp

# call deadline < task timeout < lease < quiet period < queue retry, as in production
SECONDS = {
    "CALL_DEADLINE": "1.5",
    "TASK_BUDGET": "2",
    "TASK_TIMEOUT": "4",
    "LEASE_SECONDS": "4.5",
    "QUIET_SECONDS": "5",
    "QUEUE_RETRY": "20",
    "TICK_SECONDS": "0.5",
    "DEAF_SECONDS": "5",
    "RETRY_SECONDS": "0.2,0.5,1",
    "QUEUE_POLL": "0.1",
    "WORKERS": "2",
    "LOG_LEVEL": "WARNING",
}


def database_url() -> str:
    """The test's own database, as an address for other processes."""
    config = settings.DATABASES["default"]
    if config["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{config['NAME']}"
    host, port = config["HOST"] or "127.0.0.1", config["PORT"] or 5432
    user = ":".join(filter(None, (config["USER"], config["PASSWORD"])))
    return f"postgres://{user}@{host}:{port}/{config['NAME']}"


@dataclass(slots=True)
class Workers:
    """Supervisors with their clusters, as ``manage.py worker`` starts them."""

    log: Path
    supervisors: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start one more host."""
        with self.log.open("ab") as out:
            self.supervisors.append(
                subprocess.Popen(
                    [sys.executable, "manage.py", "worker"],
                    cwd=settings.BASE_DIR,
                    env={**os.environ, **SECONDS, "DATABASE_URL": database_url()},
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def kill_host(self) -> None:
        """kill -9 of a whole host: supervisor, cluster, workers; then a new one."""
        process = self.supervisors.pop()
        for pid in [*descendants(process.pid), process.pid]:
            kill(pid)
        process.wait()
        self.start()

    def stop(self) -> None:
        """End everything, whatever state it is in."""
        for process in self.supervisors:
            pids = [*descendants(process.pid), process.pid]
            for pid in pids:
                kill(pid)
            process.wait()
        self.supervisors.clear()


def kill(pid: int) -> bool:
    """kill -9; false if it was gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def children(pid: int) -> list[int]:
    """The processes that this one started and that live."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except FileNotFoundError:
        return []


def descendants(pid: int) -> list[int]:
    """All processes below this one."""
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def pid_of(owner: str) -> int:
    """The process in a lease owner's name."""
    return int(owner.split(":")[1])


def sender() -> int | None:
    """The worker that is sending an envelope now."""
    owner = (
        Envelope.objects.filter(state="sending")
        .exclude(lease_owner="")
        .values_list("lease_owner", flat=True)
        .first()
    )
    return pid_of(owner) if owner else None


def reader() -> int | None:
    """The worker that is reading a source now."""
    owner = Run.objects.exclude(lease_owner="").values_list("lease_owner", flat=True)
    first = owner.first()
    return pid_of(first) if first else None


def idle_worker() -> int | None:
    """A worker that has finished its task and waits for the next one."""
    stamps = WorkerStamp.objects.filter(finished_at__isnull=False)
    for process in stamps.order_by("-started_at").values_list("process", flat=True):
        if Path(f"/proc/{process}").exists():
            return int(process)
    return None
