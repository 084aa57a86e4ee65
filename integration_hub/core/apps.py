"""The core app."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Rate limits, encryption, redaction and the HTTP session."""

    name = "integration_hub.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from integration_hub.core import checks  # noqa: F401  registers on import
