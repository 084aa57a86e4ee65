"""Application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Flows."""

    name = "flows"
