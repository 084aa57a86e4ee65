"""System checks: what must not go into production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

DEVELOPMENT_MARK = "development"


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
