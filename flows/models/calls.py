"""Links, envelopes and attempts: what was written where, and how."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.integrations import Integration
from flows.models.records import SyncRecord
from flows.models.runs import Run
from integration_hub.core.encryption import EncryptedTextField


class LinkState(models.TextChoices):
    """What is known of one write."""

    PLANNED = "planned", _("Planned")
    SENDING = "sending", _("Sending")
    LINKED = "linked", _("Linked")
    IN_DOUBT = "in_doubt", _("In doubt")
    REFUSED = "refused", _("Refused")


class Envelope(models.Model):
    """One remote write call, stored before it is made; it never changes.

    The primary key is the remote idempotency key. ``state``: sending, in_doubt or
    done. The lease is of whoever sends or resolves it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True)
    state = models.CharField(max_length=10, default="sending")
    created_at = models.DateTimeField(auto_now_add=True)
    lease_owner = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    resolve_at = models.DateTimeField(null=True, blank=True)
    resends = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(
                fields=("integration", "state", "resolve_at"), name="envelope_open"
            ),
            models.Index(
                fields=("lease_until",),
                condition=~Q(state="done"),
                name="envelope_lease",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Link(models.Model):
    """The hub's memory of one write: the intent, written before the write.

    (integration, kind, key, role) says what it is of; ``entity`` and ``target_id``
    what it became. ``facts`` is what the target said of it (VAT per rate, balance).
    ``use_fallback`` is set once the first choice of name was taken, ``is_stale`` when
    a person may have changed the object since it was last seen; ``searched_in`` is the
    run that looked in the target whether it is there.
    """

    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="links"
    )
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    role = models.CharField(max_length=80)
    record = models.ForeignKey(
        SyncRecord, on_delete=models.SET_NULL, null=True, related_name="links"
    )
    state = models.CharField(max_length=8, choices=LinkState, default=LinkState.PLANNED)
    entity = models.CharField(max_length=40, blank=True, default="")
    target_id = models.CharField(max_length=100, blank=True, default="")
    number = models.CharField(max_length=60, blank=True, default="")
    version = models.CharField(max_length=40, blank=True, default="")
    total = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    use_fallback = models.BooleanField(default=False)
    is_stale = models.BooleanField(default=False)
    searched_in = models.BigIntegerField(null=True)
    envelope = models.ForeignKey(
        Envelope, on_delete=models.SET_NULL, null=True, related_name="links"
    )
    message = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("integration", "kind", "key", "role"), name="one_link_per_write"
            ),
            models.UniqueConstraint(
                fields=("integration", "entity", "target_id"),
                condition=Q(kind="order")
                & ~Q(target_id="")
                & ~Q(role__startswith="correction")
                & ~Q(role__startswith="update:"),
                name="one_link_per_posting",
            ),
        )
        indexes = (
            models.Index(
                fields=("envelope",),
                condition=Q(state__in=["sending", "in_doubt"]),
                name="link_open",
            ),
            # People look for records by their number in the target.
            models.Index(
                fields=("number",),
                opclasses=("varchar_pattern_ops",),
                name="link_number",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.role}"


class EnvelopeMember(models.Model):
    """One write in an envelope: its exact body and what a look-up needs.

    ``write`` is the write without its body, ``body`` the exact JSON text that is
    sent. ``outcome`` is empty until known.
    """

    envelope = models.ForeignKey(
        Envelope, on_delete=models.CASCADE, related_name="members"
    )
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="members")
    position = models.PositiveSmallIntegerField()
    operation = models.CharField(max_length=10)
    write = EncryptedTextField(default="")
    body = EncryptedTextField(default="")
    outcome = models.CharField(max_length=10, blank=True, default="")
    message = models.TextField(blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("envelope", "position"), name="one_member_per_position"
            ),
        )

    def __str__(self) -> str:
        return f"{self.envelope_id}/{self.position}"


class Attempt(models.Model):
    """One call of an envelope: when, how it ended, under which ids, the answer."""

    envelope = models.ForeignKey(
        Envelope, on_delete=models.CASCADE, related_name="attempts"
    )
    at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    result = models.CharField(max_length=20)
    request_id = models.CharField(max_length=80, blank=True, default="")
    remote_id = models.CharField(max_length=120, blank=True, default="")
    message = models.TextField(blank=True, default="")
    received = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.result}"
