"""The dashboard: is everything working, and what has a person to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from flows import overview
from flows.models import WorkerStamp
from tests.factories import (
    AlertFactory,
    ConnectionFactory,
    FlowFactory,
    RunFactory,
    SyncRecordFactory,
)

HOME = "admin:index"
ALL = ("flows.view_flow", "flows.view_alert", "connectors.view_connection")


def home(client: Client) -> Any:
    cache.clear()
    return client.get(reverse(HOME))


def test_an_empty_hub_says_how_to_begin(boss: Client) -> None:
    assert "Nothing is set up yet" in home(boss).content.decode()


def test_connections_with_their_health(boss: Client) -> None:
    ConnectionFactory(name="Till", who="Centrum", last_ok_at=timezone.now())
    ConnectionFactory(name="Books", status="problem", problem="Wrong secret.")
    text = home(boss).content.decode()
    assert "Test till" in text
    assert "Centrum" in text
    assert "Wrong secret." in text


def test_flows_with_last_run_and_last_week(boss: Client) -> None:
    run = RunFactory(stage="broken")
    for day, state in ((9, "synced"), (9, "failed"), (3, "synced"), (1, "synced")):
        SyncRecordFactory(flow=run.flow, date=date(2026, 3, day), state=state)
    [row] = home(boss).context["flows"]
    assert row["counts"] == {"synced": 2, "failed": 1}
    assert row["flow"].last_run_id == run.pk


def test_the_chart_has_a_bar_for_each_business_day(boss: Client) -> None:
    flow = FlowFactory()
    SyncRecordFactory.create_batch(2, flow=flow, date=date(2026, 3, 9))
    SyncRecordFactory(flow=flow, date=date(2026, 3, 8), state="failed")
    SyncRecordFactory(flow=flow, date=None)
    chart = json.loads(home(boss).context["chart"])
    assert chart["labels"][-2:] == ["8 Mar", "9 Mar"]
    assert {d["label"]: d["data"][-2:] for d in chart["datasets"]} == {
        "Synced": [0, 2],
        "Failed": [1, 0],
    }


def test_open_alerts_with_what_can_be_done(boss: Client) -> None:
    AlertFactory(records=3)
    AlertFactory(records=1, message="Gone.", resolved_at=timezone.now())
    text = home(boss).content.decode()
    assert "3 records" in text
    assert "Retry all of these" in text
    assert "Gone." not in text


@pytest.mark.parametrize(("more", "said"), [(1, "1 more<"), (4, "4 more<")])
def test_alerts_without_room_are_counted_with_the_way_to_them(
    boss: Client, more: int, said: str
) -> None:
    AlertFactory.create_batch(8 + more)
    AlertFactory(resolved_at=timezone.now())
    text = home(boss).content.decode()
    assert said in text
    assert f"{reverse('admin:flows_alert_changelist')}?open=1" in text


def test_where_all_alerts_are_shown_there_are_no_more(boss: Client) -> None:
    AlertFactory.create_batch(8)
    assert home(boss).context["more_alerts"] == 0


def test_a_hub_without_workers_says_so(boss: Client) -> None:
    async_task("flows.tasks.tick")
    page = home(boss)
    assert "No worker is at work" in page.content.decode()
    assert page.context["queue"].waiting == 1


def test_a_hub_with_a_worker_says_nothing(boss: Client) -> None:
    WorkerStamp.objects.create(cluster="a", process="1", started_at=timezone.now())
    assert "No worker is at work" not in home(boss).content.decode()


@pytest.mark.parametrize(("minutes", "is_alive"), [(1, True), (30, False)])
def test_a_worker_that_was_long_silent_is_none(minutes: int, is_alive: bool) -> None:
    silent_since = timezone.now() - timedelta(minutes=minutes)
    WorkerStamp.objects.create(cluster="a", process="1", started_at=silent_since)
    assert overview.check_queue().is_alive is is_alive


def test_who_may_see_nothing_sees_nothing(person: Callable[..., Client]) -> None:
    ConnectionFactory(name="Secret till")
    AlertFactory(message="Secret alert.")
    text = home(person()).content.decode()
    assert "Secret" not in text
    assert "Workers" not in text


def test_who_may_look_gets_no_buttons(person: Callable[..., Client]) -> None:
    AlertFactory()
    text = home(person(*ALL)).content.decode()
    assert "The books refuse account 12." in text
    assert "/press/" not in text


def test_days_are_counted_once_for_everybody(
    boss: Client, django_assert_num_queries: Any
) -> None:
    SyncRecordFactory(date=date(2026, 3, 9))
    assert overview.count_days(14) == overview.count_days(14)
    with django_assert_num_queries(1):
        overview.count_days(14)


def test_the_dashboard_asks_as_much_for_many_as_for_few(
    boss: Client, django_assert_num_queries: Any
) -> None:
    for run in RunFactory.create_batch(6):
        AlertFactory(flow=run.flow)
        SyncRecordFactory(flow=run.flow)
    boss.get(reverse(HOME))
    with django_assert_num_queries(10):
        boss.get(reverse(HOME))
