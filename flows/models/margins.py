"""Margin lines: what goods sold under the margin scheme gave, kept for the VAT return."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from flows.models.integrations import Flow
from flows.models.records import SyncRecord


class MarginLine(models.Model):
    """One line of margin goods of a posted record.

    It outlives the record's payload, which is removed after its time. ``date`` is the
    receipt's; ``purchase`` is of the whole line, None where the till does not know it.
    """

    flow = models.ForeignKey(
        Flow, on_delete=models.CASCADE, related_name="margin_lines"
    )
    record = models.ForeignKey(
        SyncRecord, on_delete=models.CASCADE, related_name="margin_lines"
    )
    date = models.DateField()
    article = models.CharField(max_length=100, blank=True, default="")
    text = models.CharField(max_length=200, blank=True, default="")
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    sale = models.DecimalField(max_digits=14, decimal_places=2)
    purchase = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("margin line")
        verbose_name_plural = _("margin lines")
        ordering = ("date", "id")
        indexes = (models.Index(fields=("flow", "date", "id"), name="margin_period"),)

    def __str__(self) -> str:
        return f"{self.date} {self.text}"

    @property
    def margin(self) -> Decimal | None:
        """What it gave, None where it is not known what it was bought for."""
        return None if self.purchase is None else self.sale - self.purchase
