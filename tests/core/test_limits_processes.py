"""The limit holds across processes, on a real database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection as database

ROOT = Path(__file__).parents[2]
PROCESSES = 4
EACH = 30

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def make_environment():
    """The environment in which another process finds this test's database."""
    values = database.settings_dict
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "integration_hub.settings"}
    env["PYTHONPATH"] = str(ROOT)
    if database.vendor == "sqlite":
        return {**env, "DATABASE_URL": f"sqlite:///{values['NAME']}"}
    names = ("HOST", "PORT", "USER", "PASSWORD")
    login = {f"PG{name}": str(values[name]) for name in names if values[name]}
    return {**env, **login, "DATABASE_URL": f"postgres:///{values['NAME']}"}


def run(*arguments, env):
    """Run so many processes at once as there are argument lists; what they print."""
    processes = [
        subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in arguments
    ]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return outputs


def test_no_window_exceeds_the_limit():
    spender = ["tests/core/spender.py", str(EACH)]

    outputs = run(*[spender] * PROCESSES, env=make_environment())

    moments = sorted(int(line) for text in outputs for line in text.split())
    assert len(moments) == PROCESSES * EACH
    assert shortest(moments, calls=30) > 1_000
    assert shortest(moments, calls=5) > 100
    assert shortest(moments, calls=1) >= 5


def shortest(moments, *, calls):
    """Milliseconds of the shortest time in which ``calls`` + 1 were reserved."""
    return min(b - a for a, b in zip(moments, moments[calls:], strict=False))
