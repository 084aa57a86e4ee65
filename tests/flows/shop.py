"""What flows' tests do at the till and with the hub's clock and queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from flows.engine import ticking
from flows.models import Alert, Envelope, Run, SyncRecord
from tests.plant import Plant, open_rows

BATCH = r"POST .*batch"
LINE = {"article": 1001, "quantity": 1, "price": 1210}


def sell(plant: Plant, **values: Any) -> str:
    """Ring up one receipt, paid by card unless told otherwise; its id."""
    payload = {"lines": [LINE], "payments": [{"method": "PIN"}], "relation": 0}
    receipt = plant.till.do("ring_up", **{**payload, "date": "2026-10-05", **values})
    return str(receipt["receiptId"])


def sell_many(plant: Plant, count: int, **values: Any) -> list[str]:
    """Ring up so many receipts of one sort; their ids."""
    return [sell(plant, **values) for _ in range(count)]


def record_of(source_id: str) -> SyncRecord:
    """The sync record of a receipt, as it is now."""
    return SyncRecord.objects.get(source_id=source_id)


def pass_time(**length: float) -> None:
    """Let an hour go by for everything that waits for a time, leases too."""
    past = timezone.now() - timedelta(**(length or {"hours": 1}))
    SyncRecord.objects.filter(retry_at__isnull=False).update(retry_at=past)
    SyncRecord.objects.exclude(lease_owner="").update(lease_until=past)
    Run.objects.filter(pause_until__isnull=False).update(pause_until=past)
    Envelope.objects.filter(resolve_at__isnull=False).update(resolve_at=past)
    Envelope.objects.exclude(lease_owner="").update(lease_until=past)


def work_queue() -> list[str]:
    """Do in this process what a worker would take from the queue; what it gave."""
    given = []
    while (row := OrmQ.objects.order_by("pk").first()) is not None:
        task = row.task
        row.delete()
        given.append(import_string(task["func"])(*task["args"]))
    return given


def open_alerts() -> list[Alert]:
    """The alerts that a person sees now."""
    return list(Alert.objects.filter(resolved_at__isnull=True).order_by("pk"))


def only_alert() -> Alert:
    """The one alert there is."""
    (alert,) = open_alerts()
    return alert


def ring_up(plant: Plant, count: int = 12, sort: str = "sale", **values: Any) -> None:
    """Ring up receipts of one sort, at all branches, with 21 and 9 %."""
    values = {"date": "2026-10-05", **values}
    plant.till.do("add_receipts", count=count, sort=sort, **values)


def wait_and_work() -> None:
    """Time passes, the tick comes, the workers work."""
    pass_time()
    ticking.tick()
    work_queue()


def settle(plant: Plant) -> None:
    """Let everything come to rest that does so by itself."""
    for _ in range(12):
        if not any(open_rows().values()):
            return
        wait_and_work()
    raise AssertionError(f"not at rest: {open_rows()}")


def assert_right(plant: Plant) -> None:
    """Everything is in the books once, and nothing is left open."""
    settle(plant)
    assert set(plant.states()) == {"synced"}
    assert plant.judge().problems == ()
