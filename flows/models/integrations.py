"""Integrations and their flows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.models import Connection
from mapping.models import Mapping, ValueMapSet


class Integration(models.Model):
    """Two connections and what their flows share.

    ``defaults`` holds the target's settings by field name (accounts, the no-VAT
    code, the default debtor); ``number_prefix`` tells installations apart that write
    into the same company.
    """

    name = models.CharField(max_length=100, unique=True)
    source = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="source_of"
    )
    target = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="target_of"
    )
    value_maps = models.OneToOneField(
        ValueMapSet, on_delete=models.PROTECT, related_name="integration"
    )
    defaults = models.JSONField(default=dict, blank=True)
    number_prefix = models.CharField(max_length=2, blank=True, default="")
    start_date = models.DateField(
        help_text="Records before this business date are skipped, also when they change."
    )

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Flow(models.Model):
    """Moves one feed of the source into the target, on a schedule or on demand.

    ``cursor`` is the source's own text and moves only together with the records it
    has passed. ``interval_minutes`` 0 means on demand only.
    """

    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="flows"
    )
    name = models.CharField(max_length=100)
    feed = models.CharField(max_length=40)
    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT, related_name="flows")
    enabled = models.BooleanField(default=False)
    interval_minutes = models.PositiveIntegerField(default=15)
    page_size = models.PositiveIntegerField(default=100)
    next_run_at = models.DateTimeField(null=True, blank=True)
    cursor = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("flow")
        verbose_name_plural = _("flows")
        ordering = ("integration", "name")
        permissions = (
            ("run_flow", _("Can run flows and switch them on and off")),
            ("preview_flow", _("Can see previews of flows and records")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "name"), name="flow_name_once_per_integration"
            ),
        )

    def __str__(self) -> str:
        return f"{self.integration.name}: {self.name}"
