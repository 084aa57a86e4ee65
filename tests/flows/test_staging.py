"""Storing a page: what is new, known, unchanged or newer, and what waits beside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from connectors.contract import Page
from connectors.datamodel import Document, Unreadable
from flows.engine import claiming, staging
from flows.engine.staging import stage_page
from flows.models import Flow, LinkState, Run, SyncRecord
from tests.factories import LinkFactory, RunFactory
from tests.flows.memory import order, unreadable

pytestmark = pytest.mark.django_db
Stage = Callable[..., staging.Staged]


@pytest.fixture
def run(flow: Flow) -> Run:
    return RunFactory(flow=flow, stage="reading")


@pytest.fixture
def stage(flow: Flow, run: Run) -> Stage:
    def stage(*documents: Document | Unreadable) -> staging.Staged:
        return stage_page(flow, run, Page(documents, "c", more=False))

    return stage


def record() -> SyncRecord:
    return SyncRecord.objects.get()


def post(state: str = LinkState.LINKED) -> None:
    """Let the record's document be in the target."""
    LinkFactory(record=record(), state=state)
    SyncRecord.objects.update(state="synced")


def newer(**changes: Any) -> Document:
    return order("1", **{"version": "2", "total": "13.00", **changes})


def test_a_page_and_its_cursor_are_stored_together(flow: Flow, stage: Stage) -> None:
    assert stage(order("1"), order("2")) == staging.Staged(2, 0)
    flow.refresh_from_db()
    assert flow.cursor == "c"
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"pending"}


