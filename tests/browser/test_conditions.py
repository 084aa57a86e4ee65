"""Conditional tables and filters as a bookkeeper makes them, with mouse or keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from connectors import registry
from flows.models import Flow
from mapping import services
from mapping.models import Mapping
from tests.factories import FlowFactory, SyncRecordFactory
from tests.fake_connector import make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mapping() -> Mapping:
    mapping = Mapping.objects.create(
        name="R", source="mplus", target="quickbooks", kind="order"
    )
    services.install_defaults(mapping, registry.get("quickbooks").default_rules)
    return mapping


@pytest.fixture
def flow(mapping: Mapping) -> Flow:
    flow = FlowFactory(mapping=mapping)
    for number, total in (("1", "10.00"), ("2", "150.00"), ("3", "20.00")):
        SyncRecordFactory(flow=flow, order=make_order(number, total))
    return flow


def test_a_rule_becomes_a_conditional_table(page: Page, mapping: Mapping) -> None:
    rule = mapping.rules.get(scope="header", field="note")
    page.goto(reverse("admin:mapping_rule_change", args=(rule.pk,)))
    expect(page.locator("#editor")).to_be_hidden()
    page.get_by_label("a conditional table").check()
    expect(page.locator("[name=expression]")).to_be_hidden()
    field = page.locator('[name="table.0.0:field"]')
    field.select_option("order.branch")
    page.locator('[name="table.0.0:value"]').fill("2")
    page.get_by_role("button", name="+ Condition").click()
    page.locator('[name="table.0.1:field"]').select_option("order.total_incl")
    page.locator('[name="table.0.1:operator"]').select_option("more")
    page.locator('[name="table.0.1:value"]').fill("100.00")
    page.locator('[name="table.0:text"]').fill("Large; in two")
    told = page.locator("#told")
    page.locator('[name="table.0:text"]').press("Tab")
    sentence = (
        "When the branch is 2 and the total is more than 100.00, then “Large; in two”;"
    )
    expect(told).to_contain_text(sentence)
    page.locator('[name="table.otherwise:then"]').select_option("field")
    page.locator('[name="table.otherwise:field"]').select_option("order.reference")
    expect(told).to_contain_text("otherwise the reference.")
    page.locator("[name=_save]").click()
    page.wait_for_url("**/rule/")
    rule.refresh_from_db()
    assert rule.table == {
        "rows": [
            {
                "when": {
                    "all": [
                        {"field": "order.branch", "operator": "is", "value": "2"},
                        {
                            "field": "order.total_incl",
                            "operator": "more",
                            "value": "100.00",
                        },
                    ]
                },
                "then": {"text": "Large; in two"},
            }
        ],
        "otherwise": {"expression": "order.reference"},
    }


def make_table(*texts: str) -> dict[str, Any]:
    """A table with a row for each of these texts."""
    final = {"all": [{"field": "order.final", "operator": "yes"}]}
    rows = [{"when": final, "then": {"text": text}} for text in texts]
    return {"rows": rows, "otherwise": None}


def test_rows_are_added_moved_and_removed_by_the_keyboard(
    page: Page, mapping: Mapping
) -> None:
    rule = mapping.rules.get(scope="header", field="note")
    rule.table = make_table("first")
    rule.expression = ""
    rule.save()
    page.goto(reverse("admin:mapping_rule_change", args=(rule.pk,)))
    rows = page.locator("#editor tbody th[scope=row]")
    page.get_by_role("button", name="+ Row").press("Enter")
    expect(rows).to_have_count(2)
    page.locator('[name="table.1:text"]').fill("second")
    page.get_by_role("button", name="Move row 2 up").press("Enter")
    expect(page.locator('[name="table.0:text"]')).to_have_value("second")
    expect(page.locator('[name="table.1:text"]')).to_have_value("first")
    page.get_by_role("button", name="Remove row 1").press("Space")
    expect(rows).to_have_count(1)
    expect(page.locator('[name="table.0:text"]')).to_have_value("first")
    expect(page.locator("#told")).to_contain_text("When the payment is final")


def test_a_filter_is_built_and_tried_before_it_is_saved(page: Page, flow: Flow) -> None:
    mapping = flow.mapping
    page.goto(reverse("admin:mapping_mapping_change", args=(mapping.pk,)))
    page.get_by_role("link", name="+ Add a filter").click()
    page.locator("[name=reason]").fill("large")
    page.locator('[name="conditions.0:field"]').select_option("order.total_incl")
    page.locator('[name="conditions.0:operator"]').select_option("more")
    page.locator('[name="conditions.0:value"]').fill("100")
    page.locator('[name="conditions.0:value"]').press("Tab")
    told = page.locator("#told")
    expect(told).to_contain_text("2 of the last 3 records pass.")
    expect(told).to_contain_text("1 would be skipped: 1-2-2026-2")
    page.get_by_role("button", name="+ Group").click()
    page.locator('[name="conditions.1.0:field"]').select_option("order.country")
    page.locator('[name="conditions.1.0:value"]').fill("BE")
    expect(told).to_contain_text("3 of the last 3 records pass.")
    page.locator("[name=_save]").click()
    page.wait_for_url(f"**/mapping/{mapping.pk}/change/")
    sentence = "the total is more than 100 and the country is BE"
    expect(page.locator("body")).to_contain_text(sentence)
    assert mapping.filters.get().reason == "large"


def test_what_is_typed_while_the_hub_thinks_stays(page: Page, mapping: Mapping) -> None:
    rule = mapping.rules.get(scope="header", field="note")
    page.goto(reverse("admin:mapping_rule_change", args=(rule.pk,)))
    page.get_by_label("a conditional table").check()
    held = hold_first(page)
    page.locator('[name="table.0.0:field"]').select_option("order.total_incl")
    page.locator('[name="table.0:text"]').fill("typed meanwhile")
    expect(page.locator('[name="table.0.0:operator"]')).to_have_count(0)
    held[0].continue_()
    expect(page.locator('[name="table.0.0:operator"]')).to_be_visible()
    expect(page.locator('[name="table.0:text"]')).to_have_value("typed meanwhile")


def hold_first(page: Page) -> list[Route]:
    """The first request of the editor waits for the test; the others go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    page.route("**/table/", hold)
    return held


