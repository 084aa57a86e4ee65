"""Open entries: what nobody has decided yet, with the money that waits for it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from flows import alerts, open_entries
from flows.models import Alert, Flow, SyncRecord
from mapping.models import ValueMap
from tests.factories import (
    AlertFactory,
    BooksFactory,
    FlowFactory,
    SyncRecordFactory,
)
from tests.fake_connector import BooksConnector

PAGE = "admin:flows_open_entries"
TENDER = "MappingError:unmapped tender:CASH"
NO_ROW = "MappingError:unmapped:vat:NL / 2 / 9"


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Flow:
    """A flow with value maps for tenders and VAT."""
    monkeypatch.setattr(BooksConnector, "mended_by", MENDED, raising=False)
    made = FlowFactory()
    maps = made.integration.value_maps
    for name, keys in (("tenders", "method branch"), ("vat", "country code rate")):
        fields = [{"name": key, "label": key} for key in keys.split()]
        columns = [{"name": "to", "label": "To"}]
        ValueMap.objects.create(
            map_set=maps, name=name, label=name, key_fields=fields, columns=columns
        )
    return made


MENDED = {"unmapped tender": "tenders", "tender account": "tenders"}


def stop(flow: Flow, fingerprint: str, count: int = 1, **values: Any) -> None:
    """Let so many records wait for one thing."""
    state = {"state": "failed", "message": f"{fingerprint}!", "action": "Map it."}
    SyncRecordFactory.create_batch(
        count, flow=flow, fingerprint=fingerprint, **{**state, **values}
    )
    cache.clear()


def only_entry(flow: Flow) -> open_entries.OpenEntry:
    (entry,) = open_entries.list_entries(flow)
    return entry


def test_one_entry_for_all_that_wait_for_one_thing(flow: Flow) -> None:
    stop(flow, TENDER, 2, date=date(2026, 3, 5), amount=Decimal("10.00"))
    stop(flow, TENDER, date=date(2026, 3, 2), amount=Decimal("-2.50"))
    entry = only_entry(flow)
    assert (entry.count, entry.amount) == (3, Decimal("17.50"))
    assert entry.oldest == date(2026, 3, 2)
    assert entry.message == f"{TENDER}!"


def test_a_flow_whose_connector_is_gone_keeps_no_page_from_opening(
    boss: Client, flow: Flow
) -> None:
    gone = FlowFactory(integration__target=BooksFactory(connector="gone"))
    stop(gone, "MappingError:tender account:PIN:1")
    stop(flow, NO_ROW)
    vat = ValueMap.objects.get(name="vat")
    pages = (
        reverse("admin:index"),
        reverse(PAGE),
        reverse("admin:mapping_valuemap_change", args=(vat.pk,)),
    )
    assert [boss.get(page).status_code for page in pages] == [200] * 3
    for page in (
        reverse("admin:flows_integration_change", args=(gone.integration_id,)),
        reverse("admin:flows_own_settings", args=(gone.pk,)),
    ):
        answer = boss.get(page, follow=True)
        assert "There is no connector called gone." in answer.text


def test_what_waits_is_open_too(flow: Flow) -> None:
    stop(flow, "MappingError:unmapped cash movement:80", state="waiting")
    stop(flow, "Closed:2026-03-31:hold", 2, state="waiting", reason="closed period")
    found = open_entries.list_entries()
    assert [entry.count for entry in found] == [2, 1]


@pytest.mark.parametrize(
    "values",
    [
        {"fingerprint": "Rejected:610:12"},
        {"fingerprint": TENDER, "state": "synced"},
        {"fingerprint": TENDER, "state": "skipped"},
        {"fingerprint": "", "state": "waiting"},
    ],
)
def test_what_is_settled_or_no_decision_is_not(
    flow: Flow, values: dict[str, str]
) -> None:
    stop(flow, **values)
    assert open_entries.list_entries() == []


@pytest.mark.parametrize(
    ("fingerprint", "name", "keys"),
    [
        (TENDER, "tenders", ("CASH",)),
        (NO_ROW, "vat", ("NL", "2", "9")),
        ("MappingError:tender account:CASH:1", "tenders", ()),
        ("MappingError:value:x", None, ()),
        ("MappingError:unmapped:gone:x", None, ()),
        ("MappingError:unmapped:tenders:a / b / c", "tenders", ()),
    ],
)
def test_an_entry_knows_the_row_it_misses(
    flow: Flow, fingerprint: str, name: str | None, keys: tuple[str, ...]
) -> None:
    stop(flow, fingerprint)
    entry = only_entry(flow)
    found = ValueMap.objects.filter(name=name).first()
    assert (entry.map_id, entry.keys) == (found and found.pk, keys)


def test_many_entries_take_as_many_queries_as_one(flow: Flow) -> None:
    stop(flow, TENDER)
    few = count_queries()
    for number in range(30):
        stop(flow, f"{TENDER}{number}", 3)
    stop(FlowFactory(), TENDER)
    assert count_queries() == few
    assert len(open_entries.list_entries()) == 32


def count_queries() -> int:
    """The queries on the hub's own tables."""
    with CaptureQueriesContext(connection) as asked:
        open_entries.list_entries()
    own = [query for query in asked.captured_queries if "flows_" in query["sql"]]
    assert len(own) <= 2
    return len(asked)


