"""Moves the books between memory and the state file."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from connectors.quickbooks.sandbox.company import TRANSACTIONS, Company
from connectors.quickbooks.sandbox.ledger import read_posting
from connectors.quickbooks.sandbox.payments import applied_by, apply
from connectors.quickbooks.sandbox.replay import Replays
from connectors.sandbox.state import State

Row = tuple[str, str, Any]


def save(state: State, company: Company, replays: Replays) -> None:
    """Write what changed in a company since the last time."""
    with company.lock:
        dirty = company.take_dirty()
        answers = replays.take_new()
        if not state.kept or not (dirty or answers):
            return
        rows: list[Row] = []
        gone = []
        for (entity, key), obj in dirty.items():
            kind = f"{company.realm}/{entity}"
            if obj is None:
                gone.append((kind, key))
                continue
            rows.append((kind, key, _make_row(company, entity, key)))
        for key, answer in answers:
            rows.append((f"{company.realm}:replay", key, _plain(answer)))
        rows.append((f"{company.realm}:counters", "", _make_counters(company)))
        state.save(rows, gone)


def keep_all(company: Company) -> None:
    """Have everything written with the next save: the company was just seeded."""
    for entity, table in company.tables.items():
        for obj in list(table.objects.values()):
            company.put(entity, obj)


def load(company: Company, replays: Replays, rows: list[Row]) -> None:
    """Take a company's rows up again."""
    for kind, key, body in rows:
        if kind == f"{company.realm}:replay":
            replays.restore(key, _revive(body))
        elif kind == f"{company.realm}:counters":
            _take_counters(company, body)
    stored = [row for row in rows if row[0].startswith(f"{company.realm}/")]
    for kind, key, body in sorted(stored, key=lambda row: (row[0], _order(row[1]))):
        entity = kind.partition("/")[2]
        company.put(entity, _revive(body["object"]))
        if body.get("postings"):
            postings = [read_posting(row) for row in body["postings"]]
            company.ledger.post((entity, key), postings)
    for payment in company.all("Payment"):
        apply(company, payment["Id"], applied_by(payment))
    company.take_dirty()


def _order(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (0, key)


def _make_row(company: Company, entity: str, key: str) -> dict[str, Any]:
    row: dict[str, Any] = {"object": _plain(company.get(entity, key))}
    if entity in TRANSACTIONS:
        postings = company.ledger.postings((entity, key))
        row["postings"] = [posting.as_row() for posting in postings]
    return row


def _make_counters(company: Company) -> dict[str, Any]:
    return {
        "highest": company.highest,
        "numbers": company.numbers,
        "gone": company.gone,
        "locked": [[*key, code] for key, code in company.locked.items()],
    }


def _take_counters(company: Company, body: dict[str, Any]) -> None:
    company.highest = dict(body["highest"])
    company.numbers = dict(body["numbers"])
    company.gone = list(body["gone"])
    company.locked = {(entity, key): code for entity, key, code in body["locked"]}


def _plain(value: Any) -> str:
    """JSON text in which an amount stays exact."""
    return json.dumps(value, separators=(",", ":"), default=_mark)


def _mark(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"$": str(value)}
    raise TypeError(f"{type(value).__name__} has no JSON")


def _revive(text: str) -> Any:
    return json.loads(text, object_hook=_unmark)


def _unmark(value: dict[str, Any]) -> Any:
    return Decimal(value["$"]) if value.keys() == {"$"} else value
