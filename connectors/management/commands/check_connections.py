"""Checks connections and says exactly what is wrong with each."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from connectors import services
from connectors.models import Connection
from integration_hub.core.commands import HubCommand


class Command(HubCommand):
    """``check_connections [NAME ...] [--json]``: exit code 1 if one has a problem."""

    help = "Checks all connections, or those named, and stores their health."

    def add_arguments(self, parser: CommandParser) -> None:
        """Names, and how to print."""
        parser.add_argument("names", nargs="*", help="only these connections")
        parser.add_argument("--json", action="store_true", help="one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check one after the other."""
        rows = [_check(connection) for connection in _find(options["names"])]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
        else:
            for row in rows:
                self.stdout.write(_format(row))
        if not all(row["ok"] for row in rows):
            raise CommandError("Not all connections work.")


def _find(names: list[str]) -> list[Connection]:
    if not names:
        return list(Connection.objects.all())
    found = {c.name: c for c in Connection.objects.filter(name__in=names)}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise CommandError(f"There is no connection called {', '.join(unknown)}.")
    return [found[name] for name in names]


def _check(connection: Connection) -> dict[str, Any]:
    result = services.check(connection)
    warnings = [*result.warnings, connection.expiry_warning]
    return {
        "name": connection.name,
        "ok": result.ok,
        "who": result.who,
        "problem": result.problem,
        "action": result.action,
        "warnings": [warning for warning in warnings if warning],
    }


def _format(row: dict[str, Any]) -> str:
    if not row["ok"]:
        return f"PROBLEM  {row['name']}: {row['problem']} {row['action']}".rstrip()
    lines = [f"ok       {row['name']}: {row['who']}"]
    lines += [f"warning  {row['name']}: {warning}" for warning in row["warnings"]]
    return "\n".join(lines)
