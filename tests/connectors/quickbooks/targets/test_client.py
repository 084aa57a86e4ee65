"""What each answer of the service, and each missing one, means."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import Envelope, Member, Outcome
from connectors.quickbooks.connector import QuickBooks
from connectors.quickbooks.targets.outcomes import read_outcome
from integration_hub.core import exactjson
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    Conflict,
    HubError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Tokens

KEY = "3f2b8c1e-0000-4000-8000-000000000001"


def fault(books: Books, **rule: Any) -> None:
    """Order a fault."""
    books.control("faults", rule)


def make_receipt(books: Books, number: str = "R1-1-26-1", **body: Any) -> Member:
    """A member that is right."""
    item = books.query("select * from Item where Sku = 'x'").get("Item")
    ref = {"value": item[0]["Id"]} if item else books.item(Sku="x")
    code = books.ref("TaxCode", "VAT 21%")
    detail = {"ItemRef": ref, "TaxCodeRef": code, "TaxInclusiveAmt": Decimal("12.10")}
    content = {
        "DocNumber": number,
        "TxnDate": "2026-03-14",
        "GlobalTaxCalculation": "TaxInclusive",
        "Line": [
            {
                "Amount": Decimal("10.00"),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": detail,
            }
        ],
    }
    return Member(0, "SalesReceipt", "create", {**content, **body})


def send(connector: QuickBooks, *members: Member, key: str = KEY) -> list[Outcome]:
    """The outcomes of one envelope."""
    return list(connector.deliver(Envelope(key, members)).outcomes)


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
    fault(books, action="status", status=401, match="batch", times=2, body=GATEWAY)
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
    fault(books, action="status", match="batch", **rule)
    with pytest.raises(kind) as caught:
        send(connector, member)
    assert type(caught.value) is kind
    assert caught.value.exchange is not None
    assert caught.value.system == "Books"


def test_after_too_many_calls_a_minute_is_waited(
    books: Books, connector: QuickBooks
) -> None:
    member = make_receipt(books)
    fault(books, action="status", status=429, match="batch", body=THROTTLED)
    with pytest.raises(RateLimited) as caught:
        send(connector, member)
    assert caught.value.retry_after == 60


@pytest.mark.parametrize("action", ["cut", "lose", "garble"])
def test_an_answer_that_does_not_come_is_in_doubt(
    books: Books, connector: QuickBooks, action: str
) -> None:
    member = make_receipt(books)
    fault(books, action=action, match="batch")
    with pytest.raises(OutcomeUnknown):
        send(connector, member)
    assert count(books) == (0 if action == "cut" else 1)


def test_the_same_envelope_again_does_nothing_twice(
    books: Books, connector: QuickBooks
) -> None:
    member = make_receipt(books)
    fault(books, action="lose", match="batch")
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
    (outcome,) = send(connector, make_receipt(books, "R1-1-26-2"))
    assert outcome.state == "refused"
    assert outcome.error is not None
    assert outcome.error.code == "duplicate request"


def test_nothing_listens(connector: QuickBooks, books: Books) -> None:
    member = make_receipt(books)
    books.running.stop()
    with pytest.raises((Unavailable, OutcomeUnknown)):
        send(connector, member)


REFUSALS: list[tuple[dict[str, Any], str, type[HubError], str]] = [
    ({"CustomerRef": {"value": "999"}}, "2500", NotFound, "999"),
    ({"Colour": "red"}, "2010", Rejected, ""),
    ({"DocNumber": "R" * 22}, "2050", Rejected, ""),
    ({"Line": []}, "", Rejected, ""),
    ({"DepositToAccountRef": {"value": "1"}}, "6430", Rejected, ""),
]


@pytest.mark.parametrize(("body", "code", "kind", "reference"), REFUSALS)
def test_each_refusal_has_its_error(
    books: Books,
    connector: QuickBooks,
    body: dict[str, Any],
    code: str,
    kind: type[HubError],
    reference: str,
) -> None:
    (outcome,) = send(connector, make_receipt(books, **body))
    assert outcome.state == "refused"
    assert isinstance(outcome.error, kind)
    assert outcome.error.code == code or not code
    assert reference in outcome.error.reference
    assert "SalesReceipt R" in outcome.error.message


def test_a_refused_member_disturbs_no_other(
    books: Books, connector: QuickBooks
) -> None:
    bad = make_receipt(books, Colour="red")
    good = make_receipt(books, "R1-1-26-2")
    outcomes = send(connector, bad, Member(1, good.entity, good.operation, good.body))
    assert [o.state for o in outcomes] == ["refused", "created"]
    assert [o.position for o in outcomes] == [0, 1]


def test_a_closed_period_says_what_to_do(books: Books, connector: QuickBooks) -> None:
    closed = {"AccountingInfoPrefs": {"BookCloseDate": "2026-12-31"}}
    books.do("set_preferences", preferences=closed)
    (outcome,) = send(connector, make_receipt(books))
    assert outcome.error is not None
    assert "books are closed" in outcome.error.message
    assert "closing date" in outcome.error.action


def test_a_number_of_the_same_kind_that_is_taken_is_looked_up(
    books: Books, connector: QuickBooks
) -> None:
    send(connector, make_receipt(books))
    (outcome,) = send(connector, make_receipt(books), key=str(uuid.uuid4()))
    assert outcome.state == "in_doubt"
    assert isinstance(outcome.error, Conflict)


def test_a_number_of_another_kind_that_is_taken_is_a_conflict(
    connector: QuickBooks,
) -> None:
    detail = "DocNumber=R1 is assigned to TxnType=Invoice with TxnId=17984"
    outcome = refuse_with("6140", detail)
    assert outcome.state == "refused"
    assert isinstance(outcome.error, Conflict)
    assert outcome.error.reference == "17984"
    assert "Invoice 17984" in outcome.error.message


def refuse_with(code: str, detail: str = "", kind: str = "ValidationFault") -> Outcome:
    """The outcome of a member with this fault."""
    error = {"code": code, "Message": "M", "Detail": detail}
    answer = {"bId": "0", "Fault": {"type": kind, "Error": [error]}}
    member = Member(0, "SalesReceipt", "create", {"DocNumber": "R1"})
    return read_outcome(member, answer, system="Books")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("10000", "ValidationFault"), ("6000", "SystemFault"), ("3001", "")],
)
def test_a_failure_of_the_system_is_in_doubt(code: str, kind: str) -> None:
    assert refuse_with(code, kind=kind).state == "in_doubt"


def test_a_code_that_nobody_told_us_of_is_shown() -> None:
    error = refuse_with("7777").error
    assert isinstance(error, Rejected)
    assert error.message == "Books refuses SalesReceipt R1: M."


def test_a_member_that_the_answer_does_not_mention_is_in_doubt(
    books: Books, connector: QuickBooks
) -> None:
    body = exactjson.dumps({"BatchItemResponse": [{"bId": "7"}]})
    member = make_receipt(books)
    fault(books, action="status", status=200, match="batch", body=body)
    (outcome,) = send(connector, member)
    assert outcome.state == "in_doubt"


def test_an_answer_without_an_id_is_in_doubt(
    books: Books, connector: QuickBooks
) -> None:
    body = exactjson.dumps({"BatchItemResponse": [{"bId": "0", "SalesReceipt": {}}]})
    member = make_receipt(books)
    fault(books, action="status", status=200, match="batch", body=body)
    assert send(connector, member)[0].state == "in_doubt"


def test_a_batch_that_is_refused_whole_refuses_every_member(
    books: Books, connector: QuickBooks
) -> None:
    members = [Member(n, "Item", "create", {"Name": f"n{n}"}) for n in range(31)]
    outcomes = send(connector, *members)
    assert {o.state for o in outcomes} == {"refused"}
    assert {o.error.code for o in outcomes if o.error} == {"1040"}


def test_a_name_that_is_taken_is_a_conflict(
    books: Books, connector: QuickBooks
) -> None:
    body = {"DisplayName": "Counter Sales"}
    (outcome,) = send(connector, Member(0, "Customer", "create", body))
    assert isinstance(outcome.error, Conflict)
    assert "Counter" not in outcome.error.message


def test_reads_are_tried_again(books: Books, connector: QuickBooks) -> None:
    fault(books, action="status", status=503, match="query", times=2)
    assert connector.choices("terms")


def test_reads_that_keep_failing_are_unavailable(
    books: Books, connector: QuickBooks
) -> None:
    fault(books, action="status", status=503, match="query", times=5)
    with pytest.raises(Unavailable):
        connector.choices("terms")


def test_an_answer_to_a_read_that_is_no_json_is_unavailable(
    books: Books, connector: QuickBooks
) -> None:
    fault(books, action="status", status=200, match="query", body="<html>", times=5)
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
