"""System checks: what must not go into production."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core import checks

DEVELOPMENT_MARK = "development"
# Each must be over before the next one is.
WAITS = (
    "CALL_DEADLINE",
    "TASK_TIMEOUT",
    "LEASE_SECONDS",
    "QUIET_SECONDS",
    "QUEUE_RETRY",
)


@checks.register(checks.Tags.security, deploy=True)
def check_keys(**_: Any) -> list[checks.CheckMessage]:
    """Complain about development keys while DEBUG is off (``check --deploy``)."""
    if settings.DEBUG:
        return []
    found: list[checks.CheckMessage] = []
    if DEVELOPMENT_MARK in settings.SECRET_KEY:
        found.append(
            checks.Error(
                "SECRET_KEY is the one of the development set-up.",
                hint="Set SECRET_KEY in the environment to a long random text.",
                id="hub.E001",
            )
        )
    keys = list(getattr(settings, "FIELD_KEYS", ()))
    if not keys or any(DEVELOPMENT_MARK in key for key in keys):
        found.append(
            checks.Error(
                "FIELD_KEYS holds no key or the one of the development set-up.",
                hint="Set FIELD_KEYS in the environment, newest first, then run "
                "manage.py rotate_keys.",
                id="hub.E002",
            )
        )
    return found


@checks.register()
def check_waits(**_: Any) -> list[checks.CheckMessage]:
    """Complain about waits by which a call could outlast the lease that covers it."""
    values = [(name, float(getattr(settings, name))) for name in WAITS]
    if all(first < second for (_a, first), (_b, second) in pairwise(values)):
        return []
    told = ", ".join(f"{name} {value:g}" for name, value in values)
    return [
        checks.Error(
            f"The waits are not in their order: {told}.",
            hint="Each must be longer than the one before it, or sales may be posted "
            "twice.",
            id="hub.E003",
        )
    ]
