"""Whose a document is: the mark that an integration leaves in all that it writes."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import Any

import pytest

from connectors.models import Connection
from connectors.plain import from_json
from connectors.services import open_connection
from flows import links
from flows.engine import contents
from flows.engine.bench import settings_of
from flows.models import Flow, Integration, Run, SyncRecord
from mapping.models import ValueMapSet
from tests.flows.shop import pass_time, sell
from tests.plant import Plant

DAY = date(2026, 10, 5)


def add_integration(source: Connection, target: Connection, **values: Any) -> Any:
    """A second integration, from this source."""
    maps = ValueMapSet.objects.create(name="Second")
    return Integration.objects.create(
        name="Second",
        source=source,
        target=target,
        value_maps=maps,
        start_date=DAY,
        **values,
    )


def add_till(like: Connection, **settings: Any) -> Connection:
    """Another connection to a till."""
    return Connection.objects.create(
        name="Second till",
        connector=like.connector,
        credentials={**like.credentials, "secret": "another"},
        settings={**like.settings, **settings},
    )


@pytest.mark.django_db
def test_the_mark_goes_into_the_plan(flow: Flow) -> None:
    integration = flow.integration
    target = open_connection(integration.target)
    assert integration.mark.startswith("hub-")
    assert settings_of(flow, target).hub == integration.mark


def test_a_till_that_is_set_up_again_has_the_same_mark(plant: Plant) -> None:
    first = plant.flow.integration
    again = add_integration(add_till(first.source), first.target)
    assert again.mark == first.mark
    assert first.source.credentials["ident"] not in first.mark


@pytest.mark.django_db
def test_a_mark_stays_when_the_till_moves(flow: Flow) -> None:
    integration = flow.integration
    mark = integration.mark
    integration.source.settings = {"base_url": "https://elsewhere.example"}
    integration.source.save()
    integration.save()
    assert Integration.objects.get().mark == mark


@pytest.mark.django_db
def test_a_person_may_enter_the_mark_of_old_documents(flow: Flow) -> None:
    first = flow.integration
    made = add_integration(first.source, first.target, mark="hub")
    assert made.mark == "hub"


def test_the_documents_of_another_till_are_not_adopted(plant: Plant) -> None:
    sell(plant)
    plant.run()
    first = plant.flow.integration
    till = add_till(first.source, base_url="http://127.0.0.1:1")
    other = add_integration(till, first.target)
    books = open_connection(first.target)
    assert [s.ref for s in books.survey(DAY, DAY, other.mark)] == [None]
    assert links.adopt(other, books.survey(DAY, DAY, other.mark)) == 0
    assert all(s.ref for s in books.survey(DAY, DAY, first.mark))


def test_a_number_of_another_installation_fails_the_receipt_once(plant: Plant) -> None:
    source_id = sell(plant)
    plant.run()
    posted = SyncRecord.objects.get(source_id=source_id)
    Integration.objects.update(mark="hub-of-others")
    plant.flow.refresh_from_db()
    run = Run.objects.create(flow=plant.flow, stage="delivering")
    new = SyncRecord(flow=plant.flow, run=run, source_id="another-id")
    order: Any = from_json(json.loads(posted.payload))
    contents.fill(new, dataclasses.replace(order, id="another-id"))
    new.save()
    writes = plant.books.writes()
    for _ in range(3):
        plant.work()
        pass_time()
    new.refresh_from_db()
    assert (new.state, new.reason) == ("failed", "Conflict")
    assert order.number.number in new.message
    assert plant.books.writes() == writes
