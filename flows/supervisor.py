"""The worker's supervisor: keeps a cluster of workers alive and ticking.

A worker killed at the wrong moment can leave its cluster deaf for ever while it looks
healthy (django-q2 issue 23): the dead process holds the queue's read lock. So every
task start is stamped with its cluster, and a cluster that starts nothing although
work lies there and a worker is idle is replaced, process group and all.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection
from django.db.models import Max, Q
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from flows import leases
from flows.models import WorkerStamp
from integration_hub.core.redaction import redact

logger = logging.getLogger(__name__)

CLUSTER_VARIABLE = "HUB_CLUSTER"
WAITING_TICK = "tick waits"
LONGEST_PAUSE = 60.0
START_UP = timedelta(seconds=10)


@contextmanager
def stamped() -> Iterator[None]:
    """Stamp that this worker process has started a task, and that it ended."""
    mine: dict[str, Any] = {
        "cluster": os.environ.get(CLUSTER_VARIABLE, "inline"),
        "process": str(os.getpid()),
    }
    started = {"started_at": timezone.now(), "finished_at": None}
    if not WorkerStamp.objects.filter(**mine).update(**started):
        WorkerStamp.objects.update_or_create(**mine, defaults=started)
    try:
        yield
    finally:
        WorkerStamp.objects.filter(**mine).update(finished_at=timezone.now())


def is_deaf(cluster: str, *, since: datetime, workers: int) -> bool:
    """Whether a cluster starts nothing although work waits and a worker is idle.

    ``since`` is when the cluster started: what others took before that is not its
    own, and it is given time to start up.
    """
    now = timezone.now()
    patience = timedelta(seconds=settings.DEAF_SECONDS)
    retry = timedelta(seconds=settings.QUEUE_RETRY)
    # A waiting row carries the time it was queued, a taken one the time it was taken
    # plus the retry time, which is still to come.
    waiting = Q(lock__lt=now - patience)
    taken_not_done = Q(
        lock__gt=max(now, since + retry), lock__lt=now + retry - patience
    )
    if now - since < patience + START_UP:
        return False
    if not OrmQ.objects.filter(waiting | taken_not_done).exists():
        return False
    stamps = WorkerStamp.objects.filter(cluster=cluster)
    latest = stamps.aggregate(latest=Max("started_at"))["latest"]
    if latest is not None and latest > now - patience:
        return False
    longest = timedelta(seconds=settings.TASK_TIMEOUT)
    busy = stamps.filter(finished_at__isnull=True, started_at__gt=now - longest)
    return busy.count() < workers


class Supervisor:
    """Starts a cluster in a process group of its own, watches and replaces it."""

    def __init__(self) -> None:
        self.owner = leases.new_owner()
        self.workers: int = settings.Q_CLUSTER["workers"]
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.cluster = ""
        self.started_at = timezone.now()
        self.next_tick = time.monotonic()
        self.pause = self.usual_pause

    def run(self) -> None:
        """Watch until told to stop (SIGTERM or SIGINT), then stop the cluster."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            while not self.stopping.wait(self.pause if self.process else 0):
                self.look()
        finally:
            self.stop_cluster(grace=settings.TASK_BUDGET + 5)

    @property
    def usual_pause(self) -> float:
        """Seconds between two looks while all is well."""
        return min(1.0, float(settings.TICK_SECONDS) / 2)

    def look(self) -> None:
        """One look; without a database the cluster is left as it is for a while."""
        try:
            self._look()
        except DatabaseTrouble as error:
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
            logger.warning(
                "The database does not answer, next look in %.0f s: %s",
                self.pause,
                redact(str(error), [str(connection.settings_dict["PASSWORD"] or "")]),
            )
        else:
            self.pause = self.usual_pause

    def _look(self) -> None:
        """Is the cluster there, can it hear, is it time to tick."""
        close_old_connections()
        if self.process is None or self.process.poll() is not None:
            self._replace("is gone" if self.process else "")
        elif is_deaf(self.cluster, since=self.started_at, workers=self.workers):
            self._replace("is deaf")
        if time.monotonic() >= self.next_tick:
            self.next_tick = time.monotonic() + settings.TICK_SECONDS
            enqueue_tick(self.owner)

    def _replace(self, why: str) -> None:
        if why:
            logger.warning("The cluster %s %s and is replaced", self.cluster, why)
            self.stop_cluster(grace=0)
        self.cluster = uuid.uuid4().hex[:12]
        self.started_at = timezone.now()
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "django", "qcluster"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                CLUSTER_VARIABLE: self.cluster,
                "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            },
            start_new_session=True,
        )
        logger.info("Cluster %s started", self.cluster)

    def stop_cluster(self, *, grace: float) -> None:
        """Ask the cluster to finish its tasks; kill the group after ``grace`` s."""
        process, self.process = self.process, None
        if process is None:
            return
        if grace and process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=grace)
            except subprocess.TimeoutExpired:
                logger.warning("The cluster %s did not stop in time", self.cluster)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def enqueue_tick(owner: str) -> bool:
    """Queue a tick unless another host did so just now or one waits in the queue.

    One that waits for longer than the queue's own retry time counts as lost.
    """
    if not leases.take_lease("tick", owner, seconds=settings.TICK_SECONDS * 0.8):
        return False
    one = leases.new_owner()
    if not leases.take_lease(WAITING_TICK, one, seconds=settings.QUEUE_RETRY):
        return False
    async_task("flows.tasks.tick")
    return True


def note_tick() -> None:
    """A tick has begun: the next one may be queued."""
    leases.end_lease(WAITING_TICK)
