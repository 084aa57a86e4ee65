"""The mapping page of a flow: what is saved there is kept; new defaults are offered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flows.models import Flow, SyncRecord
from integration_hub.core.errors import Unavailable
from mapping import checking, services
from mapping.models import Filter, Rule
from tests.factories import FlowFactory, SyncRecordFactory
from tests.fake_connector import BooksConnector, TillConnector, make_order
from tests.mapping.pages import change, form_data

MEMO = {"scope": "header", "field": "memo", "expression": "order.id"}
IS_ONE = {"field": "order.branch", "operator": "is", "value": "1"}
NEW = {**MEMO, "expression": "order.reference"}


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Flow:
    made: Flow = FlowFactory()
    services.install_defaults(made.mapping, [MEMO])
    monkeypatch.setattr(BooksConnector, "default_rules", (MEMO,))
    return made


def page_of(flow: Flow) -> str:
    return reverse("admin:flows_flow_mapping", args=(flow.pk,))


def typed(client: Client, flow: Flow) -> dict[str, Any]:
    drafts = client.get(page_of(flow)).context["drafts"]
    data: dict[str, Any] = {}
    for form in (drafts.management_form, *drafts.forms):
        for bound in form:
            if bound.value() not in (None, False):
                data[bound.html_name] = bound.value()
    return data


def save(client: Client, flow: Flow, **changes: Any) -> Any:
    return client.post(page_of(flow), {**typed(client, flow), **changes})


def test_what_is_saved_is_kept(boss: Client, flow: Flow) -> None:
    assert save(boss, flow).status_code == 302
    assert flow.mapping.versions.count() == 1
    save(boss, flow, **{"rules-0-expression": "order.branch"})
    version = flow.mapping.versions.first()
    assert version is not None
    assert (version.by, version.how) == ("boss", "changed on the mapping page")
    assert flow.mapping.rules.get().expression == "order.branch"


def test_a_new_default_is_taken_and_leads_back(
    boss: Client, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "New defaults" not in boss.get(page_of(flow)).content.decode()
    monkeypatch.setattr(BooksConnector, "default_rules", (NEW,))
    page = boss.get(page_of(flow))
    assert "New defaults are available" in page.content.decode()
    data = {"key": "header.memo.both", "choice": "take"}
    answer = boss.post(page.context["offer_url"], data)
    assert answer["Location"] == page_of(flow)
    assert flow.mapping.rules.get().expression == "order.reference"


@pytest.fixture
def pair(flow: Flow) -> list[Rule]:
    """Two rules for one field, each on its occasion."""
    first = flow.mapping.rules.get()
    first.on = "create"
    first.save()
    other = Rule.objects.create(
        **{**MEMO, "mapping": flow.mapping, "on": "update"}, position=99
    )
    return [first, other]


SWAPPED = {"rules-0-on": "update", "rules-1-on": "create"}


@pytest.mark.usefixtures("pair")
def test_two_rules_swap_their_occasions(boss: Client, flow: Flow) -> None:
    assert save(boss, flow, **SWAPPED).status_code == 302
    found = flow.mapping.rules.order_by("pk").values_list("on", "active")
    assert list(found) == [("update", True), ("create", True)]


@pytest.mark.usefixtures("pair")
def test_they_swap_on_the_page_of_the_mapping_too(boss: Client, flow: Flow) -> None:
    address = reverse("admin:mapping_mapping_change", args=(flow.mapping_id,))
    changes = {f"header_{name}": value for name, value in SWAPPED.items()}
    assert change(boss, address, **changes).status_code == 302
    found = flow.mapping.rules.order_by("pk").values_list("on", "active")
    assert list(found) == [("update", True), ("create", True)]


def test_no_rule_comes_into_being(boss: Client, flow: Flow) -> None:
    more = {"expression": "order.id", "on": "both", "active": "on"}
    posted = {f"rules-1-{name}": value for name, value in more.items()}
    page = save(boss, flow, **posted, **{"rules-TOTAL_FORMS": 2})
    assert "not in the mapping any more" in page.content.decode()
    assert Rule.objects.count() == 1


def test_a_rule_of_another_mapping_is_not_changed(boss: Client, flow: Flow) -> None:
    other = FlowFactory()
    (rule,) = services.install_defaults(other.mapping, [MEMO])
    posted = {"rules-0-id": rule.pk, "rules-0-expression": "order.till"}
    page = save(boss, flow, **posted)
    assert "not in the mapping any more" in page.content.decode()
    boss.post(page_of(flow) + "try/", {**typed(boss, flow), **posted})
    assert set(Rule.objects.values_list("expression", flat=True)) == {"order.id"}


def test_why_there_is_no_record_is_told(
    boss: Client, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise Unavailable("The till is away.", action="Try later.")

    monkeypatch.setattr(TillConnector, "read", refuse)
    assert "The till is away. Try later." in boss.get(page_of(flow)).content.decode()
    gone = SyncRecordFactory(flow=flow, payload=None)
    kept = SyncRecordFactory(flow=flow)
    page = boss.get(page_of(flow), {"record": gone.pk})
    assert "There is no record" not in page.context["problem"]
    assert "content" in page.context["problem"]
    assert [value for value, _text in page.context["offered"]] == [str(kept.pk)]


@pytest.mark.parametrize("odd", ["²", "next:zzz", "9" * 40, "x"])
def test_an_address_that_names_no_record_finds_none(
    boss: Client, flow: Flow, odd: str
) -> None:
    assert boss.get(page_of(flow), {"record": odd}).status_code in (200, 404)
    tried = boss.post(page_of(flow) + "try/", {"record": odd})
    assert tried.status_code in (200, 404)
    address = page_of(flow).replace(f"/{flow.pk}/", f"/{odd}/")
    assert boss.get(address).status_code == 404


def test_every_path_that_is_offered_can_be_used(boss: Client, flow: Flow) -> None:
    extra = {'a"b': "1", "and": "2", "a b": "3", "é": "4", "<i>": "5"}
    record = SyncRecordFactory(flow=flow, order=make_order(extra=extra))
    page = boss.get(page_of(flow), {"record": record.pk})
    paths = [path for path, _value in page.context["paths"]]
    assert len([path for path in paths if path.startswith("order.extra")]) == 5
    for path in paths:
        assert checking.check_expression(flow.mapping, path, "header") is None
    assert "<i>" not in page.content.decode()


def test_who_may_only_look_changes_nothing(
    person: Callable[..., Client], flow: Flow
) -> None:
    looker = person("flows.preview_flow")
    answer = save(looker, flow, **{"rules-0-expression": "order.till"})
    assert answer.status_code == 403
    assert flow.mapping.rules.get().expression == "order.id"
    stranger = person("flows.view_flow", "mapping.change_rule")
    for part in ("", "try/", "many/"):
        assert stranger.post(page_of(flow) + part).status_code == 403


def test_tables_filters_and_new_rules_are_within_reach(
    boss: Client, flow: Flow
) -> None:
    is_two = {"field": "order.branch", "operator": "is", "value": "2"}
    made = Filter.objects.create(
        mapping=flow.mapping, reason="Markt", conditions={"all": [is_two]}
    )
    text = boss.get(page_of(flow)).text
    rule = flow.mapping.rules.get()
    for name, pk in (("rule", rule.pk), ("filter", made.pk)):
        assert reverse(f"admin:mapping_{name}_change", args=(pk,)) in text
    assert reverse("admin:mapping_mapping_change", args=(flow.mapping_id,)) in text
    assert f"{reverse('admin:mapping_filter_add')}?mapping={flow.mapping_id}" in text
    assert "the branch is 2" in text


def test_a_filter_is_tried_by_those_who_may_see_records(
    person: Callable[..., Client], flow: Flow
) -> None:
    record = SyncRecordFactory(flow=flow)
    all_of_them = Filter.objects.create(
        mapping=flow.mapping, reason="none", conditions={"all": [IS_ONE]}
    )
    may = ["mapping.view_filter", "mapping.change_filter"]
    address = reverse("admin:mapping_filter_change", args=(all_of_them.pk,))
    text = person(*may).get(address).text
    assert "Only those who may see records can try it on them." in text
    assert record.number not in text
    text = person(*may, "flows.view_syncrecord").get(address).text
    assert f"1 would be skipped: {record.number}" in text


@pytest.mark.parametrize("how", ["another key", "garbled"])
def test_what_cannot_be_read_any_more_is_left_out_and_told(
    boss: Client, flow: Flow, settings: Any, how: str
) -> None:
    lost = SyncRecordFactory(flow=flow, number="lost")
    keys = settings.FIELD_KEYS
    if how == "another key":
        settings.FIELD_KEYS = ["another-key-altogether"]
    SyncRecord.objects.update(payload='{"kind": "order"}')
    settings.FIELD_KEYS = keys
    SyncRecordFactory(flow=flow)
    address = f"{reverse('admin:mapping_filter_add')}?mapping={flow.mapping_id}"
    assert boss.get(address).status_code == 200
    made = Filter.objects.create(
        mapping=flow.mapping, reason="none", conditions={"all": [IS_ONE]}
    )
    text = boss.get(reverse("admin:mapping_filter_change", args=(made.pk,))).text
    assert "0 of the last 1 record passes." in text
    assert "1 record is left out: its content cannot be read any more." in text
    made.delete()
    many = boss.post(page_of(flow) + "many/", typed(boss, flow)).text
    assert "Tried on 2 records." in many
    assert "<strong>lost</strong>" in many
    page = boss.get(page_of(flow), {"record": lost.pk})
    assert page.context["problem"]
    assert len(page.context["offered"]) == 2


@pytest.mark.parametrize("name", ["rule", "filter"])
def test_who_came_from_the_mapping_page_returns_to_it(
    boss: Client, flow: Flow, name: str
) -> None:
    made: Filter | Rule = flow.mapping.rules.get()
    if name == "filter":
        made = Filter.objects.create(
            mapping=flow.mapping, reason="none", expression="false"
        )
    address = reverse(f"admin:mapping_{name}_change", args=(made.pk,))
    found = re.search(rf'href="({address}[^"]*)"', boss.get(page_of(flow)).text)
    assert found is not None
    data = form_data(boss.get(found[1]))
    assert boss.post(found[1], data)["Location"] == page_of(flow)
