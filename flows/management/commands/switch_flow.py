"""``manage.py switch_flow``: check a flow's set-up, switch it on or off."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from connectors.contract import SetUpLine
from flows import setup
from flows.management.commands.run_flow import find_flow
from integration_hub.core.commands import HubCommand
from integration_hub.core.errors import HubError


class Command(HubCommand):
    """Say of each thing whether it is right; exit code 1 when one is not."""

    help = (
        "Switches a flow (by name or id) on or off; --check only looks at its set-up."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The flow, and what to do."""
        parser.add_argument("flow", help="name or id of the flow")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--on", action="store_true", help="run by its schedule")
        what.add_argument("--off", action="store_true", help="run no longer")
        what.add_argument("--check", action="store_true", help="change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check or switch."""
        flow = find_flow(options["flow"])
        try:
            if options["check"]:
                self._check(setup.check_flow(flow))
                return
            setup.switch(flow, on=options["on"])
        except HubError as error:
            raise CommandError(f"{error.message} {error.action}".strip()) from error
        self.stdout.write(f"{flow} is {'on' if flow.enabled else 'off'}.")

    def _check(self, lines: list[SetUpLine]) -> None:
        for line in sorted(lines, key=lambda line: line.ok):
            told = f"{'ok' if line.ok else 'WRONG':6} {line.label}"
            more = f": {line.text} {line.action}".rstrip() if line.text else ""
            self.stdout.write(told + more)
        if not all(line.ok for line in lines):
            sys.exit(1)
