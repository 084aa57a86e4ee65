"""The composing application: demo, dashboard, admin site."""

from __future__ import annotations

from django.apps import AppConfig


class IntegrationHubConfig(AppConfig):
    """Composition of all rooms."""

    name = "integration_hub"
    verbose_name = "Integration Hub"
