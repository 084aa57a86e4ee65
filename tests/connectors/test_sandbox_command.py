"""The sandboxes run as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from connectors.management.commands.sandbox import list_sandboxes

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def start(*arguments):
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "integration_hub.settings"}
    command = [sys.executable, "manage.py", "sandbox", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("name", list_sandboxes())
def test_a_sandbox_serves_and_stops_when_told(name, tmp_path):
    state = str(tmp_path / "state.sqlite3")
    with start(name, "--port", "0", "--state", state) as process:
        line = process.stdout.readline()
        address = line.split()[-1]
        answer = urlopen(f"{address}/_sandbox/switches").status
        process.terminate()

    assert line.startswith(f"{name} sandbox at http://127.0.0.1:")
    assert answer == 200
    assert process.returncode == 0
