"""The margin list: what goods sold under the margin scheme gave in a period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connectors.writes import Margin, Plan
from flows import margins
from flows.engine import claiming
from flows.models import Flow, MarginLine, SyncRecord
from tests.factories import FlowFactory, StaffFactory, SyncRecordFactory
from tests.flows.shop import LINE, record_of, sell
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def lamp(sale: str = "45.00", purchase: str | None = "30.00", **values: Any) -> Margin:
    bought = None if purchase is None else Decimal(purchase)
    known = {"article": "7", "text": "Lamp", "quantity": Decimal(1)}
    return Margin(**{**known, "sale": Decimal(sale), "purchase": bought, **values})


def keep(flow: Flow, *found: Margin, **values: Any) -> SyncRecord:
    """A record with these margin goods."""
    record = SyncRecordFactory(flow=flow, **{"date": date(2026, 3, 9), **values})
    margins.keep([(record, found)])
    return record


def give_back(record: SyncRecord) -> None:
    """Store what became of a record, as a worker does."""
    with transaction.atomic():
        claiming.give_back([record], "me")


def test_a_period_is_added_up() -> None:
    flow = FlowFactory()
    keep(flow, lamp(), lamp("-45.00", "-30.00", quantity=Decimal(-1)), lamp())
    keep(flow, lamp("10.00", None), date=date(2026, 3, 31))
    keep(flow, lamp(), date=date(2026, 4, 1))
    keep(FlowFactory(), lamp())
    totals = margins.add_up(flow, *MARCH)
    assert (totals.lines, totals.unknown) == (4, 1)
    assert (totals.sale, totals.purchase, totals.margin) == (
        Decimal("55.00"),
        Decimal("30.00"),
        Decimal("15.00"),
    )


def test_a_period_without_any() -> None:
    totals = margins.add_up(FlowFactory(), *MARCH)
    assert (totals.lines, totals.margin) == (0, 0)


@pytest.mark.parametrize(
    ("today", "quarter"),
    [
        (date(2026, 1, 5), (date(2025, 10, 1), date(2025, 12, 31))),
        (date(2026, 3, 31), (date(2025, 10, 1), date(2025, 12, 31))),
        (date(2026, 4, 1), (date(2026, 1, 1), date(2026, 3, 31))),
        (date(2026, 12, 31), (date(2026, 7, 1), date(2026, 9, 30))),
    ],
)
def test_the_last_quarter(today: date, quarter: tuple[date, date]) -> None:
    assert margins.last_quarter(today) == quarter


def test_a_record_that_is_synced_again_has_its_lines_once() -> None:
    record = SyncRecordFactory(lease_owner="me")
    for found in ((lamp(), lamp()), (lamp("9.00"),)):
        record.lease_owner = "me"
        record.save()
        claiming.mark_synced(record, Plan(record.source_id, margins=found))
        give_back(record)
    (line,) = MarginLine.objects.all()
    assert line.sale == Decimal("9.00")


def test_a_change_that_takes_margin_goods_off_takes_their_lines_off() -> None:
    record = keep(FlowFactory(), lamp(), lease_owner="me", posted_payload="")
    claiming.mark_synced(record, Plan(record.source_id))
    give_back(record)
    assert not MarginLine.objects.exists()


def test_a_purchase_price_beyond_all_bounds_is_none_that_is_known() -> None:
    flow = FlowFactory()
    keep(flow, lamp(purchase="1000000000000.00"), lamp(purchase="-1E+30"), lamp())
    totals = margins.add_up(flow, *MARCH)
    assert (totals.unknown, totals.purchase) == (2, Decimal("30.00"))


def test_records_without_margin_goods_leave_the_table_alone() -> None:
    record = SyncRecordFactory(lease_owner="me")
    claiming.mark_synced(record, Plan(record.source_id))
    with CaptureQueriesContext(connection) as asked:
        give_back(record)
    assert not any("marginline" in query["sql"] for query in asked)


def test_margin_goods_of_the_shop_are_listed(plant: Plant) -> None:
    source_id = sell(plant, lines=[{**LINE, "article": 9091, "price": 4500}])
    plant.run()
    assert record_of(source_id).state == "synced"
    totals = margins.add_up(plant.flow, date(2026, 10, 1), date(2026, 10, 31))
    assert (totals.lines, totals.sale) == (1, Decimal("45.00"))


# --------------------------------------------------------------------------- the page


@pytest.fixture
def page(client: Client) -> Callable[..., Any]:
    """Opens the page of a flow, for somebody who may see its records."""
    client.force_login(StaffFactory(may=["flows.view_syncrecord"]))

    def show(flow: Flow, **query: str) -> Any:
        url = reverse("admin:flows_margins", args=(flow.pk,))
        return client.get(url, {"start": "2026-03-01", "end": "2026-03-31", **query})

    return show


def test_the_page_shows_lines_and_sums(page: Callable[..., Any]) -> None:
    flow = FlowFactory()
    keep(flow, lamp(text="<b>Lamp"), lamp("10.00", None))
    text = page(flow).content.decode()
    assert "&lt;b&gt;Lamp" in text
    assert "55.00" in text
    assert "15.00" in text
    assert "purchase price of 1 line" in text


def test_the_page_begins_with_the_last_quarter(page: Callable[..., Any]) -> None:
    shown = page(FlowFactory(), start="", end="")
    assert shown.status_code == 200
    assert shown.context["totals"].lines == 0


def test_the_file_has_every_line(page: Callable[..., Any]) -> None:
    flow = FlowFactory()
    keep(flow, lamp(), lamp("10.00", None, text="=SUM(A1)"), number="1-2-2026-3")
    answer = page(flow, csv="1")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = b"".join(answer.streaming_content).decode().splitlines()
    assert rows[1:] == [
        "2026-03-09,1-2-2026-3,7,Lamp,1.000,45.00,30.00,15.00",
        "2026-03-09,1-2-2026-3,7,'=SUM(A1),1.000,10.00,,",
    ]


def test_who_may_not_see_records_may_not_see_it(client: Client) -> None:
    client.force_login(StaffFactory())
    flow = FlowFactory()
    url = reverse("admin:flows_margins", args=(flow.pk,))
    assert client.get(url).status_code == 403
