"""Reading a source page by page: the cursor, the lease, the budget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from connectors.services import open_connection
from flows import services
from flows.engine import reading
from flows.models import Flow, Run, SyncRecord
from flows.tasks import read
from integration_hub.core.errors import AuthError
from tests.flows.memory import Ledger, MemoryTill, order
from tests.flows.shop import work_queue

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]


@pytest.fixture
def run(flow: Flow) -> Run:
    Flow.objects.update(page_size=2)
    flow.refresh_from_db()
    run = services.run_flow(flow).run
    OrmQ.objects.all().delete()
    return run


def tasks() -> list[str]:
    return [row.task["func"].rpartition(".")[2] for row in OrmQ.objects.order_by("pk")]


def test_all_pages_are_read_and_deliveries_queued(run: Run, shelf: list) -> None:
    shelf += [order(str(n)) for n in range(5)]
    assert read(run.pk) == "read 5"
    run.refresh_from_db()
    assert (run.stage, run.read, run.staged, run.lease_owner) == (
        *("delivering", 5, 5),
        "",
    )
    assert run.flow.cursor == "5"
    assert set(tasks()) == {"deliver"}


def test_an_empty_source_still_gets_somebody_to_close_the_run(
    run: Run, shelf: list
) -> None:
    read(run.pk)
    work_queue()
    run.refresh_from_db()
    assert run.stage == "finished"


def test_a_run_begins_with_the_overlap(work: Work, shelf: list) -> None:
    shelf += [order(str(n)) for n in range(5)]
    work()
    shelf += [order("5")]
    run = work()
    assert (run.read, run.unchanged, run.staged) == (3, 2, 1)


def test_a_budget_that_is_spent_queues_a_successor(
    run: Run, shelf: list, settings
) -> None:
    settings.TASK_BUDGET = -1
    shelf += [order(str(n)) for n in range(5)]
    assert read(run.pk) == "budget spent"
    assert tasks()[-1] == "read"
    assert read(run.pk) == "budget spent"
    assert read(run.pk) == "read 5"
    assert SyncRecord.objects.count() == 5


def test_only_one_reads(run: Run, shelf: list) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    Run.objects.update(lease_owner="another", lease_until=soon)
    assert read(run.pk) == "not mine, or resting"


def test_a_reader_that_was_lost_is_followed_by_another(run: Run, shelf: list) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Run.objects.update(lease_owner="gone", lease_until=past)
    assert read(run.pk) == "read 0"


def test_a_reader_that_lost_its_lease_stores_nothing(
    run: Run, shelf: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf += [order("1")]
    real = MemoryTill.read

    def slow(self, feed: str, cursor: str, limit: int):  # type: ignore[no-untyped-def]
        Run.objects.update(lease_owner="another")
        return real(self, feed, cursor, limit)

    monkeypatch.setattr(MemoryTill, "read", slow)
    assert read(run.pk) == "lease lost"
    assert not SyncRecord.objects.exists()
    assert Run.objects.get().lease_owner == "another"


def test_a_wrong_secret_stops_the_run(work: Work, flow: Flow, shelf: list) -> None:
    source = flow.integration.source
    error = AuthError("Wrong secret.", action="Correct it.", system=source.name)
    MemoryTill.troubles.append(error)
    run = work()
    assert (run.stage, run.problem, run.action) == (
        *("stopped", "Wrong secret."),
        "Correct it.",
    )
    source.refresh_from_db()
    assert source.problem == "Wrong secret."


def test_a_defect_of_the_source_breaks_the_run(
    work: Work, shelf: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryTill, "read", lambda *_: 1 // 0)
    assert work().stage == "broken"


def test_a_first_page_stores_nothing(flow: Flow, ledger: Ledger, shelf: list) -> None:
    shelf += [order("1")]
    source = open_connection(flow.integration.source)
    page = reading.first_page(flow, source, 10)
    assert [document.id for document in page.documents] == ["id-1"]
    assert not SyncRecord.objects.exists()
