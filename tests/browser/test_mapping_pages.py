"""Mappings and value maps in a real browser: long texts can be read to their end."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page

from connectors import registry
from connectors.contract import Choice
from flows import map_lists
from mapping import map_services, services
from mapping.models import Mapping, Rule, ValueMap, ValueMapSet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "Tussenrekening betalingen (pinautomaat)"
LONG = " & ".join(["coalesce(line.text, order.reference, line.article)"] * 12)


@pytest.fixture
def mapping() -> Mapping:
    mapping = Mapping.objects.create(
        name="R", source="mplus", target="quickbooks", kind="order"
    )
    services.install_defaults(mapping, registry.get("quickbooks").default_rules)
    mapping.rules.filter(field="description").update(expression=LONG)
    return mapping


@pytest.fixture
def tenders(monkeypatch: pytest.MonkeyPatch) -> ValueMap:
    map_set = ValueMapSet.objects.create(name="Shop")
    templates = registry.get("quickbooks").value_map_templates
    map_services.install_value_maps(map_set, templates)
    lists = {
        name: [Choice("1", NAME), Choice("2", "Bank")]
        for name in ("tenders", "branches", "payment_methods", "tender_accounts")
    }
    monkeypatch.setattr(
        map_lists, "ask_map_lists", lambda value_map: map_lists.Lists(lists)
    )
    tenders = map_set.value_maps.get(name="tenders")
    rows = [(["1", str(n)], {"deposit_account": "1"}) for n in range(30)]
    map_services.set_entries(tenders, rows)
    return tenders


def bottom_of(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_an_expression_is_shown_whole(page: Page, mapping: Mapping) -> None:
    page.goto(reverse("admin:mapping_mapping_change", args=(mapping.pk,)))
    rule = Rule.objects.get(field="description")
    place = list(mapping.rules.filter(scope="line")).index(rule)
    field = page.locator(f"[name=line_rules-{place}-expression]")
    hidden = field.evaluate("e => e.scrollHeight - e.clientHeight")
    assert hidden <= 2
    occasion = page.locator(f"[name=line_rules-{place}-on]").bounding_box()
    assert occasion is not None
    assert occasion["width"] >= 160


def test_names_to_choose_from_can_be_read(page: Page, tenders: ValueMap) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(reverse("admin:mapping_valuemap_change", args=(tenders.pk,)))
    field = page.locator("[name=entries-0-column_deposit_account]")
    box = field.bounding_box()
    assert box is not None
    assert box["width"] >= 300


def test_short_names_leave_room_for_the_columns_behind_them(
    page: Page, tenders: ValueMap
) -> None:
    page.goto(reverse("admin:mapping_valuemap_change", args=(tenders.pk,)))
    field = page.locator("[name=entries-0-column_payment_method]")
    box = field.bounding_box()
    assert box is not None
    assert box["width"] < 200


def test_a_default_rule_has_no_bin(page: Page, mapping: Mapping) -> None:
    Rule.objects.create(
        mapping=mapping, scope="header", field="memo", expression="1", position=999
    )
    page.goto(reverse("admin:mapping_mapping_change", args=(mapping.pk,)))
    bins = page.locator("tbody.original td.delete .material-symbols-outlined")
    assert [each.is_visible() for each in bins.all()].count(True) == 1


@pytest.mark.parametrize("kind", ["mapping", "valuemap"])
def test_the_end_of_a_long_page_is_not_under_its_buttons(
    page: Page, mapping: Mapping, tenders: ValueMap, kind: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    pk = mapping.pk if kind == "mapping" else tenders.pk
    page.goto(reverse(f"admin:mapping_{kind}_change", args=(pk,)))
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    row = page.locator("#submit-row").bounding_box()
    assert row is not None
    last = page.locator(".add-row:visible, form p > a.hub-button").last
    assert bottom_of(last) <= row["y"]
