"""Several tenders of which one is negative, totals of 0.00, refunds of mixed lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors import datamodel as dm
from connectors.writes import Known, Plan, Ref, Write
from integration_hub.core.errors import UnsupportedError
from tests.connectors.quickbooks.targets.receipts import (
    DAY,
    SALE,
    SOURCE,
    card,
    line,
    pay,
    plan,
    receipt,
)

RETURN = Ref("order", SOURCE, "return")
TWO = {"zero_totals": "two_documents"}


def split_of(made: Plan) -> dict[str, Decimal]:
    """What the journal entry of a plan does: accounts with debits positive."""
    journal = next(write for write in made.writes if write.role == "split")
    assert (journal.entity, journal.date) == ("JournalEntry", DAY)
    signs = {"Debit": 1, "Credit": -1}
    return {
        entry["JournalEntryLineDetail"]["AccountRef"]["value"]: signs[
            entry["JournalEntryLineDetail"]["PostingType"]
        ]
        * entry["Amount"]
        for entry in journal.body["Line"]
    }


def forms_of(made: Plan) -> list[tuple[str, str, str, str]]:
    """Kind, number, total and account of the documents of a plan."""
    assert made.error is None, made.error
    return [
        (
            write.entity,
            write.number,
            str(write.expected_total),
            write.body["DepositToAccountRef"]["value"],
        )
        for write in made.writes
        if write.role in ("sale", "return")
    ]


def effect_of(made: Plan) -> Decimal:
    """What a plan leaves on the account *split tenders*."""
    left = split_of(made).get("split", Decimal(0)) if _has_split(made) else Decimal(0)
    for write in made.writes:
        account = write.body.get("DepositToAccountRef", {}).get("value")
        if account == "split":
            sign = -1 if write.entity == "RefundReceipt" else 1
            left += sign * (write.expected_total or Decimal(0))
    return left


def _has_split(made: Plan) -> bool:
    return any(write.role == "split" for write in made.writes)


def test_card_with_cash_back_is_the_net_and_a_journal_entry() -> None:
    made = plan(receipt([line("12.10")], [pay("PIN", "20.00"), pay("CASH", "-7.90")]))
    assert forms_of(made) == [("SalesReceipt", "R1-2-26-17", "12.10", "split")]
    assert "PaymentMethodRef" not in made.writes[1].body
    journal = made.writes[-1]
    assert (journal.number, journal.needs) == ("J1-2-26-17", (SALE,))
    assert split_of(made) == {
        "pin": Decimal("20.00"),
        "till": Decimal("-7.90"),
        "split": Decimal("-12.10"),
    }


def test_a_refund_in_two_tenders_is_a_refund_receipt_and_a_journal_entry() -> None:
    made = plan(receipt([line("-12.10")], [pay("PIN", "-10"), pay("CASH", "-2.10")]))
    assert forms_of(made) == [("RefundReceipt", "R1-2-26-17", "12.10", "split")]
    assert split_of(made) == {
        "pin": Decimal(-10),
        "till": Decimal("-2.10"),
        "split": Decimal("12.10"),
    }


def test_tenders_of_mixed_sign_that_make_nothing_are_a_receipt_of_zero() -> None:
    lines = [line("12.10"), line("-12.10")]
    made = plan(receipt(lines, [pay("PIN", "5.00"), pay("CASH", "-5.00")]))
    assert forms_of(made) == [("SalesReceipt", "R1-2-26-17", "0.00", "split")]
    assert split_of(made) == {"pin": Decimal("5.00"), "till": Decimal("-5.00")}


def test_change_as_a_negative_payment_of_the_same_tender_is_netted() -> None:
    tenders = [pay("CASH", "20.00", "a"), pay("CASH", "-7.90", "b")]
    made = plan(receipt([line("12.10")], tenders))
    assert forms_of(made) == [("SalesReceipt", "R1-2-26-17", "12.10", "till")]
    assert not _has_split(made)


EXCHANGE = receipt([line("-5.00"), line("5.00", "2")], [])
TO_CARD = receipt([line("-12.10"), card("12.10")], [])
ALL_CARD = receipt([line("12.10")], [pay("CARD", "12.10")])


@pytest.mark.parametrize(
    ("order", "total"), [(EXCHANGE, "5.00"), (TO_CARD, "12.10"), (ALL_CARD, "12.10")]
)
def test_where_zero_is_refused_lines_go_to_two_documents(
    order: dm.Order, total: str
) -> None:
    made = plan(order, **TWO)
    assert forms_of(made) == [
        ("SalesReceipt", "R1-2-26-17", total, "split"),
        ("RefundReceipt", "R1-2-26-17-r", total, "split"),
    ]
    assert not _has_split(made)


def test_two_documents_have_their_own_lines_marks_and_vat() -> None:
    sold, returned = [w for w in plan(EXCHANGE, **TWO).writes if w.kind == "order"]
    assert returned.mark == f"[hub:order:{SOURCE}:return]"
    assert [_code(sold), _code(returned)] == ["t9", "t21"]
    known = {
        sold.ref: Known(
            "1", sold.number, total=Decimal("5.00"), facts=_vat("9", "0.41")
        ),
        returned.ref: Known(
            "2", returned.number, total=Decimal("5.00"), facts=_vat("21", "0.86")
        ),
    }
    made = plan(EXCHANGE, known, **TWO)
    assert made.error is None
    (difference,) = made.differences
    assert (difference.what, difference.source, difference.target) == (
        "VAT 21 %",
        Decimal("-0.87"),
        Decimal("-0.86"),
    )


def _code(write: Write) -> str:
    (only,) = write.body["Line"]
    return str(only["SalesItemLineDetail"]["TaxCodeRef"]["value"])


def _vat(rate: str, amount: str) -> dict[str, Any]:
    return {"vat": {rate: amount}}


def test_a_cent_on_the_returned_document_is_mended_there() -> None:
    known = {RETURN: Known("2", "R1-2-26-17-r", total=Decimal("4.99"))}
    made = plan(EXCHANGE, known, **TWO)
    correction = next(w for w in made.writes if w.role.startswith("correction"))
    assert (correction.role, correction.update_of) == ("correction:2", RETURN)


def test_zero_can_be_made_to_fail() -> None:
    error = plan(EXCHANGE, zero_totals="fail").error
    assert isinstance(error, UnsupportedError)
    assert "“A receipt whose total is 0.00”" in error.message


MIXED_REFUND = receipt([line("-12.10"), line("2.18", "2")], [pay("PIN", "-9.92")])


def test_a_refund_with_lines_that_were_sold_has_negative_lines() -> None:
    made = plan(MIXED_REFUND)
    assert forms_of(made) == [("RefundReceipt", "R1-2-26-17", "9.92", "pin")]


def test_where_negative_lines_are_refused_a_refund_is_two_documents() -> None:
    made = plan(MIXED_REFUND, mixed_refunds="two_documents")
    assert forms_of(made) == [
        ("SalesReceipt", "R1-2-26-17", "2.18", "split"),
        ("RefundReceipt", "R1-2-26-17-r", "12.10", "split"),
    ]
    assert split_of(made) == {"pin": Decimal("-9.92"), "split": Decimal("9.92")}
    assert made.writes[-1].needs == (SALE, RETURN)


def test_a_plain_refund_stays_one_document_whatever_the_settings() -> None:
    order = receipt([line("-12.10")], [pay("PIN", "-12.10")])
    made = plan(order, mixed_refunds="two_documents", **TWO)
    assert forms_of(made) == [("RefundReceipt", "R1-2-26-17", "12.10", "pin")]


@pytest.mark.parametrize(
    "order",
    [
        receipt([line("12.10")], [pay("PIN", "20.00"), pay("CASH", "-7.90")]),
        receipt([line("-12.10")], [pay("PIN", "-10"), pay("CASH", "-2.10")]),
        receipt([line("-12.10"), line("2.10")], [pay("PIN", "-12"), pay("CASH", "2")]),
        receipt([line("5.00"), line("-5.00")], [pay("PIN", "5"), pay("CASH", "-5")]),
        MIXED_REFUND,
        EXCHANGE,
        TO_CARD,
        ALL_CARD,
    ],
)
@pytest.mark.parametrize("zero", ["sales_receipt", "two_documents"])
@pytest.mark.parametrize("mixed", ["one_document", "two_documents"])
def test_nothing_stays_on_split_tenders(order: dm.Order, zero: str, mixed: str) -> None:
    made = plan(order, zero_totals=zero, mixed_refunds=mixed)
    assert made.error is None
    assert effect_of(made) == 0


def test_the_account_is_asked_for_where_it_is_needed() -> None:
    order = receipt([line("12.10")], [pay("PIN", "20.00"), pay("CASH", "-7.90")])
    error = plan(order, split_tenders_account="").error
    assert error is not None
    assert "“Split tenders”" in error.message
