"""The page of one record: source beside target, and every attempt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flows.models import Link, LinkState, SyncRecord
from tests.factories import (
    AttemptFactory,
    EnvelopeMemberFactory,
    FailedRecordFactory,
    LinkFactory,
    RunFactory,
    SyncRecordFactory,
)
from tests.fake_connector import make_order


def page_of(client: Client, record: SyncRecord) -> str:
    url = reverse("admin:flows_syncrecord_change", args=(record.pk,))
    text: str = client.get(url).content.decode()
    return text


def press(client: Client, record: SyncRecord, name: str) -> Any:
    return client.post(reverse("admin:flows_syncrecord_press", args=(record.pk, name)))


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def sent() -> Link:
    """A record's link with the envelope that carried it and its answer."""
    link = LinkFactory(record__order=make_order("1"))
    member = EnvelopeMemberFactory(link=link, envelope__integration=link.integration)
    link.envelope = member.envelope
    link.save()
    AttemptFactory(envelope=member.envelope)
    return link


def test_a_question_that_was_answered_is_no_document(boss: Client) -> None:
    record = SyncRecordFactory(order=make_order("1"))
    LinkFactory(record=record, entity="SalesReceipt", number="R1", role="sale")
    asked = {"entity": "Balance", "number": "", "target_id": "", "role": "balance:x"}
    LinkFactory(record=record, key="asked-1", **asked)
    text = page_of(boss, record)
    assert "Sales receipt" in text
    assert "asked-1" not in text


def test_a_document_that_was_taken_back_says_so(boss: Client) -> None:
    link = LinkFactory(
        record__order=make_order("1"),
        record__state="skipped",
        record__bridge={"target_total": "12.10"},
        facts={"undone": "2026-11-26T05:29:00+00:00"},
    )
    text = page_of(boss, link.record)
    assert "taken back" in text
    assert "Linked" not in text
    assert "Expected in the books" not in text


def test_a_journal_entry_shows_no_total(boss: Client) -> None:
    link = LinkFactory(
        record__order=make_order("1"),
        entity="JournalEntry",
        role="movement",
        total=Decimal("0.00"),
    )
    row = page_of(boss, link.record).partition("Journal entry")[2].partition("</tr>")[0]
    assert "0.00" not in row


def test_the_receipt_that_is_credited_is_named_with_the_way_there(boss: Client) -> None:
    credited = SyncRecordFactory(order=make_order("1"))
    order = replace(make_order("2"), credits=credited.source_id)
    text = page_of(boss, SyncRecordFactory(flow=credited.flow, order=order))
    url = reverse("admin:flows_syncrecord_change", args=(credited.pk,))
    assert f'href="{url}">{credited}</a>' in text


def test_the_document_is_shown_as_tables(boss: Client) -> None:
    text = page_of(boss, SyncRecordFactory(order=make_order("1", "1234.50")))
    assert "Bread &lt;plain&gt;" in text
    assert "1,234.50" in text
    assert "21 %" in text
    assert "CARD" in text
    assert "Bakery Example" in text


def test_a_document_without_vat_shows_no_empty_table(boss: Client) -> None:
    order = make_order("1")
    assert "<caption>VAT</caption>" in page_of(boss, SyncRecordFactory(order=order))
    record = SyncRecordFactory(order=replace(order, id="2", vat_totals=()))
    assert "<caption>VAT</caption>" not in page_of(boss, record)


def test_fields_without_a_column_are_folded_away(boss: Client) -> None:
    text = page_of(boss, SyncRecordFactory())
    assert "barcode" in text.partition("More fields of the source")[2]
    assert "stamps 1" in text


def test_what_it_became_is_linked_into_the_target(boss: Client, sent: Link) -> None:
    text = page_of(boss, sent.record)
    assert f"https://books.example/Sale/{sent.target_id}" in text
    assert "Linked" in text


def test_without_the_targets_settings_there_are_no_links_into_it(
    boss: Client, sent: Link
) -> None:
    target = sent.integration.target
    target.connector = "gone"
    target.save()
    assert "https://books.example" not in page_of(boss, sent.record)


def test_customer_and_items_are_shown_too(boss: Client) -> None:
    record = SyncRecordFactory(order=make_order("1"))
    integration = record.flow.integration
    common = {"record": None, "integration": integration, "number": ""}
    LinkFactory(kind="customer", key="77", entity="Customer", **common)
    LinkFactory(kind="product", key="1001", entity="Item", **common)
    LinkFactory(kind="product", key="other", entity="Other item", **common)
    text = page_of(boss, record)
    assert "Customer and items it uses" in text
    assert "Other item" not in text


