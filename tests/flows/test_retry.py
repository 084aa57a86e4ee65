"""Retry looks again at what a person may have mended in the target."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from flows import services
from flows.models import Link, RecordState, SyncRecord
from flows.tasks import read_again
from tests.plant import Plant, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plant() -> Iterator[Plant]:
    """A plant whose thirty receipts are posted."""
    call_command("createcachetable", verbosity=0)
    made = build(receipts=30)
    made.run()
    yield made
    made.stop()


def fail_one() -> tuple[SyncRecord, Link]:
    """A record with one document that failed after it was posted."""
    link = Link.objects.filter(entity="SalesReceipt", total__gt=0).earliest("pk")
    record = link.record
    assert record is not None
    record.state = RecordState.FAILED
    record.save()
    return record, link


def retry(plant: Plant, record: SyncRecord) -> SyncRecord:
    services.retry(SyncRecord.objects.filter(pk=record.pk))

    read_again(record.flow_id)
    plant.work()
    record.refresh_from_db()
    return record


def test_a_document_that_was_mended_there_is_recognised(plant: Plant) -> None:
    record, link = fail_one()
    Link.objects.filter(pk=link.pk).update(total=link.total + 1)
    writes = plant.books.writes()
    assert retry(plant, record).state == "synced"
    assert plant.books.writes() == writes
    link.refresh_from_db()
    assert link.total == record.expected_total


def test_a_document_that_was_removed_there_is_not_posted_again(plant: Plant) -> None:
    record, link = fail_one()
    plant.delete("SalesReceipt", link.target_id)
    writes = plant.books.writes()
    assert retry(plant, record).state == "failed"
    assert link.target_id in record.message
    assert "Skip" in record.action
    assert plant.books.writes() == writes
