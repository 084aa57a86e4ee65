"""A row of a value map that is begun and not whole, from the till to the books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from connectors.services import open_connection
from flows import services, setup
from mapping.models import ValueMap
from tests.flows.shop import record_of
from tests.flows.test_not_sales import put_row, ring_up
from tests.mapping.pages import form_data
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tender_without_its_account_is_led_to_and_completed(
    plant: Plant,
    admin_client: Client,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(services, "READ_AGAIN", 0)
    tenders = ValueMap.objects.get(
        map_set=plant.flow.integration.value_maps, name="tenders"
    )
    tenders.entries.filter(keys__0="PIN").delete()
    put_row(plant, "tenders", ["PIN", "*"], treatment="payment")
    page = f"map:{tenders.name}"
    assert [line.page for line in setup.check_set_up(plant.flow) if not line.ok] == [
        page
    ]
    line = {"article": 2140, "quantity": 1, "price": 1090}
    sold = ring_up(plant, lines=[line], payments=[{"method": "PIN"}])
    plant.run()
    assert record_of(sold).fingerprint == "MappingError:tender account:PIN:1"
    cache.clear()

    (row,) = admin_client.get(reverse("admin:flows_open_entries")).context["rows"]
    shown = admin_client.get(row["mend_url"])
    inline = shown.context["inline_admin_formsets"][0]
    first = next(iter(inline)).form
    assert first.instance.keys == ["PIN", "*"]
    assert first.instance.state.waiting == "1 record waits, 10.90"
    assert shown.text.count("Deposit account is missing") == 1

    name = "Bank clearing Centrum"
    choices = open_connection(plant.flow.integration.target).choices("tender_accounts")
    account = next((c.id for c in choices if c.name == name), choices[0].id)
    typed = {first.add_prefix("column_deposit_account"): account, "_retry": "1"}
    saved = admin_client.post(
        row["mend_url"], {**form_data(shown), **typed}, follow=True
    )
    assert "1 record is tried again" in saved.text
    plant.work()
    assert record_of(sold).state == "synced"


def test_what_the_till_charged_no_vat_for_is_mapped_as_code_0(
    plant: Plant,
    admin_client: Client,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(services, "READ_AGAIN", 0)
    sold = ring_up(
        plant,
        lines=[{"article": 1001, "price": 1000}],
        vatMethod="VAT-METHOD-NONE",
        payments=[{"method": "PIN"}],
    )
    plant.run()
    assert "map VAT code 0" in record_of(sold).action
    cache.clear()

    (row,) = admin_client.get(reverse("admin:flows_open_entries")).context["rows"]
    shown = admin_client.get(row["mend_url"])
    first = next(iter(shown.context["inline_admin_formsets"][0])).form
    assert [first[f"key_{n}"].value() for n in range(3)] == ["NL", "0", "0"]
    assert '<option value="0" selected>' in str(first["key_1"])

    choices = open_connection(plant.flow.integration.target).choices("tax_codes")
    code = next(choice.id for choice in choices if choice.name == "VAT 0%")
    typed = {first.add_prefix("column_tax_code"): code, "_retry": "1"}
    saved = admin_client.post(
        row["mend_url"], {**form_data(shown), **typed}, follow=True
    )
    assert "1 record is tried again" in saved.text
    plant.work()
    assert record_of(sold).state == "synced"
