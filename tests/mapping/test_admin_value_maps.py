"""Value maps in the admin: a field per key and column, rows in pages."""

from __future__ import annotations

import pytest
from django.test import Client

from connectors.contract import Choice
from flows import map_lists
from mapping import map_services
from mapping.map_admin import ROWS_PER_PAGE
from mapping.models import ValueMap, ValueMapSet
from tests.mapping.pages import change, form_data, url
from tests.mapping.test_services import TEMPLATES

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]

LISTS = {"tax_codes": [Choice("5", "VAT 21%"), Choice("6", "VAT 9%")]}


@pytest.fixture
def vat() -> ValueMap:
    map_set = ValueMapSet.objects.create(name="Shop")
    [vat] = map_services.install_value_maps(map_set, TEMPLATES)
    map_services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "5"})
    return vat


def test_a_value_map_has_a_field_per_key_and_column(
    admin_client: Client, vat: ValueMap
) -> None:
    data = form_data(admin_client.get(url("valuemap_change", vat.pk)))
    row = {name: data[f"entries-0-{name}"] for name in ("key_0", "key_1", "key_2")}
    assert row == {"key_0": "NL", "key_1": "1", "key_2": "21"}
    assert data["entries-0-column_tax_code"] == "5"


def test_a_row_is_changed(admin_client: Client, vat: ValueMap) -> None:
    address = url("valuemap_change", vat.pk)
    changes = {"entries-0-key_2": "9.00", "entries-0-column_tax_code": "6"}
    assert change(admin_client, address, **changes).status_code == 302
    entry = vat.entries.get()
    assert (entry.keys, entry.values) == (["NL", "1", "9"], {"tax_code": "6"})


def test_a_row_is_added_and_an_empty_key_is_any(
    admin_client: Client, vat: ValueMap
) -> None:
    changes = {"entries-TOTAL_FORMS": 2, "entries-1-key_1": "3", "entries-1-key_0": ""}
    change(admin_client, url("valuemap_change", vat.pk), **changes)
    assert [entry.keys for entry in vat.entries.all()][1] == ["*", "3", "*"]


def test_a_key_that_is_no_number_is_told_at_its_field(
    admin_client: Client, vat: ValueMap
) -> None:
    address = url("valuemap_change", vat.pk)
    page = change(admin_client, address, **{"entries-0-key_2": "high"})
    assert "&quot;high&quot; is not a number" in page.content.decode()
    assert vat.entries.get().keys == ["NL", "1", "21"]


def test_keys_of_another_row_are_refused(admin_client: Client, vat: ValueMap) -> None:
    keys = {"key_0": "NL", "key_1": "1", "key_2": "21.0"}
    changes = {f"entries-1-{name}": value for name, value in keys.items()}
    address = url("valuemap_change", vat.pk)
    page = change(admin_client, address, **{**changes, "entries-TOTAL_FORMS": 2})
    assert "Another row has the same keys." in page.content.decode()
    assert vat.entries.count() == 1


def test_two_new_rows_with_the_same_keys_are_refused(
    admin_client: Client, vat: ValueMap
) -> None:
    changes = {
        "entries-TOTAL_FORMS": 3,
        "entries-1-key_0": "BE",
        "entries-2-key_0": "BE",
    }
    page = change(admin_client, url("valuemap_change", vat.pk), **changes)
    assert "Two rows have the same keys: BE / * / *." in page.content.decode()
    assert vat.entries.count() == 1


def test_a_default_per_column_and_what_is_missing_are_set(
    admin_client: Client, vat: ValueMap
) -> None:
    changes = {"default_tax_code": "7", "missing": "default"}
    change(admin_client, url("valuemap_change", vat.pk), **changes)
    vat.refresh_from_db()
    assert (vat.default, vat.missing) == ({"tax_code": "7"}, "default")


def test_rows_come_in_pages_and_each_page_is_saved_alone(
    admin_client: Client, vat: ValueMap
) -> None:
    rows = [(["NL", str(n), "9"], {"tax_code": "6"}) for n in range(ROWS_PER_PAGE)]
    map_services.set_entries(vat, rows)
    address = url("valuemap_change", vat.pk) + "?entries-page=2"
    assert form_data(admin_client.get(address))["entries-TOTAL_FORMS"] == 1
    change(admin_client, address, **{"entries-0-column_tax_code": "8"})
    assert vat.entries.count() == ROWS_PER_PAGE + 1
    assert vat.entries.last().values == {"tax_code": "8"}


def test_lists_are_offered_where_they_are_known(
    admin_client: Client, vat: ValueMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        map_lists, "ask_map_lists", lambda value_map: map_lists.Lists(LISTS)
    )
    text = admin_client.get(url("valuemap_change", vat.pk)).content.decode()
    assert '<option value="5" selected>VAT 21%</option>' in text


def test_a_value_that_left_its_list_stays_until_it_is_changed(
    admin_client: Client, vat: ValueMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        map_lists, "ask_map_lists", lambda value_map: map_lists.Lists(LISTS)
    )
    map_services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "99"})
    ValueMap.objects.update(default={"tax_code": "98"})
    address = url("valuemap_change", vat.pk)
    assert change(admin_client, address, label="VAT").status_code == 302
    vat.refresh_from_db()
    assert vat.default == {"tax_code": "98"}
    assert vat.entries.get().values == {"tax_code": "99"}


def test_the_list_says_what_a_map_does_without_a_row(
    admin_client: Client, vat: ValueMap
) -> None:
    assert "fail" in admin_client.get(url("valuemap_changelist")).text
    vat.force = True
    vat.save()
    text = admin_client.get(url("valuemap_changelist")).text
    assert "always the default, whatever the keys are" in text
