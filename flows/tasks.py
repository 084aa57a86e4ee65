"""What the queue runs: an id in, one call, a short text out.

The one broad ``except`` of the hub is here: a defect ends its run with a traceback
and is told to a person.
"""

from __future__ import annotations

from collections.abc import Callable

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
    Unavailable,
)


def tick() -> str:
    """Start what is due and take up what was left lying."""
    with supervisor.stamped():
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
    with supervisor.stamped():
        return rereading.read_again(flow_id)


def _guarded(run_id: int, work: Callable[[int], str]) -> str:
    with supervisor.stamped():
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
        except Exception as defect:  # noqa: BLE001 - the runner's own
            finishing.break_off(run_id, defect)
            return f"broke off: {type(defect).__name__}"


def _explain_overdue() -> Unavailable:
    return Unavailable(
        f"A task took longer than {settings.TASK_TIMEOUT} s and was ended.",
        code="overdue",
        action="Look whether both systems answer in time. If it lasts, raise "
        "TASK_TIMEOUT, and the waits that must be longer than it.",
    )


def _run(run_id: int) -> Run:
    return Run.objects.select_related("flow__integration").get(pk=run_id)
