"""The commands of this room."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from connectors.management.commands import sandbox
from connectors.models import Connection
from integration_hub.core.encryption import encrypt
from tests.connectors.fake import make_connection


def run(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_good_connections_are_named(connected):
    assert "ok       Books: Books Ltd" in run("check_connections")
    assert Connection.objects.get().status == "ok"


def test_warnings_are_told(connected):
    soon = timezone.now() + timedelta(days=3, hours=1)
    usable = timezone.now() + timedelta(hours=1)
    Connection.objects.update(refresh_expires_at=soon, token_expires_at=usable)

    text = run("check_connections")

    assert "warning  Books: Almost full." in text
    assert "warning  Books: The sign-in of Books ends in 3 days." in text


def test_a_bad_connection_is_told_and_fails_the_command(connection):
    out = StringIO()

    with pytest.raises(CommandError, match="Not all"):
        call_command("check_connections", stdout=out)

    assert out.getvalue().startswith("PROBLEM  Books: Books is not connected.")


def test_only_the_named_are_checked(connection):
    make_connection(name="Till", connector="plain", credentials={})

    assert run("check_connections", "Till") == "ok       Till: till\n"


def test_an_unknown_name_is_told(connection):
    with pytest.raises(CommandError, match="no connection called Nope"):
        call_command("check_connections", "Nope")


def test_the_check_can_be_read_by_machines(connected):
    rows = json.loads(run("check_connections", json=True))

    assert rows == [
        {
            "name": "Books",
            "ok": True,
            "who": "Books Ltd",
            "problem": "",
            "action": "",
            "warnings": ["Almost full."],
        }
    ]


def test_keys_are_rotated(connection, settings):
    settings.FIELD_KEYS = ["new", *settings.FIELD_KEYS]

    assert "connectors.Connection: 1 rows" in run("rotate_keys", page=1)

    settings.FIELD_KEYS = ["new"]
    assert Connection.objects.get().credentials["client_id"] == "client-1"
    assert encrypt("x")


def test_an_unknown_sandbox_is_told():
    with pytest.raises(CommandError, match="no sandbox called nope; there are: "):
        call_command("sandbox", "nope")


def test_one_port_cannot_serve_all():
    with pytest.raises(CommandError, match="name of one"):
        call_command("sandbox", port=1)


def test_one_sandbox_is_served_as_asked(monkeypatch):
    asked = []
    monkeypatch.setattr(
        sandbox, "run_sandbox", lambda name, **options: asked.append((name, options))
    )
    name = sandbox.list_sandboxes()[0]

    call_command("sandbox", name, "--port", "7", "--seed", "--receipts", "9")

    options = {"seed": 1, "receipts": 9}
    assert asked == [(name, {"port": 7, "state": None, "options": options})]


def test_all_sandboxes_are_served_side_by_side(monkeypatch, tmp_path):
    started = []

    class Process:
        def __init__(self, *, target, args, kwargs):
            started.append((args[0], kwargs["state"]))

        def start(self):
            started.append("started")

        def join(self):
            started.append("ended")

        def terminate(self):
            started.append("terminated")

    monkeypatch.setattr(sandbox.multiprocessing, "Process", Process)
    monkeypatch.setattr(sandbox.signal, "signal", lambda *_: None)
    monkeypatch.setattr(sandbox, "list_sandboxes", lambda: ["till"])
    folder = tmp_path / "state"

    call_command("sandbox", state=str(folder))

    assert started == [("till", str(folder / "till.sqlite3")), "started", "ended"]
    assert folder.is_dir()
