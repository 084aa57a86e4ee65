"""One clear message per cause, nothing else disturbed, and one Retry finishes the job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.models import Connection
from connectors.services import open_connection
from flows import services
from flows.models import Alert, Run, SyncRecord
from integration_hub.demo.shop import sign_in
from mapping.map_services import set_entry
from mapping.models import ValueMap
from tests.flows.shop import (
    BATCH,
    only_alert,
    open_alerts,
    ring_up,
    sell,
    wait_and_work,
    work_queue,
)
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "http://127.0.0.1:9"


def change(connection: Connection, **values: dict[str, Any]) -> None:
    """A person edits a connection."""
    for name, entries in values.items():
        setattr(connection, name, {**getattr(connection, name), **entries})
    connection.save()


def choice(plant: Plant, listing: str, name: str) -> str:
    """The id of what the company calls ``name``."""
    books = open_connection(plant.flow.integration.target)
    return next(c.id for c in books.choices(listing) if c.name == name)


def assert_told(*words: str, records: int | None = None) -> Alert:
    """There is one message; it says these words and what to do."""
    alert = only_alert()
    for word in words:
        assert word in alert.message, alert.message
    assert len(alert.action) > 10
    if records is not None:
        assert alert.records == records
    return alert


def assert_done(plant: Plant) -> None:
    """Everything is in the books, and nobody is told anything any more."""
    assert set(plant.states()) == {"synced"}
    assert open_alerts() == []
    assert plant.judge().problems == ()


def retry(plant: Plant) -> None:
    """A person chooses Retry on all that failed; the workers work."""
    assert services.retry(SyncRecord.objects.filter(state="failed")) > 0
    work_queue()


# ------------------------------------------------------------------ stops the whole run


def test_a_wrong_secret_of_the_till(plant: Plant) -> None:
    ring_up(plant)
    change(plant.flow.integration.source, credentials={"secret": "wrong-secret"})
    assert (plant.run().stage, plant.run().stage) == ("stopped", "stopped")
    alert = assert_told("Till")
    assert "secret" in alert.action
    assert "wrong-secret" not in alert.message + Run.objects.latest("pk").traceback
    change(plant.flow.integration.source, credentials={"secret": "sandbox"})
    plant.run()
    assert_done(plant)


def test_a_wrong_secret_of_the_books(plant: Plant) -> None:
    ring_up(plant)
    change(plant.flow.integration.target, credentials={"client_secret": "wrong"})
    plant.books.do("expire_access_tokens")
    assert plant.run().stage == "stopped"
    assert_told("Books")
    assert set(plant.states()) == {"pending"}
    change(plant.flow.integration.target, credentials={"client_secret": "sandbox"})
    plant.run()
    assert_done(plant)


def test_consent_that_was_revoked(plant: Plant) -> None:
    ring_up(plant)
    plant.books.do("revoke_consent")
    assert (plant.run().stage, plant.run().stage) == ("stopped", "stopped")
    alert = assert_told("Books")
    assert "connect" in alert.action.lower()
    plant.flow.integration.target.refresh_from_db()
    assert plant.flow.integration.target.status == Connection.Status.NEEDS_RECONNECT
    sign_in(plant.flow.integration.target)
    plant.run()
    assert_done(plant)


def test_an_access_token_that_expired_is_renewed_silently(plant: Plant) -> None:
    ring_up(plant)
    plant.books.do("expire_access_tokens")
    assert plant.run().stage == "finished"
    assert_done(plant)


def test_an_address_that_is_something_else(plant: Plant) -> None:
    ring_up(plant)
    change(plant.flow.integration.source, settings={"base_url": plant.books.url})
    assert plant.run().stage == "stopped"
    assert_told("Till")
    change(plant.flow.integration.source, settings={"base_url": plant.till.url})
    plant.run()
    assert_done(plant)


# ---------------------------------------------------------------- lasts, and then is over


def test_a_dead_till(plant: Plant) -> None:
    ring_up(plant)
    change(plant.flow.integration.source, settings={"base_url": NOBODY})
    run = plant.run()
    assert run.stage == "reading"
    assert "Till" in run.problem
    assert run.action
    for _ in range(2):
        wait_and_work()
    assert_told("Till")
    change(plant.flow.integration.source, settings={"base_url": plant.till.url})
    wait_and_work()
    assert_done(plant)


def test_dead_books_while_sending(plant: Plant) -> None:
    sell(plant)
    plant.run()
    ring_up(plant)
    change(plant.flow.integration.target, settings={"base_url": NOBODY})
    run = plant.run()
    assert "Books" in run.problem
    assert plant.states() == {"synced": 1, "pending": 12}
    for _ in range(2):
        wait_and_work()
    assert_told("Books")
    change(plant.flow.integration.target, settings={"base_url": plant.books.url})
    wait_and_work()
    assert_done(plant)


def test_dead_books_before_anything_is_known_of_them(plant: Plant) -> None:
    ring_up(plant)
    change(plant.flow.integration.target, settings={"base_url": NOBODY})
    plant.run()
    for _ in range(2):
        wait_and_work()
    assert_told("Books")
    assert set(plant.states()) <= {"pending", "waiting"}
    change(plant.flow.integration.target, settings={"base_url": plant.books.url})
    wait_and_work()
    assert_done(plant)


def test_xml_of_the_till_that_cannot_be_read(plant: Plant) -> None:
    ring_up(plant)
    plant.till.fault(action="garble", match="getReceipts", times=None)
    assert "Till" in plant.run().problem
    for _ in range(2):
        wait_and_work()
    assert_told("Till")
    plant.till.ask("DELETE", "faults")
    wait_and_work()
    assert_done(plant)


def test_json_of_the_books_that_cannot_be_read_when_they_are_asked(
    plant: Plant,
) -> None:
    ring_up(plant)
    plant.books.fault(action="garble", match="query", times=None)
    assert "Books" in plant.run().problem
    for _ in range(2):
        wait_and_work()
    assert_told("Books")
    plant.books.ask("DELETE", "faults")
    wait_and_work()
    assert_done(plant)


def test_json_of_the_books_that_cannot_be_read_after_a_write(plant: Plant) -> None:
    ring_up(plant)
    plant.books.fault(action="garble", match=BATCH, times=2)
    plant.run()
    wait_and_work()
    assert_done(plant)


# -------------------------------------------------------------------- stops some records


def test_a_vat_code_that_is_not_mapped(plant: Plant) -> None:
    ring_up(plant, 30)
    vat = ValueMap.objects.get(name="vat")
    row = next(row for row in vat.entries.all() if row.keys == ["NL", "2", "9"])
    values = row.values
    row.delete()
    plant.run()
    failed = plant.states()["failed"]
    assert 0 < failed < 30
    assert_told("VAT code 2", "9 %", records=failed)
    set_entry(vat, ("NL", "2", "9"), values)
    retry(plant)
    assert_done(plant)


def test_a_tax_code_that_was_switched_off(plant: Plant) -> None:
    ring_up(plant, 30)
    code = choice(plant, "tax_codes", "VAT 9%")
    plant.books.do("deactivate", entity="TaxCode", id=code)
    plant.run()
    failed = plant.states()["failed"]
    assert 0 < failed < 30
    assert_told("VAT code 2", f"tax code {code}", records=failed)
    plant.books.do("activate", entity="TaxCode", id=code)
    retry(plant)
    assert_done(plant)


def test_an_account_that_was_deleted(plant: Plant) -> None:
    for branch in (1, 2, 1, 2):
        sell(plant, branch=branch)
    account = choice(plant, "accounts", "Till cards Centrum")
    plant.books.do("deactivate", entity="Account", id=account)
    plant.run()
    assert plant.states() == {"synced": 2, "failed": 2}
    alert = assert_told("PIN", f"account {account}", records=2)
    assert "active" in alert.action
    plant.books.do("activate", entity="Account", id=account)
    retry(plant)
    assert_done(plant)


def test_an_account_that_is_deleted_while_the_list_is_kept(plant: Plant) -> None:
    sell(plant, branch=1)
    plant.run()
    sell(plant, branch=1)
    account = choice(plant, "accounts", "Till cards Centrum")
    plant.books.do("deactivate", entity="Account", id=account)
    plant.run()
    assert_told("Books", "inactive", records=1)
    retry(plant)
    assert_told(f"account {account}", records=1)
    plant.books.do("activate", entity="Account", id=account)
    retry(plant)
    assert_done(plant)


def test_a_revenue_account_that_was_deleted(plant: Plant) -> None:
    for _ in range(3):
        sell(plant)
    account = choice(plant, "accounts", "Sales")
    plant.books.do("deactivate", entity="Account", id=account)
    plant.run()
    assert_told("Books", f"account {account}", records=3)
    plant.books.do("activate", entity="Account", id=account)
    retry(plant)
    assert_done(plant)


def test_a_period_that_is_closed(plant: Plant) -> None:
    for day in ("2026-10-01", "2026-10-02", "2026-10-20"):
        sell(plant, date=day)
    closing(plant, "2026-10-10")
    plant.run()
    assert plant.states() == {"synced": 1, "waiting": 2}
    assert open_alerts() == []
    closing(plant, "2026-09-30")
    plant.run()
    assert_done(plant)


def closing(plant: Plant, day: str) -> None:
    plant.books.do(
        "set_preferences", preferences={"AccountingInfoPrefs": {"BookCloseDate": day}}
    )


def test_a_receipt_in_the_middle_that_cannot_be_read(plant: Plant) -> None:
    ring_up(plant, 5)
    ring_up(plant, 1, sort="unreadable_lines")
    ring_up(plant, 5)
    plant.run()
    assert plant.states() == {"synced": 10, "failed": 1}
    record = SyncRecord.objects.get(state="failed")
    assert_told(records=1)
    assert any(figure.isdigit() for figure in record.message)
    plant.till.do("change_receipt", receiptId=record.source_id, what="lines")
    retry(plant)
    assert_done(plant)


def test_every_cause_has_its_own_message(make_plant: Callable[..., Plant]) -> None:
    plant = make_plant(300)
    plant.run()
    failed = SyncRecord.objects.filter(state="failed")
    causes = set(failed.values_list("fingerprint", flat=True))
    assert {alert.fingerprint for alert in open_alerts()} == causes
    assert sum(alert.records for alert in open_alerts()) == failed.count()
    assert all(alert.message and alert.action for alert in open_alerts())
