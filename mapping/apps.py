"""Application of this room."""

from __future__ import annotations

from django.apps import AppConfig


class MappingConfig(AppConfig):
    """Rules, value maps and filters, and the engine that applies them."""

    name = "mapping"
    label = "mapping"
    verbose_name = "Mapping"
