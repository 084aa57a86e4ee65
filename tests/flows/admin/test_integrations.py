"""Integrations in the admin: two connections, and what the target asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from connectors.contract import Choice, Field
from flows.models import Flow, Integration
from mapping.models import ValueMap
from tests.factories import (
    BooksFactory,
    ConnectionFactory,
    FlowFactory,
    IntegrationFactory,
)
from tests.fake_connector import BooksConnector
from tests.mapping.pages import form_data

ADD = "admin:flows_integration_add"


def change_url(integration: Integration) -> str:
    return reverse("admin:flows_integration_change", args=(integration.pk,))


def fields_of(client: Client, integration: Integration) -> dict[str, Any]:
    page = client.get(change_url(integration))
    fields: dict[str, Any] = page.context["adminform"].form.fields
    return fields


def add(client: Client, **changes: Any) -> Any:
    data = {
        "name": "Shop",
        "source": ConnectionFactory().pk,
        "target": BooksFactory().pk,
        "start_date": "2026-01-01",
    }
    return client.post(reverse(ADD), {**data, **changes})


def test_a_new_integration_gets_value_maps_and_a_flow_for_each_feed(
    boss: Client,
) -> None:
    add(boss)
    integration = Integration.objects.get()
    assert [m.name for m in integration.value_maps.value_maps.all()] == ["vat"]
    flow = Flow.objects.get()
    assert (flow.feed, flow.enabled, flow.page_size) == ("receipts", False, 50)
    assert (flow.mapping.source, flow.mapping.target) == ("till", "books")


def test_after_adding_come_the_targets_settings(boss: Client) -> None:
    response = add(boss)
    assert response["Location"] == change_url(Integration.objects.get())


def test_a_target_that_can_take_nothing_is_refused(boss: Client) -> None:
    page = add(boss, target=ConnectionFactory(name="Other till").pk)
    assert "cannot take anything" in page.content.decode()
    assert not Integration.objects.exists()


def test_settings_are_chosen_from_the_targets_lists(boss: Client) -> None:
    fields = fields_of(boss, IntegrationFactory())
    assert list(fields["default_tax_code"].choices) == [("", "–"), ("5", "21 High")]


def test_lists_are_asked_once_an_hour(boss: Client) -> None:
    integration = IntegrationFactory()
    fields_of(boss, integration)
    fields_of(boss, integration)
    assert sorted(BooksConnector.asked) == ["accounts", "tax_codes"]


def test_lists_can_be_asked_again(boss: Client) -> None:
    integration = IntegrationFactory()
    fields_of(boss, integration)
    boss.post(
        reverse("admin:flows_integration_press", args=(integration.pk, "refresh"))
    )
    fields_of(boss, integration)
    assert BooksConnector.asked.count("accounts") == 2


def test_an_id_can_be_typed_while_the_target_cannot_be_asked(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BooksConnector, "is_down", True)
    page = boss.get(change_url(IntegrationFactory()))
    assert "The books cannot be reached. Try later." in page.content.decode()
    assert not hasattr(
        page.context["adminform"].form.fields["default_tax_code"], "choices"
    )


def test_a_choice_that_left_the_list_is_still_shown(boss: Client) -> None:
    fields = fields_of(boss, IntegrationFactory(defaults={"tax_code": "6"}))
    assert ("6", "6 (no longer in the list)") in fields["default_tax_code"].choices


def test_saving_keeps_what_the_form_does_not_show(boss: Client) -> None:
    integration = IntegrationFactory(defaults={"tax_code": "5", "hidden": "x"})
    data = {"name": "Shop", "start_date": "2026-02-01", "default_account": "5"}
    boss.post(change_url(integration), {**data, "default_strict": "on"})
    integration.refresh_from_db()
    assert integration.defaults["hidden"] == "x"
    assert integration.defaults["account"] == "5"
    assert integration.defaults["strict"] is True


def test_what_others_choose_while_the_page_is_open_stays(boss: Client) -> None:
    integration = IntegrationFactory(defaults={"tax_code": "5"})
    page = boss.get(change_url(integration))
    assert 'name="seen"' in page.text
    data = form_data(page)
    integration.defaults = {"tax_code": "6"}
    integration.save()
    assert boss.post(change_url(integration), data).status_code == 302
    integration.refresh_from_db()
    assert integration.defaults["tax_code"] == "6"
    page = boss.post(change_url(integration), {**data, "name": "Ours"})
    assert "while this page was open" in page.text
    integration.refresh_from_db()
    assert (integration.name == "Ours", integration.defaults["tax_code"]) == (
        False,
        "6",
    )
    # What is saved again is meant.
    assert boss.post(change_url(integration), form_data(page)).status_code == 302
    integration.refresh_from_db()
    assert integration.name == "Ours"


def test_a_page_holds_no_secret_setting(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = (Field("token", "Token", type="secret"),)
    monkeypatch.setattr(BooksConnector, "target_settings", fields)
    own = {"token": "s3cret"}
    flow = FlowFactory(settings=own, integration__defaults=own)
    assert "s3cret" not in boss.get(change_url(flow.integration)).text
    page = boss.get(reverse("admin:flows_own_settings", args=(flow.pk,)))
    assert "s3cret" not in str(page.context["form"]["seen"])


def test_the_connections_of_an_integration_stay(boss: Client) -> None:
    integration = IntegrationFactory()
    data = {"name": "X", "start_date": "2026-02-01", "source": ConnectionFactory().pk}
    boss.post(change_url(integration), data)
    assert Integration.objects.get().source == integration.source


def test_the_page_leads_to_flows_and_value_maps(boss: Client) -> None:
    integration = IntegrationFactory()
    page = boss.get(change_url(integration)).content.decode()
    assert f"?map_set__id__exact={integration.value_maps_id}" in page


def test_who_may_only_look_makes_no_calls(person: Callable[..., Client]) -> None:
    page = person("flows.view_integration").get(change_url(IntegrationFactory()))
    assert page.status_code == 200
    assert BooksConnector.asked == []


@pytest.mark.django_db(transaction=True)
def test_lists_are_asked_outside_any_transaction(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choices(self: BooksConnector, name: str) -> list[Choice]:
        assert not connection.in_atomic_block
        self.asked.append(name)
        return []

    monkeypatch.setattr(BooksConnector, "choices", choices)
    data = {"name": "Shop", "start_date": "2026-02-01"}
    response = boss.post(change_url(IntegrationFactory()), data)
    assert response.status_code == 302
    assert BooksConnector.asked


def test_the_list_asks_as_much_for_many_as_for_few(
    boss: Client, django_assert_num_queries: Any
) -> None:
    IntegrationFactory.create_batch(8)
    url = reverse("admin:flows_integration_changelist")
    boss.get(url)
    with django_assert_num_queries(7):
        boss.get(url)


def test_refreshing_needs_permission(person: Callable[..., Client]) -> None:
    url = reverse(
        "admin:flows_integration_press", args=(IntegrationFactory().pk, "refresh")
    )
    looker = person("flows.view_integration")
    assert looker.post(url).status_code == 403
    changer = person("flows.view_integration", "flows.change_integration")
    response = changer.post(url)
    assert [str(m) for m in get_messages(response.wsgi_request)] == [
        "The lists were asked again."
    ]


def test_a_value_map_offers_the_names_of_both_systems(boss: Client) -> None:
    integration = IntegrationFactory()
    value_map = ValueMap.objects.create(
        map_set=integration.value_maps,
        name="vat",
        label="VAT",
        key_fields=[{"name": "code", "label": "Code"}],
        columns=[{"name": "tax", "label": "Tax code", "choices": "tax_codes"}],
    )
    address = reverse("admin:mapping_valuemap_change", args=[value_map.pk])
    page = boss.get(address).content.decode()
    assert ">21 High<" in page


def test_value_maps_that_a_new_version_ships_are_added_by_a_button(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(boss)
    integration = Integration.objects.get()
    assert (
        "Add new value maps" not in boss.get(change_url(integration)).content.decode()
    )
    new = {"name": "terms", "label": "Terms", "keys": [], "columns": []}
    templates = (*BooksConnector.value_map_templates, new)
    monkeypatch.setattr(BooksConnector, "value_map_templates", templates)
    assert "Add new value maps" in boss.get(change_url(integration)).content.decode()
    address = reverse(
        "admin:flows_integration_press", args=(integration.pk, "add_maps")
    )
    boss.post(address)
    names = integration.value_maps.value_maps.values_list("name", flat=True)
    assert sorted(names) == ["terms", "vat"]


def test_a_new_form_of_a_value_map_is_taken_on_its_page(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(boss)
    value_map = ValueMap.objects.get()
    columns = [{"name": "tax", "label": "Tax code"}]
    new = {"name": "vat", "label": "VAT", "keys": [], "columns": columns}
    monkeypatch.setattr(BooksConnector, "value_map_templates", (new,))
    address = reverse("admin:mapping_valuemap_change", args=[value_map.pk])
    assert "A new form of this map" in boss.get(address).content.decode()
    offer = reverse("admin:mapping_valuemap_offer", args=[value_map.pk])
    boss.post(offer, {"choice": "take"})
    value_map.refresh_from_db()
    assert value_map.columns == columns
    assert "A new form of this map" not in boss.get(address).content.decode()
    boss.post(offer, {"choice": "keep"})
    value_map.refresh_from_db()
    assert value_map.columns == columns
