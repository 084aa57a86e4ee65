"""``manage.py retry``: let failed records be tried again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from flows import services
from flows.management.commands.run_flow import FLOW_HELP, find_flow
from flows.models import RecordState, SyncRecord
from integration_hub.core.commands import HubCommand


class Command(HubCommand):
    """Retry the failed records of a flow, all or by cause or number."""

    help = "Tries the failed records of a flow again, all of them or some."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The flow and which of its records."""
        parser.add_argument("flow", help=FLOW_HELP)
        parser.add_argument("--cause", help="only those with this fingerprint")
        parser.add_argument("--number", help="only the record with this number")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Retry and say how many."""
        records = SyncRecord.objects.filter(
            flow=find_flow(options["flow"]), state=RecordState.FAILED
        )
        if options["cause"]:
            records = records.filter(fingerprint=options["cause"])
        if options["number"]:
            records = records.filter(number=options["number"])
        count = services.retry(records)
        text = f"{count} record{'' if count == 1 else 's'} will be tried again."
        self.stdout.write(json.dumps({"retried": count}) if options["json"] else text)
