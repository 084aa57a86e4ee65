"""Whatever is rung up ends as the oracle says: posted to the cent, or told why not.

5,000 receipts that Hypothesis makes, on both truths of what is unproven. A receipt
that fails is shown as it was rung up; RECEIPT_SEED makes other ones.
"""

from __future__ import annotations

import json
import os
import urllib.error
from collections.abc import Callable
from typing import Any

import pytest

from flows.models import SyncRecord
from tests.flows.any_receipt import Payload, draw_receipts
from tests.flows.test_every_sort import COMPANIES, choose
from tests.flows.test_main_job import STATES
from tests.plant import Plant, open_rows

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SEED = int(os.environ.get("RECEIPT_SEED", "1"))
EACH = 1250
NAMES = list(COMPANIES)


@pytest.mark.parametrize("company", NAMES)
def test_any_receipt_ends_as_the_oracle_says(
    make_plant: Callable[..., Plant], company: str
) -> None:
    switches, choices = COMPANIES[company]
    plant = make_plant()
    plant.books.switch(**switches)
    choose(plant, choices)
    number = SEED * len(NAMES) + NAMES.index(company)
    rung_up = ring_up_all(plant, draw_receipts(EACH, number=number))
    assert plant.run().stage == "finished"
    assert not any(open_rows().values())
    verdict = plant.judge(**choices)
    assert find_wrong(verdict.decisions, rung_up) == {}
    assert verdict.problems == ()
    assert plant.compare_balances(**choices) == {}


def ring_up_all(plant: Plant, receipts: list[Payload]) -> dict[str, Payload]:
    """Ring them up, but for those the till itself refuses; by receipt id."""
    rung_up = {}
    for receipt in receipts:
        try:
            answer = plant.till.do("ring_up", **receipt)
        except urllib.error.HTTPError as error:
            if error.code != 400:
                raise
            continue
        rung_up[str(answer["receiptId"])] = receipt
    assert len(rung_up) > EACH * 0.95
    return rung_up


def find_wrong(decisions: Any, rung_up: dict[str, Payload]) -> dict[str, Any]:
    """Records in another state than the oracle's, or that do not say why."""
    records = {record.source_id: record for record in SyncRecord.objects.all()}
    wrong = {}
    for decision in decisions:
        record = records[decision.receipt.id]
        if record.state != STATES[decision.outcome] or not says_why(record):
            wrong[json.dumps(rung_up[decision.receipt.id])] = (
                f"{decision.outcome} {decision.reason}",
                f"{record.state} {record.reason} {record.message}",
            )
    return wrong


def says_why(record: SyncRecord) -> bool:
    """Whether a record that is not posted tells the cause and, failed, what to do."""
    if record.state == "synced":
        return True
    told = bool(record.message and record.action) or record.state != "failed"
    return bool(record.reason) and told
