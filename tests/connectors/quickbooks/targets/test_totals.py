"""Sums of what was posted, and taking it back."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from connectors.quickbooks.connector import QuickBooks
from connectors.writes import Known, Ref
from integration_hub.core.errors import UnsupportedError
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Poster
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    DAY,
    SALE,
    line,
    pay,
    receipt,
)

SPLIT = receipt([line("12.10")], [pay("PIN", "10.00"), pay("CASH", "2.10")])
REFUND = receipt([line("-1.09", "2")], [pay("PIN", "-1.09")], id="c" * 18, number=None)
NEXT_YEAR = date(2027, 1, 1)


@pytest.fixture
def poster(connector: QuickBooks, values: dict[str, str]) -> Poster:
    made = Poster(connector, values)
    made.post(SPLIT)
    made.post(REFUND)
    return made


def list_totals(
    poster: Poster, *branches: str
) -> dict[tuple[str, str], tuple[str, int]]:
    """Amount and count by measure and label."""
    rows = poster.connector.totals("order", DAY, DAY, branches)
    return {(r.measure, r.label): (str(r.amount), r.count) for r in rows}


def test_totals_are_summed_by_measure(poster: Poster) -> None:
    found = list_totals(poster)
    assert found["total", "Invoice"] == ("12.1", 1)
    assert found["total", "RefundReceipt"] == ("-1.09", 1)
    assert found["vat", "21"] == ("2.1", 1)
    assert found["vat", "9"] == ("-0.09", 1)


def test_tenders_are_summed_by_account(poster: Poster) -> None:
    rows = poster.connector.totals("order", DAY, DAY)
    amounts = sorted(row.amount for row in rows if row.measure == "tender")
    assert amounts == [Decimal("-1.09"), Decimal("2.10"), Decimal("10.00")]


def test_what_a_journal_entry_divides_is_of_the_tenders_accounts(
    connector: QuickBooks, values: dict[str, str]
) -> None:
    made = Poster(connector, values)
    made.post(receipt([line("12.10")], [pay("PIN", "20.00"), pay("CASH", "-7.90")]))
    amounts = {
        label: Decimal(amount)
        for (measure, label), (amount, _count) in list_totals(made).items()
        if measure == "tender"
    }
    split = values["split_tenders_account"]
    assert amounts.pop(split) == 0
    assert sorted(amounts.values()) == [Decimal("-7.90"), Decimal("20.00")]


def test_credits_count_against_invoices(
    connector: QuickBooks, values: dict[str, str]
) -> None:
    made = Poster(connector, values)
    tenders = [pay("ACCOUNT", "-12.10")]
    made.post(receipt([line("-12.10")], tenders, customer=ANNA))
    found = list_totals(made)
    assert found["total", "CreditMemo"] == ("-12.1", 1)
    assert found["vat", "21"] == ("-2.1", 1)
    assert "tender" not in {measure for measure, _label in found}


def test_totals_of_another_place_or_time_are_left_out(poster: Poster) -> None:
    assert ("total", "Invoice") not in list_totals(poster, "99")
    assert list(poster.connector.totals("order", NEXT_YEAR, NEXT_YEAR)) == []


def test_documents_of_others_are_not_summed(books: Books, poster: Poster) -> None:
    before = list_totals(poster)
    body = {"TxnDate": DAY.isoformat(), "Line": [books.line(books.item(), 10)]}
    books.create("SalesReceipt", body)
    assert list_totals(poster) == before


def test_documents_are_voided_payments_first(books: Books, poster: Poster) -> None:
    roles = ("sale", "payment:p-PIN", "payment:p-CASH")
    refs = [Ref("order", SPLIT.id, role) for role in roles]
    entities = ("Invoice", "Payment", "Payment")
    targets = [
        (e, latest(books, e, poster.known[r]))
        for e, r in zip(entities, refs, strict=True)
    ]
    outcomes = poster.connector.undo(targets)
    assert [o.position for o in outcomes] == [0, 1, 2]
    assert [o.state for o in outcomes][1:] == ["updated", "updated"]
    payments = books.query("select * from Payment")["Payment"]
    assert {Decimal(str(p["TotalAmt"])) for p in payments} == {Decimal(0)}


def latest(books: Books, entity: str, known: Known) -> Known:
    """The version that is there now."""
    there = books.get(f"{entity.lower()}/{known.id}")[entity]
    return dataclasses.replace(known, version=there["SyncToken"])


def test_what_somebody_changed_is_not_voided(poster: Poster) -> None:
    known = dataclasses.replace(poster.known[SALE], version="-1")
    (outcome,) = poster.connector.undo([("Invoice", known)])
    assert outcome.error is not None
    assert outcome.error.code == "5010"


def test_a_customer_is_not_taken_back(poster: Poster) -> None:
    (outcome,) = poster.connector.undo([("Customer", Known("1"))])
    assert outcome.state == "refused"


def test_there_are_totals_of_orders_only(connector: QuickBooks) -> None:
    with pytest.raises(UnsupportedError, match="products"):
        connector.totals("products", DAY, DAY)


def test_a_refusal_of_the_whole_call_refuses_every_document(
    books: Books, connector: QuickBooks
) -> None:
    body = '{"Fault":{"Error":[{"code":"6190"}],"type":"ValidationFault"}}'
    rule = {"action": "status", "status": 400, "match": "batch", "body": body}
    books.control("faults", rule)
    targets = [
        ("Payment", Known("1", version="0")),
        ("Payment", Known("2", version="0")),
    ]
    outcomes = connector.undo(targets)
    assert {o.error.code for o in outcomes if o.error} == {"6190"}
    assert [o.position for o in outcomes] == [0, 1]
