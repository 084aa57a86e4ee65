"""The page of a value map: names, what waits, proposals, what is gone, many rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connectors.contract import Choice, NeededColumn
from flows import open_entries, setup
from flows.models import Flow, SyncRecord
from mapping import map_services, services
from mapping.models import Rule, ValueMap
from tests.factories import FlowFactory, SyncRecordFactory
from tests.fake_connector import BooksConnector, TillConnector
from tests.mapping.pages import form_data

NO_ROW = "MappingError:unmapped:vat:NL / 2 / 9"
RIGHTS = ("mapping.view_valuemap", "mapping.view_valuemapentry")


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Choice]]:
    """What the two systems have; a list that is taken out cannot be asked."""
    found = {
        "vat_codes": [
            Choice("1", "21 %", facts={"country": "NL", "rate": "21"}),
            Choice("2", "9 %", facts={"country": "NL", "rate": "9"}),
        ],
        "tax_codes": [
            Choice("5", "VAT 21%", facts={"rate": "21"}),
            Choice("6", "VAT 9%", facts={"rate": "9"}),
        ],
    }
    for system in (TillConnector, BooksConnector):
        monkeypatch.setattr(system, "choices", lambda self, name: found[name])
        monkeypatch.setattr(system, "choice_lists", tuple(found), raising=False)
    return found


@pytest.fixture
def flow(lists: Any) -> Flow:
    made = FlowFactory()
    ValueMap.objects.create(
        map_set=made.integration.value_maps,
        name="vat",
        label="VAT codes",
        key_fields=[
            {"name": "country", "label": "Country", "type": "country"},
            {"name": "code", "label": "VAT code", "choices": "vat_codes"},
            {"name": "rate", "label": "Rate", "type": "number"},
        ],
        columns=[{"name": "tax_code", "label": "Tax code", "choices": "tax_codes"}],
    )
    return made


@pytest.fixture
def vat(flow: Flow) -> ValueMap:
    made = ValueMap.objects.get(name="vat")
    map_services.set_entry(made, ["NL", "1", "21"], {"tax_code": "5"})
    return made


def url(vat: ValueMap, more: str = "") -> str:
    return reverse("admin:mapping_valuemap_change", args=(vat.pk,)) + more


def stop(flow: Flow, fingerprint: str = NO_ROW, count: int = 2) -> None:
    """Let so many records wait for a row."""
    SyncRecordFactory.create_batch(
        count,
        flow=flow,
        fingerprint=fingerprint,
        state="failed",
        message="No row.",
        amount=Decimal("5.00"),
    )
    cache.clear()


def rows_of(page: Any) -> list[Any]:
    """The forms in the order of the page, but for the hidden last one."""
    inline = page.context["inline_admin_formsets"][0]
    return [each.form for each in inline][:-1]


def press(client: Client, vat: ValueMap, name: str) -> Any:
    address = reverse("admin:mapping_valuemap_press", args=(vat.pk, name))
    return client.post(address, follow=True)


def stored(vat: ValueMap) -> dict[str, dict[str, str]]:
    return {" ".join(each.keys): each.values for each in vat.entries.all()}


def test_names_are_shown_and_chosen_from(boss: Client, vat: ValueMap) -> None:
    text = boss.get(url(vat)).content.decode()
    assert '<option value="5" selected>VAT 21%</option>' in text
    assert '<option value="6">VAT 9%</option>' in text
    assert '<option value="EU">member of the European Union</option>' in text


def test_what_waits_stands_on_top_with_its_records_and_money(
    boss: Client, flow: Flow, vat: ValueMap
) -> None:
    stop(flow)
    page = boss.get(url(vat))
    first = rows_of(page)[0]
    assert [first[f"key_{n}"].value() for n in range(3)] == ["NL", "2", "9"]
    assert first.instance.state.waiting == "2 records wait, 10.00"
    assert "2 records wait for this value map." in page.content.decode()


def test_a_row_on_top_is_promised_only_where_one_is(
    boss: Client, flow: Flow, vat: ValueMap
) -> None:
    stop(flow, f"{NO_ROW} / another")
    text = boss.get(url(vat)).text
    assert "2 records wait for this value map." in text
    assert "stands on top of the table" not in text
    stop(flow)
    assert "stands on top of the table" in boss.get(url(vat)).text


def test_a_stored_row_that_is_not_decided_is_the_one_that_waits(
    boss: Client, flow: Flow, vat: ValueMap
) -> None:
    map_services.set_entry(vat, ["NL", "2", "9"], {})
    stop(flow)
    rows = rows_of(boss.get(url(vat)))
    assert [bool(row.instance.pk) for row in rows] == [True, True]
    assert rows[0].instance.state.waiting == "2 records wait, 10.00"


def test_what_waits_is_found_among_however_much_else(
    boss: Client, flow: Flow, vat: ValueMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_entries, "MOST", 1)
    stop(FlowFactory(), "MappingError:unmapped:other:x", 4)
    stop(flow, "MappingError:unmapped:vat:NL / 3 / 9", 3)
    stop(flow)
    page = boss.get(url(vat))
    assert "3 records wait for this value map." in page.text
    answer = boss.post(url(vat), {**form_data(page), "_retry": "1"}, follow=True)
    assert "5 records are tried again" in answer.text


def test_a_row_for_nothing_does_not_become_one_for_anything(
    boss: Client, flow: Flow, vat: ValueMap
) -> None:
    map_services.set_entry(vat, ["BE", "", "9"], {"tax_code": "5"})
    stop(flow, "MappingError:unmapped:vat:NL /  / 9")
    page = boss.get(url(vat))
    assert '<option value="" selected>nothing</option>' in page.text
    filled = {f"entries-{n}-column_tax_code": "6" for n in range(3)}
    boss.post(url(vat), {**form_data(page), **filled})
    assert set(stored(vat)) == {"NL 1 21", "BE  9", "NL  9"}
    # Whoever means any says so.
    boss.post(url(vat), {**form_data(boss.get(url(vat))), "entries-1-key_1": "*"})
    assert set(stored(vat)) == {"NL 1 21", "BE * 9", "NL  9"}


def test_save_and_retry_lets_the_records_go(
    boss: Client, flow: Flow, vat: ValueMap
) -> None:
    stop(flow, count=30)
    stop(flow, "MappingError:unmapped:other:x", 1)
    data = form_data(boss.get(url(vat)))
    data = {**data, "entries-1-column_tax_code": "6", "_retry": "1"}
    answer = boss.post(url(vat), data, follow=True)
    assert "30 records are tried again" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == url(vat)
    assert stored(vat)["NL 2 9"] == {"tax_code": "6"}
    assert SyncRecord.objects.filter(state="pending").count() == 30


def test_without_the_right_nothing_is_retried(
    person: Callable[..., Client], flow: Flow, vat: ValueMap
) -> None:
    stop(flow)
    entry = ("add", "change", "delete", "view")
    rights = [f"mapping.{verb}_valuemapentry" for verb in entry]
    client = person("mapping.change_valuemap", "mapping.view_valuemap", *rights)
    page = client.get(url(vat))
    assert "Save and retry" not in page.content.decode()
    client.post(url(vat), {**form_data(page), "_retry": "1"})
    assert SyncRecord.objects.filter(state="pending").count() == 0


def test_proposals_are_shown_and_not_stored(boss: Client, vat: ValueMap) -> None:
    map_services.set_entry(vat, ["EU", "2", "9"], {})
    page = press(boss, vat, "suggest")
    assert "2 rows have a proposal" in page.content.decode()
    proposed = {
        tuple(row[f"key_{n}"].value() for n in range(3)): row["column_tax_code"].value()
        for row in rows_of(page)
        if row.instance.state.is_proposed
    }
    assert proposed == {("EU", "2", "9"): "6", ("NL", "2", "9"): "6"}
    assert stored(vat) == {"NL 1 21": {"tax_code": "5"}, "EU 2 9": {}}


@pytest.mark.parametrize("name", ["suggest", "fill", "refresh"])
def test_a_begun_row_and_the_way_back_outlast_a_button(
    boss: Client, vat: ValueMap, name: str
) -> None:
    opened = url(vat, "?row=NL&row=2&row=9&back=%2Fadmin%2Fopen%2F")
    address = reverse("admin:mapping_valuemap_press", args=(vat.pk, name))
    found = re.search(rf'action="({address}[^"]*)"', boss.get(opened).text)
    assert found is not None
    more = "&suggest=1" if name == "suggest" else ""
    assert boss.post(unescape(found[1]))["Location"] == opened + more


def test_proposals_are_stored_when_they_are_saved(boss: Client, vat: ValueMap) -> None:
    map_services.set_entry(vat, ["EU", "2", "9"], {})
    data = form_data(press(boss, vat, "suggest"))
    answer = boss.post(url(vat, "?suggest=1"), data, follow=True)
    assert "then save" not in answer.text
    assert stored(vat)["EU 2 9"] == {"tax_code": "6"}
    assert stored(vat)["NL 2 9"] == {"tax_code": "6"}


def test_a_proposal_that_is_emptied_is_left_out(boss: Client, vat: ValueMap) -> None:
    data = form_data(press(boss, vat, "suggest"))
    assert data["entries-1-column_tax_code"] == "6"
    boss.post(url(vat), {**data, "entries-1-column_tax_code": ""})
    assert stored(vat) == {"NL 1 21": {"tax_code": "5"}}


def test_nothing_to_propose_is_said(boss: Client, vat: ValueMap, lists: Any) -> None:
    del lists["vat_codes"][1]
    assert "nothing to propose" in press(boss, vat, "suggest").content.decode()


def test_the_tills_list_is_brought_in_once(boss: Client, vat: ValueMap) -> None:
    assert "1 row was added" in press(boss, vat, "fill").content.decode()
    assert stored(vat) == {"NL 1 21": {"tax_code": "5"}, "NL 2 9": {}}
    assert "has a row already" in press(boss, vat, "fill").content.decode()


def test_who_may_add_no_rows_does_not_fill(
    person: Callable[..., Client], vat: ValueMap
) -> None:
    may = (*RIGHTS, "mapping.change_valuemap", "mapping.change_valuemapentry")
    assert "Fill from the list" not in person(*may).get(url(vat)).text
    assert press(person(*may), vat, "fill").status_code == 403
    assert set(stored(vat)) == {"NL 1 21"}
    more = (*may, "mapping.add_valuemapentry")
    assert "Fill from the list" in person(*more).get(url(vat)).text


def test_lists_are_kept_until_they_are_asked_for_again(
    boss: Client, vat: ValueMap, lists: Any
) -> None:
    assert "were asked for" in boss.get(url(vat)).content.decode()
    lists["tax_codes"] += [Choice("7", "VAT 0%")]
    lists["tax_codes"] = list(lists["tax_codes"])
    assert "up to date" in press(boss, vat, "refresh").content.decode()
    assert "VAT 0%" in boss.get(url(vat)).content.decode()


def test_what_is_gone_is_marked_and_stands_on_top(
    boss: Client, vat: ValueMap, lists: Any
) -> None:
    map_services.set_entry(vat, ["NL", "2", "9"], {"tax_code": "6"})
    lists["tax_codes"][1] = Choice("6", "VAT 9%", active=False)
    page = boss.get(url(vat))
    first = rows_of(page)[0]
    assert first["column_tax_code"].value() == "6"
    assert [gone.shown for gone in first.instance.state.gone] == [
        "VAT 9% (not in use any more)"
    ]
    assert "VAT 9% (not in use any more)</option>" in page.content.decode()


def test_the_set_up_is_red_where_a_row_names_what_is_gone(
    flow: Flow, vat: ValueMap, lists: Any
) -> None:
    assert setup.check_set_up(flow) == []
    lists["tax_codes"][0] = Choice("5", "VAT 21%", active=False)
    (line,) = setup.check_set_up(flow)
    assert (line.ok, line.page) == (False, "map:vat")
    assert "VAT 21% (not in use any more)" in line.text


def test_what_the_till_has_no_longer_is_only_told(
    flow: Flow, vat: ValueMap, lists: Any
) -> None:
    lists["vat_codes"] = [lists["vat_codes"][1]]
    (line,) = setup.check_set_up(flow)
    assert line.ok
    assert "1 (not there any more)" in line.text


def test_who_may_only_look_reads_names(
    person: Callable[..., Client], vat: ValueMap
) -> None:
    text = person(*RIGHTS).get(url(vat)).content.decode()
    assert "Tax code: VAT 21%" in text
    assert "VAT code 21 %" in text
    assert "Suggest" not in text


def test_a_key_that_is_no_country_is_told_at_its_field(
    boss: Client, vat: ValueMap
) -> None:
    data = {**form_data(boss.get(url(vat))), "entries-0-key_0": "Mordor"}
    page = boss.post(url(vat), data)
    (row,) = rows_of(page)
    assert "is no country" in row.errors["key_0"][0]


@pytest.mark.parametrize("count", [1100])
def test_many_rows_take_as_many_queries_as_a_few(
    boss: Client, vat: ValueMap, count: int
) -> None:
    many = [(["NL", str(n), "9"], {"tax_code": "6"}) for n in range(2, 60)]
    map_services.set_entries(vat, many)
    few = count_queries(boss, vat)
    more = [(["BE", str(n), "9"], {"tax_code": "6"}) for n in range(count)]
    map_services.set_entries(vat, more)
    assert count_queries(boss, vat) == few


def count_queries(boss: Client, vat: ValueMap) -> tuple[int, int, int]:
    """Of a page, of a page with proposals, and of saving a page unchanged."""
    numbers = []
    boss.get(url(vat))
    for more in ("", "?suggest=1"):
        # What is kept for some seconds is asked for again in each.
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            page = boss.get(url(vat, more))
        numbers.append(len(asked))
    data = form_data(boss.get(url(vat)))
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert boss.post(url(vat), data).status_code == 302
    assert page.status_code == 200
    return numbers[0], numbers[1], len(asked)


# ------------------------------------------------------------------- maps of one's own

NEW = {
    "label": "Cost centres",
    "key_1": "Country",
    "key_1_from": "type:country",
    "key_2": "VAT code",
    "key_2_from": "list:vat_codes",
    "column_1": "Tax code",
    "column_1_from": "list:tax_codes",
    "column_2": "Remark",
    "column_2_from": "",
}


def add(client: Client, flow: Flow, **changes: Any) -> Any:
    data = {**NEW, "integration": flow.integration_id, **changes}
    return client.post(reverse("admin:mapping_valuemap_add"), data, follow=True)


def test_a_map_of_ones_own_is_made_filled_and_looked_up_in(
    boss: Client, flow: Flow
) -> None:
    page = add(boss, flow)
    made = ValueMap.objects.get(label="Cost centres")
    assert made.name == "cost_centres"
    assert "lookup(“cost_centres”, …)" in page.content.decode()
    data = form_data(page)
    row = {"key_0": "EU", "key_1": "2", "column_tax_code": "6", "column_remark": "x"}
    changes = {f"entries-0-{name}": value for name, value in row.items()}
    boss.post(url(made), {**data, **changes, "entries-TOTAL_FORMS": 1})
    assert stored(made) == {"EU 2": {"tax_code": "6", "remark": "x"}}
    problem = services.check_expression(
        'lookup("cost_centres", order.country, "2", column="remark")',
        "header",
        maps=map_services.load_value_maps(flow.integration.value_maps),
    )
    assert problem is None


@pytest.mark.parametrize("changes", [{"key_1": ""}, {"column_1": ""}, {"label": ""}])
def test_a_map_needs_a_name_a_key_and_a_column(
    boss: Client, flow: Flow, changes: dict[str, str]
) -> None:
    add(boss, flow, **changes)
    assert not ValueMap.objects.filter(name="cost_centres").exists()


def test_a_list_of_another_system_is_refused(
    boss: Client, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BooksConnector, "choice_lists", ("tax_codes",))
    page = add(boss, flow, column_1_from="list:vat_codes")
    assert not ValueMap.objects.filter(name="cost_centres").exists()
    assert page.context["adminform"].form.errors["column_1_from"]


def test_two_maps_of_one_label_have_two_names(boss: Client, flow: Flow) -> None:
    add(boss, flow)
    add(boss, flow)
    names = ValueMap.objects.filter(label="Cost centres").values_list("name", flat=True)
    assert sorted(names) == ["cost_centres", "cost_centres_2"]


def test_only_maps_of_ones_own_can_be_deleted_and_none_that_rules_use(
    boss: Client, flow: Flow, vat: ValueMap
) -> None:
    add(boss, flow)
    own = ValueMap.objects.get(name="cost_centres")
    delete = "admin:mapping_valuemap_delete"
    assert (
        boss.post(reverse(delete, args=(vat.pk,)), {"post": "yes"}).status_code == 403
    )
    rule = Rule.objects.create(
        mapping=flow.mapping,
        scope="header",
        field="note",
        expression='lookup("cost_centres", order.country, "2", column="remark")',
    )
    page = boss.post(reverse(delete, args=(own.pk,)), {"post": "yes"})
    assert page.status_code in (200, 403)
    assert ValueMap.objects.filter(pk=own.pk).exists()
    rule.delete()
    boss.post(reverse(delete, args=(own.pk,)), {"post": "yes"})
    assert not ValueMap.objects.filter(pk=own.pk).exists()


@pytest.mark.parametrize(
    "keys", ["Nowhere / 2 / 9", "NL / 2 / nine", f"NL / {'x' * 60}… / 9"]
)
def test_what_no_row_can_have_is_told_instead_of_begun(
    boss: Client, flow: Flow, vat: ValueMap, keys: str
) -> None:
    stop(flow, f"MappingError:unmapped:vat:{keys}")
    page = boss.get(url(vat))
    assert "2 records wait for this value map." in page.content.decode()
    assert "No row." in page.content.decode()
    assert len(rows_of(page)) == 1
    stop(flow, count=30)
    data = {**form_data(boss.get(url(vat))), "_retry": "1"}
    answer = boss.post(url(vat), data, follow=True)
    assert "32 records are tried again" in answer.content.decode()


@pytest.mark.parametrize("row", ["a,b,c,d", "Nowhere,2,9", "NL,2,nine"])
@pytest.mark.parametrize("more", ["", "&suggest=1"])
def test_an_address_that_names_no_row_begins_none(
    boss: Client, vat: ValueMap, row: str, more: str
) -> None:
    address = "?" + "&".join(f"row={key}" for key in row.split(",")) + more
    page = boss.get(url(vat, address))
    assert len(rows_of(page)) == (2 if more else 1)


def test_what_the_list_says_wrongly_is_left_out(
    boss: Client, vat: ValueMap, lists: dict[str, list[Choice]]
) -> None:
    lists["vat_codes"].append(Choice("3", "Odd", facts={"country": "Nowhere"}))
    press(boss, vat, "fill")
    assert set(stored(vat)) == {"NL 1 21", "NL 2 9"}


# ----------------------------------------------------------- rows that are not whole


@pytest.fixture
def tenders(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> ValueMap:
    """Tenders of which one is whole, one not needed to be, and one is not whole."""
    needed = NeededColumn(
        "tenders", "account", "treatment", frozenset({"paid"}), "tender account"
    )
    monkeypatch.setattr(BooksConnector, "needed_columns", (needed,))
    mended = {"tender account": "tenders"}
    monkeypatch.setattr(BooksConnector, "mended_by", mended, raising=False)
    made = ValueMap.objects.create(
        map_set=flow.integration.value_maps,
        name="tenders",
        label="Tenders",
        key_fields=[{"name": n, "label": n.title()} for n in ("method", "branch")],
        columns=[{"name": n, "label": n.title()} for n in ("treatment", "account")],
    )
    rows = {
        ("CASH", "*"): {"treatment": "paid", "account": "9"},
        ("GIFT", "*"): {"treatment": "gift"},
        ("PIN", "*"): {"treatment": "paid"},
    }
    map_services.set_entries(made, rows.items())
    return made


def test_a_row_that_is_not_whole_is_marked_before_anything_fails(
    boss: Client, tenders: ValueMap
) -> None:
    first, *others = rows_of(boss.get(url(tenders)))
    assert (first.instance.keys, first.instance.state.lacking) == (
        ["PIN", "*"],
        ("Account",),
    )
    assert [row.instance.state.lacking for row in others] == [(), ()]
    assert "Account is missing" in boss.get(url(tenders)).text


def test_what_fails_for_a_row_that_is_not_whole_waits_at_that_row(
    boss: Client, flow: Flow, tenders: ValueMap
) -> None:
    stop(flow, "MappingError:tender account:PIN:1")
    stop(flow, "MappingError:tender account:PIN:2", 1)
    found = boss.get(reverse("admin:flows_open_entries")).context["rows"]
    assert all("row=" not in each["mend_url"] for each in found)
    rows = rows_of(boss.get(found[0]["mend_url"]))
    assert [row.instance.state.waiting for row in rows] == [
        "3 records wait, 15.00",
        "",
        "",
    ]


@pytest.mark.parametrize("keys", ["VISA:1", "PIN", "PIN:1:2"])
def test_what_fails_without_a_row_is_told_beside_the_rows(
    boss: Client, flow: Flow, tenders: ValueMap, keys: str
) -> None:
    stop(flow, f"MappingError:tender account:{keys}")
    page = boss.get(url(tenders))
    assert [entry.count for entry in page.context["rowless"]] == [2]
    assert [bool(row.instance.pk) for row in rows_of(page)] == [True] * 3
