"""Customers and items: looked for once per run, and written before documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.writes import Ref
from flows import services
from flows.engine import ticking
from flows.models import Flow, Link, Run, SyncRecord
from integration_hub.core.errors import OutcomeUnknown, Rejected, Unavailable
from tests.flows.memory import Ledger, order, sale
from tests.flows.shop import pass_time, work_queue

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
CUSTOMER = Ref("customer", "7", "customer")


def test_what_others_may_wait_for_goes_first(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [*(order(str(n)) for n in range(1, 5)), order("5", customer="7")]
    work()
    first = [CUSTOMER, sale("1"), sale("2"), sale("3")]
    assert ledger.sent() == [first, [sale("4"), sale("5")]]


def test_a_later_task_of_a_run_does_not_search_again(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.script = [Unavailable("Closed for lunch.")]
    run = work()
    pass_time()
    services.work_here(run)
    assert ledger.finds == [[CUSTOMER]]
    assert CUSTOMER in ledger.objects


def test_a_later_run_searches_again(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.script = [Unavailable("Closed for lunch.")]
    Run.objects.filter(pk=work().pk).update(stage="finished")
    pass_time()
    services.work_here(ticking.wake_flow(flow))
    assert ledger.finds == [[CUSTOMER], [CUSTOMER]]


def test_a_search_that_failed_is_made_again(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.find_troubles = [Unavailable("Closed for lunch.")]
    run = work()
    pass_time()
    services.work_here(run)
    assert CUSTOMER in ledger.objects


def test_a_search_that_failed_leaves_no_record_leased(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7"), order("2", reference="waits")]
    ledger.find_troubles = [Unavailable("Closed for lunch.")]
    work()
    assert not SyncRecord.objects.exclude(lease_owner="").exists()


def test_what_cannot_be_searched_for_is_not_sent(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7"), order("2")]
    ledger.unsearchable = {CUSTOMER: Rejected("That name cannot be asked for.")}
    work()
    assert ledger.sent() == [[sale("2")]]
    failed = SyncRecord.objects.get(source_id="id-1")
    assert (failed.state, failed.message) == (
        "failed",
        "That name cannot be asked for.",
    )
    assert not Link.objects.get(key="7").use_fallback


def test_what_could_not_be_searched_for_is_adopted_once_it_can(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    ledger.put(CUSTOMER, "Customer", "0")
    ledger.unsearchable = {CUSTOMER: Rejected("That name cannot be asked for.")}
    work()
    ledger.unsearchable = {}
    services.retry(SyncRecord.objects.all())
    work_queue()
    work()
    assert ledger.sent() == [[sale("1")]]
    assert ledger.doubles == []


def test_what_is_in_doubt_and_cannot_be_searched_for_is_not_sent_again(
    work: Work, ledger: Ledger, shelf: list, settings
) -> None:
    settings.QUIET_SECONDS = 60
    shelf += [order("1", customer="7")]
    ledger.after = [OutcomeUnknown("No answer.")]
    work()
    ledger.unsearchable = {CUSTOMER: Rejected("That name cannot be asked for.")}
    for _ in range(2):
        pass_time()
        ticking.tick()
        work_queue()
    assert ledger.sent() == [[CUSTOMER]]
    failed = SyncRecord.objects.get()
    assert (failed.state, failed.message) == (
        "failed",
        "That name cannot be asked for.",
    )
