"""What the hub's commands have in common."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class HubCommand(BaseCommand):
    """A command that says what to do where the database is not set up yet."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it. Raises CommandError where tables or columns are still to be made."""
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if not is_behind():
                raise
            raise CommandError(
                "The database is not set up for this version of the hub. Run "
                "“manage.py migrate”, then this command again."
            ) from error


def is_behind() -> bool:
    """Whether migrations are still to be applied; false where nobody can tell."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return False