def test_a_page_that_cannot_be_stored_moves_nothing(
    flow: Flow, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(order("1"))
    monkeypatch.setattr(staging, "_FIELDS", ("no such field",))
    Flow.objects.update(cursor="before")
    with pytest.raises(KeyError):
        stage(newer(), order("2"))
    flow.refresh_from_db()
    assert (flow.cursor, SyncRecord.objects.count()) == ("before", 1)


def test_the_last_of_several_versions_in_a_page_counts(stage: Stage) -> None:
    stage(order("1"), newer())
    assert (record().version, record().amount) == ("2", Decimal("13.00"))


def test_a_known_version_is_ignored(stage: Stage) -> None:
    stage(order("1"))
    SyncRecord.objects.update(state="failed")
    assert stage(order("1", total="99.00")) == staging.Staged(0, 1)
    assert record().state == "failed"


def test_an_equal_content_is_unchanged_and_its_version_known(stage: Stage) -> None:
    stage(order("1"))
    SyncRecord.objects.update(state="synced")
    again = order("1", version="2", extra={"mail": 1})
    assert stage(again) == staging.Staged(0, 1)
    assert (record().version, record().state) == ("2", "synced")


def test_a_newer_version_takes_the_place_of_one_not_posted(stage: Stage) -> None:
    stage(order("1"))
    SyncRecord.objects.update(state="failed", message="no", fingerprint="f", tries=3)
    assert stage(newer()).staged == 1
    there = record()
    assert (there.state, there.message, there.fingerprint, there.tries) == (
        *("pending", "", ""),
        0,
    )


@pytest.mark.parametrize("state", ["linked", "sending", "in_doubt"])
def test_a_newer_version_of_one_that_is_posted_is_told(
    stage: Stage, state: str
) -> None:
    stage(order("1"))
    post(state)
    stage(newer())
    there = record()
    assert (there.state, there.reason) == ("failed", "changed after posting")
    assert "changed" in there.message
    assert "Skip" in there.action


def test_one_that_was_refused_is_not_posted(stage: Stage) -> None:
    stage(order("1"))
    post(LinkState.REFUSED)
    stage(newer())
    assert record().state == "pending"


def test_an_unreadable_record_fails_by_itself(stage: Stage) -> None:
    stage(order("1"), unreadable("2"))
    states = dict(SyncRecord.objects.values_list("source_id", "state"))
    assert states == {"id-1": "pending", "id-2": "failed"}
    there = SyncRecord.objects.get(source_id="id-2")
    assert (there.readable, there.number) == (False, "2")
    assert (there.message, bool(there.action)) == (
        "Lines make 1.00, tenders 2.00.",
        True,
    )


PLACED = {"date": date(2026, 3, 7), "branch": "2", "total": Decimal("12.50")}


def test_an_unreadable_record_is_found_by_what_could_be_read(stage: Stage) -> None:
    stage(replace(unreadable("1"), **PLACED))
    there = record()
    assert (there.date, there.branch, there.amount) == tuple(PLACED.values())


def test_an_unreadable_version_that_waited_is_found_by_what_could_be_read(
    stage: Stage,
) -> None:
    stage(order("1"))
    rows = lease()
    stage(replace(unreadable("1", "2"), **PLACED))
    there = give_back(rows, "failed")
    assert (there.date, there.branch, there.amount) == tuple(PLACED.values())


def test_an_unreadable_record_that_was_mended_is_moved(stage: Stage) -> None:
    stage(unreadable("1"))
    stage(newer())
    assert (record().state, record().readable) == ("pending", True)


def test_a_posted_record_that_became_unreadable_is_told(stage: Stage) -> None:
    stage(order("1"))
    post()
    stage(unreadable("1", "2"))
    assert (record().state, record().reason) == ("failed", "changed after posting")


def test_the_same_unreadable_record_is_known(stage: Stage) -> None:
    stage(unreadable("1"))
    assert stage(unreadable("1")).unchanged == 1


# ---------------------------------------------------- beside a leased or doubtful one


def lease(state: str = "pending") -> list[SyncRecord]:
    """Lease the record, as a deliver task does."""
    SyncRecord.objects.update(state=state, lease_owner="me")
    return list(SyncRecord.objects.all())


def give_back(rows: list[SyncRecord], state: str = "synced") -> SyncRecord:
    """Give it back with what became of it."""
    for row in rows:
        row.state = state
    with transaction.atomic():
        claiming.give_back(rows, "me")
    return record()


@pytest.mark.parametrize(("state", "owner"), [("pending", "me"), ("in_doubt", "")])
def test_a_newer_version_waits_beside_one_at_work(
    stage: Stage, state: str, owner: str
) -> None:
    stage(order("1"))
    SyncRecord.objects.update(state=state, lease_owner=owner)
    stage(newer())
    there = record()
    assert (there.version, there.next_version, there.state) == ("1", "2", state)


def test_the_same_newer_version_is_known(stage: Stage) -> None:
    stage(order("1"))
    lease()
    stage(newer())
    assert stage(newer()).unchanged == 1
    assert stage(newer(version="3")).unchanged == 1
    there = record()
    assert (there.version, there.next_version) == ("1", "3")


def test_what_waited_takes_its_place_when_nothing_was_posted(stage: Stage) -> None:
    stage(order("1"))
    rows = lease()
    stage(newer())
    there = give_back(rows, "failed")
    assert (there.version, there.state, there.next_version) == ("2", "pending", "")
    assert there.amount == Decimal("13.00")


@pytest.mark.parametrize("state", ["linked", "in_doubt"])
def test_what_waited_is_told_when_the_older_one_is_posted(
    stage: Stage, state: str
) -> None:
    stage(order("1"))
    rows = lease()
    LinkFactory(record=record(), state=state)
    stage(newer())
    there = give_back(rows, "failed")
    assert (there.version, there.reason) == ("2", "changed after posting")


def test_what_waited_goes_on_waiting_beside_a_doubt(stage: Stage) -> None:
    stage(order("1"))
    rows = lease()
    stage(newer())
    there = give_back(rows, "in_doubt")
    assert (there.state, there.version, there.next_version) == ("in_doubt", "1", "2")


def test_an_unreadable_version_that_waited_takes_its_place(stage: Stage) -> None:
    stage(order("1"))
    rows = lease()
    stage(unreadable("1", "2"))
    there = give_back(rows, "failed")
    assert (there.version, there.readable, there.state) == ("2", False, "failed")
    assert there.message == "Lines make 1.00, tenders 2.00."


def test_a_version_that_was_changed_back_changes_nothing(stage: Stage) -> None:
    stage(order("1"))
    rows = lease()
    LinkFactory(record=record())
    stage(newer())
    stage(order("1", version="3"))
    there = give_back(rows)
    assert (there.version, there.state, there.next_version) == ("3", "synced", "")


def test_a_record_given_back_by_one_who_lost_it_is_left_alone(stage: Stage) -> None:
    stage(order("1"))
    rows = lease()
    SyncRecord.objects.update(lease_owner="another")
    assert give_back(rows).state == "pending"


@pytest.mark.django_db(transaction=True)
def test_a_record_cannot_be_claimed_while_its_newer_version_is_stored(
    flow: Flow, run: Run, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(order("1"))
    claimed: list[SyncRecord] = []

    def claim() -> None:
        claimed.extend(claiming.claim(run, "me", 10))
        connection.close()

    thread = threading.Thread(target=claim)
    posted = staging._posted

    def meanwhile(*args: Any) -> set[str]:
        thread.start()
        thread.join(0.3)
        return posted(*args)

    monkeypatch.setattr(staging, "_posted", meanwhile)
    stage(newer())
    thread.join()
    assert {row.version for row in claimed} <= {"2"}
