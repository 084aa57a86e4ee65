"""Alerts: one per cause, however many records it stops."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from flows.models.integrations import Flow


class Alert(models.Model):
    """One open cause of failure in a flow; resolved when no record has it any more.

    ``message`` is a record's own; ``is_example`` says that others' differ.
    """

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="alerts")
    fingerprint = models.CharField(max_length=200)
    message = models.TextField()
    action = models.TextField(blank=True, default="")
    is_example = models.BooleanField(default=False)
    records = models.PositiveIntegerField(default=0)
    raised_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("flow", "fingerprint"),
                condition=Q(resolved_at__isnull=True),
                name="one_open_alert_per_cause",
            ),
        )

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def text(self) -> str:
        """What is wrong, marked as an example where the records tell different things."""
        if not self.is_example:
            return self.message
        return _now("For example: %s") % self.message
