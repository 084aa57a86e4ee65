"""Serves the sandboxes of the connectors on this machine."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors import registry
from connectors.sandbox.server import serve

OPTIONS = ("seed", "receipts", "days")


class Command(BaseCommand):
    """``sandbox [NAME] [--port N] [--state FILE] [--seed N] [--receipts N] [--days D]``.

    Without a name all of them are served, each by a process of its own.
    """

    help = "Serves the sandbox of one connector, or of all of them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """What to serve, where, and with which seed."""
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--port", type=int, help="default: the sandbox's own")
        parser.add_argument(
            "--state", help="file (or folder, for all) to keep state in"
        )
        parser.add_argument("--seed", type=int, nargs="?", const=1)
        parser.add_argument("--receipts", type=int)
        parser.add_argument("--days", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until interrupted."""
        chosen = {k: options[k] for k in OPTIONS if options[k] is not None}
        if options["name"]:
            self._serve_one(options["name"], options["port"], options["state"], chosen)
            return
        if options["port"] is not None:
            raise CommandError("--port needs the name of one sandbox.")
        self._serve_all(options["state"], chosen)

    def _serve_one(
        self, name: str, port: int | None, state: str | None, options: dict[str, Any]
    ) -> None:
        if name not in list_sandboxes():
            raise CommandError(
                f"There is no sandbox called {name}; there are: "
                f"{', '.join(list_sandboxes())}."
            )
        run_sandbox(name, port=port, state=state, options=options)

    def _serve_all(self, folder: str | None, options: dict[str, Any]) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
        children = []
        for name in list_sandboxes():
            state = str(Path(folder) / f"{name}.sqlite3") if folder else None
            keywords = {"port": None, "state": state, "options": options}
            child = multiprocessing.Process(
                target=run_sandbox, args=(name,), kwargs=keywords
            )
            child.start()
            children.append(child)
        signal.signal(signal.SIGTERM, _stop)
        try:
            for child in children:
                child.join()
        except (KeyboardInterrupt, SystemExit):
            for child in children:
                child.terminate()
                child.join()


def list_sandboxes() -> list[str]:
    """Names of the packages that have a sandbox."""
    return registry.list_packages("sandbox.app")


def run_sandbox(
    name: str, *, port: int | None, state: str | None, options: dict[str, Any]
) -> None:
    """Serve one sandbox in this process until it is interrupted or terminated."""
    module = importlib.import_module(f"connectors.{name}.sandbox.app")
    application = module.build(options)

    def say(address: str) -> None:
        sys.stdout.write(f"{name} sandbox at {address}\n")
        sys.stdout.flush()

    signal.signal(signal.SIGTERM, _stop)
    chosen = module.DEFAULT_PORT if port is None else port
    with contextlib.suppress(KeyboardInterrupt):
        serve(application, chosen, state, ready=say)


def _stop(*_: Any) -> None:
    raise SystemExit(0)
