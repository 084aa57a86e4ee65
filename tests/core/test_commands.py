"""Commands before the database is set up: what to do, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import OperationalError

from integration_hub.core import commands
from integration_hub.core.commands import HubCommand


@pytest.mark.parametrize(
    "command",
    [
        ["check_connections"],
        ["run_flow", "Receipts"],
        ["retry", "Receipts"],
        ["switch_flow", "Receipts", "--on"],
        ["undo_run", "1"],
    ],
)
def test_a_database_without_tables_is_told(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "ENV_FILE": os.devnull,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
            "SECRET_KEY": "a-key-for-this-test-only-0123456789-0123456789-0123",
            "FIELD_KEYS": "a-key-for-this-test-only-0123456789-0123456789-0123",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "manage.py migrate" in done.stderr
    assert "Traceback" not in done.stderr


class Broken(HubCommand):
    """A command whose database has other troubles."""

    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        raise OperationalError("the disk is full")


@pytest.mark.django_db
def test_other_troubles_are_told_as_they_are() -> None:
    assert not commands.is_behind()
    with pytest.raises(OperationalError, match="disk is full"):
        Broken().execute(force_color=False, no_color=True, skip_checks=True)


def test_who_cannot_tell_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OperationalError("no database")

    monkeypatch.setattr(commands, "MigrationExecutor", refuse)
    assert not commands.is_behind()


@pytest.mark.django_db
def test_a_database_that_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "is_behind", lambda: True)
    with pytest.raises(CommandError, match="migrate"):
        Broken().execute(force_color=False, no_color=True, skip_checks=True)
