"""Customers and items: looked for once per run, and written before documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.contract import Ref
from flows import services
from flows.engine import ticking
from flows.models import Flow, Run
from integration_hub.core.errors import Unavailable
from tests.flows.memory import Ledger, order, sale
from tests.flows.shop import pass_time

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
