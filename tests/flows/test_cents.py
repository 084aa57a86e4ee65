"""A company that computes a total of ours a cent less: mended whatever follows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks.sandbox import salesforms, salestax
from tests.flows.bookkeeper import documents
from tests.flows.shop import LINE, record_of, sell, settle
from tests.flows.test_after_posting import move, updating
from tests.flows.test_rare_sales import ON_ACCOUNT
from tests.flows.test_reversals import SALES, balances, totals
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["updating"]
CENT = Decimal("0.01")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[Decimal]:
    """What the company takes off the VAT of the first line of every sales form."""
    off = [CENT]
    compute = salestax.tax_form

    def tax_form(*args: Any) -> Any:
        taxed = compute(*args)
        taxed.lines[0].tax -= off[0]
        taxed.by_rate[taxed.lines[0].rates[0].id] -= off[0]
        return taxed

    monkeypatch.setattr(salesforms, "tax_form", tax_form)
    return off


def assert_mended(plant: Plant, source_id: str) -> None:
    """The record is done, and the accounts differ by the rounding line only."""
    settle(plant)
    assert (record_of(source_id).state, record_of(source_id).message) == ("synced", "")
    found = plant.compare_balances()
    assert set(found) <= {"VAT Control", "VAT rounding"}
    assert sum(there - right for there, right in found.values()) == 0


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("bump", [True, False])
@pytest.mark.parametrize(
    ("sort", "left"), [("paid in two tenders", 0), ("paid in part", 10)]
)
def test_an_invoice_is_mended_before_it_is_paid(
    plant: Plant, sort: str, left: int, bump: bool
) -> None:
    plant.books.switch(links_bump_version=bump)
    source_id = sell(plant, **SALES[sort])
    plant.run()
    assert_mended(plant, source_id)
    assert (totals(plant, "Invoice"), balances(plant, "Invoice")) == ([12.1], [left])


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("owed", [1211, 1212])
def test_cash_that_pays_a_mended_invoice_later_is_rounded(
    plant: Plant, owed: int
) -> None:
    sale = {**ON_ACCOUNT, "lines": [{**LINE, "price": owed}]}
    source_id = sell(plant, **sale)
    plant.run()
    paid = {"method": "CONTANT", "amount": 1210, "date": "2026-10-08"}
    plant.till.do("pay_receipt", receiptId=source_id, **paid)
    plant.run()
    assert_mended(plant, source_id)
    assert balances(plant, "Invoice") == [0]


@pytest.mark.parametrize("before", [Decimal(0), CENT])
def test_a_document_is_mended_again_when_it_is_updated(
    updating: Plant, short: list[Decimal], before: Decimal
) -> None:
    source_id = sell(updating)
    short[0] = before
    updating.run()
    short[0] = CENT
    for article in (1002, 1003):
        move(updating, source_id, article)
        assert_mended(updating, source_id)
        assert totals(updating, "SalesReceipt") == [12.1]
    short[0] = Decimal(0)
    move(updating, source_id, 1001)
    assert_mended(updating, source_id)
    (sale,) = documents(updating)
    assert sale["TotalAmt"] == 12.1
    assert len(sale["Line"]) == len(["the goods", "the subtotal"])
