"""An integration goes from one hub to another in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from connectors import registry
from connectors.models import Connection
from flows import map_lists, setup
from flows.models import Flow, Integration
from flows.portability.exporting import export
from mapping.map_services import set_entries

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Integration:
    """A shop between the two systems, of which none can be asked."""
    monkeypatch.setattr(setup, "ask_names", lambda wanted: {})
    monkeypatch.setattr(setup, "ask_lists", lambda integration: map_lists.Lists())
    monkeypatch.setattr(map_lists, "ask_map_lists", lambda value_map: map_lists.Lists())
    ends = {
        side: Connection.objects.create(
            name=name, connector=key, credentials={"x": "s3cret"}
        )
        for side, name, key in (
            ("source", "Till", "mplus"),
            ("target", "Books", "quickbooks"),
        )
    }
    made = Integration(name="Shop", start_date="2026-01-01", **ends)
    made.defaults = {"default_income_account": "79", "lines_by": "article"}
    setup.create_integration(made)
    vat = made.value_maps.value_maps.get(name="vat")
    rows = [
        (("NL", str(n), rate), {"tax_code": str(n)})
        for n, rate in ((1, "21"), (2, "9"))
    ]
    set_entries(vat, rows)
    assert registry.get("mplus")
    return Integration.objects.get()


def test_a_file_is_exported_changed_and_imported(
    page: Page, shop: Integration, tmp_path: Path
) -> None:
    before = export(shop)
    page.set_viewport_size({"width": 1280, "height": 620})
    page.goto(reverse("admin:flows_integration_change", args=(shop.pk,)))
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export").click()
    path = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert (path.name, text) == ("shop.yaml", before)

    for old, new in (
        ("  lines_by: article", "  lines_by: turnover_group"),
        ("expression: order.reference", 'expression: upper(order.reference) & " <b>"'),
        (
            "{keys: [NL, '2', '9'], values: {tax_code: '2'}}",
            "{keys: [NL, '2', '9'], values: {tax_code: '4'}}",
        ),
    ):
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    Flow.objects.update(enabled=True)

    page.goto(reverse("admin:flows_integration_changelist"))
    page.get_by_role("link", name="Import").click()
    page.set_input_files("[name=file]", path)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("by turnover group")).to_be_visible()
    expect(page.get_by_text('upper(order.reference) & " <b>"').first).to_be_visible()
    expect(
        page.get_by_text("“Receipts” is on; it is switched off by this.")
    ).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 1280
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / "import-difference.png")
    page.get_by_role("button", name="Import all of this").click()
    expect(page.get_by_text("Shop is imported.")).to_be_visible()

    assert export(Integration.objects.get()).replace("\r\n", "\n") == text
    assert not Flow.objects.filter(enabled=True).exists()

    mapping = Flow.objects.get(feed="receipts").mapping
    page.goto(reverse("admin:mapping_mapping_change", args=(mapping.pk,)))
    page.get_by_role("link", name="History").first.click()
    expect(page.get_by_text("imported with Shop")).to_be_visible()
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / "history.png")
    page.get_by_role("button", name="Take back to this").first.click()
    expect(page.get_by_text("is again what it was")).to_be_visible()
    assert mapping.rules.get(field="note").expression == "order.reference"
