"""Alerts in the admin: one per cause, one Retry for all its records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flows import alerts
from flows.models import Alert, Run, SyncRecord
from mapping.models import ValueMap
from tests.factories import AlertFactory, FailedRecordFactory, FlowFactory

LIST = "admin:flows_alert_changelist"


def press(client: Client, alert: Alert, name: str) -> Any:
    return client.post(reverse("admin:flows_alert_press", args=(alert.pk, name)))


def test_open_alerts_are_on_top(boss: Client) -> None:
    first = AlertFactory()
    resolved = AlertFactory(resolved_at=timezone.now())
    second = AlertFactory()
    found = boss.get(reverse(LIST)).context["cl"].result_list
    assert list(found) == [second, first, resolved]


def test_alerts_are_filtered_by_state(boss: Client) -> None:
    opened = AlertFactory()
    resolved = AlertFactory(resolved_at=timezone.now())
    for value, expected in (("1", [opened]), ("0", [resolved])):
        page = boss.get(reverse(LIST), {"open": value})
        assert list(page.context["cl"].result_list) == expected


def test_one_retry_for_all_records_of_a_cause(boss: Client, at_once: None) -> None:
    flow = FlowFactory()
    FailedRecordFactory.create_batch(3, flow=flow)
    other = FailedRecordFactory(flow=flow, fingerprint="Rejected:6000:")
    alerts.refresh(flow)
    alert = Alert.objects.get(fingerprint="Rejected:610:12")
    response = press(boss, alert, "retry")
    said = [str(m) for m in get_messages(response.wsgi_request)]
    assert said == ["3 records are tried again."]
    assert list(SyncRecord.objects.filter(state="failed")) == [other]
    alert.refresh_from_db()
    assert alert.resolved_at is not None


@pytest.mark.parametrize(
    ("others", "title"),
    [
        ([], "Sale of 5.00 is refused."),
        (["Sale of 5.00 is refused."], "Sale of 5.00 is refused."),
        (["Sale of 4.00 is refused."], "For example: Sale of 5.00 is refused."),
    ],
)
def test_one_records_own_text_is_told_as_an_example(
    boss: Client, others: list[str], title: str
) -> None:
    flow = FlowFactory()
    for message in ("Sale of 5.00 is refused.", *others):
        FailedRecordFactory(flow=flow, message=message)
    alerts.refresh(flow)
    alert = Alert.objects.get()
    assert (str(alert), alert.action) == (title, "Choose another account.")
    for url in (LIST, "admin:index"):
        assert f">{title}<" in boss.get(reverse(url)).content.decode()


def test_an_alert_keeps_up_with_its_records(boss: Client) -> None:
    flow = FlowFactory()
    first, last = FailedRecordFactory.create_batch(2, flow=flow)
    SyncRecord.objects.filter(pk=last.pk).update(message="Another.")
    alerts.refresh(flow)
    assert Alert.objects.get().is_example
    SyncRecord.objects.filter(pk=first.pk).update(state="synced")
    alerts.refresh(flow)
    assert str(Alert.objects.get()) == "Another."


def test_an_alert_leads_to_its_records(boss: Client) -> None:
    record = FailedRecordFactory(fingerprint="A&B:1 2:")
    FailedRecordFactory(flow=record.flow)
    alerts.refresh(record.flow)
    alert = Alert.objects.get(fingerprint="A&B:1 2:")
    page = boss.get(reverse("admin:flows_alert_change", args=(alert.pk,)))
    url = page.context["records_url"]
    assert list(boss.get(url).context["cl"].result_list) == [record]
    assert "Only the records with one cause" in boss.get(url).content.decode()


def test_what_stopped_runs_offers_to_run_again(boss: Client) -> None:
    alert = AlertFactory(fingerprint="run:AuthError::", records=0)
    text = boss.get(reverse(LIST)).content.decode()
    assert "Run again" in text
    assert "whole runs" in text
    press(boss, alert, "run")
    assert Run.objects.filter(flow=alert.flow).exists()


def test_a_resolved_alert_offers_nothing(boss: Client) -> None:
    alert = AlertFactory(resolved_at=timezone.now())
    page = boss.get(reverse("admin:flows_alert_change", args=(alert.pk,)))
    assert "/press/" not in page.content.decode()
    assert "Resolved" in page.content.decode()


def test_retrying_needs_permission(
    person: Callable[..., Client], client: Client
) -> None:
    alert = AlertFactory()
    assert "login" in press(client, alert, "retry")["Location"]
    assert press(person("flows.view_alert"), alert, "retry").status_code == 403


def test_a_button_on_the_dashboard_comes_back_to_it(boss: Client) -> None:
    alert = AlertFactory()
    url = reverse("admin:flows_alert_press", args=(alert.pk, "retry"))
    assert boss.post(f"{url}?from=dashboard")["Location"] == reverse("admin:index")


def test_the_list_asks_as_much_for_many_as_for_few(
    boss: Client, django_assert_num_queries: Any
) -> None:
    AlertFactory.create_batch(8)
    boss.get(reverse(LIST))
    with django_assert_num_queries(6):
        boss.get(reverse(LIST))


@pytest.mark.parametrize(
    ("action", "page"),
    [
        ("Map it in the value map “Tenders”.", "mapping_valuemap"),
        ("Choose it in the settings of the integration.", "flows_integration"),
    ],
    ids=["value map", "settings"],
)
def test_what_to_do_leads_to_the_page_where_it_is_done(
    boss: Client, action: str, page: str
) -> None:
    flow = FlowFactory()
    maps = flow.integration.value_maps
    own = ValueMap.objects.create(map_set=maps, name="tenders", label="Tenders")
    targets = {"mapping_valuemap": own, "flows_integration": flow.integration}
    url = reverse(f"admin:{page}_change", args=(targets[page].pk,))
    alert = AlertFactory(flow=flow, action=action)
    record = FailedRecordFactory(flow=flow, action=action)
    for shown in (alert, record):
        name = f"admin:flows_{shown._meta.model_name}_change"
        text = boss.get(reverse(name, args=(shown.pk,))).text
        assert f'<a class="hub-link" href="{url}">' in text


def test_what_to_do_is_never_read_as_html(boss: Client) -> None:
    alert = AlertFactory(action="Map <b>it</b> in “Nothing”.")
    text = boss.get(reverse("admin:flows_alert_change", args=(alert.pk,))).text
    assert "Map &lt;b&gt;it&lt;/b&gt; in “Nothing”." in text
