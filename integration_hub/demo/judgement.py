"""The demo's result: asked of the two systems by the oracle, not of the hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from connectors.models import Connection
from connectors.services import open_connection
from flows.models import Flow, RecordState, SyncRecord
from integration_hub.demo.processes import DemoError
from integration_hub.demo.shop import REALM, SHOP_FILE

ORACLE = settings.BASE_DIR / "tests" / "oracle.py"
DOCUMENTS = {
    "SalesReceipt": "sales receipts",
    "RefundReceipt": "refund receipts",
    "Invoice": "invoices",
    "Payment": "payments",
    "CreditMemo": "credit memos",
    "JournalEntry": "journal entries",
}

Row = tuple[str, str]


def judge(folder: Path, till_url: str, books: Connection) -> dict[str, Any]:
    """Let the oracle compare till and company; its report."""
    token_file = folder / "token"
    write_token(books, token_file)
    command = [sys.executable, str(ORACLE), "--json", "--till", till_url]
    command += ["--ident", "sandbox", "--secret", "sandbox", "--realm", REALM]
    command += ["--books", books.settings["base_url"], "--setup", str(SHOP_FILE)]
    command += ["--token-file", str(token_file)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    token_file.unlink()
    try:
        report: dict[str, Any] = json.loads(answer.stdout)
    except ValueError as error:
        raise DemoError(f"The oracle could not judge.\n{answer.stderr}") from error
    return report


def write_token(books: Connection, path: Path) -> None:
    """Leave a bearer token of the sandbox where only this user can read it."""
    tokens = open_connection(books).account.tokens
    if tokens is None:
        raise DemoError(f"{books.name} is not signed in.")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(tokens.access_token())


def make_rows(report: Mapping[str, Any], seconds: float) -> list[Row]:
    """The lines of the demo's table."""
    rows: list[Row] = [("receipts read", str(report["receipts"]))]
    rows += [
        (label, str(report["found"][entity]))
        for entity, label in DOCUMENTS.items()
        if report["found"].get(entity) or report["expected"].get(entity)
    ]
    for outcome in ("skipped", "waiting", "failed"):
        rows += [
            (f"{outcome}: {reason}", str(count))
            for reason, count in report[outcome].items()
        ]
    rows += list(report["bridge"].items())
    rows.append(("target total", report["target total"]))
    rows.append(("difference", report["difference"]))
    rows.append(("seconds", f"{seconds:.1f}"))
    return rows


def format_rows(rows: Iterable[Row]) -> str:
    """The table as text."""
    lines = list(rows)
    width = max(len(label) for label, _ in lines)
    return "\n".join(f"  {label:<{width}}  {value:>12}" for label, value in lines)


def find_problems(report: Mapping[str, Any], flow: Flow) -> list[str]:
    """What is not as it should be: the oracle's problems, and states that differ.

    A record may fail in the hub only where the oracle says that it must.
    """
    problems = list(report["problems"])
    if report["difference"] != "0.00":
        problems.append(f"the totals differ by {report['difference']}")
    right = {"posted": RecordState.SYNCED, "skipped": RecordState.SKIPPED}
    right |= {"failed": RecordState.FAILED, "waiting": RecordState.WAITING}
    outcomes = report["documents"]
    records = SyncRecord.objects.filter(flow=flow).only(
        "source_id", "state", "number", "message"
    )
    for record in records.iterator(chunk_size=2000):
        expected = outcomes[record.source_id]["outcome"]
        if expected == "failed" and record.state == RecordState.SKIPPED:
            continue  # a person saw to it
        if right[expected] != record.state:
            problems.append(
                f"{record.number or record.source_id} is {record.state}, "
                f"must be {expected}. {record.message}"
            )
    return problems
