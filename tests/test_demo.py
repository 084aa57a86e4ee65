"""The demo as a person runs it: one command, its table, its exit code."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from integration_hub.demo import shop
from tests.crash.workers import descendants
from tests.factories import FlowFactory
from tests.plant import wait_until

pytestmark = pytest.mark.slow


def free_ports() -> list[str]:
    """Options with ports that nobody listens on."""
    options = []
    for name in ("mplus", "quickbooks", "web"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            options += [f"--{name}-port", str(probe.getsockname()[1])]
    return options


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "demo", "--folder", str(folder), *options]
    return start_command(command)


def start_command(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, "TICK_SECONDS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # What is started in the background of a shell script takes no notice of SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_the_demo_moves_every_sale_once_also_the_second_time(tmp_path: Path) -> None:
    options = ("--no-serve", "--receipts", "60", *free_ports())
    tables = []
    for _ in range(2):
        process = start(tmp_path / "demo", *options)
        said, _nothing = process.communicate(timeout=240)
        assert process.returncode == 0, said
        assert "Every sale once, to the cent." in said
        tables.append([line for line in said.splitlines() if "  sales" in line])
    assert tables[0] == tables[1] != []


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        options = [*free_ports(), "--web-port", port, "--no-serve"]
        process = start(tmp_path / "demo", *options)
        said, _nothing = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"Port {port} (web) is in use" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_the_demo_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = start(tmp_path / "demo", "--receipts", "20", *free_ports())
    end_by(process, number)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_make_alone_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    options = " ".join(["--folder", str(tmp_path / "demo"), *free_ports()])
    # What is installed is not looked at again.
    command = ["make", "-o", ".venv/ready", "demo", "RECEIPTS=20", f"DEMO={options}"]
    end_by(start_command(command), number)


def end_by(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Once all is served, send a signal to this one process: everything must end."""
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C stops everything" in line:
            break
    started = descendants(process.pid)
    assert len(started) > 5
    process.send_signal(number)
    process.communicate(timeout=120)
    wait_until(
        lambda: not [pid for pid in started if Path(f"/proc/{pid}").exists()],
        seconds=20,
        what=lambda: "all processes of the demo gone",
    )


@pytest.mark.django_db
def test_the_demo_knows_its_own_flow_among_those_made_since() -> None:
    own = FlowFactory(name="Receipts", integration__name="Shop")
    FlowFactory(name="Receipts", integration__name="Another shop")
    assert shop.set_up("till", "books") == own
