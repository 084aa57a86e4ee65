"""``manage.py run_flow``: run or preview one flow from the command line."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from flows import services
from flows.models import Flow, Run
from integration_hub.core import exactjson
from integration_hub.core.commands import HubCommand
from integration_hub.core.errors import HubError

BAR = 30
FLOW_HELP = "name or id of the flow; “Integration: Flow” where several share a name"


class Command(HubCommand):
    """Start a run, wait for it and say what became of it.

    Exit code 0 when the run finished and no record of it failed, 1 otherwise. With
    ``--here`` it does not wait for a run that rests because a system is away.
    """

    help = "Runs a flow (by name or id) and waits; --preview shows what it would do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The flow, and how to show it."""
        parser.add_argument("flow", help=FLOW_HELP)
        parser.add_argument("--preview", action="store_true", help="change nothing")
        parser.add_argument("--limit", type=int, default=30, help="records to preview")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--here",
            action="store_true",
            help="do the work in this process instead of waiting for a worker",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run or preview."""
        flow = find_flow(options["flow"])
        try:
            if options["preview"]:
                self._preview(flow, options)
                return
            run = services.run_flow(flow).run
        except HubError as error:
            raise CommandError(f"{error.message} {error.action}") from error
        if options["here"]:
            services.work_here(run)
            run.refresh_from_db()
        else:
            self._follow(run, quiet=options["json"])
        self._report(run, as_json=options["json"])

    def _preview(self, flow: Flow, options: dict[str, Any]) -> None:
        previews = services.preview_flow(flow, options["limit"])
        if options["json"]:
            rows = [asdict(preview) for preview in previews]
            self.stdout.write(exactjson.dumps(rows))
            return
        for preview in previews:
            what = ", ".join(f"{w.fate} {w.entity} {w.number}" for w in preview.writes)
            line = f"{preview.number or preview.source_id:24} {preview.fate:7} "
            self.stdout.write(line + (what or preview.reason))

    def _follow(self, run: Run, *, quiet: bool) -> None:
        while True:
            counts = services.progress(run)
            if not quiet and sys.stderr.isatty():
                self.stderr.write(_bar(counts), ending="\r")
            if not run.is_active:
                return
            time.sleep(0.5)

    def _report(self, run: Run, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(
                json.dumps(
                    {
                        "run": run.pk,
                        "stage": run.stage,
                        "read": run.read,
                        "counts": run.counts,
                        "totals": run.totals,
                        "problem": run.problem,
                        "action": run.action,
                    }
                )
            )
        else:
            counts = ", ".join(f"{n} {state}" for state, n in run.counts.items())
            said = f"{run.get_stage_display()}: {run.read} read, "
            self.stdout.write(said + (counts or "nothing new"))
            if run.problem:
                self.stdout.write(f"{run.problem} {run.action}")
        if run.stage != "finished" or run.counts.get("failed"):
            sys.exit(1)


def _bar(counts: dict[str, int]) -> str:
    settled = sum(n for state, n in counts.items() if state not in ("read", "pending"))
    total = max(counts["read"], settled, 1)
    filled = BAR * settled // total
    return f"[{'#' * filled}{'.' * (BAR - filled)}] {settled}/{total}"


def find_flow(name: str) -> Flow:
    """The flow of this id or name, or of this name behind its integration's.

    Raises CommandError, listing what there is, when none or several bear it.
    """
    flows = list(Flow.objects.select_related("integration").order_by("pk"))
    exact = [flow for flow in flows if name in (str(flow.pk), str(flow))]
    found = exact or [flow for flow in flows if flow.name == name]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{flow} ({flow.pk})" for flow in (found or flows)[:20])
    if found:
        raise CommandError(f"Several flows are called {name}. Name one: {names}.")
    raise CommandError(f"There is no flow {name}. Flows: {names or 'none'}.")
