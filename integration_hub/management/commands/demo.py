"""``manage.py demo``: the main job on this machine, from the till to the books."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand

from integration_hub.demo.parent import follow_parent
from integration_hub.demo.processes import DemoError, Processes, require_free

FOLDER = settings.BASE_DIR / ".demo"
INSIDE = "HUB_DEMO"


class Command(BaseCommand):
    """Serve both sandboxes, a worker and the admin, and run the receipts flow.

    Database and both sandboxes' state live in one folder. Exit code 0 only if
    nothing failed that should not have and the totals agree.
    """

    help = "Shows the main job: sandboxes, worker, web server, one run, its result."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large, where, and whether to go on serving."""
        parser.add_argument("--receipts", type=int, default=300)
        parser.add_argument("--no-serve", action="store_true", help="end after the run")
        parser.add_argument("--reset", action="store_true", help="forget earlier runs")
        parser.add_argument(
            "--until-parent",
            action="store_true",
            help="end with the process that has started it, or once that is interrupted",
        )
        parser.add_argument("--mplus-port", type=int, default=18083)
        parser.add_argument("--quickbooks-port", type=int, default=18084)
        parser.add_argument("--web-port", type=int, default=8000)
        parser.add_argument("--folder", type=Path, default=FOLDER)

    def handle(self, *args: Any, **options: Any) -> None:
        """Start over inside the demo's own database, or run there."""
        if INSIDE not in os.environ:
            start_inside(options["folder"], forget=options["reset"])
        from integration_hub.demo.show import Show

        ports = {
            "mplus": options["mplus_port"],
            "quickbooks": options["quickbooks_port"],
            "web": options["web_port"],
        }
        processes = Processes(options["folder"], {})
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        if options["until_parent"]:
            follow_parent()
        show = Show(options["folder"], ports, processes, self.stdout)
        good = False
        try:
            require_free(ports)
            good = show.run(receipts=options["receipts"])
            if not options["no_serve"]:
                show.serve()
        except DemoError as error:
            self.stderr.write(str(error))
        except KeyboardInterrupt:
            self.stdout.write("Stopping …")
        finally:
            processes.stop()
        sys.exit(0 if good else 1)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def start_inside(folder: Path, *, forget: bool) -> NoReturn:
    """Become this command again, with the demo's own settings in its environment.

    A ``.env`` that is made for a real hub is left out of it.
    """
    if forget and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    key_file = folder / "key"
    if not key_file.exists():
        key_file.write_text(secrets.token_urlsafe(48))
        key_file.chmod(0o600)
    key = key_file.read_text()
    own = {
        INSIDE: "1",
        "ENV_FILE": os.devnull,
        "DATABASE_URL": f"sqlite:///{folder.resolve() / 'hub.sqlite3'}",
        "SECRET_KEY": key,
        "FIELD_KEYS": key,
        "LOG_LEVEL": "WARNING",
        "TICK_SECONDS": os.environ.get("TICK_SECONDS", "10"),
    }
    sys.stdout.flush()
    os.execve(  # noqa: S606 - this very command, as it was typed
        sys.executable, [sys.executable, *sys.argv], {**os.environ, **own}
    )
