"""Fixtures of the admin's tests: made-up systems and people with different rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from connectors import registry
from flows import services
from tests.factories import StaffFactory
from tests.fake_connector import BooksConnector, TillConnector


@pytest.fixture(autouse=True)
def fake_systems(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    """Only the made-up till and books are registered."""
    settings.STATIC_ROOT = tmp_path
    known = {"books": BooksConnector, "till": TillConnector}
    monkeypatch.setattr(registry, "all_connectors", lambda: known)
    monkeypatch.setattr(TillConnector, "receipts", [])
    monkeypatch.setattr(BooksConnector, "asked", [])
    monkeypatch.setattr(BooksConnector, "is_down", False)
    cache.clear()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry does not read a few records again first, which is a worker's task."""
    monkeypatch.setattr(services, "READ_AGAIN", 0)


@pytest.fixture
def boss(client: Client) -> Client:
    """A browser with a superuser at it."""
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def person() -> Callable[..., Client]:
    """Makes a browser with a member of staff at it who has these permissions only."""

    def sign_in(*permissions: str) -> Client:
        client = Client()
        client.force_login(StaffFactory(may=list(permissions)))
        return client

    return sign_in
