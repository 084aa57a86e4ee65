"""Encrypts everything that is encrypted at rest again, with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integration_hub.core.rotation import list_models, rotate


class Command(BaseCommand):
    """``rotate_keys``: afterwards the older keys can be taken out of FIELD_KEYS."""

    help = "Encrypts all stored secrets and payloads with the first of FIELD_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many rows are done in one transaction."""
        parser.add_argument("--page", type=int, default=500, help="rows at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through every model that has encrypted fields."""
        for model in list_models():
            changed = rotate(model, page=options["page"])
            self.stdout.write(f"{model._meta.label}: {changed} rows")
