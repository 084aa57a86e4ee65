"""The connectors app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectorsConfig(AppConfig):
    """Contract, registry, connections and the datamodel."""

    name = "connectors"
    verbose_name = _("Systems")
    default_auto_field = "django.db.models.BigAutoField"
