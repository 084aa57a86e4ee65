"""What each answer of the service, and each missing one, means."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.quickbooks.connector import QuickBooks
from connectors.writes import DUPLICATE_REQUEST, Envelope
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    HubError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import (
    KEY,
    Tokens,
    make_receipt,
    order_fault,
    send,
)


def count(books: Books) -> int:
    """How many sales receipts there are."""
    return len(books.query("select * from SalesReceipt").get("SalesReceipt", []))


def test_a_delivery_keeps_its_exchange(books: Books, connector: QuickBooks) -> None:
    delivery = connector.deliver(Envelope(KEY, (make_receipt(books),)))
    assert delivery.exchange.status == 200
    assert delivery.exchange.remote_id
    assert f"requestid={KEY}" in delivery.exchange.url
    assert "minorversion=75" in delivery.exchange.url


def test_amounts_are_sent_as_exact_numbers(books: Books, connector: QuickBooks) -> None:
    delivery = connector.deliver(Envelope(KEY, (make_receipt(books),)))
    assert '"TaxInclusiveAmt":12.10' in delivery.exchange.sent


def test_a_token_that_ran_out_is_renewed_once(
    books: Books, connector: QuickBooks, tokens: Tokens
) -> None:
    member = make_receipt(books)
    books.do("expire_access_tokens")
    (outcome,) = send(connector, member)
    assert outcome.state == "created"
    assert tokens.renewed == 1


def test_reads_renew_the_token_too(
    books: Books, connector: QuickBooks, tokens: Tokens
) -> None:
    books.do("expire_access_tokens")
    assert connector.choices("terms")
    assert tokens.renewed == 1


def test_a_token_that_is_never_accepted_asks_to_reconnect(
    books: Books, connector: QuickBooks
) -> None:
    member = make_receipt(books)
    order_fault(
        books, action="status", status=401, match="batch", times=2, body=GATEWAY
    )
    with pytest.raises(AuthError) as caught:
        send(connector, member)
    assert caught.value.code == "3200"
    assert "connect it to QuickBooks again" in caught.value.action


GATEWAY = json.dumps({"fault": {"error": [{"code": "3200"}], "type": "AUTHENTICATION"}})
THROTTLED = (
    '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE">'
    '<Error code="3001"><Message>ThrottleExceeded</Message></Error></Fault>'
    "</IntuitResponse>"
)
SYSTEM = '{"Fault":{"Error":[{"code":"10000"}],"type":"SystemFault"}}'
STATUSES: list[tuple[dict[str, Any], type[HubError]]] = [
    ({"status": 403, "body": '{"fault":{"error":[{"code":"3100"}]}}'}, AuthError),
    ({"status": 403, "body": THROTTLED, "content_type": "text/xml"}, RateLimited),
    ({"status": 429, "body": THROTTLED, "content_type": "text/xml"}, RateLimited),
    ({"status": 404}, ConfigError),
    ({"status": 500}, OutcomeUnknown),
    ({"status": 503}, OutcomeUnknown),
    ({"status": 504}, OutcomeUnknown),
    ({"status": 502}, OutcomeUnknown),
    ({"status": 400, "body": SYSTEM}, OutcomeUnknown),
    ({"status": 400, "body": "<html>"}, OutcomeUnknown),
    ({"status": 200, "body": "[]"}, OutcomeUnknown),
    ({"status": 200, "body": "{}"}, OutcomeUnknown),
    ({"status": 200, "body": "{"}, OutcomeUnknown),
]


@pytest.mark.parametrize(("rule", "kind"), STATUSES)
def test_each_status_of_a_write_has_its_error(
    books: Books, connector: QuickBooks, rule: dict[str, Any], kind: type[HubError]
) -> None:
    member = make_receipt(books)
    order_fault(books, action="status", match="batch", **rule)
    with pytest.raises(kind) as caught:
        send(connector, member)
    assert type(caught.value) is kind
    assert caught.value.exchange is not None
    assert caught.value.system == "Books"


def test_after_too_many_calls_a_minute_is_waited(
    books: Books, connector: QuickBooks
) -> None:
    member = make_receipt(books)
    order_fault(books, action="status", status=429, match="batch", body=THROTTLED)
    with pytest.raises(RateLimited) as caught:
        send(connector, member)
    assert caught.value.retry_after == 60


@pytest.mark.parametrize("action", ["cut", "lose", "garble"])
def test_an_answer_that_does_not_come_is_in_doubt(
    books: Books, connector: QuickBooks, action: str
) -> None:
    member = make_receipt(books)
    order_fault(books, action=action, match="batch")
    with pytest.raises(OutcomeUnknown):
        send(connector, member)
    assert count(books) == (0 if action == "cut" else 1)


def test_the_same_envelope_again_does_nothing_twice(
    books: Books, connector: QuickBooks
) -> None:
    member = make_receipt(books)
    order_fault(books, action="lose", match="batch")
    with pytest.raises(OutcomeUnknown):
        send(connector, member)
    (outcome,) = send(connector, member)
    assert outcome.state == "created"
    assert count(books) == 1


def test_a_request_id_that_is_used_is_definite(
    books: Books, connector: QuickBooks
) -> None:
    books.switch(requestid="refused")
    send(connector, make_receipt(books))
    with pytest.raises(Rejected) as caught:
        send(connector, make_receipt(books, "R1-1-26-2"))
    assert caught.value.code == DUPLICATE_REQUEST


def test_nothing_listens(connector: QuickBooks, books: Books) -> None:
    member = make_receipt(books)
    books.running.stop()
    with pytest.raises((Unavailable, OutcomeUnknown)):
        send(connector, member)


def test_reads_are_tried_again(books: Books, connector: QuickBooks) -> None:
    order_fault(books, action="status", status=503, match="query", times=2)
    assert connector.choices("terms")


def test_reads_that_keep_failing_are_unavailable(
    books: Books, connector: QuickBooks
) -> None:
    order_fault(books, action="status", status=503, match="query", times=5)
    with pytest.raises(Unavailable):
        connector.choices("terms")


def test_an_answer_to_a_read_that_is_no_json_is_unavailable(
    books: Books, connector: QuickBooks
) -> None:
    order_fault(
        books, action="status", status=200, match="query", body="<html>", times=5
    )
    with pytest.raises(Unavailable):
        connector.choices("terms")


def test_a_query_that_is_not_understood_is_named(connector: QuickBooks) -> None:
    with pytest.raises(Rejected) as caught:
        connector.client.query("select * from Item where Colour = 'red'")
    assert caught.value.code == "4001"


def test_long_queries_go_as_a_body(books: Books, connector: QuickBooks) -> None:
    names = ", ".join(f"'{n:050}'" for n in range(60))
    rows = connector.client.query(f"select * from Item where Name in ({names})")
    assert rows == []
    assert books.control("log")["log"][-1]["method"] == "POST"


def test_without_a_company_a_person_is_asked_to_connect(
    connector: QuickBooks,
) -> None:
    lost = QuickBooks(replace(connector.account, credentials={}))
    with pytest.raises(AuthError, match="not connected to a company"):
        lost.choices("terms")


@pytest.mark.parametrize(("counted", "calls"), [("", 1), ("true", 3), (True, 3)])
def test_what_a_batch_spends(
    connector: QuickBooks, counted: object, calls: int
) -> None:
    settings = {**connector.account.settings, "batch_counts_items": counted}
    client = QuickBooks(replace(connector.account, settings=settings)).client
    assert client._spend(3) == {"batches": 1, "burst": 1, "calls": calls}


@pytest.mark.parametrize(
    ("counted", "room", "size"),
    [("", 12, 30), ("true", 12, 12), ("true", 4, 30), ("true", 80, 30)],
    ids=["not counted", "what is left", "too few to be worth it", "plenty"],
)
def test_how_many_items_the_next_batch_has(
    connector: QuickBooks,
    monkeypatch: pytest.MonkeyPatch,
    counted: str,
    room: int,
    size: int,
) -> None:
    settings = {**connector.account.settings, "batch_counts_items": counted}
    company = QuickBooks(replace(connector.account, settings=settings))
    monkeypatch.setattr(company.account.session, "find_room", lambda *_: room)
    assert company.find_room() == size


def test_without_limits_batches_are_full(connector: QuickBooks) -> None:
    settings = {**connector.account.settings, "batch_counts_items": "true"}
    assert QuickBooks(replace(connector.account, settings=settings)).find_room() == 30


@pytest.mark.parametrize("status", [400, 402])
def test_a_read_that_is_refused_without_a_reason_is_unavailable(
    books: Books, connector: QuickBooks, status: int
) -> None:
    order_fault(books, action="status", status=status, match="query", times=5)
    with pytest.raises(Unavailable):
        connector.choices("terms")


def test_an_answer_without_rows_is_empty(books: Books, connector: QuickBooks) -> None:
    order_fault(books, action="status", status=200, match="query", body="{}")
    assert connector.choices("terms") == []
