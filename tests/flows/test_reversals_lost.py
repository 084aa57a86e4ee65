"""A hub whose database was lost finds what it reversed and posted again."""

from __future__ import annotations

from typing import Any

import pytest
from django_q.models import OrmQ

from tests.flows.bookkeeper import documents
from tests.flows.shop import record_of, sell, settle, wait_and_work
from tests.flows.test_changes import forget_everything
from tests.flows.test_reversals import SALES, Shop, all_sales, shop

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["shop"]
CHANGES: dict[str, dict[str, Any]] = {
    "lines": {},
    "branch": {"branch": 2},
    "date": {"date": "2026-10-06"},
}


@pytest.mark.parametrize("numbers", ["refused", "accepted"])
@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("sort", ["paid in two tenders", "returned", "not paid"])
def test_it_is_not_posted_a_third_time(
    shop: Shop, sort: str, what: str, numbers: str
) -> None:
    shop.plant.books.switch(duplicate_numbers=numbers)
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    shop.change(source_id, what, **CHANGES[what])
    shop.run()
    settle(shop.plant)
    there = all_sales(shop.plant), documents(shop.plant, "JournalEntry")
    forget_everything()
    OrmQ.objects.all().delete()
    shop.plant.run()
    wait_and_work()
    assert record_of(source_id).state == "synced"
    assert (all_sales(shop.plant), documents(shop.plant, "JournalEntry")) == there
    shop.change(source_id, "date", date="2026-10-08")
    shop.plant.run()
    wait_and_work()
    shop.assert_right(at_rest=False)
