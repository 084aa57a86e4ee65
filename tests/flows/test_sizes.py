"""Values of a source that no column holds: their record fails, its page does not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal

import pytest

from connectors.contract import Page
from connectors.datamodel import Document, OrderNumber, Unreadable
from flows.engine.staging import stage_page
from flows.models import Flow, Run, SyncRecord
from tests.factories import LinkFactory, RunFactory
from tests.flows.memory import Ledger, order, sale

pytestmark = pytest.mark.django_db
Work = Callable[[], Run]
Stage = Callable[..., SyncRecord]


@pytest.fixture
def stage(flow: Flow) -> Stage:
    """Stages one odd document and a usual one; gives the odd one's record."""
    run = RunFactory(flow=flow, stage="reading")

    def stage(odd: Document | Unreadable) -> SyncRecord:
        page = Page((odd, order("usual")), "c", more=False)
        stage_page(flow, run, page)
        return SyncRecord.objects.exclude(source_id="id-usual").get()

    return stage


@pytest.mark.parametrize("number", ["N" * 200, "N\0", "N\ud800"])
def test_an_odd_number_of_an_unreadable_receipt_is_cut(
    stage: Stage, number: str
) -> None:
    record = stage(Unreadable("x", "1", number, "odd\0", {"a": 1}, code="c" * 300))
    assert (record.state, record.number[:1]) == ("failed", "N")
    assert len(record.number) <= 60


def test_what_is_only_shown_is_cut(stage: Stage) -> None:
    number = OrderNumber("1", "2", "2026", "1", "N" * 200)
    odd = dataclasses.replace(order("1", branch="B" * 90), number=number)
    record = stage(odd)
    assert (record.state, record.number, record.branch) == (
        *("pending", "N" * 60),
        "B" * 40,
    )


def test_a_long_version_is_known_again(stage: Stage, flow: Flow) -> None:
    odd = order("1", version="v" * 300)
    record = stage(odd)
    assert (record.state, len(record.version) <= 100) == ("pending", True)
    page = Page((dataclasses.replace(odd, reference="other"),), "c", more=False)
    assert stage_page(flow, record.run, page).unchanged == 1
    assert stage(order("1", version="v" * 299 + "w", reference="x")).version != (
        record.version
    )


def test_a_long_id_fails_its_record(stage: Stage) -> None:
    first = stage(order("1", id="i" * 300))
    assert (first.state, first.readable) == ("failed", False)
    assert "100 characters" in first.message
    assert stage(order("1", id="i" * 300)).pk == first.pk


@pytest.mark.parametrize("total", ["12345678901234.00", "-1E+30", "1.005", "NaN"])
def test_an_amount_that_cannot_be_kept_fails_its_record(
    stage: Stage, total: str
) -> None:
    record = stage(order("1", total_incl=Decimal(total)))
    assert (record.state, record.amount, record.readable) == ("failed", None, False)
    assert "amount" in record.message


@pytest.mark.parametrize("number", ["7" * 200, "7\0"])
def test_a_link_that_cannot_be_kept_fails_its_record(
    work: Work, ledger: Ledger, shelf: list, number: str
) -> None:
    shelf += [order("1", customer=number), order("2")]
    assert work().stage == "finished"
    assert ledger.sent() == [[sale("2")]]
    record = SyncRecord.objects.get(state="failed")
    assert "key of Customer" in record.message
    assert "Skip" in record.action


def test_a_version_like_the_posted_one_is_no_change(flow: Flow, stage: Stage) -> None:
    record = stage(order("1"))
    LinkFactory(record=record)
    SyncRecord.objects.filter(pk=record.pk).update(
        state="failed", next_version="2", next_hash="2", next_payload="{}"
    )
    record = stage(order("1", version="3"))
    assert (record.state, record.version, record.next_version) == ("pending", "3", "")
