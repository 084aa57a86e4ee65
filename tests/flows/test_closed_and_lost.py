"""A hub that lost its database, and books that were closed since it had posted."""

from __future__ import annotations

from typing import Any

import pytest

from flows import services
from flows.models import Link, SyncRecord
from tests.flows.bookkeeper import documents, number_of
from tests.flows.shop import record_of, sell
from tests.flows.test_changes import forget_everything
from tests.flows.test_closed_periods import choose, close
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNT: dict[str, Any] = {"payments": [{"method": "OPREKENING"}], "relation": 1001}
SPLIT = [{"method": "PIN", "amount": 500}, {"method": "CONTANT", "amount": 710}]
MIXED = [{"method": "PIN", "amount": 2000}, {"method": "CONTANT", "amount": -790}]
KINDS = (
    *("SalesReceipt", "Invoice", "RefundReceipt", "CreditMemo"),
    *("Payment", "JournalEntry"),
)


def sell_every_sort(plant: Plant) -> None:
    """One receipt of each way to come into the books, on days of two months."""
    sell(plant)
    sell(plant, payments=SPLIT, date="2026-10-20")
    sell(plant, payments=MIXED, date="2026-09-03")
    taken_out = [{"article": 9032, "price": -2000}]
    cash = [{"method": "CONTANT"}]
    sell(plant, type="RECEIPT-TYPE-CASH-OUTFLOW", lines=taken_out, payments=cash)
    sale = sell(plant, **ACCOUNT)
    back = [{"article": 1001, "quantity": -1, "price": 1210}]
    credit = {"type": "RECEIPT-TYPE-CREDIT-RECEIPT", "lines": back, "credits": sale}
    sell(plant, **{**ACCOUNT, **credit}, date="2026-10-08")
    owed = sell(plant, **ACCOUNT)
    text = f"Betaling bon {number_of(plant, owed).removeprefix('R')}"
    debt = {"article": 9041, "quantity": 1, "price": 1210, "text": text}
    sell(plant, lines=[debt], relation=1001, date="2026-10-19")
    later = sell(plant, **ACCOUNT, date="2026-09-10")
    plant.till.do("pay_receipt", receiptId=later, amount=500, date="2026-10-14")


def read_all(plant: Plant) -> dict[str, list[dict[str, Any]]]:
    """Every document of the company."""
    return {kind: documents(plant, kind) for kind in KINDS}


@pytest.mark.parametrize("policy", ["hold", "first_open_day"])
def test_what_was_posted_before_the_period_was_closed_is_found_again(
    plant: Plant, policy: str
) -> None:
    sell_every_sort(plant)
    plant.run()
    assert plant.states() == {"synced": 9}
    before = read_all(plant)
    choose(plant, closed_period=policy)
    close(plant, "2026-10-31")
    forget_everything()
    plant.run()
    assert plant.states() == {"synced": 9}
    assert read_all(plant) == before


@pytest.mark.parametrize("policy", ["hold", "first_open_day"])
def test_a_preview_finds_it_too(plant: Plant, policy: str) -> None:
    sell(plant)
    sell(plant, payments=SPLIT, date="2026-10-20")
    plant.run()
    choose(plant, closed_period=policy)
    close(plant, "2026-10-31")
    forget_everything()
    sell(plant)
    fates = sorted(preview.fate for preview in services.preview_flow(plant.flow))
    other = "wait" if policy == "hold" else "create"
    assert fates == sorted(["exists", "exists", other])
    assert not Link.objects.exists()


def test_what_was_not_posted_before_is_held(plant: Plant) -> None:
    sell(plant)
    plant.run()
    close(plant, "2026-10-31")
    forget_everything()
    late = sell(plant)
    new = sell(plant, date="2026-11-01")
    plant.run()
    assert plant.states() == {"synced": 2, "waiting": 1}
    assert record_of(late).reason == "closed period"
    assert record_of(new).state == "synced"
    assert len(documents(plant)) == 2


def test_a_payment_that_is_late_is_held_beside_a_sale_that_is_found(
    plant: Plant,
) -> None:
    sale = sell(plant, **ACCOUNT)
    plant.run()
    plant.till.do("pay_receipt", receiptId=sale, amount=500, date="2026-10-14")
    close(plant, "2026-10-31")
    forget_everything()
    plant.run()
    assert record_of(sale).reason == "closed period"
    close(plant, "2026-09-30")
    plant.run()
    assert record_of(sale).state == "synced"
    assert len(documents(plant, "Invoice")) == len(documents(plant, "Payment")) == 1


def test_days_are_asked_for_not_receipts(plant: Plant) -> None:
    for day in range(1, 21):
        sell(plant, date=f"2026-10-{day:02}")
        sell(plant, date=f"2026-10-{day:02}")
    plant.run()
    close(plant, "2026-10-31")
    forget_everything()
    asked = count_queries(plant)
    plant.run()
    assert plant.states() == {"synced": 40}
    assert len(documents(plant)) == 40
    # One of each kind of document for all days, besides the lists that a run reads.
    assert count_queries(plant) - asked <= len(KINDS) + 4
    asked = count_queries(plant)
    plant.run()
    assert count_queries(plant) == asked
    assert SyncRecord.objects.count() == 40


def count_queries(plant: Plant) -> int:
    """How many queries the company has answered."""
    return sum(entry["operation"] == "query" for entry in plant.books.log())
