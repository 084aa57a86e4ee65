"""Mappings, rules and value maps in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from connectors import registry
from connectors.contract import TargetField
from mapping import map_services, services
from mapping.models import Mapping, Rule, ValueMap, ValueMapSet
from tests.factories import StaffFactory
from tests.fake_connector import BooksConnector
from tests.mapping.pages import change, form_data, url
from tests.mapping.test_services import RULES, TEMPLATES

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]


FIELDS = (
    TargetField("memo", "Message", max_length=20, keeps=True, help="For the customer."),
    TargetField("location", "Location", choices="locations"),
    TargetField("tax_code", "Tax code", scope="line", choices="tax_codes"),
    TargetField("x", "Extra", scope="item"),
)


@pytest.fixture
def mapping(monkeypatch: pytest.MonkeyPatch) -> Mapping:
    known = {**registry.all_connectors(), "b": BooksConnector}
    monkeypatch.setattr(registry, "all_connectors", lambda: known)
    monkeypatch.setattr(BooksConnector, "target_fields", FIELDS)
    monkeypatch.setattr(BooksConnector, "value_map_templates", TEMPLATES)
    mapping = Mapping.objects.create(name="R", source="a", target="b", kind="order")
    services.install_defaults(mapping, RULES)
    return mapping


@pytest.fixture
def vat() -> ValueMap:
    map_set = ValueMapSet.objects.create(name="Shop")
    [vat] = map_services.install_value_maps(map_set, TEMPLATES)
    map_services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "5"})
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
    rules = rule.mapping.rules.filter(scope=rule.scope)
    place = [each.pk for each in rules].index(rule.pk)
    return f"{rule.scope}_rules-{place}"


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


@pytest.mark.parametrize("model", ["mapping", "rule"])
def test_nothing_is_added_by_hand(admin_client: Client, model: str) -> None:
    assert admin_client.get(url(f"{model}_add")).status_code == 403


# --------------------------------------------------------------------------- mappings


def test_the_list_counts_rules_that_are_not_as_shipped(
    admin_client: Client, mapping: Mapping
) -> None:
    mapping.rules.filter(field="memo").update(expression="order.id")
    page = admin_client.get(url("mapping_changelist"))
    assert "2, 1 changed" in page.content.decode()


def test_systems_are_called_by_their_names(
    admin_client: Client, mapping: Mapping
) -> None:
    Mapping.objects.update(source="mplus", target="gone")
    for page in (url("mapping_changelist"), url("mapping_change", mapping.pk)):
        assert "MplusKASSA → gone" in admin_client.get(page).text


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
    new = {"target": "header.memo", "expression": "1", "on": "create", "position": 9}
    changes = {f"header_rules-1-{name}": value for name, value in new.items()}
    changes |= {"header_rules-TOTAL_FORMS": 2, "header_rules-1-active": active}
    page = change(admin_client, url("mapping_change", mapping.pk), **changes)
    refused = "Two active rules fill “Document: Message”" in page.content.decode()
    assert refused == (active == "on")
    assert mapping.rules.count() == (2 if refused else 3)


def test_an_empty_expression_is_told_as_missing(
    admin_client: Client, mapping: Mapping
) -> None:
    address = url("mapping_change", mapping.pk)
    page = change(admin_client, address, **{"header_rules-0-expression": ""})
    assert "This field is required." in page.content.decode()


def test_all_defaults_are_restored(admin_client: Client, mapping: Mapping) -> None:
    mapping.rules.filter(field="memo").update(active=False)
    answer = admin_client.post(url("mapping_press", mapping.pk, "restore"), follow=True)
    assert "1 rule has its default again." in answer.content.decode()
    assert not any(rule.changed for rule in mapping.rules.all())


@pytest.mark.parametrize("may_add", [False, True])
def test_restoring_all_takes_who_may_add_rules(
    client: Client, mapping: Mapping, may_add: bool
) -> None:
    may = ["view_mapping", "change_mapping", "view_rule", "change_rule"]
    may += ["add_rule"] if may_add else []
    client.force_login(StaffFactory(may=[f"mapping.{each}" for each in may]))
    text = client.get(url("mapping_change", mapping.pk)).text
    assert ("Restore all defaults?" in text) == may_add
    answer = client.post(url("mapping_press", mapping.pk, "restore"))
    assert answer.status_code == (302 if may_add else 403)


def test_restoring_all_asks_first(admin_client: Client, mapping: Mapping) -> None:
    text = admin_client.get(url("mapping_change", mapping.pk)).content.decode()
    assert 'data-confirm="Restore all defaults?' in text


def test_a_default_rule_keeps_its_field_and_is_not_removed(
    admin_client: Client, mapping: Mapping
) -> None:
    row = row_of(mapping.rules.get(field="memo"))
    changes = {f"{row}-DELETE": "on", f"{row}-target": "header.location"}
    address = url("mapping_change", mapping.pk)
    assert change(admin_client, address, **changes).status_code == 302
    assert mapping.rules.filter(field="memo").exists()


def test_an_own_rule_is_removed(admin_client: Client, mapping: Mapping) -> None:
    own = Rule.objects.create(
        mapping=mapping, scope="item", field="x", expression="1", position=99
    )
    changes = {f"{row_of(own)}-DELETE": "on"}
    change(admin_client, url("mapping_change", mapping.pk), **changes)
    assert not Rule.objects.filter(pk=own.pk).exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expression": "order.refrence"}, "has no &quot;refrence&quot;"),
        ({"expression": 'lookup("tendrs", 1)'}, "no value map &quot;tendrs&quot;"),
        ({"target": "header.x"}, "Select a valid choice. header.x is not one of"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(
    admin_client: Client, mapping: Mapping, changes: dict[str, str], problem: str
) -> None:
    Mapping.objects.update(target="quickbooks")
    Rule.objects.all().delete()
    own = Rule.objects.create(
        mapping=mapping, scope="header", field="memo", expression="1"
    )
    changes = {f"{row_of(own)}-{name}": value for name, value in changes.items()}
    page = change(admin_client, url("mapping_change", mapping.pk), **changes)
    assert problem in page.content.decode()
    own.refresh_from_db()
    assert (own.field, own.expression) == ("memo", "1")


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
    own = Rule.objects.create(
        mapping=mapping, scope="item", field="x", expression="1", on="update"
    )
    changes = {"target": "line.tax_code"}
    page = change(admin_client, url("rule_change", own.pk), **changes)
    assert "Two active rules fill “Line: Tax code”" in page.content.decode()


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


@pytest.mark.parametrize("origin", ["default", "own"])
def test_only_own_rules_are_deleted_on_their_page(
    admin_client: Client, mapping: Mapping, origin: str
) -> None:
    memo = mapping.rules.get(field="memo")
    Rule.objects.filter(pk=memo.pk).update(origin=origin)
    answer = admin_client.post(url("rule_delete", memo.pk), {"post": "yes"})
    assert answer.status_code == (403 if origin == "default" else 302)
    assert Rule.objects.filter(pk=memo.pk).exists() == (origin == "default")


def test_rules_are_not_deleted_from_their_list(
    admin_client: Client, mapping: Mapping
) -> None:
    chosen = list(mapping.rules.values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    admin_client.post(url("rule_changelist"), data)
    assert mapping.rules.count() == 2


def test_value_maps_are_not_deleted(admin_client: Client, vat: ValueMap) -> None:
    answer = admin_client.post(url("valuemap_delete", vat.pk), {"post": "yes"})
    assert answer.status_code == 403


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


def test_a_mapping_of_200_rules_is_saved(
    admin_client: Client, mapping: Mapping
) -> None:
    Rule.objects.bulk_create(
        Rule(mapping=mapping, scope="header", field=f"f{n}", expression="order.id")
        for n in range(200)
    )
    address = url("mapping_change", mapping.pk)
    first = mapping.rules.filter(field="f0")
    data = form_data(admin_client.get(address))
    place = next(
        k for k, v in data.items() if k.endswith("-id") and v == first.get().pk
    )
    changes = {place.replace("-id", "-active"): ""}
    assert admin_client.post(address, {**data, **changes}).status_code == 302
    assert not first.get().active
