"""What a deliver task has at hand, and what it forgets."""

from __future__ import annotations

import pytest

from connectors.writes import Mapped, Plan, Ref, Write
from flows import links
from flows.engine import preparing
from flows.engine.bench import Bench, Work, open_bench
from flows.models import Flow, Link
from tests.factories import LinkFactory, RunFactory, SyncRecordFactory
from tests.flows.memory import order

pytestmark = pytest.mark.django_db
SALE = Ref("order", "id-1", "sale")
ITEM = Ref("product", "id-1", "item")


def link(flow: Flow, ref: Ref) -> Link:
    return LinkFactory(
        integration=flow.integration,
        kind=ref.kind,
        key=ref.key,
        role=ref.role,
        state="linked",
    )


@pytest.fixture
def bench(flow: Flow) -> Bench:
    bench = open_bench(RunFactory(flow=flow))
    bench.remember({ref: link(flow, ref) for ref in (SALE, ITEM)})
    return bench


def work(flow: Flow, number: str) -> Work:
    """A record on the bench."""
    record = SyncRecordFactory(flow=flow, order=order(number))
    mapped = Mapped(order(number), {}, (), (), (), {})
    return Work(record, mapped, Plan(record.source_id))


def test_what_is_known_of_a_record_goes_with_it(flow: Flow, bench: Bench) -> None:
    bench.drop([work(flow, "1")])
    assert SALE not in bench.known
    assert SALE not in bench.links


def test_customers_and_items_are_kept(flow: Flow, bench: Bench) -> None:
    bench.drop([work(flow, "1")])
    assert ITEM in bench.known


def test_what_is_known_of_other_records_is_kept(flow: Flow, bench: Bench) -> None:
    bench.drop([work(flow, "2")])
    assert SALE in bench.known


@pytest.mark.parametrize("change", [{"state": "planned"}, {"is_stale": True}])
def test_what_has_changed_since_is_not_known_any_more(
    flow: Flow, bench: Bench, change: dict
) -> None:
    Link.objects.filter(kind="order").update(**change)
    bench.remember(links.load(flow.integration_id, {SALE, ITEM}))
    assert set(bench.known) == {ITEM}


def test_a_record_that_needs_nothing_leaves_nothing(flow: Flow, bench: Bench) -> None:
    record = SyncRecordFactory(flow=flow, order=order("1"), state="pending")
    assert preparing.take_up(bench, [record]) == [record]
    assert record.state == "synced"
    assert set(bench.links) == set(bench.known) == {ITEM}


def test_what_is_missing_follows_what_is_known(flow: Flow, bench: Bench) -> None:
    one, other = work(flow, "1"), work(flow, "2")
    bench.assign(one, Plan("id-1", writes=(write(SALE), write(ITEM))))
    bench.assign(other, Plan("id-1", writes=(write(ITEM),)))
    assert bench.missing(one) == bench.missing(other) == []
    Link.objects.filter(kind="product").update(state="planned")
    bench.remember(links.load(flow.integration_id, {ITEM}))
    assert bench.missing(one) == bench.missing(other) == [write(ITEM)]
    Link.objects.filter(kind="product").update(state="linked")
    bench.remember(links.load(flow.integration_id, {ITEM}))
    assert bench.missing(one) == bench.missing(other) == []


def test_what_is_missing_follows_the_plan(flow: Flow, bench: Bench) -> None:
    one = work(flow, "1")
    assert bench.missing(one) == []
    later = Ref("order", "id-1", "correction:1")
    bench.assign(one, Plan("id-1", writes=(write(SALE), write(later))))
    assert bench.missing(one) == [write(later)]


def test_what_is_forgotten_is_missing_again(flow: Flow, bench: Bench) -> None:
    one = work(flow, "1")
    bench.assign(one, Plan("id-1", writes=(write(SALE), write(ITEM))))
    assert bench.missing(one) == []
    bench.forget([one.record])
    assert bench.missing(one) == [write(SALE)]


def write(ref: Ref) -> Write:
    return Write(ref.kind, ref.key, ref.role, entity="Thing", body={})
