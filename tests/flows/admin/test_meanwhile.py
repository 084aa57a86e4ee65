"""What others change while a page is open is neither undone nor lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flows.models import Flow
from integration_hub.core import authors
from mapping import map_services, services
from mapping.models import Filter, Rule, ValueMap, ValueMapEntry
from mapping.versions import recording
from tests.factories import FlowFactory, SyncRecordFactory
from tests.mapping.pages import form_data

MEMO = {"scope": "header", "field": "memo", "expression": "order.id"}
NUMBER = {"scope": "header", "field": "number", "expression": "order.id"}


@pytest.fixture
def flow() -> Flow:
    made: Flow = FlowFactory()
    services.install_defaults(made.mapping, [MEMO, NUMBER])
    return made


@contextmanager
def anna(thing: Any) -> Iterator[None]:
    """Somebody else changes a mapping or a value map."""
    with authors.authored_by("anna"), recording(thing, how="changed on its page"):
        yield


def address(flow: Flow) -> str:
    return reverse("admin:flows_flow_mapping", args=(flow.pk,))


def typed(page: Any) -> dict[str, Any]:
    """What a browser posts from the mapping page."""
    drafts, data = page.context["drafts"], {}
    for form in (drafts.management_form, *drafts.forms):
        for bound in form:
            if bound.value() not in (None, False):
                data[bound.html_name] = bound.value()
    return data


def expressions(flow: Flow) -> list[str]:
    return list(flow.mapping.rules.values_list("expression", flat=True))


def set_rule(flow: Flow, place: int, **values: Any) -> Rule:
    rule = flow.mapping.rules.all()[place]
    with anna(flow.mapping):
        Rule.objects.filter(pk=rule.pk).update(**values)
    return rule


def test_a_rule_that_was_left_alone_stays_as_others_made_it(
    boss: Client, flow: Flow
) -> None:
    data = typed(boss.get(address(flow)))
    set_rule(flow, 0, expression="order.till", on="create")
    answer = boss.post(address(flow), {**data, "rules-1-expression": "order.branch"})
    assert answer.status_code == 302
    assert expressions(flow) == ["order.till", "order.branch"]
    assert flow.mapping.rules.all()[0].on == "create"


def test_a_rule_that_both_changed_is_told_and_what_was_typed_stays(
    boss: Client, flow: Flow
) -> None:
    data = typed(boss.get(address(flow)))
    set_rule(flow, 0, expression="order.till", active=False)
    page = boss.post(address(flow), {**data, "rules-0-expression": "order.branch"})
    assert page.status_code == 200
    assert "others changed what you changed: Document: memo" in page.text
    assert "anna changed “Document: memo” while this page was open" in page.text
    assert "Expression: order.till; Active: no." in page.text
    assert page.context["drafts"].forms[0]["expression"].value() == "order.branch"
    assert expressions(flow) == ["order.till", "order.id"]
    # Both were seen now: what is saved again is meant.
    assert boss.post(address(flow), typed(page)).status_code == 302
    assert expressions(flow) == ["order.branch", "order.id"]


def test_both_may_have_meant_the_same(boss: Client, flow: Flow) -> None:
    data = typed(boss.get(address(flow)))
    set_rule(flow, 0, expression="order.till")
    answer = boss.post(address(flow), {**data, "rules-0-expression": "order.till"})
    assert answer.status_code == 302


def test_what_became_a_table_meanwhile_loses_nothing_that_was_typed(
    boss: Client, flow: Flow
) -> None:
    data = typed(boss.get(address(flow)))
    final = {"all": [{"field": "order.final", "operator": "yes"}]}
    table = {"rows": [{"when": final, "then": {"text": "none"}}], "otherwise": None}
    set_rule(flow, 0, expression="", table=table)
    page = boss.post(address(flow), {**data, "rules-0-expression": "order.branch"})
    assert "anna changed “Document: memo”" in page.text
    assert "then “none”" in page.text
    assert "you had typed: order.branch" in page.text


def test_a_rule_that_is_gone_stays_gone(boss: Client, flow: Flow) -> None:
    data = typed(boss.get(address(flow)))
    with anna(flow.mapping):
        flow.mapping.rules.all()[0].delete()
    lost = boss.post(address(flow), {**data, "rules-0-expression": "order.branch"})
    assert "somebody removed it. You had typed: order.branch" in lost.text
    assert boss.post(address(flow), typed(lost)).status_code == 302
    answer = boss.post(address(flow), {**data, "rules-1-expression": "order.till"})
    assert answer.status_code == 302
    assert expressions(flow) == ["order.till"]


def test_all_rules_may_be_gone(boss: Client, flow: Flow) -> None:
    data = typed(boss.get(address(flow)))
    with anna(flow.mapping):
        flow.mapping.rules.all().delete()
    assert boss.post(address(flow), data).status_code == 302


def test_a_rule_that_others_added_is_not_filled_twice(boss: Client, flow: Flow) -> None:
    set_rule(flow, 0, active=False)
    data = typed(boss.get(address(flow)))
    with anna(flow.mapping):
        Rule.objects.create(mapping=flow.mapping, **MEMO)
    page = boss.post(address(flow), {**data, "rules-0-active": "on"})
    assert "Two active rules fill" in page.text


def test_a_trial_takes_what_others_saved(boss: Client, flow: Flow) -> None:
    SyncRecordFactory(flow=flow)
    data = typed(boss.get(address(flow)))
    set_rule(flow, 0, expression='"by Anna"')
    assert "by Anna" in boss.post(address(flow) + "try/", data).text


@pytest.mark.parametrize("kind", ["rule", "filter"])
def test_a_page_of_one_thing_is_refused_once(
    boss: Client, flow: Flow, kind: str
) -> None:
    made: Rule | Filter = flow.mapping.rules.all()[0]
    if kind == "filter":
        made = Filter.objects.create(
            mapping=flow.mapping, reason="none", expression="false"
        )
    page_of = reverse(f"admin:mapping_{kind}_change", args=(made.pk,))
    data = form_data(boss.get(page_of))
    with anna(flow.mapping):
        type(made).objects.filter(pk=made.pk).update(expression="true", active=False)
    page = boss.post(page_of, {**data, "position": 7})
    assert page.status_code == 200
    assert "anna changed “" in page.text
    assert "Expression: true" in page.text
    assert "Active: no" in page.text
    made.refresh_from_db()
    assert (made.expression, made.position) != (data["expression"], 7)
    assert 'name="seen"' in page.text
    assert boss.post(page_of, form_data(page)).status_code == 302
    made.refresh_from_db()
    assert (made.expression, made.position) == (data["expression"], 7)


@pytest.fixture
def colours() -> ValueMap:
    made = ValueMap.objects.create(
        map_set=FlowFactory().integration.value_maps,
        name="colours",
        label="Colours",
        key_fields=[{"name": "code", "label": "Code"}],
        columns=[{"name": "name", "label": "Name"}],
    )
    for code, name in (("1", "red"), ("2", "green")):
        map_services.set_entry(made, [code], {"name": name})
    return made


def set_row(colours: ValueMap, code: str, name: str) -> None:
    with anna(colours):
        ValueMapEntry.objects.filter(keys=[code]).update(values={"name": name})


def names(colours: ValueMap) -> list[str]:
    rows = ValueMapEntry.objects.filter(value_map=colours)
    return [row.values.get("name", "") for row in rows.order_by("pk")]


def test_rows_that_were_left_alone_stay_as_others_made_them(
    boss: Client, colours: ValueMap
) -> None:
    page_of = reverse("admin:mapping_valuemap_change", args=(colours.pk,))
    page = boss.get(page_of)
    assert 'name="entries-0-seen"' in page.text
    data = form_data(page)
    set_row(colours, "1", "crimson")
    with anna(colours):
        ValueMap.objects.filter(pk=colours.pk).update(label="Paint")
    answer = boss.post(page_of, {**data, "entries-1-column_name": "lime"})
    assert answer.status_code == 302
    assert names(colours) == ["crimson", "lime"]
    colours.refresh_from_db()
    assert colours.label == "Paint"


@pytest.mark.parametrize("how", ["column_name", "DELETE"])
def test_a_row_that_both_changed_is_told(
    boss: Client, colours: ValueMap, how: str
) -> None:
    page_of = reverse("admin:mapping_valuemap_change", args=(colours.pk,))
    data = form_data(boss.get(page_of))
    set_row(colours, "1", "crimson")
    page = boss.post(page_of, {**data, f"entries-0-{how}": "scarlet"})
    assert page.status_code == 200
    assert "anna changed “1” while this page was open" in page.text
    assert "Name: crimson." in page.text
    assert names(colours) == ["crimson", "green"]
    assert boss.post(page_of, form_data(page)).status_code == 302
    assert "crimson" not in names(colours)


def test_the_settings_of_a_map_that_both_changed_are_told(
    boss: Client, colours: ValueMap
) -> None:
    page_of = reverse("admin:mapping_valuemap_change", args=(colours.pk,))
    data = form_data(boss.get(page_of))
    with anna(colours):
        ValueMap.objects.filter(pk=colours.pk).update(label="Paint")
    page = boss.post(page_of, {**data, "label": "Hues"})
    assert "Label: Paint." in page.text
    colours.refresh_from_db()
    assert colours.label == "Paint"


def test_rules_on_the_page_of_their_mapping_keep_up(boss: Client, flow: Flow) -> None:
    page_of = reverse("admin:mapping_mapping_change", args=(flow.mapping_id,))
    data = form_data(boss.get(page_of))
    set_rule(flow, 0, expression="order.till")
    change = {"header_rules-1-expression": "order.branch"}
    assert boss.post(page_of, {**data, **change}).status_code == 302
    assert expressions(flow) == ["order.till", "order.branch"]
    set_rule(flow, 1, expression="order.id")
    data = form_data(boss.get(page_of))
    set_rule(flow, 1, expression="order.till")
    page = boss.post(page_of, {**data, **change})
    assert "anna changed “" in page.text


@pytest.fixture
def filters(flow: Flow) -> list[Filter]:
    made = (Filter(mapping=flow.mapping, reason=r, expression="false") for r in "ab")
    return Filter.objects.bulk_create(made)


def reasons(flow: Flow) -> list[str]:
    return list(flow.mapping.filters.order_by("pk").values_list("reason", flat=True))


def test_filters_on_the_page_of_their_mapping_keep_up(
    boss: Client, flow: Flow, filters: list[Filter]
) -> None:
    page_of = reverse("admin:mapping_mapping_change", args=(flow.mapping_id,))
    page = boss.get(page_of)
    assert 'name="filters-0-seen"' in page.text
    data = form_data(page)
    with anna(flow.mapping):
        flow.mapping.filters.filter(reason="a").update(reason="anna's", active=False)
        type(flow.mapping).objects.update(name="Anna's rules")
    answer = boss.post(page_of, {**data, "filters-1-reason": "mine"})
    assert answer.status_code == 302
    assert reasons(flow) == ["anna's", "mine"]
    flow.mapping.refresh_from_db()
    assert flow.mapping.name == "Anna's rules"
    assert not flow.mapping.filters.get(reason="anna's").active


@pytest.mark.parametrize("how", ["reason", "DELETE"])
def test_a_filter_that_both_changed_is_told(
    boss: Client, flow: Flow, filters: list[Filter], how: str
) -> None:
    page_of = reverse("admin:mapping_mapping_change", args=(flow.mapping_id,))
    data = form_data(boss.get(page_of))
    with anna(flow.mapping):
        flow.mapping.filters.filter(reason="a").update(expression="order.final")
    page = boss.post(page_of, {**data, f"filters-0-{how}": "mine"})
    assert "anna changed “a” while this page was open" in page.text
    assert "Conditions: order.final." in page.text
    assert reasons(flow) == ["a", "b"]
    assert boss.post(page_of, form_data(page)).status_code == 302
    assert reasons(flow) == (["mine", "b"] if how == "reason" else ["b"])


@pytest.mark.parametrize(
    ("first", "second"),
    [("header_rules-0-expression", "order.till"), ("filters-0-reason", "mine")],
)
def test_a_row_of_a_mapping_that_is_gone_stays_gone(
    boss: Client, flow: Flow, filters: list[Filter], first: str, second: str
) -> None:
    page_of = reverse("admin:mapping_mapping_change", args=(flow.mapping_id,))
    data = form_data(boss.get(page_of))
    with anna(flow.mapping):
        flow.mapping.rules.all()[0].delete()
        filters[0].delete()
    lost = boss.post(page_of, {**data, first: second, "filters-1-reason": "kept"})
    assert "You had typed: " in lost.text
    assert second in lost.text
    assert 'value="kept"' in lost.text
    assert reasons(flow) == ["b"]
    assert boss.post(page_of, form_data(lost)).status_code == 302
    assert (reasons(flow), flow.mapping.rules.count()) == (["kept"], 1)


@pytest.mark.parametrize("how", ["label", "DELETE"])
def test_a_row_of_a_map_that_is_gone_stays_gone(
    boss: Client, colours: ValueMap, how: str
) -> None:
    page_of = reverse("admin:mapping_valuemap_change", args=(colours.pk,))
    data = {**form_data(boss.get(page_of)), "entries-1-column_name": "lime"}
    with anna(colours):
        ValueMapEntry.objects.filter(keys=["1"]).delete()
    page = boss.post(page_of, {**data, f"entries-0-{how}": "mine"})
    if how == "label":
        assert "This was removed while the page was open." in page.text
        assert 'value="lime"' in page.text
        page = boss.post(page_of, form_data(page))
    assert page.status_code == 302
    assert names(colours) == ["lime"]


def test_rows_that_came_to_stand_on_another_page_are_the_same_rows(
    boss: Client, colours: ValueMap
) -> None:
    map_services.set_entries(colours, [([str(n)], {}) for n in range(3, 60)])
    page_of = reverse("admin:mapping_valuemap_change", args=(colours.pk,))
    data = form_data(boss.get(page_of))
    set_row(colours, "3", "blue")
    set_row(colours, "4", "pink")
    change = {"entries-0-column_name": "navy", "entries-2-column_name": "lime"}
    page = boss.post(page_of, {**data, **change})
    assert "anna changed “3” while this page was open" in page.text
    assert boss.post(page_of, form_data(page)).status_code == 302
    assert names(colours)[:5] == ["red", "green", "navy", "pink", "lime"]