def test_the_sentence_tells_what_was_typed_last(page: Page, mapping: Mapping) -> None:
    rule = mapping.rules.get(scope="header", field="note")
    rule.table = make_table("first")
    rule.expression = ""
    rule.save()
    page.goto(reverse("admin:mapping_rule_change", args=(rule.pk,)))
    held = hold_first(page)
    text = page.locator('[name="table.0:text"]')
    for typed in ("second", "third"):
        text.fill(typed)
        with page.expect_request("**/table/"):
            text.press("Tab")
    held[0].continue_()
    expect(page.locator("#told")).to_contain_text("then “third”")


@pytest.mark.parametrize(
    ("button", "texts"),
    [
        ("Move row 2 up", ["second", "type!d", "third"]),
        ("Move row 2 down", ["type!d", "third", "second"]),
        ("Remove row 2", ["type!d", "third"]),
        ("Remove row 1", ["second", "third"]),
    ],
)
def test_what_is_typed_while_rows_move_goes_along(
    page: Page, mapping: Mapping, button: str, texts: list[str]
) -> None:
    rule = mapping.rules.get(scope="header", field="note")
    rule.table = make_table("first", "second", "third")
    rule.expression = ""
    rule.save()
    page.goto(reverse("admin:mapping_rule_change", args=(rule.pk,)))
    held = hold_first(page)
    with page.expect_request("**/table/"):
        page.get_by_role("button", name=button).press("Enter")
    page.locator('[name="table.0:text"]').press("End")
    page.keyboard.press("Control+A")
    page.keyboard.type("typed")
    page.keyboard.press("ArrowLeft")
    page.evaluate("document.querySelector('#editor table').id = 'before'")
    held[0].continue_()
    expect(page.locator("#before")).to_have_count(0)
    page.keyboard.type("!")
    shown = page.locator("#editor tbody input[aria-label=Value]")
    for place, text in enumerate(texts):
        expect(shown.nth(place)).to_have_value(text)
    expect(shown).to_have_count(len(texts))


def test_a_new_condition_has_the_focus(page: Page, mapping: Mapping) -> None:
    rule = mapping.rules.get(scope="header", field="note")
    page.goto(reverse("admin:mapping_rule_change", args=(rule.pk,)))
    page.get_by_label("a conditional table").check()
    page.get_by_role("button", name="+ Condition").press("Enter")
    expect(page.locator('[name="table.0.1:field"]')).to_be_focused()
