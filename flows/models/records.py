"""Sync records: the hub's memory of one source record in one flow."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from connectors.writes import Margin
from flows.models.integrations import Flow
from flows.models.runs import Run
from integration_hub.core.encryption import EncryptedTextField


class RecordState(models.TextChoices):
    """States of a sync record; the lease is a column of its own."""

    PENDING = "pending", _("Pending")
    SYNCED = "synced", _("Synced")
    SKIPPED = "skipped", _("Skipped")
    UNDONE = "undone", _("Taken back")
    FAILED = "failed", _("Failed")
    WAITING = "waiting", _("Waiting")
    IN_DOUBT = "in_doubt", _("In doubt")


# What a person may have tried again.
RETRYABLE = (
    *(RecordState.FAILED, RecordState.WAITING),
    *(RecordState.SKIPPED, RecordState.UNDONE),
)
# Of which nothing is expected in the target.
LEFT_OUT = (RecordState.SKIPPED, RecordState.UNDONE)
# Nobody has to do anything, and nothing comes by itself.
SETTLED = (RecordState.SYNCED, *LEFT_OUT)


class SyncRecord(models.Model):
    """One source record: its state, what it became, why it failed.

    ``payload`` is the document as JSON text (the raw record for one that could not
    be read) and is removed after the retention period. ``next_*`` is a newer version
    that came while this one was leased or in doubt. ``posted_payload`` is set while the
    target holds another version than ``payload``: what was posted, "" where that is not
    known any more. ``read_again`` is set until the source was asked once more. Amounts are in the document's currency.
    """

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="records")
    run = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, related_name="records"
    )
    source_id = models.CharField(max_length=100)
    version = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64, blank=True, default="")
    number = models.CharField(max_length=60, blank=True, default="")
    date = models.DateField(null=True, blank=True)
    branch = models.CharField(max_length=40, blank=True, default="")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    state = models.CharField(
        max_length=10, choices=RecordState, default=RecordState.PENDING
    )
    reason = models.CharField(max_length=80, blank=True, default="")
    message = models.TextField(blank=True, default="")
    action = models.TextField(blank=True, default="")
    fingerprint = models.CharField(max_length=200, blank=True, default="")
    retry_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    lease_owner = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    lost_leases = models.PositiveSmallIntegerField(default=0)

    expected_total = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True
    )
    bridge = models.JSONField(default=dict, blank=True)
    differences = models.JSONField(default=list, blank=True)

    payload = EncryptedTextField(null=True, blank=True)
    readable = models.BooleanField(default=True)
    read_again = models.BooleanField(default=False)
    posted_payload = EncryptedTextField(null=True, blank=True)
    next_version = models.CharField(max_length=100, blank=True, default="")
    next_hash = models.CharField(max_length=64, blank=True, default="")
    next_payload = EncryptedTextField(blank=True, default="")

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # What a plan found of margin goods, until it is stored; None where nothing is.
    margins: Sequence[Margin] | None = None

    class Meta:
        verbose_name = _("sync record")
        verbose_name_plural = _("sync records")
        ordering = ("-id",)
        permissions = (
            ("retry_syncrecord", _("Can let sync records be tried again")),
            ("skip_syncrecord", _("Can leave sync records out")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("flow", "source_id"), name="one_record_per_source_id"
            ),
        )
        indexes = (
            models.Index(fields=("flow", "state", "date", "id"), name="record_work"),
            models.Index(fields=("state", "retry_at"), name="record_retry"),
            models.Index(fields=("lease_until",), name="record_lease"),
            models.Index(
                fields=("updated_at",),
                condition=Q(payload__isnull=False),
                name="record_payload",
            ),
            models.Index(
                fields=("flow", "id"),
                condition=Q(read_again=True),
                name="record_read_again",
            ),
            # Of letters in their own order, so that PostgreSQL finds what starts with
            # a text by it; other databases do not look at the class.
            models.Index(
                fields=("number",),
                opclasses=("varchar_pattern_ops",),
                name="record_number",
            ),
            models.Index(
                fields=("source_id",),
                opclasses=("varchar_pattern_ops",),
                name="record_source_id",
            ),
            models.Index(fields=("amount",), name="record_amount"),
            models.Index(fields=("-date", "-id"), name="record_date"),
            models.Index(fields=("flow", "fingerprint"), name="record_fingerprint"),
            models.Index(fields=("run", "state"), name="record_run"),
            # The admin's list is in the order of the date under every filter.
            models.Index(fields=("flow", "-date", "-id"), name="record_flow_date"),
            models.Index(fields=("state", "-date", "-id"), name="record_state_date"),
            models.Index(fields=("reason", "-date", "-id"), name="record_reason_date"),
        )

    def __str__(self) -> str:
        return self.number or self.source_id

    @property
    def is_undone(self) -> bool:
        """Whether a person took back what it had become."""
        return self.state == RecordState.UNDONE

    @property
    def is_left_out(self) -> bool:
        """Whether nothing of it is expected in the target."""
        return self.state in LEFT_OUT
