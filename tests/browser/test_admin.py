"""The admin in a real browser: what only a browser shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from connectors.models import Connection
from connectors.quickbooks.sandbox.app import build
from connectors.sandbox.server import start
from flows import alerts
from flows.models import Flow, Run, SyncRecord
from tests.factories import FailedRecordFactory, FlowFactory, SyncRecordFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def flow() -> Flow:
    """A flow between the two real connectors; nothing is asked of either."""
    cache.clear()
    return FlowFactory(
        integration__source__connector="mplus",
        integration__target__connector="quickbooks",
        integration__target__credentials={"client_id": "x", "client_secret": "y"},
    )


@pytest.fixture
def company() -> Iterator[str]:
    """The address of a running sandbox of the books."""
    running = start(build({}))
    yield running.url
    running.stop()


def change_url(row: Any) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=(row.pk,))


def test_the_dashboard_draws_its_chart(page: Page, flow: Flow) -> None:
    SyncRecordFactory(flow=flow, date=date(2026, 3, 9))
    cache.clear()
    page.goto("/admin/")
    expect(page.get_by_text("Records by business day")).to_be_visible()
    drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    assert page.locator("canvas.chart").evaluate(drawn)


def test_a_run_at_work_is_followed_to_its_end(page: Page, flow: Flow) -> None:
    run = Run.objects.create(flow=flow, stage="delivering", read=1)
    page.goto(change_url(run))
    synced = page.locator("[data-number=synced]")
    expect(synced).to_have_text("0")
    SyncRecordFactory(flow=flow, run=run)
    expect(synced).to_have_text("1", timeout=10_000)
    Run.objects.filter(pk=run.pk).update(stage="finished", counts={"synced": 1})
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=10_000)
    expect(page.locator("[data-progress]")).to_have_count(0)


def test_a_record_that_is_tried_again_is_followed_to_its_end(
    page: Page, flow: Flow
) -> None:
    record = SyncRecordFactory(flow=flow, state="pending")
    run = Run.objects.create(flow=flow, stage="delivering", read=1)
    page.goto(change_url(record))
    state = page.locator("[data-stage]")
    expect(state).to_contain_text("Pending")
    SyncRecord.objects.filter(pk=record.pk).update(state="synced")
    Run.objects.filter(pk=run.pk).update(stage="finished")
    expect(state).to_contain_text("Synced")
    expect(page.locator("[data-progress]")).to_have_count(0)


def test_skip_asks_first(page: Page, flow: Flow) -> None:
    record = FailedRecordFactory(flow=flow)
    page.goto(change_url(record))
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Skip").click()
    assert SyncRecord.objects.get().state == "failed"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_text(f"{record} is skipped.")).to_be_visible()
    assert SyncRecord.objects.get().state == "skipped"


def test_bodies_and_fields_unfold(page: Page, flow: Flow) -> None:
    page.goto(change_url(SyncRecordFactory(flow=flow)))
    field = page.get_by_text("barcode")
    expect(field).to_be_hidden()
    page.get_by_text("More fields of the source").click()
    expect(field).to_be_visible()


def test_records_are_filtered_and_tried_again(page: Page, flow: Flow) -> None:
    SyncRecordFactory(flow=flow)
    failed = FailedRecordFactory(flow=flow)
    page.goto(reverse("admin:flows_syncrecord_changelist"))
    page.locator("#changelist a", has_text="Filters").click()
    page.locator("#changelist-filter select[name=state__exact]").select_option(
        "failed", force=True
    )
    page.get_by_role("button", name="Apply Filters").click()
    expect(page.locator(".field-display_number")).to_have_count(1)
    page.get_by_text(str(failed), exact=True).click()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("1 record is tried again.")).to_be_visible()


def test_signing_in_to_the_books_and_out_again(page: Page, company: str) -> None:
    page.goto(reverse("admin:connectors_connection_add"))
    page.get_by_text("QuickBooks Online").click()
    page.fill("[name=name]", "Books")
    page.fill("[name=credential_client_id]", "sandbox")
    page.fill("[name=credential_client_secret]", "sandbox")
    page.fill("[name=setting_base_url]", company)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("[name=credential_client_secret]")).to_have_value("")
    page.get_by_role("button", name="Connect to QuickBooks Online").click()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Books is connected to")).to_be_visible()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("Books: it works.")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Books is disconnected.")).to_be_visible()
    assert Connection.objects.get().tokens == {}


def test_a_narrow_screen_can_be_used(page: Page, flow: Flow) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    failed = FailedRecordFactory(flow=flow, fingerprint="MappingError:no relation:VAT")
    alerts.refresh(flow)
    cache.clear()
    entries = reverse("admin:flows_open_entries")
    pages = (
        change_url(failed),
        change_url(flow.integration.target),
        entries,
        "/admin/",
    )
    for address in pages:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, address
    page.goto(entries)
    expect(page.get_by_role("button", name="Retry all of these")).to_be_in_viewport(
        ratio=1
    )
