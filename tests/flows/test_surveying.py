"""Surveying days: within the budget, with leases kept, once per run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from connectors.writes import Known, Ref, Sighting
from flows import services, tasks
from flows.engine import delivering
from flows.engine import session as sessions
from flows.engine.surveying import group_days, list_foreign
from flows.models import Flow, Run, Slot, Survey, SyncRecord
from tests.flows.memory import Ledger, MemoryBooks, order

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
FIRST = date(2026, 3, 1)
DAYS = 6


class Clock:
    """A clock that a test turns on; stands in for the module ``time``."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sessions, "time", made)
    return made


@pytest.fixture
def run(flow: Flow, ledger: Ledger, shelf: list) -> Run:
    """A run with a record of each of some days, read and not delivered."""
    shelf += [order(str(n), date=FIRST + timedelta(3 * n)) for n in range(DAYS)]
    run = services.run_flow(flow).run
    tasks.read(run.pk)
    return run


@pytest.fixture
def at_each_survey(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has something happen at each survey."""

    def order_it(happens: Callable[[], object]) -> None:
        real = MemoryBooks.survey

        def survey(
            books: MemoryBooks, start: date, end: date, hub: str
        ) -> Iterator[Sighting]:
            happens()
            return real(books, start, end, hub)

        monkeypatch.setattr(MemoryBooks, "survey", survey)

    return order_it


def test_a_task_ends_with_the_survey_that_spends_its_budget(
    run: Run, ledger: Ledger, clock: Clock, settings, at_each_survey
) -> None:
    def pass_time() -> None:
        clock.now += settings.TASK_BUDGET * 0.6

    at_each_survey(pass_time)
    assert tasks.deliver(run.pk) == "more"
    assert len(ledger.days) == 2
    there = SyncRecord.objects.values_list("state", "lease_owner")
    assert set(there) == {("pending", "")}
    assert Survey.objects.count() == 2


def test_what_was_surveyed_is_not_asked_again_by_the_next_task(
    run: Run, ledger: Ledger, clock: Clock, settings, at_each_survey
) -> None:
    def pass_time() -> None:
        clock.now += settings.TASK_BUDGET * 0.6

    at_each_survey(pass_time)
    while tasks.deliver(run.pk) == "more":
        pass
    assert len(ledger.days) == len(set(ledger.days)) == DAYS
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}


def test_leases_are_renewed_between_days(
    run: Run, clock: Clock, settings, at_each_survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TASK_BUDGET = 1e6
    renewed: list[int] = []
    real = sessions.claiming.renew

    def renew(records: list, owner: str) -> set[int]:
        renewed.append(len(records))
        return real(records, owner)

    def pass_time() -> None:
        clock.now += settings.LEASE_SECONDS / 2

    monkeypatch.setattr(sessions.claiming, "renew", renew)
    at_each_survey(pass_time)
    tasks.deliver(run.pk)
    assert renewed.count(DAYS) >= DAYS - 1


def test_whoever_loses_the_slot_surveys_no_more(
    run: Run, ledger: Ledger, clock: Clock, settings, at_each_survey
) -> None:
    settings.TASK_BUDGET = 1e6

    def lose_slot() -> None:
        clock.now += settings.LEASE_SECONDS
        Slot.objects.update(owner="another")

    at_each_survey(lose_slot)
    tasks.deliver(run.pk)
    assert len(ledger.days) == 1
    assert ledger.calls == []


def test_neighbouring_days_are_asked_for_at_once(
    flow: Flow, ledger: Ledger, shelf: list
) -> None:
    # The shop is closed on the third day; the last one is far away.
    for number in (0, 1, 3, 9):
        shelf.append(order(str(number), date=FIRST + timedelta(number)))
    services.work_here(services.run_flow(flow).run)
    assert ledger.days == [
        (FIRST, FIRST + timedelta(3)),
        (FIRST + timedelta(9), FIRST + timedelta(9)),
    ]
    assert Survey.objects.count() == 4


def test_days_of_records_that_wait_are_asked_for_with_their_neighbours(
    flow: Flow, ledger: Ledger, shelf: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryBooks, "batch_size", 1)
    monkeypatch.setattr(delivering, "BATCHES_AT_ONCE", (1, 1))
    monkeypatch.setattr(delivering, "BATCHES_AT_HAND", 1)
    # The shop is closed for a week after the fifth day.
    for number in (*range(5), *range(12, 15)):
        shelf.append(order(str(number), date=FIRST + timedelta(number)))
    services.work_here(services.run_flow(flow).run)
    assert ledger.days == [
        (FIRST, FIRST + timedelta(4)),
        (FIRST + timedelta(12), FIRST + timedelta(14)),
    ]
    assert set(SyncRecord.objects.values_list("state", flat=True)) == {"synced"}


def test_a_year_is_not_asked_for_at_once() -> None:
    days = [FIRST + timedelta(n) for n in range(365)]
    groups = group_days(reversed(days))
    assert [day for group in groups for day in group] == days
    assert {len(group) for group in groups[:-1]} == {31}


def test_a_number_is_taken_on_the_day_of_its_document_only(run: Run) -> None:
    first, second = FIRST, FIRST + timedelta(1)
    sightings = [
        Sighting("Sale", Known("1", "A"), None, first),
        Sighting("Sale", Known("2", "B"), None),
        Sighting("Sale", Known("3", "C"), Ref("order", "id-1", "sale"), first),
    ]
    for day, numbers in ((first, ["A", "B"]), (second, ["B"])):
        assert [s.known.number for s in list_foreign(sightings, day)] == numbers
