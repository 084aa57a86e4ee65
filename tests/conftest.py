"""What every test gets: a database file that other processes can open, no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

# No test says how fast something is: machines differ.
hypothesis.settings.register_profile("hub", deadline=None)
hypothesis.settings.load_profile("hub")

LOOPBACK_NAMES = {"localhost", ""}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Keep SQLite's test database in a file, so that workers can share it.

    Each process of the tests has a database of its own, on PostgreSQL by its suffix.
    """
    config = settings.DATABASES["default"]
    if config["ENGINE"].endswith("sqlite3"):
        name = str(tmp_path_factory.mktemp("db") / "hub.sqlite3")
        config.setdefault("TEST", {})["NAME"] = name


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that talks to another machine fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if (
                host not in LOOPBACK_NAMES
                and not ipaddress.ip_address(host).is_loopback
            ):
                raise RuntimeError(f"A test wanted to reach {host}.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_report_header() -> list[str]:
    """Say loudly what will be skipped here."""
    root = Path(__file__).resolve().parent.parent.parent / "shared"
    notes = {
        "PostgreSQL": "postgres" in os.environ.get("DATABASE_URL", "")
        or bool(os.environ.get("TEST_POSTGRES_URL")),
        "browser": bool(os.environ.get("CHROMIUM")),
        "vendor's reference files": root.exists(),
    }
    return [
        f"{name}: {'yes' if on else 'SKIPPED, not here'}" for name, on in notes.items()
    ]
