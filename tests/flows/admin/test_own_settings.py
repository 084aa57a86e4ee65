"""The settings of a flow: where each comes from, overridden and given back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors.contract import SetUpLine
from flows import own_settings, setup
from flows.admin.set_up import repair_url
from flows.models import Flow
from integration_hub.core.panel import widgets
from tests.factories import FlowFactory


def page_url(flow: Flow) -> str:
    return reverse("admin:flows_own_settings", args=(flow.pk,))


def told(flow: Flow) -> dict[str, tuple[str, str]]:
    found = own_settings.explain(flow)
    return {each.field.name: (each.told, each.origin.value) for each in found}


def post(client: Client, flow: Flow, **values: Any) -> Any:
    """Save the page with these ticked; the rest as it is shown."""
    form = client.get(page_url(flow)).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data |= {f"own_{name}": "on" for name in values}
    data |= {f"value_{name}": value for name, value in values.items()}
    return client.post(page_url(flow), {k: v for k, v in data.items() if v})


def test_each_value_says_where_it_comes_from() -> None:
    flow = FlowFactory(settings={"lines_by": "g"})
    assert told(flow) == {
        "tax_code": ("5", "integration"),
        "account": ("", "nowhere"),
        "strict": ("no", "nowhere"),
        "lines_by": ("by group", "flow"),
    }


def test_a_setting_is_told_by_its_name_once_the_list_was_asked() -> None:
    flow = FlowFactory()
    setup.ask_lists(flow.integration)
    assert told(flow)["tax_code"] == ("High (5)", "integration")


def test_a_setting_is_overridden_and_given_back(boss: Client) -> None:
    flow = FlowFactory()
    assert post(boss, flow, account="5", strict="on").status_code == 302
    flow.refresh_from_db()
    assert flow.settings == {"account": "5", "strict": True}
    page = boss.get(page_url(flow))
    own = [row["setting"].field.name for row in page.context["form"].rows()]
    assert own == ["tax_code", "account", "strict", "lines_by"]
    data = {"own_account": "on", "value_account": "5"}
    boss.post(page_url(flow), data)
    flow.refresh_from_db()
    assert flow.settings == {"account": "5"}
    assert flow.settings_in_force == {"tax_code": "5", "account": "5"}


def shown(page: Any) -> dict[str, Any]:
    form = page.context["form"]
    return {n: form[n].value() for n in form.fields if form[n].value()}


def test_what_others_set_while_the_page_is_open_is_not_lost(boss: Client) -> None:
    flow = FlowFactory(settings={"lines_by": "g"})
    page = boss.get(page_url(flow))
    assert 'name="seen"' in page.text
    data = {**shown(page), "own_strict": "on", "value_strict": "on"}
    own_settings.override(flow, {"account": "5"})
    page = boss.post(page_url(flow), data)
    assert "Somebody changed the settings of this flow" in page.text
    flow.refresh_from_db()
    assert flow.settings == {"account": "5"}
    # What is saved again is meant.
    assert boss.post(page_url(flow), shown(page)).status_code == 302
    flow.refresh_from_db()
    assert flow.settings == {"lines_by": "g", "strict": True}


def test_a_value_that_is_changed_is_meant_without_a_tick(boss: Client) -> None:
    flow = FlowFactory(settings={"account": "5"})
    boss.post(page_url(flow), {"value_tax_code": "5", "value_lines_by": "g"})
    flow.refresh_from_db()
    assert flow.settings == {"lines_by": "g"}


def test_what_is_needed_is_not_overridden_by_nothing(boss: Client) -> None:
    flow = FlowFactory()
    page = boss.post(page_url(flow), {"own_tax_code": "on", "value_tax_code": ""})
    assert "Choose a value." in page.content.decode()
    flow.refresh_from_db()
    assert flow.settings == {}


def test_a_choice_that_left_the_list_stays(boss: Client) -> None:
    flow = FlowFactory(settings={"account": "6"})
    assert post(boss, flow, account="6").status_code == 302
    flow.refresh_from_db()
    assert flow.settings == {"account": "6"}


def test_the_flows_page_shows_all_settings(boss: Client) -> None:
    flow = FlowFactory(settings={"lines_by": "g"})
    page = boss.get(reverse("admin:flows_flow_change", args=(flow.pk,)))
    text = page.content.decode()
    assert "this flow</span>" in text.replace("\n", "")
    assert "by group" in text
    assert page_url(flow) in text


def test_overriding_needs_permission(person: Callable[..., Client]) -> None:
    flow = FlowFactory()
    looker = person("flows.view_flow")
    assert looker.get(page_url(flow)).status_code == 403
    page = looker.get(reverse("admin:flows_flow_change", args=(flow.pk,)))
    assert page_url(flow) not in page.content.decode()


@pytest.mark.parametrize(
    ("own", "page"),
    [({}, "flows_integration_change"), ({"account": "5"}, "flows_own_settings")],
)
def test_a_red_setting_is_repaired_where_it_is_set(
    own: dict[str, Any], page: str
) -> None:
    flow = FlowFactory(settings=own)
    pk = flow.pk if own else flow.integration_id
    line = SetUpLine("Debtor", ok=False, page="settings")
    assert repair_url(line, flow, {}) == reverse(f"admin:{page}", args=(pk,))


def test_the_page_brings_what_its_long_lists_need(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widgets, "MANY", 0)
    page = boss.get(page_url(FlowFactory()))
    for script in ("select2.full", "select2.init", "jsi18n"):
        assert script in page.text
