"""What the queue keeps of tasks that fail: nothing that is secret or personal."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest

from flows import tasks
from flows.engine import rereading, ticking
from flows.models import WorkerStamp
from integration_hub.core.errors import TaskFailed
from integration_hub.core.redaction import remember_secrets

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
