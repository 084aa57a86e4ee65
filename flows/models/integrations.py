"""Integrations and their flows."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.models import Connection
from mapping.models import Mapping, ValueMapSet


class Integration(models.Model):
    """Two connections and what their flows share.

    ``defaults`` holds the target's settings by field name (accounts, the no-VAT
    code, the default debtor); ``number_prefix`` tells installations apart that write
    into the same company. ``mark`` stands in the notes of all that was written: only
    what bears it is ours. It tells the source, so that a hub which is set up anew
    between the same two systems finds its own work again; it never changes by itself.
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
    mark = models.CharField(
        max_length=20,
        blank=True,
        default="",
        help_text="Stands in the notes of all that is written to the target. Leave "
        "empty for the source's own; a hub that is set up anew enters here what its "
        "old documents bear.",
    )
    start_date = models.DateField(
        help_text="Records before this business date are skipped, also when they change."
    )

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it with a mark."""
        if not self.mark:
            self.mark = f"hub-{self.source.origin}"
        super().save(*args, **kwargs)


class Flow(models.Model):
    """Moves one feed of the source into the target, on a schedule or on demand.

    ``cursor`` is the source's own text and moves only together with the records it
    has passed. ``interval_minutes`` 0 means on demand only. ``settings`` holds what the
    flow overrides of its integration's ``defaults``.
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
    settings = models.JSONField(default=dict, blank=True, editable=False)

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
            models.UniqueConstraint(
                fields=("integration", "feed"),
                name="flow_feed_once_per_integration",
                violation_error_message=_(
                    "This integration moves this feed already: change that flow, its "
                    "rules or its value maps."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.integration.name}: {self.name}"

    @property
    def settings_in_force(self) -> dict[str, Any]:
        """What is set for the target: the flow's own before its integration's."""
        return {**self.integration.defaults, **self.settings}
