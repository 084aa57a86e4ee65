"""A month of three branches, with all that happens to receipts after they were posted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from flows.models import Link, SyncRecord
from tests.flows.test_main_job import STATES
from tests.oracle_parts.changes import CHANGED
from tests.oracle_parts.shop import Knowledge
from tests.plant import Plant

CLOSED = "2026-10-12"
POLICIES = [
    ("hold", "report", False),
    ("first_open_day", "update", False),
    ("first_open_day", "reverse", True),
]


def choose(plant: Plant, **choices: str) -> None:
    """Set the integration's settings."""
    integration = plant.flow.integration
    integration.defaults = {**integration.defaults, **choices}
    integration.save(update_fields=["defaults"])


def rows(plant: Plant, *sorts: str) -> list[dict[str, Any]]:
    """The till's receipts of some sorts (all without any), by marker."""
    found = plant.till.do("receipts")["receipts"]
    return [row for row in found if not sorts or row["sort"] in sorts]


def find_unpaid(plant: Plant) -> list[dict[str, Any]]:
    """Sales on account that no other receipt credits or settles."""
    receipts = list(plant.open_till().receipts())
    texts = " ".join(line.text for each in receipts for line in each.lines)
    credited = {receipt.credits for receipt in receipts}
    return [
        row
        for row in rows(plant, "on_account")
        if row["transactionString"] not in texts and row["receiptId"] not in credited
    ]


def live_on(plant: Plant, rng: random.Random) -> None:
    """Receipts are changed and paid, days are counted, some come late."""
    sales = rows(plant, "sale", "several_tenders", "refund", "mixed_signs")
    for row, what in zip(
        rng.sample(sales, 12),
        ("mail", "reference", "tenders", "lines") * 3,
        strict=True,
    ):
        plant.till.do("change_receipt", receiptId=row["receiptId"], what=what)
    unpaid = find_unpaid(plant)
    for row in (*unpaid[4:8], *rows(plant, "cash_in", "cash_out")[:4]):
        plant.till.do("change_receipt", receiptId=row["receiptId"], what="lines")
    for row in unpaid[:4]:
        owed = row["totalInclAmount"]
        for amount in (owed // 3, owed - owed // 3):
            plant.till.do(
                "pay_receipt",
                receiptId=row["receiptId"],
                amount=amount,
                date="2026-10-31",
                turned=True,
            )
    for day in range(1, 32):
        plant.till.do("close_day", date=f"2026-10-{day:02d}")
    for row in rows(plant, "outstanding_with_relation", "not_final")[:2]:
        plant.till.do("finish_receipt", receiptId=row["receiptId"], date="2026-10-31")


def close_books(plant: Plant, *, filed: bool) -> None:
    """Close the first days of the month: VAT is filed, or a bookkeeper does it."""
    if filed:
        choose(plant, vat_filed_through=CLOSED)
        return
    closed = {"AccountingInfoPrefs": {"BookCloseDate": CLOSED}}
    plant.books.do("set_preferences", preferences=closed)


def start_month(plant: Plant) -> Knowledge:
    """What was posted before anything changed, all of it right."""
    plant.run()
    verdict = plant.judge()
    assert verdict.problems == ()
    there = {source_id for source_id, found in verdict.found.items() if found}
    receipts = plant.open_till().receipts()
    return Knowledge(
        closed_through=date.fromisoformat(CLOSED),
        posted={receipt.id: receipt for receipt in receipts if receipt.id in there},
    )


def change_again(plant: Plant, known: Knowledge, **choices: str) -> None:
    """What was reversed once changes again, and is reversed again."""
    receipts = {receipt.id: receipt for receipt in plant.open_till().receipts()}
    known = replace(known, between={key: (each,) for key, each in receipts.items()})
    reversed_ones = Link.objects.filter(role__startswith="again:", kind="order")
    keys = sorted(set(reversed_ones.values_list("key", flat=True)))
    assert len(keys) > 8
    for key in keys:
        plant.till.do("change_receipt", receiptId=key, what="branch", branch=3)
    plant.run()
    assert plant.judge(known=known, **choices).problems == ()
    assert plant.compare_balances(known, **choices) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("closed_period", "after_posting", "filed"), POLICIES)
def test_the_books_are_what_the_till_says(
    make_plant: Callable[..., Plant],
    closed_period: str,
    after_posting: str,
    filed: bool,
) -> None:
    plant = make_plant(300)
    choices = {"closed_period": closed_period, "after_posting": after_posting}
    choose(plant, **choices)
    known = start_month(plant)
    close_books(plant, filed=filed)
    live_on(plant, random.Random(7))
    for day in ("2026-10-08", "2026-10-20"):
        plant.till.do("add_receipts", count=100, every_sort=True, date=day)
    plant.run()
    plant.run()
    late = {row["receiptId"] for row in rows(plant)} - set(known.posted)
    known = replace(known, late=frozenset(late))
    verdict = plant.judge(known=known, **choices)
    assert verdict.problems == ()
    assert plant.compare_balances(known, **choices) == {}
    assert any(decision.reason == CHANGED for decision in verdict.decisions)
    if after_posting == "reverse":
        change_again(plant, known, **choices)
    held = "closed period" in verdict.count_reasons("waiting")
    assert held == (closed_period == "hold")
    states = {r.source_id: r.state for r in SyncRecord.objects.all()}
    assert states == {
        decision.receipt.id: STATES[decision.outcome] for decision in verdict.decisions
    }
