"""Mappings, rules and value maps in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from mapping import services
from mapping.models import Filter, Mapping, Rule, ValueMap, ValueMapSet
from tests.mapping.pages import change, url
from tests.mapping.test_services import RULES, TEMPLATES

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]


@pytest.fixture
def mapping() -> Mapping:
    mapping = Mapping.objects.create(name="R", source="a", target="b", kind="order")
    services.install_defaults(mapping, RULES)
    return mapping


@pytest.fixture
def vat() -> ValueMap:
    map_set = ValueMapSet.objects.create(name="Shop")
    [vat] = services.install_value_maps(map_set, TEMPLATES)
    services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "5"})
    return vat


@pytest.fixture
def looker(client: Client) -> Client:
    """A person who may look and nothing else."""
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            codename__startswith="view_", content_type__app_label="mapping"
        )
    )
    client.force_login(user)
    return client


def row_of(rule: Rule) -> str:
    """The prefix of a rule's row on its mapping's page."""
    place = [each.pk for each in rule.mapping.rules.all()].index(rule.pk)
    return f"rules-{place}"


# ------------------------------------------------------------------- who may come in


@pytest.mark.parametrize("model", ["mapping", "rule", "valuemap"])
def test_lists_open(
    admin_client: Client, mapping: Mapping, vat: ValueMap, model: str
) -> None:
    assert admin_client.get(url(f"{model}_changelist")).status_code == 200


@pytest.mark.parametrize("model", ["mapping", "rule", "valuemap"])
def test_lists_are_closed_to_strangers(client: Client, model: str) -> None:
    assert client.get(url(f"{model}_changelist")).status_code == 302


@pytest.mark.parametrize("model", ["mapping", "rule", "valuemap"])
def test_pages_open_for_those_who_may_only_look(
    looker: Client, mapping: Mapping, vat: ValueMap, model: str
) -> None:
    pk = {"mapping": mapping.pk, "rule": mapping.rules.all()[0].pk, "valuemap": vat.pk}
    page = looker.get(url(f"{model}_change", pk[model]))
    assert page.status_code == 200
    assert not page.context["has_change_permission"]


@pytest.mark.parametrize("model", ["mapping", "rule", "valuemap"])
def test_nothing_is_added_by_hand(admin_client: Client, model: str) -> None:
    assert admin_client.get(url(f"{model}_add")).status_code == 403


# --------------------------------------------------------------------------- mappings


def test_the_list_counts_rules_that_are_not_as_shipped(
    admin_client: Client, mapping: Mapping
) -> None:
    mapping.rules.filter(field="memo").update(expression="order.id")
    page = admin_client.get(url("mapping_changelist"))
    assert "2, 1 of your own" in page.content.decode()


def test_a_mapping_shows_rules_with_their_origin(
    admin_client: Client, mapping: Mapping
) -> None:
    mapping.rules.filter(field="memo").update(expression="order.id")
    Rule.objects.create(mapping=mapping, scope="item", field="x", expression="1")
    text = admin_client.get(url("mapping_change", mapping.pk)).content.decode()
    for origin in (">default<", ">default, changed<", ">own<"):
        assert origin in text


def test_a_rule_is_changed_on_the_mappings_page(
    admin_client: Client, mapping: Mapping
) -> None:
    memo = mapping.rules.get(field="memo")
    address = url("mapping_change", mapping.pk)
    answer = change(
        admin_client, address, **{f"{row_of(memo)}-expression": "upper(order.id)"}
    )
    assert answer.status_code == 302
    memo.refresh_from_db()
    assert (memo.expression, memo.changed) == ("upper(order.id)", True)


def test_an_unreadable_expression_is_told_at_its_field(
    admin_client: Client, mapping: Mapping
) -> None:
    memo = mapping.rules.get(field="memo")
    address = url("mapping_change", mapping.pk)
    page = change(admin_client, address, **{f"{row_of(memo)}-expression": "line.text"})
    text = page.content.decode()
    assert "Position 1: &quot;line&quot; is not known here" in text
    memo.refresh_from_db()
    assert memo.expression == "order.reference"


@pytest.mark.parametrize("active", ["on", None])
def test_a_second_active_rule_for_a_field_is_refused(
    admin_client: Client, mapping: Mapping, active: str | None
) -> None:
    new = {"scope": "header", "field": "memo", "expression": "1", "on": "create"}
    changes = {f"rules-2-{name}": value for name, value in new.items()}
    changes |= {"rules-TOTAL_FORMS": 3, "rules-2-active": active, "rules-2-position": 9}
    page = change(admin_client, url("mapping_change", mapping.pk), **changes)
    refused = "Two active rules fill header.memo" in page.content.decode()
    assert refused == (active == "on")
    assert mapping.rules.count() == (2 if refused else 3)


def test_an_unreadable_filter_is_told_at_its_field(
    admin_client: Client, mapping: Mapping
) -> None:
    Filter.objects.create(mapping=mapping, expression="true", reason="all")
    address = url("mapping_change", mapping.pk)
    page = change(admin_client, address, **{"filters-0-expression": "1 +"})
    assert "Position 4: expected a value" in page.content.decode()


def test_an_empty_expression_is_told_as_missing(
    admin_client: Client, mapping: Mapping
) -> None:
    address = url("mapping_change", mapping.pk)
    page = change(admin_client, address, **{"rules-0-expression": ""})
    assert "This field is required." in page.content.decode()


def test_all_defaults_are_restored(admin_client: Client, mapping: Mapping) -> None:
    mapping.rules.update(expression="1")
    answer = admin_client.post(url("mapping_press", mapping.pk, "restore"), follow=True)
    assert "2 rules have their default again." in answer.content.decode()
    assert not any(rule.changed for rule in mapping.rules.all())


# ------------------------------------------------------------------------------ rules


def test_a_rules_page_shows_its_default_and_the_functions(
    admin_client: Client, mapping: Mapping
) -> None:
    memo = mapping.rules.get(field="memo")
    text = admin_client.get(url("rule_change", memo.pk)).content.decode()
    assert "order.reference" in text
    assert "truncate(text, length)" in text


def test_a_rule_is_changed_on_its_own_page(
    admin_client: Client, mapping: Mapping
) -> None:
    memo = mapping.rules.get(field="memo")
    answer = change(admin_client, url("rule_change", memo.pk), expression="order.id")
    assert answer.status_code == 302
    memo.refresh_from_db()
    assert memo.expression == "order.id"


def test_a_rule_that_clashes_is_refused_on_its_own_page(
    admin_client: Client, mapping: Mapping
) -> None:
    memo = mapping.rules.get(field="memo")
    changes = {"scope": "line", "field": "tax_code", "on": "update"}
    page = change(admin_client, url("rule_change", memo.pk), **changes)
    assert "Two active rules fill line.tax_code" in page.content.decode()


def test_a_default_is_restored_by_its_button(
    admin_client: Client, mapping: Mapping
) -> None:
    memo = mapping.rules.get(field="memo")
    Rule.objects.filter(pk=memo.pk).update(expression="1")
    admin_client.post(url("rule_press", memo.pk, "restore"))
    memo.refresh_from_db()
    assert not memo.changed


def test_the_list_of_rules_offers_defaults_of_changed_ones(
    admin_client: Client, mapping: Mapping
) -> None:
    memo, other = mapping.rules.get(field="memo"), mapping.rules.get(scope="line")
    Rule.objects.filter(pk=memo.pk).update(expression="1")
    text = admin_client.get(url("rule_changelist")).content.decode()
    assert url("rule_press", memo.pk, "restore") in text
    assert url("rule_press", other.pk, "restore") not in text


def test_an_unchanged_rule_has_no_button(
    admin_client: Client, mapping: Mapping
) -> None:
    memo = mapping.rules.get(field="memo")
    page = admin_client.get(url("rule_change", memo.pk))
    assert page.context["buttons"] == []


def test_a_looker_restores_nothing(looker: Client, mapping: Mapping) -> None:
    memo = mapping.rules.get(field="memo")
    Rule.objects.filter(pk=memo.pk).update(expression="1")
    answer = looker.post(url("rule_press", memo.pk, "restore"))
    assert answer.status_code == 403
