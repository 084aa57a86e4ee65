"""Leases on records: who works on what, in which order, and who alone."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from flows.engine import claiming
from flows.models import Flow, Run, SyncRecord
from tests.factories import RunFactory, SyncRecordFactory
from tests.flows.memory import order

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(flow: Flow) -> Run:
    return RunFactory(flow=flow, stage="delivering")


def stock(flow: Flow, number: str, **values) -> SyncRecord:  # type: ignore[no-untyped-def]
    """A stored record."""
    values = {"state": "pending", "order": order(number), **values}
    return SyncRecordFactory(flow=flow, **values)


def ids(records) -> list[str]:  # type: ignore[no-untyped-def]
    return [record.source_id for record in records]


def test_the_oldest_business_dates_come_first(flow: Flow, run: Run) -> None:
    for number, day in (("1", 3), ("2", 1), ("3", 2)):
        stock(flow, number, date=date(2026, 3, day))
    assert ids(claiming.claim(run, "me", 2)) == ["id-2", "id-3"]


def test_what_is_claimed_belongs_to_the_run(flow: Flow, run: Run) -> None:
    stock(flow, "1")
    (record,) = claiming.claim(run, "me", 5)
    assert (record.run_id, record.lease_owner) == (run.pk, "me")
    assert record.lease_until > timezone.now()


def test_what_somebody_has_is_not_claimed(flow: Flow, run: Run) -> None:
    stock(flow, "1", lease_owner="another", lease_until=timezone.now())
    stock(flow, "2")
    assert ids(claiming.claim(run, "me", 5)) == ["id-2"]


def test_a_lease_that_ran_out_is_left_to_the_tick(flow: Flow, run: Run) -> None:
    # It counts the loss, so that a record that kills its worker is claimed alone.
    past = timezone.now() - timedelta(hours=1)
    stock(flow, "1", lease_owner="another", lease_until=past)
    assert claiming.claim(run, "me", 5) == []


@pytest.mark.parametrize(
    ("state", "minutes", "is_due"),
    [
        ("waiting", -1, True),
        ("waiting", 1, False),
        ("waiting", None, False),
        ("in_doubt", -1, True),
        ("in_doubt", 1, False),
        ("failed", -1, False),
        ("skipped", -1, False),
        ("synced", -1, False),
    ],
)
def test_what_is_due(
    flow: Flow, run: Run, state: str, minutes: int | None, is_due: bool
) -> None:
    at = minutes and timezone.now() + timedelta(minutes=minutes)
    stock(flow, "1", state=state, retry_at=at)
    assert bool(claiming.claim(run, "me", 5)) is is_due


def test_what_cannot_be_read_is_not_due(flow: Flow, run: Run) -> None:
    stock(flow, "1", readable=False)
    assert claiming.claim(run, "me", 5) == []


def test_another_flows_records_are_not_due(run: Run) -> None:
    SyncRecordFactory(state="pending")
    assert claiming.claim(run, "me", 5) == []


def test_one_that_was_lost_before_comes_last_and_alone(flow: Flow, run: Run) -> None:
    stock(flow, "1", lost_leases=1)
    stock(flow, "2", lost_leases=1)
    stock(flow, "3")
    assert ids(claiming.claim(run, "me", 5)) == ["id-3"]
    assert claiming.claim(run, "me", 5, may_be_risky=False) == []
    assert ids(claiming.claim(run, "me", 5)) == ["id-1"]


def test_renewing_tells_what_is_still_ours(flow: Flow, run: Run) -> None:
    stock(flow, "1")
    stock(flow, "2")
    records = claiming.claim(run, "me", 5)
    SyncRecord.objects.filter(pk=records[0].pk).update(lease_owner="another")
    SyncRecord.objects.update(lease_until=timezone.now())
    assert claiming.renew(records, "me") == {records[1].pk}
    records[1].refresh_from_db()
    assert records[1].lease_until > timezone.now()


def test_giving_nothing_back_asks_nothing(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        claiming.give_back([], "me")


def test_giving_back_ends_the_lease(flow: Flow, run: Run) -> None:
    stock(flow, "1")
    records = claiming.claim(run, "me", 5)
    claiming.mark_skipped(records[0], "zero sale")
    with transaction.atomic():
        claiming.give_back(records, "me")
    there = SyncRecord.objects.get()
    assert (there.state, there.reason, there.lease_owner) == (
        "skipped",
        "zero sale",
        "",
    )


def test_waiting_grows_with_the_tries(settings) -> None:  # type: ignore[no-untyped-def]
    settings.RETRY_SECONDS = [10.0, 100.0]
    now = timezone.now()
    for tries, least in ((0, 10), (1, 100), (7, 100)):
        wait = (claiming.retry_time(tries) - now).total_seconds()
        assert least <= wait < least * 1.25 + 1


def test_waiting_is_at_least_what_the_system_asks_for() -> None:
    wait = claiming.retry_time(0, at_least=9000) - timezone.now()
    assert wait.total_seconds() >= 8999


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same(flow: Flow, run: Run) -> None:
    for number in range(20):
        stock(flow, str(number))
    got: dict[str, list[str]] = {}

    def claim(owner: str) -> None:
        got[owner] = []
        while records := claiming.claim(run, owner, 3):
            got[owner] += ids(records)
        connection.close()

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    both = got["a"] + got["b"]
    assert sorted(both) == sorted({f"id-{n}" for n in range(20)})


@pytest.mark.parametrize(
    ("waiting", "share"),
    [(0, 2), (3, 2), (9, 3), (50, 5)],
)
def test_workers_share_what_waits(
    flow: Flow, run: Run, waiting: int, share: int
) -> None:
    for number in range(waiting):
        stock(flow, str(number))
    assert claiming.fair_share(run, workers=3, least=2, most=5) == share
