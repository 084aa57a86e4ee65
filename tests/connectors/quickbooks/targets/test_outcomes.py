"""What the answer to each member of a batch means."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from connectors.quickbooks.connector import QuickBooks
from connectors.quickbooks.error_codes import ALIASES, RULES
from connectors.quickbooks.targets.outcomes import read_outcome
from connectors.writes import Member, Outcome
from integration_hub.core import exactjson
from integration_hub.core.errors import (
    Conflict,
    HubError,
    NotFound,
    Rejected,
)
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import (
    make_receipt,
    order_fault,
    send,
)

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


@pytest.mark.parametrize("code", sorted({*RULES, *ALIASES, "7777", "2290", "5030"}))
def test_every_refusal_says_what_to_do(code: str) -> None:
    error = refuse_with(code).error
    assert error is not None
    assert error.action


def test_a_reconciled_document_is_not_called_deposited() -> None:
    error = refuse_with("6480").error
    assert isinstance(error, Conflict)
    assert "reconciled" in error.message
    assert "deposit" not in error.message + error.action


def test_a_company_that_takes_no_negative_line_says_so() -> None:
    error = refuse_with("2290", "Line.Amount -0.02 is negative").error
    assert error is not None
    assert "negative amount (Line.Amount -0.02 is negative)" in error.message


def test_a_code_that_nobody_told_us_of_is_shown() -> None:
    error = refuse_with("7777").error
    assert isinstance(error, Rejected)
    assert error.message == "Books refuses SalesReceipt R1: M."


def test_a_member_that_the_answer_does_not_mention_is_in_doubt(
    books: Books, connector: QuickBooks
) -> None:
    body = exactjson.dumps({"BatchItemResponse": [{"bId": "7"}]})
    member = make_receipt(books)
    order_fault(books, action="status", status=200, match="batch", body=body)
    (outcome,) = send(connector, member)
    assert outcome.state == "in_doubt"


def test_an_answer_without_an_id_is_in_doubt(
    books: Books, connector: QuickBooks
) -> None:
    body = exactjson.dumps({"BatchItemResponse": [{"bId": "0", "SalesReceipt": {}}]})
    member = make_receipt(books)
    order_fault(books, action="status", status=200, match="batch", body=body)
    assert send(connector, member)[0].state == "in_doubt"


def test_a_batch_that_is_refused_whole_says_nothing_of_its_members(
    books: Books, connector: QuickBooks
) -> None:
    members = [Member(n, "Item", "create", {"Name": f"n{n}"}) for n in range(31)]
    with pytest.raises(Rejected, match="30 others") as caught:
        send(connector, *members)
    assert caught.value.code == "1040"


def test_a_name_that_is_taken_is_a_conflict(
    books: Books, connector: QuickBooks
) -> None:
    body = {"DisplayName": "Counter Sales"}
    (outcome,) = send(connector, Member(0, "Customer", "create", body))
    assert isinstance(outcome.error, Conflict)
    assert "Counter" not in outcome.error.message


XML_FAULT = (
    '<IntuitResponse><Fault type="ValidationFault"><Error code="2130">'
    "<Message>Invalid requestid format</Message></Error></Fault></IntuitResponse>"
)


def test_a_refusal_in_xml_is_understood(books: Books, connector: QuickBooks) -> None:
    member = make_receipt(books)
    rule = {"status": 400, "body": XML_FAULT, "content_type": "text/xml"}
    order_fault(books, action="status", match="batch", **rule)
    with pytest.raises(Rejected) as caught:
        send(connector, member)
    assert caught.value.code == "2130"


def test_the_oldest_item_that_a_look_up_finds_is_taken(
    books: Books, connector: QuickBooks
) -> None:
    first = books.item("One", Sku="x")["value"]
    books.item("Two", Sku="x")
    body = {"Query": "select * from Item where Sku in ('x')"}
    (outcome,) = send(connector, Member(0, "Item", "query", body))
    assert outcome.state == "unchanged"
    assert outcome.known is not None
    assert outcome.known.id == first


def test_an_amount_that_is_no_number_is_left_out(
    books: Books, connector: QuickBooks
) -> None:
    there = {"Id": "7", "DocNumber": "R1-1-26-1", "TotalAmt": "much"}
    body = exactjson.dumps({"BatchItemResponse": [{"bId": "0", "SalesReceipt": there}]})
    member = make_receipt(books)
    order_fault(books, action="status", status=200, match="batch", body=body)
    (outcome,) = send(connector, member)
    assert outcome.known is not None
    assert outcome.known.total is None
