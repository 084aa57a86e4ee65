"""Flows in the admin: run, preview, switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from flows.models import Flow, Link, Run, SyncRecord
from integration_hub.core.errors import AuthError
from tests.factories import AlertFactory, FlowFactory, IntegrationFactory, RunFactory
from tests.fake_connector import TillConnector, make_order

LIST = "admin:flows_flow_changelist"


def press(client: Client, flow: Flow, name: str) -> Any:
    return client.post(reverse("admin:flows_flow_press", args=(flow.pk, name)))


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_run_now_starts_a_run_and_goes_to_its_page(boss: Client) -> None:
    flow = FlowFactory()
    response = press(boss, flow, "run")
    run = Run.objects.get(flow=flow)
    assert response["Location"] == reverse("admin:flows_run_change", args=(run.pk,))
    assert OrmQ.objects.count() == 1


def test_run_now_joins_the_run_that_is_at_work(boss: Client) -> None:
    run = RunFactory(stage="reading")
    response = press(boss, run.flow, "run")
    assert str(run.pk) in response["Location"]
    assert "is at work already" in told(response)[0]
    assert Run.objects.count() == 1


def test_a_preview_tells_what_would_become_of_each_record(boss: Client) -> None:
    totals = {"1": "10.00", "2": "0.00", "3": "-5.00"}
    TillConnector.receipts = [make_order(n, total) for n, total in totals.items()]
    page = press(boss, FlowFactory(), "preview")
    rows = [(r["preview"].number, str(r["label"])) for r in page.context["rows"]]
    assert rows == [
        ("1-2-2026-2", "will fail"),
        ("1-2-2026-1", "will be created"),
        ("1-2-2026-3", "will be skipped"),
    ]
    text = page.content.decode()
    assert "A total of 0.00 is refused." in text
    assert "a refund" in text
    assert "the first 3 records that a run would read" in text


def test_a_preview_stores_and_sends_nothing(boss: Client) -> None:
    TillConnector.receipts = [make_order()]
    press(boss, FlowFactory(), "preview")
    assert not SyncRecord.objects.exists()
    assert not Link.objects.exists()
    assert not Run.objects.exists()


def test_a_preview_shows_the_bodies_as_text(boss: Client) -> None:
    TillConnector.receipts = [make_order(total="10.00")]
    text = press(boss, FlowFactory(), "preview").content.decode()
    assert "&quot;Memo&quot;: &quot;&lt;b&gt;&quot;" in text
    assert "&quot;Total&quot;: 10.00" in text


def test_a_preview_of_nothing_says_so(boss: Client) -> None:
    page = press(boss, FlowFactory(), "preview").content.decode()
    assert "There is nothing new in the source." in page


def test_a_preview_that_cannot_be_made_tells_why(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: TillConnector, *args: Any) -> None:
        raise AuthError("The till knows no such ident.", action="Enter it again.")

    monkeypatch.setattr(TillConnector, "read", refuse)
    response = press(boss, FlowFactory(), "preview")
    assert told(response) == ["The till knows no such ident. Enter it again."]


def test_a_flow_is_switched_on_and_off(boss: Client) -> None:
    flow = FlowFactory(next_run_at=timezone.now())
    press(boss, flow, "switch")
    flow.refresh_from_db()
    assert (flow.enabled, flow.next_run_at) == (True, None)
    assert "Switch off" in boss.get(reverse(LIST)).content.decode()
    press(boss, flow, "switch")
    flow.refresh_from_db()
    assert not flow.enabled


def test_a_flow_stays_off_while_a_setting_is_missing(boss: Client) -> None:
    flow = FlowFactory(integration=IntegrationFactory(name="Shop", defaults={}))
    response = press(boss, flow, "switch")
    flow.refresh_from_db()
    assert not flow.enabled
    assert told(response)[0].startswith("Shop is not complete: Tax code.")


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("run", "flows.run_flow"),
        ("switch", "flows.run_flow"),
        ("preview", "flows.preview_flow"),
    ],
)
def test_each_button_has_its_own_permission(
    name: str, permission: str, person: Callable[..., Client], client: Client
) -> None:
    flow = FlowFactory()
    assert "login" in press(client, flow, name)["Location"]
    assert press(person("flows.change_flow"), flow, name).status_code == 403
    allowed = person("flows.view_flow", permission)
    assert press(allowed, flow, name).status_code in (200, 302)


def test_a_flow_leads_only_where_a_person_may_go(
    person: Callable[..., Client], boss: Client
) -> None:
    flow = FlowFactory()
    page = reverse("admin:flows_flow_change", args=(flow.pk,))
    leads = [
        reverse("admin:flows_flow_mapping", args=(flow.pk,)),
        reverse("admin:flows_margins", args=(flow.pk,)),
        reverse("admin:flows_syncrecord_changelist"),
    ]
    few, all_of_it = person("flows.view_flow").get(page).text, boss.get(page).text
    assert [f'href="{lead}' in few for lead in leads] == [False] * 3
    assert [f'href="{lead}' in all_of_it for lead in leads] == [True] * 3


def test_buttons_never_act_on_a_get_but_lead_back(
    boss: Client, person: Callable[..., Client]
) -> None:
    flow = FlowFactory()
    url = reverse("admin:flows_flow_press", args=(flow.pk, "run"))
    page = reverse("admin:flows_flow_change", args=(flow.pk,))
    assert boss.get(url).headers.get("Location") == page
    assert boss.put(url).status_code == 405
    assert person("flows.view_flow").get(url).status_code == 403
    assert not Run.objects.exists()


def test_buttons_are_safe_from_other_sites(boss: Client) -> None:
    flow = FlowFactory()
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(User.objects.get(username="boss"))
    assert press(careful, flow, "run").status_code == 403


def test_a_button_in_the_list_comes_back_to_it(boss: Client) -> None:
    url = reverse("admin:flows_flow_press", args=(FlowFactory().pk, "switch"))
    assert boss.post(f"{url}?from=list")["Location"] == reverse(LIST)


def test_the_list_shows_the_last_run_and_open_failures(boss: Client) -> None:
    run = RunFactory(stage="stopped")
    AlertFactory(flow=run.flow, records=7)
    AlertFactory(flow=run.flow, records=9, resolved_at=timezone.now())
    row = boss.get(reverse(LIST)).context["cl"].result_list[0]
    assert (row.last_run_id, row.last_run_stage, row.failures) == (run.pk, "stopped", 7)


def test_the_list_asks_as_much_for_many_as_for_few(
    boss: Client, django_assert_num_queries: Any
) -> None:
    RunFactory.create_batch(8)
    boss.get(reverse(LIST))
    with django_assert_num_queries(7):
        boss.get(reverse(LIST))


def test_a_feed_that_the_source_has_not_is_refused(boss: Client) -> None:
    flow = FlowFactory(feed="others")
    books = IntegrationFactory(source=flow.integration.target)
    data = {
        "integration": books.pk,
        "name": "New",
        "feed": "receipts",
        "mapping": flow.mapping_id,
        "interval_minutes": 5,
        "page_size": 10,
    }
    page = boss.post(reverse("admin:flows_flow_add"), data)
    assert "This integration has no such feed." in page.content.decode()
    boss.post(
        reverse("admin:flows_flow_add"), {**data, "integration": flow.integration_id}
    )
    assert Flow.objects.filter(name="New").exists()


def test_the_page_shows_the_last_runs(boss: Client) -> None:
    run = RunFactory(counts={"synced": 4, "failed": 1}, read=5)
    url = reverse("admin:flows_flow_change", args=(run.flow_id,))
    page = boss.get(url).content.decode()
    assert "<b>4</b> Synced" in page
    assert reverse("admin:flows_run_change", args=(run.pk,)) in page


def test_a_feed_is_moved_by_one_flow_of_an_integration(boss: Client) -> None:
    flow = FlowFactory(feed="receipts")
    data = {
        "integration": flow.integration_id,
        "name": "The same again",
        "feed": "receipts",
        "mapping": flow.mapping_id,
        "interval_minutes": 5,
        "page_size": 10,
    }
    page = boss.post(reverse("admin:flows_flow_add"), data)
    assert "This integration moves this feed already" in page.content.decode()


@pytest.mark.parametrize(
    ("cursor", "said"),
    [
        ('{"marker": 300}', "marker 300"),
        ('{"marker": 7, "day": "2026-10-30"}', "marker 7, day 2026-10-30"),
        ("id-7", "id-7"),
        ("", "nothing has been read yet"),
    ],
    ids=["one", "several", "text", "new"],
)
def test_the_place_in_the_feed_is_told_in_words(
    boss: Client, cursor: str, said: str
) -> None:
    flow = FlowFactory(feed="receipts", cursor=cursor)
    text = boss.get(reverse("admin:flows_flow_change", args=(flow.pk,))).text
    assert said in text
    assert "Test till: Receipts" in text
