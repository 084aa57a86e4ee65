"""``manage.py import_integration``: an integration from a YAML file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flows.portability import carrying, planning
from flows.portability.plans import Plan
from flows.portability.reading import MOST_BYTES
from integration_hub.core.authors import authored_by
from integration_hub.core.errors import FileError
from mapping.differences import Change

AUTHOR = "import_integration"


class Command(BaseCommand):
    """Show what changes and make it so; every error of the file with its line."""

    help = "Makes an integration what a file says, all of it or nothing; flows are off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and how."""
        parser.add_argument("file", help="as export_integration writes it")
        parser.add_argument("--dry-run", action="store_true", help="only show it")
        parser.add_argument(
            "--connection",
            action="append",
            default=[],
            metavar="OLD=NEW",
            help="a connection of this hub in the place of one of the file",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import it."""
        data = _read(options["file"])
        chosen = dict(_part(each) for each in options["connection"])
        names = planning.ask_names(data, connections=chosen)
        try:
            plan = planning.prepare(data, connections=chosen, names=names)
        except FileError as error:
            raise CommandError("\n".join(error.problems)) from error
        self._show(plan)
        if options["dry_run"] or not plan.changes:
            return
        with authored_by(AUTHOR):
            carrying.carry_out(plan)
        self.stdout.write(f"{plan.document['name']} is imported.")

    def _show(self, plan: Plan) -> None:
        for change in plan.changes:
            self.stdout.write(_tell(change))
        for note in plan.notes:
            self.stdout.write(f"note: {note}")
        if not plan.changes:
            self.stdout.write("Nothing to change: everything is as in the file.")


def _read(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error


def _part(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not sign:
        raise CommandError(f"Write --connection OLD=NEW, not {text}.")
    return old, new


def _tell(change: Change) -> str:
    told = f"{change.what:8}{change.thing}"
    if not change.field:
        return told
    before, after = (
        each.replace("\n", " ") or "–" for each in (change.before, change.after)
    )
    return f"{told} | {change.field}: {before} → {after}"
