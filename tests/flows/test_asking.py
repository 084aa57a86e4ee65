"""Questions that go along with writes: asked last, and asked anew where it matters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from flows import services
from flows.engine import previewing
from flows.models import Link, Run, SyncRecord
from flows.tasks import deliver, read, read_again
from tests.flows.bookkeeper import documents
from tests.flows.shop import record_of, sell, sell_many
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)

ON_ACCOUNT: dict[str, Any] = {"payments": [{"method": "OPREKENING"}], "relation": 1001}
DEBT = {"article": 9041, "quantity": 1, "price": 1210}


def settle_debt(plant: Plant, sale: str, price: int = 1210) -> str:
    """A debt of a sale on account is paid at the till."""
    line = {**DEBT, "price": price, "text": f"Betaling bon {sale}"}
    return sell(plant, lines=[line], relation=1001)


def read_one_page(run: Run, settings: Any) -> None:
    """One task of a reader whose budget is spent with the first page."""
    budget, settings.TASK_BUDGET = settings.TASK_BUDGET, -1
    read(run.pk)
    settings.TASK_BUDGET = budget


def paid(plant: Plant) -> list[tuple[float, float]]:
    """Amount and what is unapplied of each payment."""
    payments = documents(plant, "Payment")
    return sorted((p["TotalAmt"], p["UnappliedAmt"]) for p in payments)


def test_a_debt_is_paid_also_when_its_sale_comes_in_the_same_run(plant: Plant) -> None:
    # The customer is known already, the sale's article is not.
    sell(plant, relation=1001)
    plant.run()
    line = {"article": 2140, "quantity": 1, "price": 1210}
    settle_debt(plant, sell(plant, **{**ON_ACCOUNT, "lines": [line]}))
    plant.run()
    assert plant.states() == {"synced": 3}
    assert paid(plant) == [(12.1, 0)]


def test_the_bridge_tells_the_part_that_settles_a_debt(plant: Plant) -> None:
    sale = sell(plant, **ON_ACCOUNT)
    plant.run()
    goods = {"article": 2140, "quantity": 1, "price": 1000}
    debt = {**DEBT, "text": f"Betaling bon {sale}"}
    both = sell(plant, lines=[goods, debt], relation=1001)
    plant.run()
    record = record_of(both)
    assert record.bridge["target_total"] == "22.10"
    assert record.bridge["settled"] == "12.10"
    assert "settled" not in record_of(sale).bridge


def test_two_that_pay_the_same_debt_at_once_share_it(plant: Plant) -> None:
    sale = sell(plant, **ON_ACCOUNT)
    plant.run()
    settle_debt(plant, sale)
    settle_debt(plant, sale)
    plant.run()
    assert plant.states() == {"synced": 3}
    assert paid(plant) == [(12.1, 0), (12.1, 12.1)]


def test_what_another_worker_still_writes_is_waited_for(
    plant: Plant, settings: Any
) -> None:
    settings.TASK_BUDGET = 1
    sale = sell(plant, **ON_ACCOUNT)
    settled = settle_debt(plant, sale)
    run = services.run_flow(plant.flow).run
    read(run.pk)
    lease = {"lease_owner": "x", "lease_until": timezone.now() + timedelta(minutes=5)}
    SyncRecord.objects.filter(source_id=sale).update(**lease)
    deliver(run.pk)
    assert record_of(settled).state == "pending"
    assert paid(plant) == []
    SyncRecord.objects.update(lease_owner="", lease_until=None)
    services.work_here(run)
    assert plant.states() == {"synced": 2}
    assert paid(plant) == [(12.1, 0)]


def test_what_is_still_to_be_read_is_waited_for(plant: Plant, settings: Any) -> None:
    sell(plant, relation=1001)
    plant.run()
    settings.TASK_BUDGET, plant.flow.page_size = 5, 1
    plant.flow.save()
    sale = sell(plant, **ON_ACCOUNT)
    settled = settle_debt(plant, sale)
    others = sell_many(plant, 2)
    plant.till.do("change_receipt", receiptId=sale, what="mail")
    run = services.run_flow(plant.flow).run
    while not SyncRecord.objects.filter(source_id=settled).exists():
        read_one_page(run, settings)
    deliver(run.pk)
    assert (record_of(settled).state, paid(plant)) == ("pending", [])
    # The reader goes on; nobody looks at it again until all is read.
    read_one_page(run, settings)
    assert deliver(run.pk) == "others are at work"
    assert record_of(others[0]).state == "synced"
    services.work_here(run)
    assert plant.states() == {"synced": 5}
    assert paid(plant) == [(12.1, 0)]


@pytest.mark.parametrize("state", ["pending", "in_doubt", "waiting"])
def test_what_is_to_be_tried_again_is_waited_for(
    plant: Plant, settings: Any, state: str
) -> None:
    settings.TASK_BUDGET = 1
    sale = sell(plant, **ON_ACCOUNT)
    settled = settle_debt(plant, sale)
    run = services.run_flow(plant.flow).run
    read(run.pk)
    later = timezone.now() + timedelta(minutes=5)
    SyncRecord.objects.filter(source_id=sale).update(state=state, retry_at=later)
    lost = {"lease_owner": "lost", "lease_until": timezone.now()}
    SyncRecord.objects.filter(source_id=sale, state="pending").update(**lost)
    deliver(run.pk)
    assert record_of(settled).state == "pending"
    assert paid(plant) == []
    SyncRecord.objects.update(state="pending", retry_at=None, lease_owner="")
    services.work_here(run)
    assert plant.states() == {"synced": 2}
    assert paid(plant) == [(12.1, 0)]


def test_retry_asks_anew(plant: Plant) -> None:
    sale = sell(plant, **ON_ACCOUNT)
    plant.run()
    settled = settle_debt(plant, sale, price=500)
    body = '{"Fault":{"Error":[{"code":"6190"}],"type":"ValidationFault"}}'
    plant.books.fault(
        match=r"POST .*batch", action="status", status=400, body=body, after=1, times=1
    )
    plant.run()
    assert record_of(settled).state == "failed"
    # Meanwhile somebody takes the whole debt off.
    settle_debt(plant, sale)
    plant.run()
    services.retry(SyncRecord.objects.filter(source_id=settled))
    read_again(plant.flow.pk)
    plant.work()
    assert record_of(settled).state == "synced"
    assert paid(plant) == [(5, 5), (12.1, 0)]


def test_a_preview_shows_what_follows_the_answer(plant: Plant) -> None:
    settled = settle_debt(plant, sell(plant, **ON_ACCOUNT))
    previews = {p.source_id: p for p in services.preview_flow(plant.flow, 10)}
    shown = [(write.entity, write.fate) for write in previews[settled].writes]
    assert shown == [
        ("Customer", "create"),
        ("Balance", "query"),
        ("Payment", "create"),
    ]
    assert plant.books.writes() == 0
    assert not Link.objects.exists()
    assert isinstance(previews[settled], previewing.Preview)