@pytest.mark.django_db
def test_what_is_settled_is_not_looked_at(flow: Flow) -> None:
    SyncRecordFactory.create_batch(50, flow=flow)
    stop(flow, TENDER)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
    query = open_entries.open_records().order_by()
    found = query.values("flow", "fingerprint").annotate(n=Count("pk"))
    assert "record_" in found.explain()


# --------------------------------------------------------------------------- the page


def test_the_page_shows_what_is_open_and_leads_to_the_row(
    flow: Flow, boss: Client
) -> None:
    stop(flow, TENDER, 3)
    page = boss.get(reverse(PAGE))
    text = page.content.decode()
    assert f"{TENDER}!" in text
    (row,) = page.context["rows"]
    tenders = ValueMap.objects.get(name="tenders")
    change = reverse("admin:mapping_valuemap_change", args=(tenders.pk,))
    back = urlencode({"back": reverse(PAGE)})
    assert row["mend_url"] == f"{change}?row=CASH&{back}"
    records = boss.get(row["records_url"])
    assert records.context["cl"].result_list.count() == 3


def test_what_an_alert_tells_too_is_linked_both_ways_and_counted_once(
    flow: Flow, boss: Client
) -> None:
    stop(flow, TENDER, 3)
    alerts.refresh(flow)
    other = AlertFactory(flow=flow, message="Something else.")
    alert = Alert.objects.get(fingerprint=TENDER)
    page = boss.get(reverse(PAGE))
    assert [row["alert"] for row in page.context["rows"]] == [alert.pk]
    address = reverse("admin:flows_alert_change", args=(alert.pk,))
    assert address in page.content.decode()
    assert reverse(PAGE) in content_of(boss, address)
    assert boss.get(address).context["entry_url"] == reverse(PAGE)
    home = boss.get(reverse("admin:index"))
    assert [each["alert"] for each in home.context["alerts"]] == [other]
    assert [each.fingerprint for each in home.context["open_entries"]] == [TENDER]
    alert.resolved_at = timezone.now()
    alert.save()
    assert boss.get(address).context["entry_url"] == ""


def content_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_entries_without_room_on_the_dashboard_are_counted(
    flow: Flow, boss: Client
) -> None:
    for number in range(10):
        stop(flow, f"MappingError:unmapped tender:T{number}")
    home = boss.get(reverse("admin:index"))
    assert (len(home.context["open_entries"]), home.context["more_entries"]) == (8, 2)
    assert "2 more<" in home.content.decode()


def test_a_value_map_begins_the_missing_row(flow: Flow, boss: Client) -> None:
    stop(flow, NO_ROW)
    (row,) = boss.get(reverse(PAGE)).context["rows"]
    formset = boss.get(row["mend_url"]).context["inline_admin_formsets"][0].formset
    (form,) = formset.forms
    assert [form[f"key_{n}"].value() for n in range(3)] == ["NL", "2", "9"]


def test_a_row_that_was_begun_is_stored_when_it_is_filled(
    flow: Flow, boss: Client
) -> None:
    stop(flow, NO_ROW)
    (row,) = boss.get(reverse(PAGE)).context["rows"]
    page = boss.get(row["mend_url"])
    saved = boss.post(row["mend_url"], fill_in(page, to="5"))
    assert saved["Location"] == reverse(PAGE)
    (entry,) = ValueMap.objects.get(name="vat").entries.all()
    assert (entry.keys, entry.values) == (["NL", "2", "9"], {"to": "5"})


def test_saving_leads_to_no_other_site(flow: Flow, boss: Client) -> None:
    stop(flow, NO_ROW)
    (row,) = boss.get(reverse(PAGE)).context["rows"]
    page = boss.get(row["mend_url"])
    url = f"{row['mend_url'].partition('?')[0]}?back=https://elsewhere.example/"
    saved = boss.post(url, fill_in(page, to="5"))
    assert saved["Location"] == reverse("admin:mapping_valuemap_changelist")


