"""The connectors app."""

from __future__ import annotations

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Contract, registry, connections and the datamodel."""

    name = "connectors"
    default_auto_field = "django.db.models.BigAutoField"
