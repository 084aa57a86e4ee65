"""Exported, imported into an empty hub, run: the books get the same documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command

from connectors.models import Connection
from connectors.quickbooks.sandbox import app as books_app
from connectors.sandbox.server import start
from flows import setup
from flows.models import Flow, Integration, SyncRecord
from flows.portability import carrying, planning
from flows.portability.exporting import export
from integration_hub.demo.shop import connect_books, connect_till
from mapping.map_services import set_entries
from mapping.models import Version
from tests.flows.bookkeeper import documents
from tests.plant import Plant, Sandbox, build

pytestmark = pytest.mark.django_db(transaction=True)

ENTITIES = (
    "SalesReceipt",
    "RefundReceipt",
    "Invoice",
    "Payment",
    "CreditMemo",
    "JournalEntry",
    "Customer",
    "Item",
)


@pytest.fixture
def first(transactional_db: None) -> Iterator[Plant]:
    """A shop that sold of everything, with some rules of its own."""
    call_command("createcachetable", verbosity=0)
    cache.clear()
    plant = build(receipts=60)
    mapping = plant.flow.mapping
    mapping.rules.filter(field="description").update(
        expression='upper(line.text) & "\n"\n& "NO"'
    )
    mapping.filters.create(expression="order.total_incl = 12.34", reason="not that")
    plant.flow.settings = {"lines_by": "turnover_group"}
    plant.flow.save()
    branches = plant.flow.integration.value_maps.value_maps.get(name="branches")
    place = branches.entries.get(keys=["1"]).values
    set_entries(branches, [(("012",), place), (("NO",), place)])
    yield plant
    plant.stop()


def move(plant: Plant) -> Plant:
    """The same till and an empty company in a hub that knows nothing but the file."""
    file = export(plant.flow.integration)
    for connection in Connection.objects.all():
        for kept in (connection.credentials, connection.tokens):
            told = [v for v in kept.values() if isinstance(v, str) and v in file]
            # Both sandboxes' secrets are the word "sandbox", as is the environment.
            assert set(told) <= {"sandbox"}
    till_url = plant.till.url
    call_command("flush", interactive=False, verbosity=0)
    cache.clear()
    till = connect_till(till_url)
    till.settings = {**till.settings, "limits": "off"}
    till.save(update_fields=["settings"])
    company = Sandbox(start(books_app.build({})))
    connect_books(company.url, {"limits": "off"})
    assert not Integration.objects.exists()
    carrying.carry_out(planning.prepare(file.encode()))
    assert export(Integration.objects.get()) == file
    return Plant(plant.till, company, Flow.objects.get())


def books(plant: Plant) -> dict[str, list[dict[str, Any]]]:
    """All that the hub wrote, without when it did."""
    found = {entity: documents(plant, entity) for entity in ENTITIES}
    for entries in found.values():
        for entry in entries:
            entry.pop("MetaData", None)
    return found


def states() -> dict[str, tuple[str, str]]:
    rows = SyncRecord.objects.values_list("source_id", "state", "reason")
    return {source_id: (state, reason) for source_id, state, reason in rows}


def test_the_same_documents_reach_the_books(first: Plant) -> None:
    first.run()
    right, were = books(first), states()
    assert sum(len(right[entity]) for entity in ENTITIES[:6]) > 50
    kept = json.dumps(list(Version.objects.values_list("document", flat=True)))
    sold_to = [each["DisplayName"] for each in right["Customer"]]
    assert [name for name in sold_to if name in kept] == []
    second = move(first)
    try:
        assert [line for line in setup.check_set_up(second.flow) if not line.ok] == []
        second.run()
        assert books(second) == right
        assert states() == were
    finally:
        second.books.running.stop()