def test_every_attempt_shows_what_was_sent_and_what_came(
    boss: Client, sent: Link
) -> None:
    text = page_of(boss, sent.record)
    assert "&quot;Total&quot;: 12.10" in text
    assert "&quot;Memo&quot;: &quot;&lt;script&gt;&quot;" in text
    assert "HTTP 200" in text
    assert "tid-1" in text
    assert "&quot;Id&quot;: &quot;T1&quot;" in text


def test_a_call_without_an_answer_says_so(boss: Client, sent: Link) -> None:
    sent.state = LinkState.IN_DOUBT
    sent.save()
    envelope = sent.envelope
    assert envelope is not None
    envelope.attempts.update(status=None, received="")
    envelope.state = "in_doubt"
    envelope.save()
    text = page_of(boss, sent.record)
    assert "no answer" in text
    assert "in doubt" in text
    assert "Nothing came back." in text


def test_other_records_bodies_are_not_shown(boss: Client, sent: Link) -> None:
    other = LinkFactory(record__flow=sent.record.flow, integration=sent.integration)
    EnvelopeMemberFactory(
        envelope=sent.envelope, link=other, position=1, body='{"secret":"neighbour"}'
    )
    assert "neighbour" not in page_of(boss, sent.record)


def test_bridge_and_differences(boss: Client) -> None:
    record = SyncRecordFactory(
        bridge={"till_total": "15.80", "target_total": "5.80"},
        differences=[
            {"what": "VAT 21 %", "source": "2.10", "target": "2.11", "reason": "own"}
        ],
    )
    text = page_of(boss, record)
    assert "15.80" in text
    assert "VAT 21 %" in text
    assert "2.11" in text


def test_the_part_that_settles_debts_is_told(boss: Client) -> None:
    bridge = {"till_total": "30.00", "target_total": "30.00", "settled": "17.90"}
    text = page_of(boss, SyncRecordFactory(bridge=bridge))
    assert "debts of earlier receipts" in text
    assert "17.90" in text


def progress_of(client: Client, record: SyncRecord) -> Any:
    url = reverse("admin:flows_syncrecord_progress", args=(record.pk,))
    return client.get(url).json()


@pytest.mark.parametrize(
    ("values", "active"),
    [
        ({"state": "pending"}, True),
        ({"state": "failed", "read_again": True}, True),
        ({"state": "failed", "lease_owner": "me"}, True),
        ({"state": "failed"}, False),
        ({"state": "synced"}, False),
    ],
)
def test_a_record_at_work_is_followed_until_it_is_settled(
    boss: Client, values: dict[str, Any], active: bool
) -> None:
    run = RunFactory(stage="delivering")
    record = SyncRecordFactory(flow=run.flow, **values)
    url = reverse("admin:flows_syncrecord_progress", args=(record.pk,))
    assert (url in page_of(boss, record)) is active
    answer = progress_of(boss, record)
    stage = record.get_state_display()
    assert answer == {"active": active, "stage": stage, "numbers": {}}


def test_what_nobody_works_on_is_not_followed(boss: Client) -> None:
    record = SyncRecordFactory(state="pending")
    assert not progress_of(boss, record)["active"]


def test_the_progress_of_a_record_needs_permission(
    person: Callable[..., Client],
) -> None:
    url = reverse("admin:flows_syncrecord_progress", args=(SyncRecordFactory().pk,))
    assert person().get(url).status_code == 403
    assert person("flows.view_syncrecord").get(url).status_code == 200


def test_a_failure_tells_what_to_do(boss: Client) -> None:
    text = page_of(boss, FailedRecordFactory())
    assert "The books refuse account 12." in text
    assert "Choose another account." in text


def test_an_unreadable_record_shows_its_fields_part_by_part(boss: Client) -> None:
    raw = {"total": 8869, "number": {"year": 2026}, "lines": [{"text": "Soap"}]}
    record = FailedRecordFactory(readable=False, payload=json.dumps(raw))
    text = page_of(boss, record)
    assert "number.year" in text
    assert '<summary class="hub-more">lines 1</summary>' in text
    assert "/press/preview/" not in text


def test_after_the_retention_period_the_outcome_stays(boss: Client) -> None:
    text = page_of(boss, SyncRecordFactory(payload=None))
    assert "retention period is over" in text
    assert "Synced" in text


def test_a_newer_version_that_waits_is_told(boss: Client) -> None:
    text = page_of(boss, SyncRecordFactory(next_version="2", state="in_doubt"))
    assert "A newer version of this record has come" in text


