"""Rows are locked in the order of their keys, so that no two workers wait in a ring."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.utils import timezone

from connectors.models import Connection
from flows import links, services
from flows.engine import doubt, finishing, rereading, ticking
from flows.models import Envelope, Flow, Link, SyncRecord
from tests.factories import (
    AttemptFactory,
    EnvelopeFactory,
    LinkFactory,
    RunFactory,
    SyncRecordFactory,
)
from tests.flows.memory import order

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="SQLite locks no rows"
    ),
]
PAST = timezone.now() - timedelta(hours=1)


@pytest.fixture
def records(flow: Flow) -> list[SyncRecord]:
    """Two records, of which the first lies behind the second."""
    made = [SyncRecordFactory(flow=flow, order=order(str(n))) for n in (1, 2)]
    made[0].save()
    return made


@pytest.fixture
def envelope(records: list[SyncRecord]) -> Envelope:
    """An envelope with a link of each record, of which the first lies behind."""
    row = EnvelopeFactory(integration=records[0].flow.integration)
    made = [LinkFactory(record=record, envelope=row) for record in records]
    made[0].save()
    return row


def is_waited_for() -> bool:
    """Whether somebody waits for a row that this transaction has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted "
            "AND transactionid = pg_current_xact_id()::xid"
        )
        return bool(cursor.fetchone()[0])


def do_beside(model: type[models.Model], verb: Callable[[], object]) -> None:
    """Do something while another worker locks the first and then the second row."""
    troubles: list[Exception] = []

    def work() -> None:
        try:
            verb()
        except Exception as trouble:  # noqa: BLE001 - told below
            troubles.append(trouble)
        finally:
            connection.close()

    rows = model._default_manager.select_for_update()
    first, second = model._default_manager.order_by("pk").values_list("pk", flat=True)
    thread = threading.Thread(target=work)
    with transaction.atomic():
        rows.get(pk=first)
        thread.start()
        while thread.is_alive() and not is_waited_for():
            pass
        rows.get(pk=second)
    thread.join()
    assert troubles == []


def test_ends_are_not_locked_together(flow: Flow) -> None:
    """Two systems may be kept in step in both directions."""
    integration = flow.integration
    ends = sorted((integration.source, integration.target), key=lambda end: end.pk)
    integration.target, integration.source = ends
    integration.save()
    run = RunFactory(flow=flow, stage="delivering")
    envelope = EnvelopeFactory(run=run, integration=integration)
    AttemptFactory(envelope=envelope, result="answered")
    do_beside(Connection, lambda: finishing.close(run))


LINK_VERBS: dict[str, Callable[[Envelope], Any]] = {
    "doubt": lambda envelope: links.doubt(envelope, "no answer"),
    "release": lambda envelope: links.release(envelope, "refused"),
    "note_search": lambda envelope: links.note_search(Link.objects.all(), 1),
    "mark_stale": lambda envelope: links.mark_stale(SyncRecord.objects.all()),
}


@pytest.mark.parametrize("verb", LINK_VERBS)
def test_links_are_locked_in_their_order(envelope: Envelope, verb: str) -> None:
    state = "linked" if verb == "mark_stale" else "sending"
    for link in Link.objects.order_by("-pk"):
        Link.objects.filter(pk=link.pk).update(state=state)
    do_beside(Link, lambda: LINK_VERBS[verb](envelope))


RECORD_VERBS: dict[str, tuple[dict[str, Any], Callable[[SyncRecord], Any]]] = {
    "wake": (
        {"state": "in_doubt"},
        lambda record: doubt.wake_doubtful(record.flow.integration_id),
    ),
    "reap": (
        {"lease_owner": "x", "lease_until": PAST},
        lambda record: ticking.reap_records(),
    ),
    "retry": (
        {"state": "failed"},
        lambda record: services.retry(SyncRecord.objects.all()),
    ),
    "skip": (
        {"state": "failed"},
        lambda record: services.skip(SyncRecord.objects.all(), by="boss"),
    ),
    "mark": (
        {"state": "failed"},
        lambda record: rereading.mark(SyncRecord.objects.all()),
    ),
}


@pytest.mark.parametrize("verb", RECORD_VERBS)
def test_records_are_locked_in_their_order(
    records: list[SyncRecord], verb: str
) -> None:
    values, act = RECORD_VERBS[verb]
    for record in reversed(records):
        SyncRecord.objects.filter(pk=record.pk).update(**values)
    do_beside(SyncRecord, lambda: act(records[0]))
