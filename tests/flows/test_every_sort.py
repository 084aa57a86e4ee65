"""Every sort of receipt, twice, on both sides of the switches: the oracle is content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows.models import SyncRecord
from tests.flows.test_main_job import assert_outcomes_agree
from tests.flows.test_not_sales import count_flow, run
from tests.plant import Plant

DAYS = ("2026-10-29", "2026-10-30")
TWO = "two_documents"
COMPANIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as it comes": ({}, {}),
    "0.00 refused": ({"zero_total": "refused"}, {"zero_totals": TWO}),
    "negative refunds refused": (
        {"refund_negative_lines": "refused"},
        {"mixed_refunds": TWO},
    ),
    "credits applied by itself": ({"auto_apply_credit": True}, {}),
    "links leave versions": ({"links_bump_version": False}, {}),
}


def ring_up_everything(plant: Plant) -> None:
    """Each sort on each of two days."""
    for day in DAYS:
        plant.till.do("add_receipts", count=100, every_sort=True, date=day)


def choose(plant: Plant, choices: dict[str, str]) -> None:
    """Set the integration's settings."""
    integration = plant.flow.integration
    integration.defaults = {**integration.defaults, **choices}
    integration.save(update_fields=["defaults"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switches", "choices"), COMPANIES.values(), ids=COMPANIES.keys()
)
def test_every_sort_is_as_the_oracle_says(
    make_plant: Callable[..., Plant], switches: dict[str, Any], choices: dict[str, str]
) -> None:
    plant = make_plant()
    plant.books.switch(**switches)
    choose(plant, choices)
    ring_up_everything(plant)
    plant.run()
    assert plant.judge(**choices).problems == ()
    for day in DAYS:
        plant.till.do("close_day", date=day)
    plant.run()
    assert plant.judge(**choices).problems == ()
    assert plant.compare_balances(**choices) == {}
    assert_outcomes_agree(plant)
    assert not SyncRecord.objects.filter(state="in_doubt").exists()


def test_cash_counts_are_as_the_oracle_says(plant: Plant) -> None:
    plant.till.do("add_receipts", count=30, date=DAYS[0])
    plant.run()
    found = {"differences": {"CONTANT": -50, "PIN": 20}, "banked": {"CONTANT": 1000}}
    plant.till.do("close_day", date=DAYS[0], **found)
    plant.till.do("close_day", date=DAYS[1], finalized=False)
    run(count_flow(plant))
    assert plant.judge(cash_counts=True).problems == ()
    assert plant.compare_balances(cash_counts=True) == {}
    assert plant.judge().problems != ()
