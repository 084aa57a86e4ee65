"""From leased records to writes: mapping, surveys, what a person mended in the target."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from connectors.datamodel import Customer
from connectors.writes import Known, Ref
from flows import services
from flows.models import Flow, Link, Run, Survey, SyncRecord
from integration_hub.core.errors import Rejected, Unavailable
from tests.flows.memory import Ledger, order, sale
from tests.flows.shop import work_queue

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
CORRECTION = Ref("order", "id-1", "correction:1")


def record() -> SyncRecord:
    return SyncRecord.objects.get()


def retry() -> SyncRecord:
    """The record fails for something else, and a person chooses Retry."""
    SyncRecord.objects.update(state="failed")
    services.retry(SyncRecord.objects.all())
    work_queue()
    return record()


def test_a_record_of_another_kind_fails(work: Work, shelf: list) -> None:
    shelf.append(Customer("7", is_company=False, name="C7"))
    work()
    assert record().state == "failed"
    assert "not an order" in record().message
    assert record().action


def test_a_record_may_wait_for_its_source(work: Work, shelf: list) -> None:
    shelf += [order("1", reference="waits")]
    assert work().stage == "finished"
    assert (record().state, record().reason) == ("waiting", "not final")
    assert record().retry_at is None


# ------------------------------------------------------------------------- surveys


def test_a_day_is_surveyed_once_per_run(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order(str(n)) for n in range(9)]
    work()
    assert len(ledger.days) == 1
    shelf += [order("9")]
    work()
    assert len(ledger.days) == 2
    assert Survey.objects.count() == 2


def test_what_a_survey_finds_of_ours_is_not_written_again(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1", reference="pay"), order("2")]
    ledger.put(sale("1"), "Sale", "12.10")
    work()
    assert ledger.doubles == []
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}
    link = Link.objects.get(key="id-1", role="sale")
    assert link.record == SyncRecord.objects.get(source_id="id-1")


def test_a_survey_of_another_worker_is_trusted(
    work: Work, flow: Flow, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    run = services.run_flow(flow).run
    foreign = [["Sale", "Sid-1", "F1"]]
    Survey.objects.create(run=run, day=order("1").date, foreign=foreign)
    services.work_here(run)
    assert ledger.days == []
    assert record().state == "failed"
    assert "Sid-1" in record().message


# ------------------------------------------------- documents that a person may mend


def test_a_document_that_is_there_is_not_written_again(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    work()
    assert retry().state == "synced"
    assert len(ledger.calls) == 1


def test_a_document_that_somebody_removed_is_not_written_again(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    work()
    del ledger.objects[sale("1")]
    assert retry().reason == "NotFound"
    assert "not in" in record().message
    assert len(ledger.calls) == 1


def test_a_document_that_cannot_be_asked_for_fails_with_that(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    work()
    ledger.unsearchable[sale("1")] = Rejected("That number cannot be searched for.")
    assert retry().message == "That number cannot be searched for."


def test_a_document_waits_that_cannot_be_asked_for_now(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    work()
    ledger.find_troubles = [Unavailable("Closed for lunch.")]
    again = retry()
    assert (again.state, again.lease_owner) == ("waiting", "")


def test_a_correction_that_is_still_there_is_enough(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.off[sale("1")] = Decimal("-0.01")
    work()
    # The target gives the document as it is after the correction.
    there = Known(Link.objects.get(role="sale").target_id, total=Decimal("12.10"))
    ledger.objects[sale("1")] = ("Sale", there)
    assert retry().state == "synced"
    assert len(ledger.calls) == 2


def test_a_correction_that_somebody_undid_is_made_again(
    work: Work, ledger: Ledger, shelf: list
) -> None:
    shelf += [order("1")]
    ledger.off[sale("1")] = Decimal("-0.01")
    work()
    del ledger.objects[CORRECTION]
    assert retry().state == "synced"
    assert ledger.sent()[2:] == [[CORRECTION]]
