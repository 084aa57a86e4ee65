"""What is open of a customer's documents: asked in a batch, read by our marks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks.connector import QuickBooks
from connectors.quickbooks.targets.balances import (
    Open,
    find_number,
    find_open,
    make_ask,
    read_balances,
)
from connectors.quickbooks.targets.options import read_options
from connectors.writes import Known, Ref
from integration_hub.core.errors import RecordError
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Poster
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    SALE,
    SOURCE,
    line,
    pay,
    receipt,
    settings,
)

CREDIT = "c" * 18
NOTE = f"[hub:order:{SOURCE}:sale] 1-2-2026-17"
WANTED = {SOURCE: "", "1-2-2026-18": "R1-2-26-18"}


@pytest.fixture
def poster(connector: QuickBooks, values: dict[str, str]) -> Poster:
    """Posts receipts as the engine does."""
    return Poster(connector, values)


def row(number: str, note: str = NOTE, balance: str = "5.00") -> dict[str, Any]:
    """An open invoice."""
    return {"Id": "7", "DocNumber": number, "PrivateNote": note, "Balance": balance}


def read(*rows: dict[str, Any]) -> dict[str, list[str]]:
    """What an answer says of what was wanted."""
    return read_balances(rows, {"hub": "hub", "wanted": WANTED})


def test_a_document_is_known_by_its_record_or_by_its_number() -> None:
    assert read(row("R1-2-26-17")) == {SOURCE: ["7", "5.00"]}
    other = row("R1-2-26-18", "[hub:order:x:sale]")
    assert read(other) == {"1-2-2026-18": ["7", "5.00"]}


@pytest.mark.parametrize(
    "note",
    ["", f"[other:order:{SOURCE}:sale]", f"[hub:order:{SOURCE}:return]"],
    ids=["nobody's", "another hub's", "another document"],
)
def test_what_is_not_that_document_is_not_taken_for_it(note: str) -> None:
    assert read(row("R1-2-26-18", note)) == {}


def test_what_is_not_open_is_not_in_the_answer() -> None:
    there = Known("", facts={"open": read(row("R1-2-26-17"))})
    assert find_open(there) == {SOURCE: Open("7", Decimal("5.00"))}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("1-2-2026-17", "R1-2-26-17"),
        (SOURCE, ""),
        ("17", ""),
        ("1-2-2026-17-3", ""),
        ("", ""),
    ],
)
def test_a_printed_number_tells_the_documents_number(name: str, number: str) -> None:
    assert find_number(name, read_options(settings())) == number


def test_a_question_is_never_looked_up(books: Books, connector: QuickBooks) -> None:
    ask = make_ask(
        SOURCE,
        "Invoice",
        ["1-2-2026-17"],
        customer=Ref("customer", "12", "customer"),
        options=read_options(settings()),
    )
    before = len(books.control("log")["log"])
    assert connector.find([ask]) == {}
    assert len(books.control("log")["log"]) == before


SOLD = receipt([line("12.10")], [pay("ACCOUNT", "12.10")], customer=ANNA)
CREDITED = receipt(
    [line("-12.10")],
    [pay("ACCOUNT", "-12.10")],
    id=CREDIT,
    number=None,
    customer=ANNA,
    credits=SOURCE,
)


def test_a_credit_is_applied_to_what_is_open(books: Books, poster: Poster) -> None:
    poster.post(SOLD)
    made = poster.post(CREDITED)
    assert made.error is None
    assert [write.role for write in made.writes][-1] == "apply"
    (invoice,) = books.query("select * from Invoice")["Invoice"]
    (memo,) = books.query("select * from CreditMemo")["CreditMemo"]
    assert (invoice["Balance"], memo["RemainingCredit"]) == (0, 0)


def test_a_credit_that_the_company_applied_is_left_alone(
    books: Books, poster: Poster
) -> None:
    books.switch(auto_apply_credit=True)
    poster.post(SOLD)
    made = poster.post(CREDITED)
    assert made.error is None
    assert "apply" not in {write.role for write in made.writes}
    (payment,) = books.query("select * from Payment")["Payment"]
    assert payment["PrivateNote"].startswith("Created by QB Online")


def test_a_credit_of_what_nobody_owes_stays_open(books: Books, poster: Poster) -> None:
    poster.post(CREDITED)
    (memo,) = books.query("select * from CreditMemo")["CreditMemo"]
    assert Decimal(str(memo["RemainingCredit"])) == Decimal("12.10")
    assert "Payment" not in books.query("select * from Payment")


def test_what_was_applied_is_taken_back_before_what_it_links(
    books: Books, poster: Poster
) -> None:
    poster.post(SOLD)
    poster.post(CREDITED)
    memo = Ref("order", CREDIT, "sale")
    refs = [
        ("CreditMemo", memo),
        ("Invoice", SALE),
        ("Balance", Ref("order", CREDIT, "balance:Invoice")),
        ("Payment", Ref("order", CREDIT, "apply")),
    ]
    books.switch(links_bump_version=False)
    targets = [(entity, newest(books, entity, poster, ref)) for entity, ref in refs]
    outcomes = poster.connector.undo(targets)
    assert [o.state for o in outcomes] == ["updated", "updated", "unchanged", "updated"]
    assert "CreditMemo" not in books.query("select * from CreditMemo")
    (invoice,) = books.query("select * from Invoice")["Invoice"]
    assert invoice["TotalAmt"] == 0


def newest(books: Books, entity: str, poster: Poster, ref: Ref) -> Known:
    """What the hub knows, with the version that is there once its links are gone."""
    known = poster.known[ref]
    if not known.id:
        return known
    there = books.get(f"{entity.lower()}/{known.id}")[entity]
    return Known(known.id, version=there["SyncToken"])


def test_a_journal_entry_is_taken_back_by_deleting_it(
    books: Books, poster: Poster
) -> None:
    tenders = [pay("PIN", "20.00"), pay("CASH", "-7.90")]
    poster.post(receipt([line("12.10")], tenders))
    journal = Ref("order", SOURCE, "split")
    (outcome,) = poster.connector.undo([("JournalEntry", poster.known[journal])])
    assert outcome.state == "updated"
    assert "JournalEntry" not in books.query("select * from JournalEntry")


ZERO = receipt([line("-5.00"), line("5.00", "2")], [])
MIXED = receipt([line("-12.10"), line("2.18", "2")], [pay("PIN", "-9.92")])


@pytest.mark.parametrize(
    ("order", "switch", "setting"),
    [
        (ZERO, "zero_total", "A receipt whose total is 0.00"),
        (MIXED, "refund_negative_lines", "A refund with lines that were sold"),
    ],
)
def test_a_refusal_that_a_setting_avoids_names_it(
    books: Books, poster: Poster, order: Any, switch: str, setting: str
) -> None:
    books.switch(**{switch: "refused"})
    with pytest.raises(RecordError) as refused:
        poster.post(order)
    assert f"“{setting}”" in refused.value.action
    poster.values = {
        **poster.values,
        "zero_totals": "two_documents",
        "mixed_refunds": "two_documents",
    }
    poster.__post_init__()
    assert poster.post(order).error is None
