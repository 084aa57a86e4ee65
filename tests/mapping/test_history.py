"""Every change of rules, filters and value maps is kept and can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from connectors import registry
from integration_hub.core.authors import authored_by
from integration_hub.core.errors import ConfigError
from mapping import history, map_services, restoring, services
from mapping.models import Mapping, Rule, ValueMap, ValueMapSet, Version
from mapping.versions import describe, recording
from tests.factories import StaffFactory
from tests.fake_connector import BooksConnector
from tests.mapping.pages import change, url
from tests.mapping.test_services import RULES

pytestmark = pytest.mark.django_db

TEMPLATE = {
    "name": "vat",
    "label": "VAT codes",
    "keys": [{"name": "code", "label": "VAT code", "type": "number"}],
    "columns": [{"name": "tax_code", "label": "Tax code"}],
}


@pytest.fixture
def mapping(monkeypatch: pytest.MonkeyPatch) -> Mapping:
    """A mapping as its target ships it."""
    monkeypatch.setattr(registry, "all_connectors", lambda: {"books": BooksConnector})
    monkeypatch.setattr(BooksConnector, "default_rules", RULES)
    monkeypatch.setattr(BooksConnector, "value_map_templates", VAT_TEMPLATES)
    mapping = Mapping.objects.create(
        name="Receipts", source="till", target="books", kind="order"
    )
    services.install_defaults(mapping, RULES)
    return mapping


VAT_TEMPLATES = (
    {
        "name": "vat",
        "label": "VAT codes",
        "keys": [
            {"name": "country", "label": "Country"},
            {"name": "code", "label": "VAT code"},
            {"name": "rate", "label": "VAT rate", "type": "number"},
        ],
        "columns": [{"name": "tax_code", "label": "Tax code"}],
    },
)


@pytest.fixture
def vat(db: None) -> ValueMap:
    map_set = ValueMapSet.objects.create(name="Shop")
    [made] = map_services.install_value_maps(map_set, [TEMPLATE])
    return made


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def kept(thing: Mapping | ValueMap) -> list[tuple[str, str]]:
    return [(version.by, version.how) for version in thing.versions.all()]


def memo(mapping: Mapping) -> Rule:
    return mapping.rules.get(field="memo")


def test_installing_defaults_is_kept(mapping: Mapping) -> None:
    assert kept(mapping) == [("the hub", "the target's defaults installed")]


def test_what_a_page_changes_is_kept_by_name(boss: Client, mapping: Mapping) -> None:
    change(
        boss,
        url("mapping_change", mapping.pk),
        **{"header_rules-0-expression": "order.id"},
    )
    assert kept(mapping)[0] == ("boss", "changed on its page")
    assert describe(mapping) == mapping.versions.first().document


def test_a_page_that_changes_nothing_keeps_nothing(
    boss: Client, mapping: Mapping
) -> None:
    change(boss, url("mapping_change", mapping.pk))
    assert len(kept(mapping)) == 1


def test_a_page_that_is_refused_keeps_nothing(boss: Client, mapping: Mapping) -> None:
    address = url("mapping_change", mapping.pk)
    page = change(boss, address, **{"header_rules-0-expression": "nonsense("})
    assert page.status_code == 200
    assert len(kept(mapping)) == 1


def test_a_single_rules_page_and_its_removal_are_kept(
    boss: Client, mapping: Mapping
) -> None:
    change(boss, url("rule_change", memo(mapping).pk), expression="order.id")
    assert kept(mapping)[0] == ("boss", "changed on its page")
    own = Rule.objects.create(
        mapping=mapping, scope="header", field="note", expression="1"
    )
    boss.post(url("rule_delete", own.pk), {"post": "yes"})
    assert kept(mapping)[0] == ("boss", "Document: note deleted")
    assert kept(mapping)[1] == ("–", "changed without a note of it")


def test_restoring_defaults_is_kept(boss: Client, mapping: Mapping) -> None:
    mapping.rules.filter(field="memo").update(expression="1")
    boss.post(url("rule_press", memo(mapping).pk, "restore"))
    assert kept(mapping)[0] == ("boss", "default of Document: memo restored")
    mapping.rules.filter(field="memo").update(active=False)
    with authored_by("anna"):
        restoring.restore_defaults(mapping)
    assert kept(mapping)[0] == ("anna", "all defaults restored")


def test_bulk_writes_past_the_history_are_found(mapping: Mapping) -> None:
    mapping.rules.update(required=True)
    with authored_by("anna"), recording(mapping, how="x"):
        mapping.filters.create(expression="true", reason="none of them")
    assert kept(mapping)[:2] == [("anna", "x"), ("–", "changed without a note of it")]


def test_rows_are_kept_before_and_after(vat: ValueMap) -> None:
    map_services.set_entries(vat, [(["21.00"], {"tax_code": "5"})])
    new, old = vat.versions.all()
    assert old.document["rows"] == []
    assert new.document["rows"] == [{"keys": ["21"], "values": {"tax_code": "5"}}]
    map_services.set_entries(vat, [(["21"], {"tax_code": "5"})])
    assert vat.versions.count() == 2


def test_a_maps_page_is_kept(boss: Client, vat: ValueMap) -> None:
    change(boss, url("valuemap_change", vat.pk), missing="empty")
    assert kept(vat)[0] == ("boss", "changed on its page")


def test_what_fails_half_way_is_not_kept(mapping: Mapping) -> None:
    def spoil() -> None:
        with recording(mapping, how="x"):
            mapping.rules.all().delete()
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        spoil()
    assert len(kept(mapping)) == 1
    assert mapping.rules.exists()


def test_a_change_is_taken_back_and_so_is_that(mapping: Mapping) -> None:
    first = mapping.versions.get()
    with recording(mapping, how="spoiled"):
        mapping.rules.filter(field="tax_code").delete()
        mapping.rules.filter(field="memo").update(expression="1", on="create")
        Rule.objects.create(
            mapping=mapping, scope="header", field="note", expression="2"
        )
    spoiled = mapping.versions.first()
    assert history.take_back(mapping, first)
    assert describe(mapping) == first.document
    tax = mapping.rules.get(field="tax_code")
    assert (tax.origin, tax.changed, bool(tax.default_expression)) == (
        "default",
        False,
        True,
    )
    assert not history.take_back(mapping, first)
    assert history.take_back(mapping, spoiled)
    assert describe(mapping) == spoiled.document
    assert len(kept(mapping)) == 4


def test_a_map_is_taken_back_whole(vat: ValueMap) -> None:
    rows = [([str(n)], {"tax_code": str(n)}) for n in range(3)]
    map_services.set_entries(vat, rows)
    before = vat.versions.first()
    with recording(vat, how="emptied"):
        vat.entries.filter(keys=["1"]).delete()
        vat.missing, vat.force = "default", True
        vat.default = {"tax_code": "9"}
        vat.save()
    history.take_back(vat, before)
    assert describe(vat) == before.document
    assert vat.entries.count() == 3


def test_what_cannot_work_any_more_is_not_taken_back(mapping: Mapping) -> None:
    with recording(mapping, how="x"):
        mapping.rules.filter(field="memo").update(expression="nonsense(1)")
    old = mapping.versions.first()
    restoring.restore_defaults(mapping)
    with pytest.raises(ConfigError, match="nonsense"):
        history.take_back(mapping, old)
    assert memo(mapping).expression == "order.reference"


def test_two_active_rules_for_one_field_change_places(mapping: Mapping) -> None:
    with recording(mapping, how="other way round"):
        mapping.rules.filter(field="memo").update(active=False)
        Rule.objects.create(
            mapping=mapping, scope="header", field="memo", expression="2"
        )
    first, last = mapping.versions.last(), mapping.versions.first()
    history.take_back(mapping, first)
    history.take_back(mapping, last)
    assert describe(mapping) == last.document


# ------------------------------------------------------------------------------ pages


def test_the_history_is_listed_and_compared(boss: Client, mapping: Mapping) -> None:
    address = url("mapping_change", mapping.pk)
    change(boss, address, **{"header_rules-0-expression": "order.id & order.till"})
    page = boss.get(url("mapping_history", mapping.pk)).content.decode()
    assert "changed on its page" in page
    assert "boss" in page
    assert "order.id &amp; order.till" in page
    assert "order.reference" in page


def test_any_two_states_can_be_compared(boss: Client, vat: ValueMap) -> None:
    for tax in ("5", "6", "7"):
        map_services.set_entries(vat, [(["21"], {"tax_code": tax})])
    _last, _second, first, empty = vat.versions.all()
    page = boss.get(url("valuemap_history", vat.pk), {"old": empty.pk, "new": first.pk})
    [shown] = page.context["changes"]
    assert (shown.what, shown.after) == ("added", "5")


def test_a_change_is_taken_back_with_one_button(boss: Client, vat: ValueMap) -> None:
    map_services.set_entries(vat, [(["21"], {"tax_code": "5"})])
    empty = vat.versions.last()
    answer = boss.post(url("valuemap_take_back", vat.pk, empty.pk))
    assert answer.status_code == 302
    assert not vat.entries.exists()
    assert kept(vat)[0][0] == "boss"
    assert kept(vat)[0][1].startswith("taken back to what it was on")


def test_the_version_of_another_thing_is_not_taken(
    boss: Client, vat: ValueMap, mapping: Mapping
) -> None:
    other = mapping.versions.get()
    answer = boss.post(url("valuemap_take_back", vat.pk, other.pk))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("may", "status"),
    [
        (["mapping.view_valuemap", "mapping.change_valuemap"], 403),
        (
            [
                "mapping.view_valuemap",
                "mapping.change_valuemap",
                "mapping.add_valuemapentry",
                "mapping.change_valuemapentry",
                "mapping.delete_valuemapentry",
            ],
            302,
        ),
    ],
)
def test_taking_back_needs_all_permissions(
    client: Client, vat: ValueMap, may: list[str], status: int
) -> None:
    map_services.set_entries(vat, [(["21"], {"tax_code": "5"})])
    client.force_login(StaffFactory(may=may))
    address = url("valuemap_take_back", vat.pk, vat.versions.last().pk)
    assert client.post(address).status_code == status
    assert client.get(address).status_code == 405


def test_the_history_needs_the_right_to_look(client: Client, vat: ValueMap) -> None:
    client.force_login(StaffFactory(may=["mapping.view_mapping"]))
    assert client.get(url("valuemap_history", vat.pk)).status_code == 403


def test_a_thing_without_changes_has_an_empty_history(
    boss: Client, vat: ValueMap
) -> None:
    page = boss.get(url("valuemap_history", vat.pk)).content.decode()
    assert "Nothing has been changed yet." in page
    assert not Version.objects.exists()


def test_what_a_history_holds_goes_with_its_thing(mapping: Mapping) -> None:
    mapping.delete()
    assert not Version.objects.exists()


def test_a_history_is_about_what_is_asked_for(boss: Client) -> None:
    missing: Any = boss.get(url("mapping_history", 999))
    assert missing.status_code == 404
