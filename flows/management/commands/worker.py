"""``manage.py worker``: the same command on every host."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from flows.supervisor import Supervisor


class Command(BaseCommand):
    """Run workers under a supervisor until stopped."""

    help = "Runs the workers and their supervisor. Run it on as many hosts as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C."""
        call_command("createcachetable", verbosity=0)
        Supervisor().run()
