"""Receipts that are something else at the till after they were posted."""

from __future__ import annotations

from typing import Any

import pytest

from flows import services
from flows.models import Link, SyncRecord
from tests.flows.bookkeeper import ask_books, documents
from tests.flows.shop import (
    BATCH,
    LINE,
    assert_right,
    only_alert,
    open_alerts,
    record_of,
    sell,
    settle,
    wait_and_work,
)
from tests.flows.test_closed_periods import choose, close
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
ON_ACCOUNT = [{"method": "OPREKENING"}]
LINES = [{**LINE, "quantity": 2}]


def change(plant: Plant, source_id: str, what: str = "lines", **values: Any) -> None:
    """Change a receipt at the till and run the flow."""
    plant.till.do("change_receipt", receiptId=source_id, what=what, **values)
    plant.run()


def split(first: int, second: int) -> list[dict[str, Any]]:
    """So much by card, so much on account, in cents."""
    return [
        {"method": "PIN", "amount": first},
        {"method": "OPREKENING", "amount": second},
    ]


def roles(source_id: str) -> set[str]:
    """What of a receipt is in QuickBooks, by the first part of its role."""
    links = Link.objects.filter(key=source_id, kind="order", state="linked")
    return {role.partition(":")[0] for role in links.values_list("role", flat=True)}


def sums(plant: Plant, entity: str) -> list[Any]:
    """The totals of the company's documents of a kind."""
    return [row["TotalAmt"] for row in documents(plant, entity)]


# ------------------------------------------------------------------ only payments added


def test_payments_that_were_added_are_posted_once_each(plant: Plant) -> None:
    source_id = sell(plant, relation=1081, payments=ON_ACCOUNT)
    plant.run()
    assert sums(plant, "Payment") == []
    change(plant, source_id, "tenders", payments=split(210, 1000))
    assert record_of(source_id).state == "synced"
    assert sums(plant, "Payment") == [2.1]
    (invoice,) = documents(plant, "Invoice")
    assert invoice["Balance"] == 10
    plant.run()
    assert sums(plant, "Payment") == [2.1]


@pytest.mark.parametrize("bump", [True, False])
def test_a_second_payment_finds_the_first(plant: Plant, bump: bool) -> None:
    plant.books.switch(links_bump_version=bump)
    source_id = sell(plant, relation=1081, payments=split(210, 1000))
    plant.run()
    receipt = plant.till.do("receipts", full=True)["receipts"][0]["receipt"]
    first = receipt["paymentList"]["payment"][0]
    plant.till.do("pay_receipt", receiptId=source_id, amount=1000)
    plant.run()
    assert record_of(source_id).state == "synced"
    assert sorted(sums(plant, "Payment")) == [2.1, 10]
    (invoice,) = documents(plant, "Invoice")
    assert invoice["Balance"] == 0
    ids = Link.objects.filter(role__startswith="payment:").values_list(
        "role", flat=True
    )
    assert f"payment:{first['paymentId']}" in ids
    numbers = [p["PaymentRefNum"] for p in documents(plant, "Payment")]
    assert len(set(numbers)) == 2


def test_a_lost_answer_makes_no_second_payment(plant: Plant) -> None:
    source_id = sell(plant, relation=1081, payments=ON_ACCOUNT)
    plant.run()
    plant.books.switch(requestid="forgotten")
    plant.books.fault(action="lose", match=BATCH, times=1)
    change(plant, source_id, "tenders", payments=split(210, 1000))
    settle(plant)
    assert sums(plant, "Payment") == [2.1]
    assert record_of(source_id).state == "synced"


def test_a_payment_beside_another_change_is_reported(plant: Plant) -> None:
    source_id = sell(plant, relation=1081, payments=ON_ACCOUNT)
    plant.run()
    plant.till.do("change_receipt", receiptId=source_id, what="lines")
    change(plant, source_id, "tenders", payments=split(210, 2210))
    assert record_of(source_id).reason == "changed after posting"
    assert "lines" in record_of(source_id).message
    assert sums(plant, "Payment") == []


# ------------------------------------------------------------------------------- report


def test_the_report_says_what_changed(plant: Plant) -> None:
    source_id = sell(plant)
    plant.run()
    change(plant, source_id, "tenders")
    record = record_of(source_id)
    assert (record.state, record.reason) == ("failed", "changed after posting")
    assert "tenders" in record.message
    assert "Skip" in only_alert().action
    assert services.retry(SyncRecord.objects.all()) == 0


