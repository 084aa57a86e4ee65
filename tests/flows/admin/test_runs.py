"""Runs in the admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flows.admin.runs import lasted
from flows.models import Run
from tests.factories import RunFactory, SyncRecordFactory


def page_of(client: Client, run: Run) -> str:
    url = reverse("admin:flows_run_change", args=(run.pk,))
    text: str = client.get(url).content.decode()
    return text


def progress_url(run: Run) -> str:
    return reverse("admin:flows_run_progress", args=(run.pk,))


def test_progress_tells_numbers_by_state(boss: Client) -> None:
    run = RunFactory(stage="delivering", read=5)
    SyncRecordFactory.create_batch(2, flow=run.flow, run=run)
    SyncRecordFactory(flow=run.flow, run=run, state="pending")
    assert boss.get(progress_url(run)).json() == {
        "active": True,
        "stage": "Delivering",
        "problem": "",
        "numbers": {"read": 5, "synced": 2, "pending": 1},
    }


def test_a_run_names_its_flow(boss: Client) -> None:
    run = RunFactory(flow__name="Receipts", flow__integration__name="Shop")
    assert f"Run {run.pk} of Shop: Receipts" in page_of(boss, run)


def test_progress_tells_when_a_run_is_over(boss: Client) -> None:
    answer = boss.get(progress_url(RunFactory(stage="stopped", problem="No."))).json()
    assert (answer["active"], answer["problem"]) == (False, "No.")


def test_progress_needs_permission(
    client: Client, person: Callable[..., Client]
) -> None:
    run = RunFactory()
    assert "login" in client.get(progress_url(run))["Location"]
    assert person().get(progress_url(run)).status_code == 403
    assert person("flows.view_run").get(progress_url(run)).status_code == 200


def test_progress_of_no_run_is_not_found(boss: Client) -> None:
    run = RunFactory()
    run.pk = 999
    assert boss.get(progress_url(run)).status_code == 404


def test_only_a_run_at_work_is_followed(boss: Client) -> None:
    active = RunFactory(stage="reading")
    assert progress_url(active) in page_of(boss, active)
    over = RunFactory(counts={"synced": 3})
    assert progress_url(over) not in page_of(boss, over)


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ("manual", "a person"),
        ("schedule", "the schedule"),
        ("retry", "records that are tried again"),
        ("another", "another"),
    ],
)
def test_who_started_a_run_is_told_in_words(
    boss: Client, trigger: str, words: str
) -> None:
    text = page_of(boss, RunFactory(trigger=trigger))
    assert f"<span>Started by</span>{words}<" in text


def test_the_page_shows_the_bridge_from_till_to_books(boss: Client) -> None:
    totals = {
        "till_total": "26355.17",
        "liability_tenders": "500.50",
        "tips": "0.00",
        "rounding": "0.17",
        "target_total": "25854.84",
    }
    text = page_of(boss, RunFactory(totals=totals))
    assert "26,355.17" in text
    assert "25,854.84" in text


def test_the_page_tells_the_problem_and_hides_the_traceback(boss: Client) -> None:
    run = RunFactory(
        stage="broken",
        problem="A defect.",
        action="Report it.",
        traceback="Traceback <1>",
    )
    text = page_of(boss, run)
    assert "A defect." in text
    assert "Report it." in text
    assert "Traceback &lt;1&gt;" in text.partition("<details")[2]


def test_states_lead_to_their_records(boss: Client) -> None:
    run = RunFactory(counts={"failed": 2})
    url = reverse("admin:flows_syncrecord_changelist")
    link = f"{url}?run__id__exact={run.pk}&amp;state__exact=failed"
    assert link in page_of(boss, run)
    record = SyncRecordFactory(flow=run.flow, run=run, state="failed")
    SyncRecordFactory(flow=run.flow, state="failed")
    rows = boss.get(link.replace("&amp;", "&")).context["cl"].result_list
    assert list(rows) == [record]


def test_a_run_cannot_be_changed(boss: Client) -> None:
    run = RunFactory()
    url = reverse("admin:flows_run_change", args=(run.pk,))
    assert boss.post(url, {"flow": run.flow_id}).status_code == 403
    assert boss.get(reverse("admin:flows_run_add")).status_code == 403
    delete = reverse("admin:flows_run_delete", args=(run.pk,))
    assert boss.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.25, "1.2 s"), (59, "59.0 s"), (3700, "1\xa0hour, 1\xa0minute")],
)
def test_how_long_a_run_took(seconds: float, text: str) -> None:
    run = RunFactory()
    run.finished_at = run.started_at + timedelta(seconds=seconds)
    assert lasted(run) == text


def test_the_list_asks_as_much_for_many_as_for_few(
    boss: Client, django_assert_num_queries: Any
) -> None:
    RunFactory.create_batch(8)
    url = reverse("admin:flows_run_changelist")
    boss.get(url)
    with django_assert_num_queries(6) as asked:
        boss.get(url)
    assert not [q for q in asked.captured_queries if '"traceback"' in q["sql"]]
