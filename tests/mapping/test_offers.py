"""Defaults that a new version changed are offered, never forced."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from connectors import registry
from integration_hub.core.errors import ConfigError, NotFound
from mapping import map_services, offers, restoring, services
from mapping.models import Mapping, Rule, ValueMap, ValueMapSet
from tests.factories import StaffFactory
from tests.fake_connector import BooksConnector
from tests.mapping.pages import url

pytestmark = pytest.mark.django_db

MEMO = {"scope": "header", "field": "memo", "expression": "order.id", "label": "Memo"}
NOTE = {"scope": "header", "field": "note", "expression": "order.reference"}
NEW_MEMO = {**MEMO, "expression": "order.number.text"}
TEXT = {"scope": "line", "field": "text", "expression": "line.text", "required": True}
FORM: dict[str, Any] = {
    "name": "vat",
    "label": "VAT",
    "keys": [{"name": "code", "label": "Code"}],
    "columns": [{"name": "tax", "label": "Tax code"}],
}
NEW_FORM = {
    **FORM,
    "keys": [{"name": "country", "label": "Country"}, *FORM["keys"]],
    "missing": "empty",
}


@pytest.fixture
def mapping(monkeypatch: pytest.MonkeyPatch) -> Mapping:
    """A mapping of the version before, with the one after at work."""
    monkeypatch.setattr(registry, "all_connectors", lambda: {"books": BooksConnector})
    made = Mapping.objects.create(
        name="Receipts", source="till", target="books", kind="order"
    )
    services.install_defaults(made, [MEMO, NOTE])
    monkeypatch.setattr(BooksConnector, "default_rules", (NEW_MEMO, TEXT))
    return made


@pytest.fixture
def vat(monkeypatch: pytest.MonkeyPatch) -> ValueMap:
    monkeypatch.setattr(registry, "all_connectors", lambda: {"books": BooksConnector})
    monkeypatch.setattr(BooksConnector, "value_map_templates", (NEW_FORM,))
    map_set = ValueMapSet.objects.create(name="Shop")
    [made] = map_services.install_value_maps(map_set, [FORM])
    map_services.set_entries(made, [(("1",), {"tax": "5"}), (("2",), {"tax": "6"})])
    return made


def told(mapping: Mapping) -> list[tuple[str, ...]]:
    found = offers.find_offers(mapping)
    return [(o.what, str(o.rule), o.old, o.new, o.here) for o in found]


def expressions(mapping: Mapping) -> dict[str, tuple[str, bool]]:
    return {r.field: (r.expression, r.active) for r in mapping.rules.all()}


def test_what_is_other_new_or_gone_is_offered(mapping: Mapping) -> None:
    mapping.rules.filter(field="memo").update(expression="order.till")
    assert told(mapping) == [
        ("added", "Line: text", "", "line.text", ""),
        ("changed", "Document: memo", "order.id", "order.number.text", "order.till"),
        ("removed", "Document: note", "order.reference", "", "order.reference"),
    ]
    assert expressions(mapping)["memo"] == ("order.till", True)


def test_nothing_is_offered_by_a_target_that_ships_the_same(
    mapping: Mapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BooksConnector, "default_rules", (MEMO, NOTE))
    assert told(mapping) == []
    Mapping.objects.update(target="gone")
    mapping.refresh_from_db()
    assert told(mapping) == []


def test_new_defaults_are_taken(mapping: Mapping) -> None:
    own = Rule.objects.create(
        mapping=mapping, scope="line", field="text", expression="1"
    )
    for offer in offers.find_offers(mapping):
        offers.take(mapping, offer.key)
    own.refresh_from_db()
    assert not own.active
    assert expressions(mapping)["memo"] == ("order.number.text", True)
    assert not mapping.rules.filter(field="note").exists()
    assert mapping.rules.get(field="text", origin="default").active
    assert told(mapping) == []
    # Installed, the rule of one's own, and each of the three.
    assert mapping.versions.count() == 5


def test_what_is_there_is_kept(mapping: Mapping) -> None:
    for offer in offers.find_offers(mapping):
        offers.keep(mapping, offer.key)
    assert told(mapping) == []
    assert expressions(mapping) == {
        "memo": ("order.id", True),
        "note": ("order.reference", True),
        "text": ("line.text", False),
    }
    assert mapping.rules.get(field="memo").changed
    assert mapping.rules.get(field="note").origin == "own"
    restoring.restore_default(mapping.rules.get(field="memo"))
    assert expressions(mapping)["memo"] == ("order.number.text", True)


def test_restoring_gives_what_is_shipped_now(mapping: Mapping) -> None:
    restoring.restore_defaults(mapping)
    assert expressions(mapping)["memo"] == ("order.number.text", True)
    assert expressions(mapping)["text"] == ("line.text", True)
    assert [what for what, *_rest in told(mapping)] == ["removed"]


def test_an_offer_is_settled_once(mapping: Mapping) -> None:
    key = offers.find_offers(mapping)[0].key
    offers.take(mapping, key)
    with pytest.raises(NotFound):
        offers.keep(mapping, key)


def test_a_new_form_of_a_map_is_offered(vat: ValueMap) -> None:
    template = offers.find_template(vat, "books")
    assert template is not None
    changes = offers.compare_template(vat, template)
    assert [(c.field, c.before, c.after) for c in changes] == [
        ("When no row fits", "fail the record", "leave empty"),
        ("Keys", "Code (code)", "Country (country), Code (code)"),
    ]


def test_a_new_form_is_taken_and_rows_keep_what_they_say(vat: ValueMap) -> None:
    vat.label = "My VAT"
    vat.save()
    offers.take_template(vat, NEW_FORM)
    vat.refresh_from_db()
    assert (vat.label, vat.missing) == ("My VAT", "empty")
    rows = {tuple(entry.keys): entry.values for entry in vat.entries.all()}
    assert rows == {("*", "1"): {"tax": "5"}, ("*", "2"): {"tax": "6"}}
    assert offers.find_template(vat, "books") is None
    first = vat.versions.first()
    assert first is not None
    assert first.how == "new template of the target taken"


def test_rows_that_would_become_the_same_are_named(vat: ValueMap) -> None:
    with pytest.raises(ConfigError, match="The rows “1” and “2” of VAT"):
        offers.take_template(vat, {**FORM, "keys": []})
    vat.refresh_from_db()
    assert len(vat.key_fields) == 1
    assert vat.entries.count() == 2


def test_a_map_is_kept_as_it_is(vat: ValueMap) -> None:
    offers.keep_template(vat, NEW_FORM)
    assert offers.find_template(vat, "books") is None
    assert len(vat.key_fields) == 1


def test_a_map_of_unknown_origin_is_offered_a_new_form_only(vat: ValueMap) -> None:
    ValueMap.objects.update(shipped={}, label="Mine", missing="default")
    vat.refresh_from_db()
    template = offers.find_template(vat, "books")
    assert template is not None
    assert [c.field for c in offers.compare_template(vat, template)] == ["Keys"]
    assert offers.find_template(vat, "gone") is None
    vat.key_fields = NEW_FORM["keys"]
    assert offers.find_template(vat, "books") is None


# ------------------------------------------------------------------------------ pages


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_the_page_offers_and_a_button_takes(boss: Client, mapping: Mapping) -> None:
    address = url("mapping_change", mapping.pk)
    page = boss.get(address).content.decode()
    assert "New defaults are available" in page
    assert "order.number.text" in page
    data = {"key": "header.memo.both", "choice": "take"}
    boss.post(url("mapping_offer", mapping.pk), data)
    assert expressions(mapping)["memo"] == ("order.number.text", True)
    boss.post(
        url("mapping_offer", mapping.pk), {"key": "line.text.both", "choice": "keep"}
    )
    assert expressions(mapping)["text"] == ("line.text", False)
    assert mapping.versions.first().by == "boss"
    answer = boss.post(
        url("mapping_offer", mapping.pk),
        {"key": "line.text.both", "choice": "keep"},
        follow=True,
    )
    assert "no longer offered" in answer.content.decode()
    assert boss.post(url("mapping_offer", mapping.pk), {}).status_code == 404


def test_taking_needs_permission(client: Client, mapping: Mapping) -> None:
    client.force_login(StaffFactory(may=["mapping.view_mapping", "mapping.view_rule"]))
    data = {"key": "header.memo.both", "choice": "take"}
    assert client.post(url("mapping_offer", mapping.pk), data).status_code == 403
    page = client.get(url("mapping_change", mapping.pk)).content.decode()
    assert "Take the new default" not in page


def test_the_list_says_how_many_are_offered(boss: Client, mapping: Mapping) -> None:
    page = boss.get(url("mapping_changelist")).content.decode()
    assert "2, 1 changed, 2 new defaults" in page
