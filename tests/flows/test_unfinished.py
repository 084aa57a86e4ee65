"""Records that wait until the source is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows.engine import unfinished
from flows.models import Run, SyncRecord
from integration_hub.core.errors import Unavailable
from tests.flows.memory import Ledger, MemoryTill, order, sale

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that the till was asked for, one by one."""
    ids: list[str] = []
    real = MemoryTill.read_one

    def read_one(self: MemoryTill, feed: str, key: str) -> Any:
        ids.append(key)
        return real(self, feed, key)

    monkeypatch.setattr(MemoryTill, "read_one", read_one)
    return ids


@pytest.fixture
def waiting(work: Work, shelf: list[Any], asked: list[str]) -> None:
    """Four receipts that wait, and two that do not; the first is read only once."""
    shelf += [order(str(n), reference="waits", final=False) for n in range(4)]
    shelf += [order("8"), order("9")]
    work()
    assert asked == []


@pytest.mark.usefixtures("waiting")
def test_what_is_final_now_is_posted_without_a_new_marker(
    work: Work, shelf: list[Any], ledger: Ledger
) -> None:
    shelf[0] = order("0")
    work()
    assert sale("0") in ledger.objects
    assert SyncRecord.objects.filter(state="waiting").count() == 3


@pytest.mark.usefixtures("waiting")
def test_only_what_waits_is_asked_for_and_once_in_a_run(
    work: Work, asked: list[str]
) -> None:
    work()
    assert sorted(asked) == ["id-0", "id-1", "id-2", "id-3"]


@pytest.mark.usefixtures("waiting")
def test_many_take_turns(
    work: Work, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "MOST_IN_A_RUN", 2)
    work()
    assert len(asked) == 2
    work()
    assert sorted(asked) == ["id-0", "id-1", "id-2", "id-3"]


@pytest.mark.usefixtures("waiting")
def test_a_budget_that_is_spent_leaves_the_rest_to_the_next_run(
    work: Work, asked: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "AT_ONCE", 1)
    monkeypatch.setattr(unfinished, "PART", -1)
    work()
    assert len(asked) == 1


@pytest.mark.usefixtures("waiting")
def test_what_the_till_does_not_have_any_more_goes_on_waiting(
    work: Work, shelf: list[Any], asked: list[str]
) -> None:
    del shelf[0]
    work()
    assert len(asked) == 4
    assert SyncRecord.objects.get(source_id="id-0").state == "waiting"


@pytest.mark.usefixtures("waiting")
def test_a_till_that_cannot_be_reached_pauses_the_run(work: Work) -> None:
    MemoryTill.troubles += [Unavailable("No till.")]
    run = work()
    assert (run.stage, run.problem) == ("reading", "No till.")
