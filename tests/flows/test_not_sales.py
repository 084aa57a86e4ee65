"""What the till keeps that is no sale, from both sandboxes to the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from flows import services
from flows.models import Flow, SyncRecord
from flows.tasks import read_again
from mapping.map_services import set_entry
from mapping.models import ValueMap
from tests.flows.shop import BATCH, record_of, settle
from tests.flows.test_changes import forget_everything
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
DAY = "2026-10-05"
SHIRT = {"article": 1001, "quantity": 1, "price": 1210}


def ring_up(plant: Plant, **receipt: Any) -> str:
    """A receipt at the counter; gives its id."""
    values = {"date": DAY, "branch": 1, "relation": 0, **receipt}
    return str(plant.till.do("ring_up", **values)["receiptId"])


def take_cash(plant: Plant, cents: int, article: int = 9032) -> str:
    """Cash taken out of the drawer."""
    return ring_up(
        plant,
        type="RECEIPT-TYPE-CASH-OUTFLOW",
        lines=[{"article": article, "price": -cents}],
        payments=[{"method": "CONTANT"}],
    )


def put_row(plant: Plant, name: str, keys: list[str], **values: str) -> None:
    """Map something, accounts and tax codes by their names."""
    ids = {
        row["Name"]: row["Id"]
        for entity in ("Account", "TaxCode")
        for row in plant.books.do("documents", entity=entity)["documents"][entity]
    }
    value_map = ValueMap.objects.get(
        map_set=plant.flow.integration.value_maps, name=name
    )
    named = {column: ids.get(value, value) for column, value in values.items()}
    set_entry(value_map, keys, named)


def balances(plant: Plant) -> dict[str, str]:
    """Debit less credit of every account that is not 0.00."""
    found: dict[str, str] = plant.books.do("trial_balance")["accounts"]
    return found


def count_flow(plant: Plant) -> Flow:
    """The flow of the till's cash counts into the same books."""
    flow = plant.flow
    return Flow.objects.create(
        integration=flow.integration,
        name="Cash counts",
        feed="cash_counts",
        mapping=flow.mapping,
    )


def run(flow: Flow) -> None:
    """One run to its end."""
    services.work_here(services.run_flow(flow).run)


def retry(plant: Plant, record: SyncRecord) -> None:
    """Choose Retry for one record and let the workers work."""
    services.retry(SyncRecord.objects.filter(pk=record.pk))
    read_again(record.flow_id)
    plant.work()
    record.refresh_from_db()


def test_cash_out_with_vat_is_booked_net(plant: Plant) -> None:
    put_row(
        plant,
        "movements",
        ["81", "9032"],
        treatment="book",
        account="Petty expenses",
        tax_code="VAT 21%",
    )
    take_cash(plant, 2420)
    plant.run()
    assert balances(plant) == {
        "Till cash Centrum": "-24.20",
        "Petty expenses": "20.00",
        "VAT Control": "4.20",
    }


def test_vat_inside_the_amount_is_refused_until_the_setting_says_so(
    plant: Plant,
) -> None:
    plant.books.switch(journal_tax="inside")
    taken = take_cash(plant, 2420, article=9033)
    plant.run()
    record = record_of(taken)
    assert record.state == "failed"
    assert "“VAT on journal entries”" in record.action
    integration = plant.flow.integration
    integration.defaults = {**integration.defaults, "journal_vat": "inside"}
    integration.save()
    retry(plant, record)
    assert record.state == "synced"
    assert balances(plant) == {
        "Till cash Centrum": "-24.20",
        "Petty expenses": "20.00",
        "VAT Control": "4.20",
    }


def test_an_unmapped_cash_movement_waits_until_it_is_mapped(plant: Plant) -> None:
    value_map = ValueMap.objects.get(
        map_set=plant.flow.integration.value_maps, name="movements"
    )
    value_map.entries.all().delete()
    moved = take_cash(plant, 2000)
    plant.run()
    record = record_of(moved)
    assert (record.state, record.reason) == ("waiting", "unmapped cash movement")
    assert "Kas uit" in record.message
    assert "Cash movements" in record.action
    put_row(plant, "movements", ["81", "*"], treatment="book", account="Drawings")
    retry(plant, record)
    assert record.state == "synced"
    assert balances(plant) == {"Till cash Centrum": "-20.00", "Drawings": "20.00"}


def test_own_use_is_booked_at_cost_once_it_is_mapped(plant: Plant) -> None:
    put_row(plant, "tenders", ["EIGENGEBRUIK", "*"], treatment="")
    used = ring_up(plant, lines=[SHIRT], payments=[{"method": "EIGENGEBRUIK"}])
    plant.run()
    record = record_of(used)
    assert (record.state, record.reason) == ("waiting", "unmapped own use")
    put_row(
        plant,
        "tenders",
        ["EIGENGEBRUIK", "*"],
        treatment="own_use",
        deposit_account="Drawings",
        tax_code="VAT 21%",
    )
    retry(plant, record)
    assert record.state == "synced"
    assert balances(plant) == {
        "Drawings": "11.97",
        "Cost of Goods Sold": "-9.89",
        "VAT Control": "-2.08",
    }


def test_cash_counts_are_booked_by_a_flow_of_their_own(plant: Plant) -> None:
    ring_up(plant, till=1, lines=[SHIRT], payments=[{"method": "CONTANT"}])
    plant.run()
    plant.till.do(
        "close_day",
        date=DAY,
        branch=1,
        till=1,
        differences={"CONTANT": -50},
        banked={"CONTANT": 1000},
    )
    flow = count_flow(plant)
    run(flow)
    (record,) = SyncRecord.objects.filter(flow=flow)
    assert record.state == "synced", record.message
    assert balances(plant) == {
        "Till cash Centrum": "1.60",
        "Cash over and short": "0.50",
        "Money in transit": "10.00",
        "Sales": "-10.00",
        "VAT Control": "-2.10",
    }
    run(flow)
    assert balances(plant)["Money in transit"] == "10.00"


@pytest.mark.parametrize("tax_amounts", ["honoured", "recomputed"])
def test_shifted_vat_has_no_vat_whatever_the_company_computes(
    plant: Plant, tax_amounts: str
) -> None:
    plant.books.switch(tax_amounts=tax_amounts, vat_rounding="per_rate")
    sold = ring_up(
        plant,
        relation=1001,
        vatMethod="VAT-METHOD-SHIFTED",
        lines=[SHIRT, {**SHIRT, "price": 999}],
        payments=[{"method": "PIN"}],
    )
    plant.run()
    assert record_of(sold).state == "synced"
    (document,) = plant.books.do("documents", entity="SalesReceipt")["documents"][
        "SalesReceipt"
    ]
    assert document["GlobalTaxCalculation"] == "TaxExcluded"
    assert document["CustomerRef"]["name"].startswith("Bakkerij de Vries")
    assert balances(plant) == {"Till cards Centrum": "18.26", "Sales": "-18.26"}


def test_an_entry_whose_answer_was_lost_is_looked_up_and_not_sent_again(
    plant: Plant,
) -> None:
    plant.books.fault(action="lose", match=BATCH)
    moved = take_cash(plant, 2000)
    plant.run()
    settle(plant)
    assert record_of(moved).state == "synced"
    assert balances(plant) == {"Till cash Centrum": "-20.00", "Bank account": "20.00"}


def test_a_lost_database_finds_the_entries_again(plant: Plant) -> None:
    take_cash(plant, 2000)
    plant.run()
    forget_everything()
    writes = plant.books.writes()
    plant.run()
    assert plant.states() == {"synced": 1}
    assert plant.books.writes() == writes
