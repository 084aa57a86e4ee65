"""The mapping page in a real browser, between both sandboxes."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from mapping.models import Rule
from tests.flows.shop import sell
from tests.plant import Plant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_page(page: Page, plant: Plant) -> None:
    page.goto(reverse("admin:flows_flow_mapping", args=(plant.flow.pk,)))


def rule_of(page: Page, field: str) -> Locator:
    rule = Rule.objects.get(field=field, scope="line")
    place = list(rule.mapping.rules.all()).index(rule)
    return page.locator(f"[name=rules-{place}-expression]")


def result_of(page: Page, part: str, label: str) -> Locator:
    card = page.locator("#trial section", has_text=part).first
    return card.locator("tr", has_text=label).locator("td")


def test_a_changed_rule_shows_its_result_at_once(page: Page, plant: Plant) -> None:
    sell(plant)
    plant.run()
    written = plant.books.writes()
    open_page(page, plant)
    rule_of(page, "description").fill('upper(line.text) & "!"')
    cell = result_of(page, "Line 1", "Text of the line")
    expect(cell).to_contain_text("!")
    expect(cell).to_contain_text("saved:")
    expect(page.get_by_text("What would change in the target")).to_be_visible()
    rule_of(page, "description").fill("upper(line.text")
    expect(page.locator(".hub-rule [role=alert]", has_text="Position")).to_be_visible()
    assert not Rule.objects.get(field="description", scope="line").changed
    assert plant.books.writes() == written


def test_a_path_of_the_record_is_put_into_the_rule(page: Page, plant: Plant) -> None:
    sell(plant)
    plant.run()
    open_page(page, plant)
    rule = rule_of(page, "description")
    rule.fill("")
    rule.focus()
    page.get_by_text("What a rule can use of it").click()
    page.locator("[data-insert='order.branch']").click()
    expect(rule).to_have_value("order.branch")
    expect(result_of(page, "Line 1", "Text of the line")).to_contain_text("saved:")
    page.locator(".hub-rule", has=rule).get_by_title("Put the default back").click()
    default = Rule.objects.get(field="description", scope="line").default_expression
    expect(rule).to_have_value(default)
    expect(page.locator(".hub-changed")).to_have_count(0)


def test_another_record_is_tried_with_what_is_typed(page: Page, plant: Plant) -> None:
    first, second = sell(plant), sell(plant, date="2026-10-06")
    plant.run()
    open_page(page, plant)
    rule_of(page, "description").fill("order.id")
    cell = result_of(page, "Line 1", "Text of the line")
    page.get_by_text("What a rule can use of it").click()
    paths = page.locator(".hub-paths dd")
    records = page.locator("select[name=record]")
    for each, day in ((second, "2026-10-06"), (first, "2026-10-05")):
        shown = records.locator("option", has_text=day).get_attribute("value")
        records.select_option(shown)
        # Both answers come, whichever is the first.
        expect(paths.first).to_have_text(each)
        expect(cell).to_contain_text(each)


def test_it_works_by_the_keyboard(page: Page, plant: Plant) -> None:
    sell(plant)
    plant.run()
    open_page(page, plant)
    rule_of(page, "description").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("order.number.text")
    expect(result_of(page, "Line 1", "Text of the line")).to_contain_text("1-2-2026")
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.includes('Save')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("The mapping is saved.")).to_be_visible()
    assert Rule.objects.get(field="description", scope="line").changed


def test_fifty_records_are_tried_and_those_that_fail_are_named(
    page: Page, plant: Plant
) -> None:
    for _ in range(3):
        sell(plant)
    plant.run()
    open_page(page, plant)
    rule_of(page, "description").fill('number(line.text & "x")')
    page.get_by_role("button", name="Try on 50 records").click()
    many = page.locator("#many")
    expect(many).to_contain_text("Tried on 3 records.")
    expect(many).to_contain_text("3 would fail.")
    expect(many.locator("strong")).to_have_count(3)
