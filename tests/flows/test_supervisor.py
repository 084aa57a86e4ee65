"""The supervisor: ticks that wait, and a database that is away for a moment."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError, connection
from django_q.models import OrmQ
from django_q.tasks import async_task

from flows import leases, supervisor
from flows.tasks import tick

pytestmark = pytest.mark.django_db


class Alive:
    """A cluster that is there."""

    pid = 0

    def poll(self) -> None:
        return None


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> supervisor.Supervisor:
    """A supervisor whose cluster is there and hears."""
    made = supervisor.Supervisor()
    made.process = Alive()  # type: ignore[assignment]
    monkeypatch.setattr(supervisor, "is_deaf", lambda *_, **__: False)
    monkeypatch.setattr(supervisor, "close_old_connections", lambda: None)
    return made


def let_the_next_come() -> None:
    leases.end_lease("tick")


def test_a_full_queue_does_not_keep_the_tick_away() -> None:
    for n in range(150):
        async_task("flows.tasks.deliver", n)
    assert supervisor.enqueue_tick("me")


def test_one_tick_waits_and_no_crowd() -> None:
    assert supervisor.enqueue_tick("me")
    let_the_next_come()
    assert not supervisor.enqueue_tick("me")
    assert OrmQ.objects.count() == 1


def test_a_tick_that_began_lets_the_next_one_come() -> None:
    supervisor.enqueue_tick("me")
    tick()
    let_the_next_come()
    assert supervisor.enqueue_tick("me")


def test_a_tick_that_was_lost_is_not_waited_for(settings) -> None:
    settings.QUEUE_RETRY = -1
    supervisor.enqueue_tick("me")
    let_the_next_come()
    assert supervisor.enqueue_tick("me")


def test_a_database_that_is_away_ends_nothing(
    watcher: supervisor.Supervisor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(owner: str) -> bool:
        raise OperationalError("no connection as hub/hunter2hunter2")

    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "hunter2hunter2")
    monkeypatch.setattr(supervisor, "enqueue_tick", away)
    usual, cluster = watcher.pause, watcher.process
    with caplog.at_level(logging.WARNING):
        watcher.look()
    assert (watcher.pause, watcher.process) == (usual * 2, cluster)
    assert "no connection" in caplog.text
    assert "hunter2" not in caplog.text


def test_the_pause_grows_to_a_minute_and_ends_with_the_trouble(
    watcher: supervisor.Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> bool:
        raise OperationalError

    with monkeypatch.context() as trouble:
        trouble.setattr(supervisor, "is_deaf", away)
        for _ in range(10):
            watcher.look()
    assert watcher.pause == 60
    watcher.look()
    assert watcher.pause == watcher.usual_pause
