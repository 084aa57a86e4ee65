"""Fixtures for tests of the generic part of the connectors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors import registry
from connectors.models import Connection
from tests.connectors.fake import (
    FakeConnector,
    PlainConnector,
    SignIn,
    make_connection,
)
from tests.core.wire import Wire


@pytest.fixture(autouse=True)
def no_waiting(settings: Any) -> None:
    """Reads are tried again at once."""
    settings.READ_WAITS = (0, 0)


@pytest.fixture
def fake_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the made-up systems are registered."""
    known = {"fake": FakeConnector, "plain": PlainConnector}
    monkeypatch.setattr(registry, "all_connectors", lambda: known)


@pytest.fixture
def sign_in() -> SignIn:
    return SignIn()


@pytest.fixture
def books(sign_in: SignIn) -> Iterator[Wire]:
    """The made-up system's server."""
    wire = Wire(sign_in.handle)
    yield wire
    wire.stop()


@pytest.fixture
def connection(db: None, fake_registry: None, books: Wire) -> Connection:
    """A connection that was never signed in."""
    return make_connection(books.url)


@pytest.fixture
def connected(connection: Connection) -> Connection:
    """A connection whose access token has run out."""
    connection.tokens = {"access": "access-0", "refresh": "refresh-0"}
    connection.token_expires_at = timezone.now() - timedelta(minutes=1)
    connection.credentials = {**connection.credentials, "realmId": "77"}
    connection.save(update_fields=["tokens", "token_expires_at", "credentials"])
    return connection