def test_a_change_that_is_taken_back_is_none(plant: Plant) -> None:
    source_id = sell(plant)
    plant.run()
    change(plant, source_id, lines=LINES)
    assert record_of(source_id).state == "failed"
    change(plant, source_id, lines=[LINE])
    assert record_of(source_id).state == "synced"
    assert open_alerts() == []


def test_another_reference_is_no_change(plant: Plant) -> None:
    source_id = sell(plant)
    plant.run()
    before = documents(plant)
    change(plant, source_id, "reference")
    assert record_of(source_id).state == "synced"
    assert documents(plant) == before


def test_what_a_person_left_is_compared_with_what_they_left(plant: Plant) -> None:
    source_id = sell(plant)
    plant.run()
    change(plant, source_id)
    services.skip(SyncRecord.objects.all(), by="me")
    change(plant, source_id, "reference")
    assert record_of(source_id).state == "skipped"
    change(plant, source_id)
    assert record_of(source_id).reason == "changed after posting"


def test_what_was_posted_long_ago_is_reported(plant: Plant) -> None:
    choose(plant, after_posting="reverse")
    source_id = sell(plant)
    plant.run()
    SyncRecord.objects.update(payload=None)
    change(plant, source_id)
    assert record_of(source_id).reason == "changed after posting"
    assert len(documents(plant)) == 1


# ------------------------------------------------------------------------------- update


@pytest.fixture
def updating(plant: Plant) -> Plant:
    """A plant whose changed receipts are updated."""
    choose(plant, after_posting="update")
    return plant


def move(plant: Plant, source_id: str, article: int = 1002) -> None:
    """Another article of the same price, so that the payment stays."""
    change(plant, source_id, lines=[{**LINE, "article": article}])


