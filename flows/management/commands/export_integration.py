"""``manage.py export_integration``: an integration as one YAML file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flows.models import Integration
from flows.portability.exporting import export


class Command(BaseCommand):
    """Write the file to the standard output, or where it is told to."""

    help = "Writes an integration without its secrets as YAML."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The integration, and where to."""
        parser.add_argument("name", help="name or id of the integration")
        parser.add_argument("--output", help="the file to write; else shown")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export it."""
        text = export(find_integration(options["name"]))
        if options["output"]:
            Path(options["output"]).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")


def find_integration(name: str) -> Integration:
    """The integration of this name or id. Raises CommandError, listing what there is."""
    known = list(Integration.objects.order_by("pk"))
    for integration in known:
        if name in (integration.name, str(integration.pk)):
            return integration
    names = ", ".join(f"{each} ({each.pk})" for each in known[:20]) or "none"
    raise CommandError(f"There is no integration {name}. Integrations: {names}.")