def test_retry(boss: Client, at_once: None) -> None:
    record = FailedRecordFactory()
    assert told(press(boss, record, "retry")) == ["1 record is tried again."]
    record.refresh_from_db()
    assert record.state == "pending"


def test_skip(boss: Client) -> None:
    record = FailedRecordFactory()
    assert told(press(boss, record, "skip")) == [f"{record} is skipped."]
    record.refresh_from_db()
    assert record.reason == "skipped by boss"


def test_a_skipped_record_asks_nothing_any_more(boss: Client) -> None:
    record = FailedRecordFactory()
    press(boss, record, "skip")
    text = page_of(boss, record)
    assert "skipped by boss" in text
    assert "What to do" not in text
    assert "The books refuse account 12." not in text


def test_preview_of_one_record(boss: Client) -> None:
    record = FailedRecordFactory(order=make_order("1", "10.00"))
    text = press(boss, record, "preview").content.decode()
    assert "will be created" in text
    assert "Nothing has been stored or sent." in text
    record.refresh_from_db()
    assert record.state == "failed"


@pytest.mark.parametrize("state", ["synced", "pending", "in_doubt"])
def test_what_is_settled_or_at_work_offers_no_retry(boss: Client, state: str) -> None:
    record = SyncRecordFactory(state=state)
    text = page_of(boss, record)
    assert "/press/retry/" not in text
    assert "/press/skip/" not in text
    assert told(press(boss, record, "retry")) == ["This is not possible now."]


def test_a_leased_record_is_left_alone(boss: Client) -> None:
    until = timezone.now() + timedelta(minutes=1)
    record = FailedRecordFactory(lease_owner="w", lease_until=until)
    press(boss, record, "skip")
    record.refresh_from_db()
    assert record.state == "failed"


@pytest.mark.parametrize("name", ["retry", "skip", "preview"])
def test_each_button_has_its_own_permission(
    name: str, person: Callable[..., Client], client: Client
) -> None:
    record = FailedRecordFactory()
    assert "login" in press(client, record, name)["Location"]
    looker = person("flows.view_syncrecord", "flows.change_syncrecord")
    assert press(looker, record, name).status_code == 403
    assert "/press/" not in page_of(looker, record)


def test_the_page_asks_as_much_for_many_attempts_as_for_few(
    boss: Client, sent: Link, django_assert_num_queries: Any
) -> None:
    for _ in range(8):
        member = EnvelopeMemberFactory(
            link=sent, envelope__integration=sent.integration
        )
        AttemptFactory.create_batch(3, envelope=member.envelope)
    page_of(boss, sent.record)
    with django_assert_num_queries(9):
        page_of(boss, sent.record)


@pytest.mark.parametrize("wrong", ["999999", "x", "1-2"])
def test_no_such_record(boss: Client, wrong: str) -> None:
    url = reverse("admin:flows_syncrecord_change", args=(wrong,))
    assert boss.get(url).status_code == 302


def test_a_document_that_no_key_opens_is_told_not_crashed(
    boss: Client, settings: Any
) -> None:
    record = SyncRecordFactory()
    settings.FIELD_KEYS = ["another-key-altogether"]
    url = reverse("admin:flows_syncrecord_change", args=(record.pk,))
    response = boss.get(url)
    assert response["Location"] == reverse("admin:flows_syncrecord_changelist")
    assert "cannot be decrypted" in told(response)[0]


@pytest.mark.parametrize(
    ("entity", "role", "shown"),
    [
        ("Item", "item", ""),
        ("Invoice", "sale", ""),
        ("JournalEntry", "split", "divides the tenders"),
        ("Payment", "settlement:52a1", "settles a debt"),
        ("RefundReceipt", "reversal:7", "reversal"),
    ],
)
def test_a_role_is_told_where_it_says_more_than_the_object(
    boss: Client, entity: str, role: str, shown: str
) -> None:
    link = LinkFactory(record__order=make_order("1"), entity=entity, role=role)
    text = page_of(boss, link.record)
    assert (f'title="{role}">' in text) == bool(shown)
    assert f'title="{role}">{shown}</span>' in text or not shown


def test_documents_are_listed_by_their_numbers(boss: Client) -> None:
    payment = LinkFactory(
        record__order=make_order("1"), role="payment:1", number="S1-1"
    )
    common = {"record": payment.record, "integration": payment.integration}
    LinkFactory(**common, role="sale", number="S1")
    text = page_of(boss, payment.record)
    assert text.index(">S1</td>") < text.index(">S1-1</td>")