def test_a_row_that_was_begun_and_left_is_not_stored(flow: Flow, boss: Client) -> None:
    stop(flow, NO_ROW)
    (row,) = boss.get(reverse(PAGE)).context["rows"]
    page = boss.get(row["mend_url"])
    boss.post(row["mend_url"], fill_in(page, to=""))
    assert not ValueMap.objects.get(name="vat").entries.exists()


def fill_in(page: Any, *, to: str) -> dict[str, Any]:
    """What a browser posts when a person fills in the one new row."""
    formset = page.context["inline_admin_formsets"][0].formset
    values = {f"{formset.prefix}-{k}": v for k, v in MANAGEMENT.items()}
    for bound in formset.forms[0]:
        values[bound.html_name] = bound.value() or ""
    values[f"{formset.prefix}-0-column_to"] = to
    return {"label": "vat", "missing": "fail", **values}


MANAGEMENT = {
    "TOTAL_FORMS": 1,
    "INITIAL_FORMS": 0,
    "MIN_NUM_FORMS": 0,
    "MAX_NUM_FORMS": 1000,
}


def test_retry_lets_all_of_an_entry_go(flow: Flow, boss: Client) -> None:
    stop(flow, TENDER, 25)
    stop(flow, NO_ROW)
    url = reverse("admin:flows_retry_entry", args=(flow.pk,))
    answer = boss.post(url, {"fingerprint": TENDER}, follow=True)
    assert "25 records are tried again" in answer.content.decode()
    assert SyncRecord.objects.filter(state="pending").count() == 25
    assert only_entry(flow).fingerprint == NO_ROW


def test_nothing_to_retry_is_said(flow: Flow, boss: Client) -> None:
    url = reverse("admin:flows_retry_entry", args=(flow.pk,))
    answer = boss.post(url, {"fingerprint": TENDER}, follow=True)
    assert "None of them" in answer.content.decode()


def test_what_is_read_again_is_not_open_meanwhile(flow: Flow, boss: Client) -> None:
    stop(flow, TENDER)
    url = reverse("admin:flows_retry_entry", args=(flow.pk,))
    boss.post(url, {"fingerprint": TENDER})
    assert SyncRecord.objects.get().read_again
    assert open_entries.list_entries() == []


@pytest.mark.parametrize(
    ("action", "is_here"),
    [
        ("Mend the relation in the till, then choose Retry.", False),
        ("Open it, or correct it in the settings of the integration.", True),
    ],
)
def test_it_leads_only_where_it_can_be_mended(
    flow: Flow, boss: Client, action: str, is_here: bool
) -> None:
    stop(flow, "MappingError:no VAT number:1028", action=action)
    (row,) = boss.get(reverse(PAGE)).context["rows"]
    change = reverse("admin:flows_integration_change", args=(flow.integration_id,))
    assert row["mend_url"].partition("?")[0] == (change if is_here else "")


def test_the_menu_marks_the_page_and_not_the_flows(boss: Client) -> None:
    groups = boss.get(reverse(PAGE)).context["sidebar_navigation"]
    items = [item for group in groups for item in group["items"]]
    assert [str(each["title"]) for each in items if each["active"]] == ["Open entries"]


def test_an_empty_page_says_so(boss: Client) -> None:
    assert "Nothing is open" in boss.get(reverse(PAGE)).content.decode()


def test_rights(flow: Flow, person: Callable[..., Client]) -> None:
    stop(flow, TENDER)
    url = reverse("admin:flows_retry_entry", args=(flow.pk,))
    assert person().get(reverse(PAGE)).status_code == 403
    looking = person("flows.view_syncrecord")
    page = looking.get(reverse(PAGE))
    assert "Retry" not in page.content.decode()
    assert page.context["rows"][0]["mend_url"] == ""
    assert looking.post(url, {"fingerprint": TENDER}).status_code == 403
    assert person("flows.retry_syncrecord").get(url).status_code == 405


def test_the_dashboard_shows_them(flow: Flow, boss: Client) -> None:
    stop(flow, TENDER, 2)
    text = boss.get(reverse("admin:index")).content.decode()
    assert f"{TENDER}!" in text
    assert reverse(PAGE) in text


def test_the_address_of_a_row_is_encoded(flow: Flow, boss: Client) -> None:
    stop(flow, "MappingError:unmapped tender:A&B")
    (row,) = boss.get(reverse(PAGE)).context["rows"]
    assert f"?{urlencode({'row': 'A&B'})}&" in row["mend_url"]


def test_what_is_kept_of_them_holds_no_secret(flow: Flow) -> None:
    stop(flow, TENDER)
    open_entries.list_entries()
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM hub_cache")
        kept = b"".join(base64.b64decode(value) for (value,) in cursor.fetchall())
    assert flow.integration.name.encode() in kept
    assert b"s3cret" not in kept
