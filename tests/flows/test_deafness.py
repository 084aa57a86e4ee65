"""When a cluster counts as deaf, and how it is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from flows import supervisor
from flows.models import WorkerStamp
from flows.supervisor import Supervisor, is_deaf, stamped

pytestmark = pytest.mark.django_db
LONG, RECENT = 1000, 1
WAIT = "import signal; signal.pause()"


@pytest.fixture(autouse=True)
def patience(settings: Any) -> None:
    """In seconds: patience 100, longest task 120, queue retry 600."""
    settings.DEAF_SECONDS, settings.TASK_TIMEOUT, settings.QUEUE_RETRY = 100, 120, 600


def ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


def queue(lock: datetime) -> None:
    """A task in the queue; waiting rows carry when they were queued."""
    OrmQ.objects.create(key="hub", payload="x", lock=lock)


def stamp(process: str, started: float, *, ended: bool, cluster: str = "c") -> None:
    """A worker that started its last task so many seconds ago."""
    end = timezone.now() if ended else None
    WorkerStamp.objects.create(
        cluster=cluster, process=process, started_at=ago(started), finished_at=end
    )


def listen(*, since: float = LONG, workers: int = 2) -> bool:
    return is_deaf("c", since=ago(since), workers=workers)


def test_nothing_waits() -> None:
    stamp("1", LONG, ended=True)
    assert not listen()


def test_what_waits_has_waited_for_a_moment_only() -> None:
    queue(ago(RECENT))
    assert not listen()


def test_work_waits_and_nobody_ever_started_any() -> None:
    queue(ago(LONG))
    assert listen()


def test_the_cluster_has_only_just_started() -> None:
    queue(ago(LONG))
    assert not listen(since=105)
    assert listen(since=115)


def test_a_task_was_started_a_moment_ago() -> None:
    queue(ago(LONG))
    stamp("1", RECENT, ended=True)
    assert not listen()


def test_all_workers_are_busy() -> None:
    queue(ago(LONG))
    for process in "12":
        stamp(process, 110, ended=False)
    assert not listen()
    assert listen(workers=3)


def test_a_worker_that_is_busy_for_longer_than_a_task_may_be_is_dead() -> None:
    queue(ago(LONG))
    for process in "12":
        stamp(process, 130, ended=False)
    assert listen()


def test_another_clusters_work_proves_nothing() -> None:
    queue(ago(LONG))
    stamp("1", RECENT, ended=True, cluster="other")
    assert listen()


def test_a_task_that_was_taken_and_never_begun() -> None:
    # A taken row is locked until it counts as lost: 600 s after it was taken.
    queue(ago(200 - 600))
    assert listen()


def test_a_task_that_was_taken_a_moment_ago() -> None:
    queue(ago(RECENT - 600))
    assert not listen()


def test_a_task_that_somebody_took_before_the_cluster_started() -> None:
    queue(ago(500 - 600))
    assert not listen(since=400)


# -------------------------------------------------------------------------- stamps


def test_a_task_leaves_when_it_started_and_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(supervisor.CLUSTER_VARIABLE, "c7")
    with stamped():
        row = WorkerStamp.objects.get(cluster="c7", process=str(os.getpid()))
        assert row.finished_at is None
    with pytest.raises(KeyError), stamped():
        raise KeyError
    row.refresh_from_db()
    assert row.finished_at is not None
    assert row.finished_at >= row.started_at


# --------------------------------------------------------------------- the cluster


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervisor whose clusters are processes that do nothing."""
    start = subprocess.Popen

    def idle(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        assert command[1:] == ["-m", "django", "qcluster"]
        return start([sys.executable, "-c", WAIT], **options)

    monkeypatch.setattr(subprocess, "Popen", idle)
    monkeypatch.setattr(supervisor, "close_old_connections", lambda: None)
    made = Supervisor()
    yield made
    made.stop_cluster(grace=0)


def test_the_first_look_starts_a_cluster_and_a_tick(watcher: Supervisor) -> None:
    watcher.look()
    assert watcher.process is not None
    assert watcher.process.poll() is None
    assert OrmQ.objects.count() == 1
    first = watcher.cluster
    watcher.look()
    assert (watcher.cluster, OrmQ.objects.count()) == (first, 1)


def test_a_cluster_that_is_gone_is_replaced(watcher: Supervisor) -> None:
    watcher.look()
    assert watcher.process is not None
    first = watcher.cluster
    watcher.process.kill()
    watcher.process.wait()
    watcher.look()
    assert watcher.cluster != first
    assert watcher.process.poll() is None


def test_a_deaf_cluster_is_replaced(
    watcher: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher.look()
    first = watcher.process
    assert first is not None
    monkeypatch.setattr(supervisor, "is_deaf", lambda *_, **__: True)
    watcher.look()
    assert first.poll() is not None
    assert watcher.process is not first


def test_a_cluster_that_does_not_end_is_killed(
    watcher: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher.look()
    process = watcher.process
    assert process is not None
    monkeypatch.setattr(process, "terminate", lambda: None)
    watcher.stop_cluster(grace=0.05)
    assert process.returncode == -signal.SIGKILL


def test_a_cluster_that_ends_by_itself_is_not_killed(watcher: Supervisor) -> None:
    watcher.look()
    process = watcher.process
    assert process is not None
    watcher.stop_cluster(grace=20)
    assert process.returncode == -signal.SIGTERM
    watcher.stop_cluster(grace=20)


def test_the_supervisor_watches_until_it_is_told_to_stop(
    watcher: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = {}
    monkeypatch.setattr(
        signal, "signal", lambda n, handler: handlers.update({n: handler})
    )
    looks = []

    def look() -> None:
        looks.append(1)
        handlers[signal.SIGTERM](signal.SIGTERM, None)

    monkeypatch.setattr(watcher, "look", look)
    watcher.run()
    assert len(looks) == 1
    assert watcher.process is None
