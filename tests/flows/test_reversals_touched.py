"""Changed receipts whose documents a person changed in QuickBooks before: reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django_q.models import OrmQ

from connectors.quickbooks.targets import lookups
from flows import services
from flows.models import Envelope, SyncRecord
from integration_hub.core.errors import Rejected
from tests.flows.bookkeeper import ask_books, documents
from tests.flows.shop import record_of, sell, settle, wait_and_work
from tests.flows.test_changes import forget_everything
from tests.flows.test_not_sales import balances
from tests.flows.test_reversals import ON_ACCOUNT, SALES, Shop, all_sales, pay, shop
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["shop"]
OTHER_ACCOUNT = {"value": "13"}


def move_money(plant: Plant, entity: str) -> None:
    """Let a bookkeeper move a document's money to another account."""
    edit(plant, entity, DepositToAccountRef=OTHER_ACCOUNT)


def move_sides(plant: Plant, entity: str) -> None:
    """Let a bookkeeper take another account in a journal entry."""
    (row,) = documents(plant, entity)
    row["Line"][0]["JournalEntryLineDetail"]["AccountRef"] = OTHER_ACCOUNT
    edit(plant, entity, Line=row["Line"])


def move_day(plant: Plant, entity: str) -> None:
    """Let a bookkeeper date a document otherwise."""
    edit(plant, entity, TxnDate="2026-10-04")


def remove(plant: Plant, entity: str) -> None:
    """Let a bookkeeper delete a document."""
    row = documents(plant, entity)[0]
    body = {"Id": row["Id"], "SyncToken": row["SyncToken"]}
    ask_books(plant, f"{entity.lower()}?operation=delete", body)


def edit(plant: Plant, entity: str, **values: Any) -> None:
    """Let a bookkeeper change the first document of a kind."""
    ask_books(plant, entity.lower(), {**documents(plant, entity)[0], **values})


def adopt_all(shop: Shop) -> None:
    """The hub's database is lost, and its work is found again."""
    forget_everything()
    OrmQ.objects.all().delete()
    shop.plant.run()
    settle(shop.plant)


def prune_all(_shop: Shop) -> None:
    """How everything was sent is kept no longer."""
    Envelope.objects.all().delete()


def assert_reported(shop: Shop, source_id: str) -> None:
    """A change at the till is reported, and nothing is booked for it."""
    before, there = balances(shop.plant), all_sales(shop.plant)
    shop.change(source_id)
    shop.plant.run()
    settle(shop.plant)
    record = record_of(source_id)
    assert (record.state, record.reason) == ("failed", "changed after posting")
    assert "somebody changed" in record.message
    assert (balances(shop.plant), all_sales(shop.plant)) == (before, there)


@pytest.mark.parametrize(
    ("sort", "touch", "entity"),
    [
        ("in one tender", move_money, "SalesReceipt"),
        ("in one tender", move_day, "SalesReceipt"),
        ("in one tender", remove, "SalesReceipt"),
        ("returned", move_money, "RefundReceipt"),
        ("paid in two tenders", move_money, "Payment"),
        ("paid in two tenders", remove, "Payment"),
        ("with cash back", move_sides, "JournalEntry"),
        ("not paid", move_day, "Invoice"),
        ("not paid", remove, "Invoice"),
    ],
)
def test_it_is_reported(
    shop: Shop, sort: str, touch: Callable[[Plant, str], None], entity: str
) -> None:
    source_id = sell(shop.plant, **SALES.get(sort, {}))
    shop.run()
    touch(shop.plant, entity)
    assert_reported(shop, source_id)


@pytest.mark.parametrize(
    ("forget", "sort", "touch", "entity"),
    [
        (adopt_all, "in one tender", move_money, "SalesReceipt"),
        (adopt_all, "in one tender", move_day, "SalesReceipt"),
        (adopt_all, "paid in two tenders", remove, "Payment"),
        (adopt_all, "with cash back", move_sides, "JournalEntry"),
        (prune_all, "in one tender", move_money, "SalesReceipt"),
    ],
)
def test_it_is_reported_where_it_is_not_known_how_it_was_sent(
    shop: Shop,
    forget: Callable[[Shop], None],
    sort: str,
    touch: Callable[[Plant, str], None],
    entity: str,
) -> None:
    source_id = sell(shop.plant, **SALES.get(sort, {}))
    shop.run()
    forget(shop)
    touch(shop.plant, entity)
    assert_reported(shop, source_id)


@pytest.mark.parametrize(
    ("forget", "sort"),
    [
        (adopt_all, "not paid"),
        (adopt_all, "paid in two tenders"),
        (adopt_all, "with cash back"),
        (prune_all, "returned"),
    ],
)
def test_what_nobody_touched_is_reversed_however_it_is_known(
    shop: Shop, forget: Callable[[Shop], None], sort: str
) -> None:
    source_id = sell(shop.plant, **SALES[sort])
    shop.run()
    forget(shop)
    shop.change(source_id)
    shop.plant.run()
    shop.assert_right()


@pytest.mark.parametrize("policy", ["reverse", "update"])
def test_what_a_person_left_out_is_not_taken_for_posted(
    shop: Shop, policy: str
) -> None:
    lines = [{"article": 1001, "price": 1000}, {"article": 1002, "price": 500}]
    source_id = sell(shop.plant, lines=[{"quantity": 1, **each} for each in lines])
    shop.run()
    there = all_sales(shop.plant)
    shop.choose(after_posting="report")
    lines[0]["price"], lines[1]["price"] = 500, 1000
    shop.change(source_id, lines=[{"quantity": 1, **each} for each in lines])
    shop.plant.run()
    services.skip(SyncRecord.objects.all(), by="me")
    shop.choose(after_posting=policy)
    shop.change(source_id, "branch", branch=2)
    shop.plant.run()
    assert record_of(source_id).reason == "changed after posting"
    assert all_sales(shop.plant) == there


def test_a_text_that_was_added_is_in_nobodys_way(shop: Shop) -> None:
    source_id = sell(shop.plant)
    shop.run()
    edit(shop.plant, "SalesReceipt", CustomerMemo={"value": "Thank you"})
    shop.change(source_id)
    shop.plant.run()
    shop.assert_right()


def test_what_is_not_known_for_a_moment_is_asked_again(shop: Shop) -> None:
    source_id = sell(shop.plant, **SALES["paid in two tenders"])
    shop.run()
    shop.plant.books.fault(action="status", status=503, match="GET .*query", times=9)
    shop.change(source_id)
    shop.plant.run()
    record = record_of(source_id)
    assert (record.state, record.lease_owner) == ("waiting", "")
    shop.plant.books.ask("DELETE", "faults")
    shop.assert_right()


def test_what_cannot_be_asked_for_is_not_reversed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_id = sell(shop.plant)
    shop.run()
    there = all_sales(shop.plant)

    def refuse(*_args: Any) -> Any:
        raise Rejected("The search is refused.", code="4000")

    shop.change(source_id)
    with monkeypatch.context() as patch:
        patch.setattr(lookups, "find_documents", refuse)
        shop.plant.run()
    assert "cannot be asked" in record_of(source_id).message
    assert all_sales(shop.plant) == there
    services.retry(SyncRecord.objects.all())
    wait_and_work()
    shop.assert_right()


def test_what_others_paid_is_no_change(shop: Shop) -> None:
    source_id = sell(shop.plant, relation=1081, payments=ON_ACCOUNT)
    shop.run()
    pay(shop.plant, documents(shop.plant, "Invoice")[0], 4)
    shop.change(source_id)
    shop.plant.run()
    settle(shop.plant)
    assert record_of(source_id).state == "synced"
