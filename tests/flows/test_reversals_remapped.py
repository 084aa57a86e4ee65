"""Changed receipts that the rules would book elsewhere now: nothing exact reverses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.bookkeeper import documents
from tests.flows.shop import record_of, sell, settle
from tests.flows.test_closed_periods import choose
from tests.flows.test_not_sales import balances, put_row
from tests.flows.test_reversals import SALES, Shop, all_sales, shop
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["shop"]


def move_cards(plant: Plant) -> None:
    """Cards go into the account of another branch from now on."""
    put_row(
        plant,
        "tenders",
        ["PIN", "1"],
        treatment="payment",
        payment_method="2",
        deposit_account="Till cards Markt",
    )


def put_cards_on_account(plant: Plant) -> None:
    """Cards pay nothing any more."""
    put_row(plant, "tenders", ["PIN", "1"], treatment="on_account")


def move_goods(plant: Plant) -> None:
    """Goods go to the item of their turnover group."""
    choose(plant, lines_by="turnover_group")


@pytest.mark.parametrize("sort", ["in one tender", "paid in two tenders", "returned"])
@pytest.mark.parametrize("move", [move_cards, put_cards_on_account, move_goods])
def test_what_was_booked_elsewhere_is_reported(
    shop: Shop, sort: str, move: Callable[[Plant], None]
) -> None:
    sale: dict[str, Any] = {"relation": 1081, **SALES.get(sort, {})}
    source_id = sell(shop.plant, **sale)
    shop.run()
    there = all_sales(shop.plant), documents(shop.plant, "JournalEntry")
    before = balances(shop.plant)
    move(shop.plant)
    shop.change(source_id, "date", date="2026-10-06")
    shop.plant.run()
    settle(shop.plant)
    record = record_of(source_id)
    assert (record.state, record.reason) == ("failed", "changed after posting")
    assert "was left as it is: " in record.message
    assert balances(shop.plant) == before
    assert (all_sales(shop.plant), documents(shop.plant, "JournalEntry")) == there