def test_an_untouched_document_is_updated(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    (before,) = documents(updating)
    move(updating, source_id)
    assert record_of(source_id).state == "synced"
    (after,) = documents(updating)
    assert after["Id"] == before["Id"]
    assert after["SyncToken"] != before["SyncToken"]
    assert after["Line"][0] != before["Line"][0]
    assert after["DocNumber"] == before["DocNumber"]
    assert roles(source_id) == {"sale", "update"}
    assert_right(updating)


def test_it_is_updated_again_when_it_changes_again(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    move(updating, source_id)
    change(updating, source_id, lines=[{**LINE, "article": 1003}])
    assert record_of(source_id).state == "synced"
    (document,) = documents(updating)
    assert document["SyncToken"] == "2"
    assert_right(updating)


@pytest.mark.parametrize("action", ["lose", "cut"])
def test_an_update_without_an_answer_is_made_once(updating: Plant, action: str) -> None:
    source_id = sell(updating)
    updating.run()
    updating.books.switch(requestid="forgotten")
    updating.books.fault(action=action, match=BATCH, times=1, after=1)
    move(updating, source_id)
    settle(updating)
    assert record_of(source_id).state == "synced"
    (sale,) = documents(updating)
    assert sale["SyncToken"] == "1"
    assert_right(updating)


def assert_only_reported(plant: Plant, source_id: str, why: str) -> None:
    """Changing the receipt now changes no document: a person is told why."""
    before = documents(plant)
    move(plant, source_id)
    record = record_of(source_id)
    assert record.reason == "changed after posting"
    assert why in record.message
    assert documents(plant) == before


def test_a_document_that_somebody_touched_is_reported(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    (document,) = documents(updating)
    ask_books(updating, "salesreceipt", {**document, "CustomerMemo": {"value": "Hi"}})
    assert_only_reported(updating, source_id, "changed it in QuickBooks")


def test_a_document_in_a_deposit_is_reported(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    (document,) = documents(updating)
    updating.books.do("deposit", entity="SalesReceipt", id=document["Id"])
    assert_only_reported(updating, source_id, "deposit")


def test_a_document_of_a_closed_period_is_reported(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    close(updating, "2026-10-31")
    move(updating, source_id)
    assert "closed" in record_of(source_id).message
    assert len(documents(updating)) == 1


def test_another_payment_is_no_update(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    change(updating, source_id, "tenders")
    assert record_of(source_id).reason == "changed after posting"


# ------------------------------------------------------------------------------ reversal


@pytest.fixture
def reversing(plant: Plant) -> Plant:
    """A plant whose changed receipts are reversed and posted again."""
    choose(plant, after_posting="reverse")
    return plant


def test_it_is_reversed_exactly_and_posted_again(reversing: Plant) -> None:
    source_id = sell(reversing)
    reversing.run()
    change(reversing, source_id)
    assert record_of(source_id).state == "synced"
    first, again = documents(reversing)
    (reversal,) = documents(reversing, "RefundReceipt")
    assert reversal["TotalAmt"] == first["TotalAmt"] == 12.1
    assert again["TotalAmt"] == 24.2
    number = first["DocNumber"]
    assert (reversal["DocNumber"], again["DocNumber"]) == (f"{number}a", f"{number}b")
    assert reversal["DepositToAccountRef"] == first["DepositToAccountRef"]


def test_in_a_closed_period_it_goes_to_the_first_open_day(reversing: Plant) -> None:
    source_id = sell(reversing)
    reversing.run()
    close(reversing, "2026-10-31")
    change(reversing, source_id, "tenders")
    assert record_of(source_id).state == "synced"
    _first, again = documents(reversing)
    (reversal,) = documents(reversing, "RefundReceipt")
    assert again["TxnDate"] == reversal["TxnDate"] == "2026-11-01"
    assert "2026-10-05" in again["PrivateNote"]


def test_each_change_is_reversed_once(reversing: Plant) -> None:
    source_id = sell(reversing)
    reversing.run()
    change(reversing, source_id)
    change(reversing, source_id, lines=[LINE])
    assert record_of(source_id).state == "synced"
    assert (sums(reversing, "SalesReceipt"), sums(reversing, "RefundReceipt")) == (
        [12.1, 24.2, 12.1],
        [12.1, 24.2],
    )
    number = documents(reversing)[0]["DocNumber"]
    numbers = [row["DocNumber"] for row in documents(reversing)]
    assert numbers == [number, f"{number}b", f"{number}d"]
    reversing.run()
    assert len(documents(reversing)) == 3


def test_lost_answers_of_a_reversal_are_found(reversing: Plant) -> None:
    source_id = sell(reversing)
    reversing.run()
    reversing.books.switch(requestid="forgotten")
    reversing.books.fault(action="lose", match=BATCH, times=1, after=2)
    change(reversing, source_id)
    settle(reversing)
    assert record_of(source_id).state == "synced"
    assert sums(reversing, "RefundReceipt") == [12.1]


def test_an_invoice_is_credited_and_both_are_applied(reversing: Plant) -> None:
    source_id = sell(reversing, relation=1081, payments=ON_ACCOUNT)
    reversing.run()
    change(reversing, source_id)
    assert record_of(source_id).state == "synced"
    first, again = documents(reversing, "Invoice")
    (credit,) = documents(reversing, "CreditMemo")
    assert (first["Balance"], again["Balance"], credit["Balance"]) == (0, 24.2, 0)
    assert credit["DocNumber"] == f"{first['DocNumber']}a"
    assert again["DocNumber"] == f"{first['DocNumber']}b"


# ------------------------------------------------------- what a person did in between


def touch(plant: Plant) -> None:
    """Let a bookkeeper write something on the one sales receipt."""
    (document,) = documents(plant)
    values = {"CustomerMemo": {"value": "By hand"}}
    plant.books.do("edit", entity="SalesReceipt", id=document["Id"], values=values)


def test_a_document_that_was_looked_at_again_stays_touched(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    touch(updating)
    SyncRecord.objects.update(state="failed", fingerprint="x")
    services.retry(SyncRecord.objects.all())
    wait_and_work()
    assert record_of(source_id).state == "synced"
    move(updating, source_id)
    assert record_of(source_id).reason == "changed after posting"
    assert documents(updating)[0]["CustomerMemo"] == {"value": "By hand"}


def test_retry_of_a_change_does_not_write_over_a_person(updating: Plant) -> None:
    source_id = sell(updating)
    updating.run()
    choose(updating, location_required="true")
    values = updating.flow.integration.value_maps.value_maps.get(name="branches")
    values.entries.all().delete()
    move(updating, source_id)
    assert record_of(source_id).reason == "MappingError"
    touch(updating)
    choose(updating, location_required="")
    services.retry(SyncRecord.objects.all())
    wait_and_work()
    assert record_of(source_id).reason == "changed after posting"
    assert documents(updating)[0]["CustomerMemo"] == {"value": "By hand"}
