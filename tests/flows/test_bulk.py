"""Writing many rows at once does what saving each of them does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from flows.bulk import update_rows
from flows.models import Flow, SyncRecord
from tests.factories import SyncRecordFactory
from tests.flows.memory import order

pytestmark = pytest.mark.django_db


@pytest.fixture
def records(flow: Flow) -> list[SyncRecord]:
    return [SyncRecordFactory(flow=flow, order=order(str(n))) for n in range(3)]


def test_every_kind_of_field_is_stored(records: list[SyncRecord]) -> None:
    later = timezone.now() + timedelta(hours=1)
    values = {
        "state": "waiting",
        "retry_at": later,
        "expected_total": Decimal("12.10"),
        "bridge": {"tips": "0.10"},
        "payload": '{"secret": "é"}',
        "readable": False,
        "run": None,
    }
    for name, value in values.items():
        setattr(records[0], name, value)
    update_rows(records[:1], list(values))
    stored = SyncRecord.objects.get(pk=records[0].pk)
    assert {name: getattr(stored, name) for name in values} == values


def test_each_row_gets_its_own_values(records: list[SyncRecord]) -> None:
    for number, record in enumerate(records):
        record.reason = f"reason {number}"
    update_rows(records, ("reason",))
    stored = SyncRecord.objects.order_by("pk").values_list("reason", flat=True)
    assert list(stored) == ["reason 0", "reason 1", "reason 2"]


def test_other_fields_are_left_as_they_are(records: list[SyncRecord]) -> None:
    SyncRecord.objects.update(number="changed meanwhile")
    records[0].reason = "new"
    update_rows(records, ("reason",))
    assert set(SyncRecord.objects.values_list("number", flat=True)) == {
        "changed meanwhile"
    }


def test_a_row_that_is_gone_is_not_made_again(records: list[SyncRecord]) -> None:
    SyncRecord.objects.filter(pk=records[0].pk).delete()
    update_rows(records, ("reason",))
    assert SyncRecord.objects.count() == 2


def test_nothing_is_asked_for_no_rows() -> None:
    with CaptureQueriesContext(connection) as queries:
        update_rows([], ("reason",))
    assert len(queries) == 0
