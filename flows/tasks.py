"""What the queue runs: an id in, one call, a short text out.

The one broad ``except`` of the hub is here: a defect ends its run with a traceback
and is told to a person. The queue keeps the traceback of a task that has no run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django_q.exceptions import TimeoutException

from flows import supervisor
from flows.engine import delivering, finishing, reading, rereading, ticking
from flows.models import Run
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    OutcomeUnknown,
    RateLimited,
    TaskFailed,
    Unavailable,
)
from integration_hub.core.redaction import redact_traceback

logger = logging.getLogger(__name__)


def tick() -> str:
    """Start what is due and take up what was left lying."""
    return _caught(_tick, _fail)


def _tick() -> str:
    supervisor.note_tick()
    rereading.queue_marked()
    return ticking.tick()


def read(run_id: int) -> str:
    """Read a run's source."""
    return _guarded(run_id, reading.read)


def deliver(run_id: int) -> str:
    """Deliver a run's records."""
    return _guarded(run_id, delivering.deliver)


def read_again(flow_id: int) -> str:
    """Read a flow's marked records again and let them be delivered."""
    return _caught(partial(rereading.read_again, flow_id), _fail)


def _guarded(run_id: int, work: Callable[[int], str]) -> str:
    return _caught(partial(_judged, run_id, work), partial(_break_off, run_id))


def _judged(run_id: int, work: Callable[[int], str]) -> str:
    try:
        return work(run_id)
    except (AuthError, ConfigError) as error:
        finishing.stop(_run(run_id), error)
        return f"stopped: {type(error).__name__}"
    except (RateLimited, Unavailable, OutcomeUnknown) as error:
        finishing.rest(_run(run_id), error)
        return f"paused: {type(error).__name__}"
    except TimeoutException:
        # The queue ends this worker; what it held is given back already.
        finishing.rest(_run(run_id), _explain_overdue())
        raise


def _caught(work: Callable[[], str], tell: Callable[[Exception], str]) -> str:
    with supervisor.stamped():
        try:
            return work()
        except Exception as defect:  # noqa: BLE001 - the runner's own
            return tell(defect)


def _break_off(run_id: int, defect: Exception) -> str:
    name = type(defect).__name__
    try:
        finishing.break_off(run_id, defect)
    except Run.DoesNotExist:
        logger.warning("Run %s was deleted; its task ended with %s", run_id, name)
        return "deleted"
    return f"broke off: {name}"


def _fail(defect: Exception) -> str:
    """Fail the task: the queue keeps the text, so it may hold no secret."""
    logger.error("A task failed with %s", type(defect).__name__)
    raise TaskFailed(redact_traceback(defect)) from None


def _explain_overdue() -> Unavailable:
    return Unavailable(
        f"A task took longer than {settings.TASK_TIMEOUT} s and was ended.",
        code="overdue",
        action="Look whether both systems answer in time. If it lasts, raise "
        "TASK_TIMEOUT, and the waits that must be longer than it.",
    )


def _run(run_id: int) -> Run:
    return Run.objects.select_related("flow__integration").get(pk=run_id)
