"""Customers and items that somebody merged, deleted or replaced in the target."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.writes import Ref
from flows import services
from flows.models import Link, Run, SyncRecord
from integration_hub.core.errors import Rejected
from tests.flows.memory import Ledger, order, sale
from tests.flows.shop import work_queue

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
CUSTOMER = Ref("customer", "7", "customer")


@pytest.fixture
def failed(work: Work, ledger: Ledger, shelf: list) -> SyncRecord:
    """A receipt of a known customer, refused because that customer is gone."""
    shelf += [order("1", customer="7")]
    work()
    shelf += [order("2", customer="7")]
    ledger.refused[sale("2")] = Rejected("Customer T1 is not there.", code="2500")
    work()
    ledger.refused.clear()
    del ledger.objects[CUSTOMER]
    return SyncRecord.objects.get(state="failed")


def retry() -> str:
    services.retry(SyncRecord.objects.filter(state="failed"))
    work_queue()
    return SyncRecord.objects.get(source_id="id-2").state


def linked() -> str:
    return Link.objects.get(kind="customer").target_id


@pytest.mark.usefixtures("failed")
def test_one_that_was_replaced_is_found_on_retry(ledger: Ledger) -> None:
    there = ledger.put(CUSTOMER, "Customer")
    assert retry() == "synced"
    assert linked() == there.id
    assert ledger.calls[-1].members[0].body["Needs"] == [there.id]


@pytest.mark.usefixtures("failed")
def test_one_that_is_gone_is_made_anew_on_retry(ledger: Ledger) -> None:
    gone = linked()
    assert retry() == "synced"
    assert linked() == ledger.objects[CUSTOMER][1].id != gone
    assert ledger.sent()[-2:] == [[CUSTOMER], [sale("2")]]


@pytest.mark.usefixtures("failed")
def test_one_whose_name_another_has_now_gets_its_second_name(ledger: Ledger) -> None:
    ledger.taken.add("C7")
    assert retry() == "synced"
    assert ledger.calls[-2].members[0].body["Name"] == "C7 (7)"


@pytest.mark.usefixtures("failed")
def test_it_is_looked_for_once_per_run(ledger: Ledger, shelf: list) -> None:
    ledger.put(CUSTOMER, "Customer")
    finds = len(ledger.finds)
    retry()
    assert ledger.finds[finds:] == [[CUSTOMER]]


def test_nothing_is_asked_for_what_was_not_refused(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", customer="7")]
    work()
    finds = len(ledger.finds)
    shelf += [order("2", customer="7")]
    work()
    assert len(ledger.finds) == finds
