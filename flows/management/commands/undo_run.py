"""``manage.py undo_run``: take back what a run has posted."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError

from flows import undoing
from flows.models import Link, Run
from integration_hub.core.commands import HubCommand
from integration_hub.core.errors import HubError


class Command(HubCommand):
    """Show what would be taken back; with --yes, take it back.

    Exit code 1 where something was not taken back.
    """

    help = "Takes back what a run (by its number) has posted and nobody has changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The run, and whether to do it."""
        parser.add_argument("run", type=int, help="number of the run")
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show or do."""
        run = Run.objects.select_related("flow__integration__target").filter(
            pk=options["run"]
        )
        found = run.first()
        if found is None:
            raise CommandError(f"There is no run {options['run']}.")
        if not options["yes"]:
            self._show(found)
        self._show_beside(found)
        if not options["yes"]:
            return
        try:
            done = undoing.undo_run(found, by="the command", most=None)
        except HubError as error:
            raise CommandError(f"{error.message} {error.action}".strip()) from error
        self.stdout.write(f"{done.records} taken back, {done.refused} not.")
        if done.refused:
            sys.exit(1)

    def _show(self, run: Run) -> None:
        told = _count(undoing.list_links(run))
        self.stdout.write(f"Would be taken back: {told or 'nothing'}.")

    def _show_beside(self, run: Run) -> None:
        beside = undoing.list_beside(run)
        if not beside.links:
            return
        numbers = ", ".join(map(str, beside.runs)) or "not known any more"
        self.stdout.write(
            f"Not taken back, because it changed records that another run had posted: "
            f"{_count(beside.links)}. It goes with the run that posted them: {numbers}."
        )


def _count(links: Iterable[Link]) -> str:
    counts = Counter(link.entity for link in links)
    return ", ".join(f"{count} {entity}" for entity, count in counts.items())
