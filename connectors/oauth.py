"""Tokens of OAuth connections: given out, refreshed by one process at a time, kept.

Refresh tokens rotate: the answer to a refresh carries the one to use next. Whoever
takes the lease on the connection's row may refresh; the new tokens are stored before
anybody uses them; everybody else waits and reads them from the row.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from connectors.contract import OAuth
from connectors.models import Connection
from connectors.tokens import TokenClient, Tokens
from integration_hub.core.errors import AuthError, OutcomeUnknown, Unavailable
from integration_hub.core.http import Session

# A token is not used in its last minute.
MARGIN = timedelta(seconds=60)
# One refresh makes at most this many calls; the lease covers them all.
TRIES = 3
LEASE = timedelta(seconds=90)
# How long others wait for the one who refreshes, and how often they look.
PATIENCE = 45.0
PAUSE = 0.2

RECONNECT = "Open the connection and connect it again."


@dataclass(slots=True)
class _Current:
    access: str
    expires_at: datetime | None

    @property
    def usable(self) -> bool:
        if not self.access:
            return False
        return self.expires_at is None or timezone.now() + MARGIN < self.expires_at


class ConnectionTokens:
    """The TokenSource of a stored connection."""

    def __init__(
        self,
        connection: Connection,
        oauth: OAuth,
        settings: Mapping[str, Any],
        *,
        api: Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._client = TokenClient(connection, oauth, settings)
        self._api = api
        self._sleep = sleep
        self._current = _read_current(connection)

    def access_token(self) -> str:
        """A token valid for at least a minute.

        Raises AuthError when a person has to connect again, Unavailable when the
        sign-in service cannot be reached or somebody else refreshes too slowly.
        """
        if not self._current.usable:
            self._renew(rejected="")
        return self._current.access

    def renew(self, rejected: str) -> str:
        """A token other than ``rejected``, refreshing if nobody else has."""
        self._renew(rejected=rejected)
        return self._current.access

    def _renew(self, *, rejected: str) -> None:
        ends = time.monotonic() + PATIENCE
        while True:
            if self._reload(rejected):
                return
            owner = take_lease(self._connection.pk)
            if owner and self._refresh_as(owner, rejected):
                return
            if time.monotonic() > ends:
                raise Unavailable(
                    f"{self._connection.name}: the sign-in is being refreshed by "
                    f"another process, which takes too long.",
                    code="refresh_busy",
                    system=self._connection.name,
                )
            self._sleep(PAUSE)

    def _reload(self, rejected: str) -> bool:
        """Read the row; whether it has a usable token other than ``rejected``."""
        self._connection.refresh_from_db()
        self._current = _read_current(self._connection)
        usable = self._current.usable and self._current.access != rejected
        if usable and self._api is not None:
            self._api.add_secret(self._current.access)
        return usable

    def _refresh_as(self, owner: str, rejected: str) -> bool:
        """Refresh as the owner of the lease.

        False when the lease was lost meanwhile, and what there is now is not usable.
        """
        used = ""
        try:
            # Somebody may have refreshed between the look and the lease.
            if self._reload(rejected):
                return True
            used = self._refresh_token
            if not used:
                raise AuthError(
                    f"{self._connection.name} is not connected.",
                    code="not_connected",
                    action=RECONNECT,
                    system=self._connection.name,
                )
            tokens = self._ask(used)
            stored = store_tokens(self._connection, tokens, owner=owner)
            if self._reload(rejected) or stored:
                return True
            # The lease was lost, and yet nobody has better tokens than these.
            if self._refresh_token == used and store_late(self._connection, tokens):
                self._reload(rejected)
                return True
            return False
        except AuthError as error:
            # Who was held up too long used a token that somebody has replaced.
            if self._reload(rejected):
                return True
            if self._refresh_token != used or not _mark_reconnect(
                self._connection, error, owner=owner
            ):
                return False
            raise
        finally:
            release_lease(self._connection.pk, owner)

    @property
    def _refresh_token(self) -> str:
        return str(self._connection.tokens.get("refresh", ""))

    def _ask(self, refresh_token: str) -> Tokens:
        """Refresh; a lost answer is asked for again with the same token.

        The vendor keeps the previous token valid for a while for exactly this.
        """
        for _ in range(TRIES - 1):
            try:
                return self._client.refresh(refresh_token)
            except OutcomeUnknown:
                self._sleep(PAUSE)
        try:
            return self._client.refresh(refresh_token)
        except OutcomeUnknown as error:
            raise Unavailable(
                error.message,
                code=error.code,
                action=error.action,
                system=error.system,
                exchange=error.exchange,
            ) from error


def take_lease(connection_id: int) -> str:
    """Become the one who refreshes; "" when somebody else is."""
    owner = str(uuid.uuid4())
    now = timezone.now()
    # One that lasts longer than it can was taken before a clock was set back.
    over = Q(refresh_until__lt=now) | Q(refresh_until__gt=now + 2 * LEASE)
    free = Q(refresh_owner="") | over
    taken = Connection.objects.filter(free, pk=connection_id).update(
        refresh_owner=owner, refresh_until=now + LEASE
    )
    return owner if taken else ""


def release_lease(connection_id: int, owner: str) -> None:
    """Let the next one refresh."""
    Connection.objects.filter(pk=connection_id, refresh_owner=owner).update(
        refresh_owner="", refresh_until=None
    )


def store_tokens(
    connection: Connection, tokens: Tokens, *, owner: str | None = None
) -> bool:
    """Store fresh tokens, as ``owner`` of the lease if one is named.

    False when the lease was lost meanwhile: then somebody newer has stored theirs.
    """
    rows = Connection.objects.filter(pk=connection.pk)
    values = _list_values(connection, tokens)
    if owner is not None:
        rows = rows.filter(refresh_owner=owner)
    else:
        # A person has just signed in: a refresh under way must not overwrite that.
        values |= {"refresh_owner": "", "refresh_until": None}
    return rows.update(**values) == 1


def store_late(connection: Connection, tokens: Tokens) -> bool:
    """Store tokens without the lease, unless somebody has stored since it was read.

    Who meanwhile asked with the old refresh token may have been told to reconnect.
    """
    rows = Connection.objects.filter(
        pk=connection.pk, token_expires_at=connection.token_expires_at
    )
    if not rows.update(**_list_values(connection, tokens)):
        return False
    Connection.objects.filter(
        pk=connection.pk, status=Connection.Status.NEEDS_RECONNECT
    ).update(status=Connection.Status.UNKNOWN, problem="", action="")
    return True


def _list_values(connection: Connection, tokens: Tokens) -> dict[str, Any]:
    values: dict[str, Any] = {
        "tokens": {**connection.tokens, **tokens.as_dict()},
        "token_expires_at": tokens.expires_at,
    }
    if tokens.refresh_expires_at is not None:
        values["refresh_expires_at"] = tokens.refresh_expires_at
    return values


def _mark_reconnect(connection: Connection, error: AuthError, *, owner: str) -> bool:
    """Say that a person has to sign in; false when ``owner`` has lost the lease."""
    rows = Connection.objects.filter(pk=connection.pk, refresh_owner=owner)
    return bool(
        rows.update(
            status=Connection.Status.NEEDS_RECONNECT,
            problem=error.message,
            action=error.action,
            last_checked_at=timezone.now(),
        )
    )


def _read_current(connection: Connection) -> _Current:
    access = str(connection.tokens.get("access", ""))
    return _Current(access, connection.token_expires_at)
