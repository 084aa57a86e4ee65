"""What the queue keeps of tasks that fail: nothing that is secret or personal."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest

from flows import tasks
from flows.engine import delivering, rereading, ticking
from flows.models import Run, WorkerStamp
from integration_hub.core.errors import ConfigError, TaskFailed
from integration_hub.core.redaction import remember_secrets
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db

SECRET = "sesame-0123456789"
PERSON = "anna@example.com"


def break_down(*_args: object) -> str:
    try:
        raise KeyError(f"refresh_token={SECRET}")
    except KeyError as error:
        raise RuntimeError(f"{SECRET} of {PERSON}") from error


@pytest.mark.parametrize(
    ("module", "name", "task"),
    [
        (ticking, "tick", tasks.tick),
        (rereading, "read_again", lambda: tasks.read_again(1)),
    ],
)
def test_a_traceback_that_the_queue_keeps_is_redacted(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    task: Callable[[], str],
) -> None:
    remember_secrets([SECRET])
    monkeypatch.setattr(module, name, break_down)
    with pytest.raises(TaskFailed) as caught:
        task()
    # As django-q's worker writes it down.
    kept = f"{caught.value} : {''.join(traceback.format_exception(caught.value))}"
    assert SECRET not in kept
    assert PERSON not in kept
    assert "RuntimeError: *** of ***" in kept
    assert "break_down" in kept
    assert WorkerStamp.objects.get().finished_at is not None


def test_the_task_of_a_run_that_was_deleted_ends_quietly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert tasks.deliver(424242) == "deleted"
    (line,) = caplog.messages
    assert "Run 424242 was deleted" in line


def test_a_run_that_is_deleted_at_work_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = RunFactory(stage="delivering")

    def delete(run_id: int) -> str:
        Run.objects.get(pk=run_id).delete()
        raise ConfigError("Its settings are gone.", code="gone")

    monkeypatch.setattr(delivering, "deliver", delete)
    assert tasks.deliver(run.pk) == "deleted"
    assert f"Run {run.pk} was deleted" in caplog.text
