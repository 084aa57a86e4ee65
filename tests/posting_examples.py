"""The worked examples of docs: read from their pages, rung up, written anew.

Each example is a heading, what is done at the till as JSON, and the ledger that
comes of it. ``python -m tests.posting_examples`` runs them on both sandboxes and
writes the ledgers into the pages: read the difference before you keep it.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = (DOCS / "posting.md", DOCS / "mapping.md")
START = "## Worked examples"
HEADER = "| document | account | debit | credit | VAT code |\n|---|---|---|---|---|\n"
NOTHING = "Nothing is booked.\n"
EXAMPLE = re.compile(
    r"^### (?P<title>.+)\n(?P<words>(?:.|\n)*?)```json\n(?P<steps>(?:.|\n)*?)```\n\n"
    r"(?P<ledger>(?:\|.*\n)+|Nothing is booked\.\n)",
    re.M,
)
DEFAULTS = {"date": "2026-10-05", "branch": 1, "relation": 0}
Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """One example: what is done at the till, and the ledger as the page has it."""

    title: str
    steps: tuple[dict[str, Any], ...]
    ledger: str


def read_examples(page: str) -> list[Example]:
    """The examples of a page, in order."""
    _before, _start, rest = page.partition(START)
    return [
        Example(found["title"], tuple(json.loads(found["steps"])), found["ledger"])
        for found in EXAMPLE.finditer(rest)
    ]


def play(plant: Any, example: Example) -> str:
    """Do the steps, run the flow after each, and give the ledger that came of it.

    A step is a receipt to ring up, or names another action in ``do``: one of the till,
    ``company`` with switches of the company's, ``choose`` for settings of the integration
    (for this example), or ``map``, which puts a row into a value map of the hub
    (``values`` are names, by the list that they are chosen from). ``"$1"``
    stands for the id of the first receipt of the example.
    """
    integration = plant.flow.integration
    chosen = integration.defaults
    before = {(line["txn_type"], line["txn_id"]) for line in read_ledger(plant)}
    ids: list[str] = []
    for step in example.steps:
        values = {key: _insert(value, ids) for key, value in step.items()}
        action = values.pop("do", "ring_up")
        if action == "company":
            plant.books.switch(**values)
            continue
        if action == "choose":
            _choose(integration, {**integration.defaults, **values})
            continue
        if action == "map":
            map_value(plant, **values)
            continue
        if action == "ring_up":
            values = {**DEFAULTS, **values}
        answer = plant.till.do(action, **values)
        if action == "ring_up":
            ids.append(str(answer["receiptId"]))
        plant.run()
    _choose(integration, chosen)
    lines = read_ledger(plant)
    new = [line for line in lines if (line["txn_type"], line["txn_id"]) not in before]
    return render(new, plant)


def map_value(
    plant: Any, *, name: str, keys: Sequence[str], values: dict[str, str]
) -> None:
    """Put a row into a value map; its columns choose by name, as a person does."""
    from connectors.services import open_connection
    from mapping.map_services import set_entry

    integration = plant.flow.integration
    value_map = integration.value_maps.value_maps.get(name=name)
    lists = {each["name"]: each.get("choices", "") for each in value_map.columns}
    books = open_connection(integration.target)
    ids = {
        column: choice.id
        for column, told in values.items()
        for choice in books.choices(lists[column])
        if choice.name == told
    }
    set_entry(value_map, keys, ids)


def _choose(integration: Any, settings: dict[str, Any]) -> None:
    integration.defaults = settings
    integration.save(update_fields=["defaults"])


def _insert(value: Any, ids: Sequence[str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\$(\d)", lambda found: ids[int(found[1]) - 1], value)
    if isinstance(value, list):
        return [_insert(each, ids) for each in value]
    if isinstance(value, dict):
        return {key: _insert(each, ids) for key, each in value.items()}
    return value


def read_ledger(plant: Any) -> list[Line]:
    """Every posting of the company."""
    lines: list[Line] = plant.books.do("ledger")["lines"]
    return lines


def render(lines: Sequence[Line], plant: Any) -> str:
    """Postings as the page's table: one row per document, account and tax code."""
    if not lines:
        return NOTHING
    found = plant.books.do("documents", entity="TaxCode")["documents"]["TaxCode"]
    codes = {row["Id"]: row["Name"] for row in found}
    rows = [" | ".join(row) for row in _list_rows(lines, codes)]
    return HEADER + "".join(f"| {row} |\n" for row in rows)


def _list_rows(lines: Sequence[Line], codes: dict[str, str]) -> Iterator[list[str]]:
    sums: dict[tuple[str, str, str, str], Decimal] = {}
    for line in lines:
        code = codes.get(line["tax_code"], "")
        key = line["txn_type"], line["txn_id"], line["account"], code
        amount = Decimal(line["debit"]) - Decimal(line["credit"])
        sums[key] = sums.get(key, Decimal(0)) + amount
    last: tuple[str, ...] = ()
    for (entity, number, account, code), amount in sums.items():
        name = "" if (entity, number) == last else entity
        last = entity, number
        debit = f"{amount:.2f}" if amount > 0 else ""
        credit = f"{-amount:.2f}" if amount < 0 else ""
        yield [name, account, debit or ("" if amount else "0.00"), credit, code]


def rewrite(page: str, ledgers: Sequence[str]) -> str:
    """The page with these ledgers in the examples' order."""
    before, start, rest = page.partition(START)
    left = iter(ledgers)

    def replace(found: re.Match[str]) -> str:
        whole = found[0]
        return whole[: len(whole) - len(found["ledger"])] + next(left)

    return before + start + EXAMPLE.sub(replace, rest)


def main() -> None:
    """Run all examples in an empty hub and write their ledgers into their pages."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/hub.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "integration_hub.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        for path in PAGES:
            call_command("flush", verbosity=0, interactive=False)
            _write_page(path)


def _write_page(path: Path) -> None:
    from tests.plant import build

    plant = build(receipts=0)
    try:
        page = path.read_text(encoding="utf-8")
        ledgers = [play(plant, example) for example in read_examples(page)]
    finally:
        plant.stop()
    path.write_text(rewrite(page, ledgers), encoding="utf-8")


if __name__ == "__main__":
    main()
