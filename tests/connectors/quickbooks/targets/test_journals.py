"""Journal entries: which lines they have, and how they go to QuickBooks."""

from __future__ import annotations

from decimal import Decimal

from connectors.quickbooks.targets.journals import Entry, divide, make_journal
from connectors.quickbooks.targets.options import read_options
from connectors.writes import Ref
from tests.connectors.quickbooks.targets.receipts import (
    SOURCE,
    line,
    mapped,
    pay,
    receipt,
    settings,
)

SPLIT = Ref("order", SOURCE, "split")
ORDER = receipt([line("12.10")], [pay("PIN", "20.00"), pay("CASH", "-7.90")])


def test_amounts_are_moved_out_of_the_account_they_are_on() -> None:
    amounts = [("pin", Decimal("20.00")), ("till", Decimal("-7.90"))]
    assert divide(amounts, account="split") == (
        Entry("pin", Decimal("20.00")),
        Entry("till", Decimal("-7.90")),
        Entry("split", Decimal("-12.10")),
    )


def test_amounts_of_one_account_are_one_entry_and_nothing_is_none() -> None:
    amounts = [("a", Decimal(5)), ("b", Decimal(3)), ("a", Decimal(-5))]
    assert divide(amounts, account="s") == (
        Entry("b", Decimal(3)),
        Entry("s", Decimal(-3)),
    )
    even = [("a", Decimal(5)), ("b", Decimal(-5))]
    assert [entry.account for entry in divide(even, account="s")] == ["a", "b"]
    assert divide([("s", Decimal(5))], account="s") == ()


def test_a_journal_entry_bears_number_date_mark_and_location() -> None:
    entries = [Entry("pin", Decimal("7.90")), Entry("till", Decimal("-7.90"))]
    options = read_options(settings())
    made = make_journal(mapped(ORDER), entries, role="split", options=options)
    assert (made.entity, made.number, made.ref) == ("JournalEntry", "J1-2-26-17", SPLIT)
    assert made.search == {"number": "J1-2-26-17", "date": "2026-03-14"}
    assert made.expected_total is None
    assert made.body == {
        "DocNumber": "J1-2-26-17",
        "TxnDate": "2026-03-14",
        "CurrencyRef": {"value": "EUR"},
        "PrivateNote": f"[hub:order:{SOURCE}:split] 1-2-2026-17",
        "Line": [
            {
                "Amount": Decimal("7.90"),
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": {
                    "PostingType": posting,
                    "AccountRef": {"value": account},
                    "DepartmentRef": {"value": "loc1"},
                },
            }
            for account, posting in (("pin", "Debit"), ("till", "Credit"))
        ],
    }


def test_vat_of_an_entry_is_said_beside_its_net_amount() -> None:
    entry = Entry(
        "costs",
        Decimal("-10.00"),
        text="Flowers",
        tax_code="t21",
        tax_on="Purchase",
        tax_amount=Decimal("-2.10"),
    )
    options = read_options(settings())
    made = make_journal(mapped(ORDER), [entry], role="movement", options=options)
    (sent,) = made.body["Line"]
    assert (sent["Amount"], sent["Description"]) == (Decimal("10.00"), "Flowers")
    detail = sent["JournalEntryLineDetail"]
    assert detail["PostingType"] == "Credit"
    assert detail["TaxCodeRef"] == {"value": "t21"}
    assert detail["TaxApplicableOn"] == "Purchase"
    assert detail["TaxAmount"] == Decimal("2.10")
