"""Connections: configured accounts of external systems."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors import registry
from integration_hub.core.encryption import EncryptedJSONField

# A refresh token that dies within so many days is worth a warning.
WARN_DAYS = 14
# What is encrypted, and must not be kept anywhere else.
SECRET = ("credentials", "tokens")
EDITABLE = ("name", "connector", "environment", "credentials", "settings")


class Connection(models.Model):
    """One account of one system: credentials, environment, settings and health.

    ``credentials`` and ``tokens`` are JSON objects of texts, encrypted. The refresh
    columns are a lease: whoever owns it may refresh the tokens, nobody else.
    """

    class Environment(models.TextChoices):
        """Where the connection points; nothing else differs."""

        SANDBOX = "sandbox", _("Sandbox")
        LIVE = "live", _("Live")

    class Status(models.TextChoices):
        """Health, as the last check or call left it."""

        UNKNOWN = "unknown", _("Not checked")
        OK = "ok", _("Working")
        PROBLEM = "problem", _("Problem")
        NEEDS_RECONNECT = "needs_reconnect", _("Needs reconnecting")

    name = models.CharField(max_length=100, unique=True)
    connector = models.CharField(max_length=50, choices=registry.list_choices)
    environment = models.CharField(
        max_length=10, choices=Environment, default=Environment.SANDBOX
    )
    credentials = EncryptedJSONField(default=dict, blank=True, editable=False)
    settings = models.JSONField(default=dict, blank=True)

    tokens = EncryptedJSONField(default=dict, blank=True, editable=False)
    token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    refresh_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    refresh_owner = models.CharField(
        max_length=36, blank=True, default="", editable=False
    )
    refresh_until = models.DateTimeField(null=True, blank=True, editable=False)

    status = models.CharField(
        max_length=20, choices=Status, default=Status.UNKNOWN, editable=False
    )
    who = models.CharField(max_length=200, blank=True, default="", editable=False)
    problem = models.TextField(blank=True, default="", editable=False)
    action = models.TextField(blank=True, default="", editable=False)
    last_ok_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def __getstate__(self) -> dict[str, Any]:
        """Without secrets: a cache keeps what is pickled as it is. They load anew."""
        state: dict[str, Any] = super().__getstate__()
        return {name: each for name, each in state.items() if name not in SECRET}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save what a person edits. Tokens, lease and health need ``update_fields``.

        They are written by other processes meanwhile, and a refresh token that a
        stale copy overwrites is lost for good.
        """
        if not self._state.adding:
            kwargs.setdefault("update_fields", EDITABLE)
        super().save(*args, **kwargs)

    @property
    def origin(self) -> str:
        """8 hexadecimal digits that stand for the account, and for no secret.

        They are the same wherever and however often the account is set up.
        """
        kind = registry.all_connectors().get(self.connector)
        declared = kind.credentials if kind is not None else ()
        names = [field.name for field in declared if field.type != "secret"]
        address = self.settings.get("base_url")
        if not address and kind is not None:
            address = kind.base_urls.get(self.environment)
        parts = [self.connector, self.environment, str(address or "").rstrip("/")]
        parts += [str(self.credentials.get(name, "")) for name in names]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]

    @property
    def days_left(self) -> int | None:
        """Whole days until the refresh token dies; None where nothing expires."""
        if self.refresh_expires_at is None:
            return None
        return max(0, (self.refresh_expires_at - timezone.now()) // timedelta(days=1))

    @property
    def expiry_warning(self) -> str:
        """What to do before the refresh token dies, or ""."""
        days = self.days_left
        if days is None or days > WARN_DAYS:
            return ""
        return f"The sign-in of {self.name} ends in {days} days. Connect it again."

    @property
    def is_authorized(self) -> bool:
        """Whether the tokens of an OAuth connection are there."""
        tokens: dict[str, Any] = self.tokens or {}
        return bool(tokens.get("refresh"))
