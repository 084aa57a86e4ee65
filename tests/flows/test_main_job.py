"""The main job: the till's receipts arrive in the books, once and to the cent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.services import open_connection
from flows import services
from flows.engine import delivering
from flows.engine.reading import first_page
from flows.engine.staging import stage_page
from flows.models import SyncRecord
from tests.flows.shop import sell_many
from tests.plant import Plant, open_rows

pytestmark = pytest.mark.django_db(transaction=True)
Plants = Callable[..., Plant]


def test_every_receipt_becomes_what_it_must(make_plant: Plants) -> None:
    plant = make_plant(300)
    run = plant.run()
    assert run.stage == "finished"
    assert plant.judge().problems == ()
    assert not any(open_rows().values())
    assert_outcomes_agree(plant)


def test_a_second_run_reads_the_overlap_and_writes_nothing(make_plant: Plants) -> None:
    plant = make_plant(80)
    plant.run()
    before = len(plant.books.log())
    second = plant.run()
    assert second.read == second.unchanged
    assert second.read >= 50
    assert second.staged == 0
    assert len(plant.books.log()) == before


def test_records_whose_needs_are_known_cost_one_request(plant: Plant) -> None:
    sell_many(plant, 1)
    plant.run()
    sell_many(plant, 30)
    before = plant.books.writes()
    plant.run()
    assert plant.states() == {"synced": 31}
    assert plant.books.writes() == before + 1


def test_staging_asks_as_often_for_many_as_for_few(plant: Plant) -> None:
    # Few enough for one bulk write: SQLite takes 999 values at a time.
    sell_many(plant, 1)
    plant.run()
    counts = []
    for size in (3, 25):
        sell_many(plant, size)
        source = open_connection(plant.flow.integration.source)
        page = first_page(plant.flow, source, 100)
        run = services.run_flow(plant.flow).run
        with CaptureQueriesContext(connection) as queries:
            stage_page(plant.flow, run, page)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_delivering_asks_as_often_for_many_as_for_few(plant: Plant) -> None:
    sell_many(plant, 1)
    plant.run()
    counts = []
    for size in (3, 30):
        sell_many(plant, size)
        run = services.run_flow(plant.flow).run
        services.tasks.read(run.pk)
        with CaptureQueriesContext(connection) as queries:
            delivering.deliver(run.pk)
        counts.append(len(queries))
        services.work_here(run)
    assert plant.states() == {"synced": 34}
    assert counts[1] <= counts[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("vat", "switches"),
    [
        ("honoured", {}),
        ("recomputed", {"tax_amounts": "recomputed", "vat_rounding": "per_line"}),
        ("recomputed", {"tax_amounts": "recomputed", "vat_rounding": "per_rate"}),
    ],
    ids=["honoured", "recomputed per line", "recomputed per rate"],
)
def test_three_thousand_receipts_to_the_cent(
    make_plant: Plants, vat: str, switches: dict[str, str]
) -> None:
    plant = make_plant(3000)
    plant.books.switch(**switches)
    plant.run()
    verdict = plant.judge(vat=vat)
    assert verdict.problems == ()
    assert not any(open_rows().values())
    assert told_differences() == {
        (found.receipt, Decimal(found.rate)): Decimal(found.amount) / 100
        for found in verdict.vat_differences
    }
    assert_outcomes_agree(plant, vat=vat)


def told_differences() -> dict[tuple[str, Decimal], Decimal]:
    """VAT in the books less VAT at the till, by receipt and rate, as the hub has it.

    Without what the hub itself adds or takes back, vouchers' VAT say.
    """
    records = SyncRecord.objects.exclude(differences=[])
    return {
        (record.source_id, Decimal(told["what"].split()[1])): Decimal(told["target"])
        - Decimal(told["source"])
        for record in records
        for told in record.differences
        if told["reason"] == "computed by QuickBooks"
    }


STATES = {
    "posted": "synced",
    "skipped": "skipped",
    "failed": "failed",
    "waiting": "waiting",
}


def assert_outcomes_agree(plant: Plant, *, vat: str = "honoured") -> None:
    """Each record is in the state that the oracle gives its receipt, with a reason."""
    expected = {
        decision.receipt.id: STATES[decision.outcome]
        for decision in plant.judge(vat=vat).decisions
    }
    records = SyncRecord.objects.all()
    assert {r.source_id: r.state for r in records} == expected
    unsaid = [r for r in records if r.state != "synced" and not r.reason]
    silent = [
        r for r in records if r.state == "failed" and not (r.message and r.action)
    ]
    assert (unsaid, silent) == ([], [])
