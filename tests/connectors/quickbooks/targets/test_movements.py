"""Cash in and out, transfers and cash counts as journal entries."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import datamodel as dm
from connectors.contract import Choice
from connectors.quickbooks.targets.journals import sum_sides
from connectors.quickbooks.targets.outcomes import read_known
from connectors.writes import Known, Plan, Ref
from tests.connectors.quickbooks.targets.receipts import (
    SOURCE,
    line,
    pay,
    plan,
    receipt,
    tax_list,
)

MOVEMENT = Ref("order", SOURCE, "movement")
COUNT_ACCOUNTS = {"over_short_account": "short", "in_transit_account": "transit"}
CODES = (
    *tax_list(),
    Choice("b21", "Bought", facts={"history": "/=9", "bought": "/=21"}),
    Choice("s21", "Sold only", facts={"history": "/=21", "bought": ""}),
    Choice("both21", "Both", facts={"history": "/=21", "bought": "/=21"}),
    Choice("both9", "Both", facts={"history": "/=9", "bought": "/=9"}),
)


def movement(
    amount: str, tenders: list[dm.Tender] | None = None, **facts: Any
) -> dm.Order:
    """Cash in for a positive amount, cash out for a negative one."""
    kind = dm.OrderType.CASH_IN if Decimal(amount) > 0 else dm.OrderType.CASH_OUT
    moved = line(
        amount,
        "",
        type=dm.LineType.OTHER_LIABILITY,
        text="Flowers",
        article="9031",
        turnover_group="81",
    )
    paid = [pay("CASH", amount)] if tenders is None else tenders
    return receipt([moved], paid, **{"type": kind, **facts})


def book(
    order: dm.Order, account: str = "petty", code: str = "", **values: Any
) -> Plan:
    """The plan with the movement mapped to an account."""
    fields = {
        "movement": "book",
        "movement_account": account,
        "movement_tax_code": code,
    }
    return plan(order, fields={"line": fields}, lists={"tax_codes": CODES}, **values)


def sides(made: Plan) -> dict[str, str]:
    """Debits less credits of the planned entry by account, and of its tax."""
    assert made.error is None, made.error
    (write,) = made.writes
    assert (write.entity, write.role) == ("JournalEntry", "movement")
    return sum_sides(write.body)


def test_cash_in_goes_to_the_drawer() -> None:
    made = book(movement("50.00"))
    assert sides(made) == {"till": "50.00", "petty": "-50.00"}
    write = made.writes[0]
    assert write.number == "J1-2-26-17"
    assert write.body["TxnDate"] == "2026-03-14"
    assert write.body["PrivateNote"].startswith(f"[hub:order:{SOURCE}:movement]")
    assert write.body["Line"][1]["Description"] == "Flowers"
    assert [
        x["JournalEntryLineDetail"]["DepartmentRef"]["value"]
        for x in write.body["Line"]
    ] == ["loc1", "loc1"]


def test_cash_out_with_vat_is_a_purchase_at_its_purchase_rate() -> None:
    made = book(movement("-12.10"), code="b21")
    assert sides(made) == {"till": "-12.10", "petty": "10.00", "tax": "2.10"}
    detail = made.writes[0].body["Line"][1]["JournalEntryLineDetail"]
    assert detail["TaxCodeRef"] == {"value": "b21"}
    assert (detail["TaxApplicableOn"], detail["TaxAmount"]) == (
        "Purchase",
        Decimal("2.10"),
    )


def test_vat_may_be_in_the_lines_amount() -> None:
    made = book(movement("-12.10"), code="b21", journal_vat="inside")
    assert sides(made) == {"till": "-12.10", "petty": "12.10", "tax": "2.10"}


@given(
    st.lists(st.integers(1, 500_000), min_size=1, max_size=5),
    st.sampled_from(["", "both21", "both9"]),
    st.sampled_from([1, -1]),
    st.sampled_from(["on_top", "inside"]),
)
def test_debits_and_credits_are_always_equal(
    cents: list[int], code: str, sign: int, vat: str
) -> None:
    moved = [movement(str(Decimal(sign * each) / 100)).lines[0] for each in cents]
    total = sum((each.amount_incl for each in moved), Decimal(0))
    kind = dm.OrderType.CASH_IN if sign > 0 else dm.OrderType.CASH_OUT
    order = receipt(moved, [pay("CASH", str(total))], type=kind)
    made = sides(book(order, code=code, journal_vat=vat))
    tax = Decimal(made.pop("tax", "0")) if vat == "on_top" else Decimal(0)
    made.pop("tax", "")
    assert sum(map(Decimal, made.values()), tax) == 0
    assert Decimal(made["till"]) == total


def test_cash_in_with_vat_is_a_sale() -> None:
    made = book(movement("12.10"), code="t21")
    assert sides(made) == {"till": "12.10", "petty": "-10.00", "tax": "-2.10"}
    detail = made.writes[0].body["Line"][1]["JournalEntryLineDetail"]
    assert detail["TaxApplicableOn"] == "Sales"


@pytest.mark.parametrize("code", ["s21", "gone"])
def test_a_code_without_a_rate_that_day_fails(code: str) -> None:
    error = book(movement("-12.10"), code=code).error
    assert error is not None
    assert (error.code, error.reference) == ("tax rate unknown", code)


def test_what_nobody_mapped_waits_and_tells_what_it_is() -> None:
    made = plan(movement("-12.10"))
    assert (made.wait, made.writes) == ("unmapped cash movement", ())
    assert made.cause is not None
    assert made.cause.reference == "81:9031"
    assert "Cash movements" in made.cause.action


@pytest.mark.parametrize(("amount", "name"), [("5.00", "cash in"), ("-5", "cash out")])
def test_a_person_may_skip_it(amount: str, name: str) -> None:
    made = plan(movement(amount), fields={"line": {"movement": "skip"}})
    assert made.skip == name


def test_a_movement_of_two_lines_is_booked_line_by_line() -> None:
    order = movement("-12.10")
    other = dataclasses.replace(order.lines[0], text="Milk")
    order = dataclasses.replace(
        order, lines=(*order.lines, other), tenders=(pay("CASH", "-24.20"),)
    )
    made = book(order)
    assert sides(made) == {"till": "-24.20", "petty": "24.20"}
    assert len(made.writes[0].body["Line"]) == 3


def test_rounded_cash_goes_to_payment_differences() -> None:
    order = movement("-12.12", [pay("CASH", "-12.10")], cash_rounding=Decimal("0.02"))
    assert sides(book(order)) == {"till": "-12.10", "petty": "12.12", "diff": "-0.02"}


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (book(movement("5.00"), account=""), "movement account"),
        (book(movement("5.00", [pay("PIN", "4.00")])), "lines do not add up"),
        (book(movement("5.00", [pay("CARD", "5.00")])), "tender is no money"),
        (book(movement("5.00", [pay("SHELLS", "5.00")])), "unmapped tender"),
        (book(movement("5.00"), location_required=True), None),
        (
            plan(
                movement("5.00"),
                fields={
                    "header": {},
                    "line": {"movement": "book", "movement_account": "petty"},
                },
                location_required=True,
            ),
            "location",
        ),
    ],
)
def test_a_movement_that_cannot_be_booked_says_why(made: Plan, code: str) -> None:
    assert (made.error.code if made.error else None) == code


def test_a_transfer_goes_between_the_tenders_accounts() -> None:
    tenders = [pay("CASH", "-20.00"), pay("PIN", "20.00")]
    made = plan(receipt([], tenders, type=dm.OrderType.TRANSFER))
    assert sides(made) == {"till": "-20.00", "pin": "20.00"}


def test_a_transfer_onto_a_gift_card_goes_to_its_liability() -> None:
    tenders = [pay("CASH", "-20.00"), pay("CARD", "20.00")]
    made = plan(receipt([], tenders, type=dm.OrderType.TRANSFER))
    assert sides(made) == {"till": "-20.00", "cards": "20.00"}


def test_a_transfer_within_one_account_leaves_nothing_to_book() -> None:
    tenders = [pay("CASH", "-20.00", "a"), pay("CASH", "20.00", "b")]
    made = plan(receipt([], tenders, type=dm.OrderType.TRANSFER))
    assert made.skip == "transfer between tenders"


@pytest.mark.parametrize(
    ("tenders", "code"),
    [
        ([pay("CASH", "-20"), pay("PIN", "19")], "lines do not add up"),
        ([pay("CASH", "-20"), pay("ACCOUNT", "20")], "tender is no money"),
    ],
)
def test_a_transfer_that_makes_no_sense_fails(
    tenders: list[dm.Tender], code: str
) -> None:
    error = plan(receipt([], tenders, type=dm.OrderType.TRANSFER)).error
    assert error is not None
    assert error.code == code


def count(*tenders: dm.Tender) -> dm.Order:
    """A cash count."""
    kind = dm.OrderType.CASH_COUNT
    total = sum((tender.amount for tender in tenders), Decimal(0))
    return receipt([], list(tenders), type=kind, number=None, total_incl=total)


def counted(method: str, short: str, banked: str = "0", kind: str = "cash") -> Any:
    """What was counted of a tender."""
    tender = pay(method, short)
    extra = {"banked": Decimal(banked)}
    return dataclasses.replace(tender, type=dm.TenderType(kind), extra=extra)


def test_a_cash_count_books_differences_and_what_was_banked() -> None:
    order = count(
        counted("CASH", "-1.50", "200.00"), counted("PIN", "0.30", "7.00", "card")
    )
    made = plan(order, **COUNT_ACCOUNTS)
    assert sides(made) == {
        "till": "-201.50",
        "short": "1.20",
        "transit": "200.00",
        "pin": "0.30",
    }
    assert made.writes[0].number == "J5f0c3a52111111f09c"


def test_banked_cash_alone_is_booked() -> None:
    made = plan(count(counted("CASH", "0", "100.00")), **COUNT_ACCOUNTS)
    assert sides(made) == {"till": "-100.00", "transit": "100.00"}


def test_a_count_that_is_right_is_skipped() -> None:
    made = plan(count(counted("CASH", "0"), counted("SHELLS", "0")), **COUNT_ACCOUNTS)
    assert made.skip == "cash count"


@pytest.mark.parametrize(
    ("tender", "code"),
    [
        (counted("CASH", "-1"), "setting missing"),
        (counted("CASH", "0", "5"), "setting missing"),
        (counted("CARD", "-1"), "tender is no money"),
        (counted("SHELLS", "-1"), "unmapped tender"),
    ],
)
def test_a_count_that_cannot_be_booked_says_why(tender: dm.Tender, code: str) -> None:
    error = plan(count(tender)).error
    assert error is not None
    assert error.code == code


def test_an_entry_that_came_back_as_sent_is_done() -> None:
    write = book(movement("-12.10"), code="b21").writes[0]
    there = read_known("JournalEntry", {**write.body, "Id": "7", "TotalAmt": 0})
    made = book(movement("-12.10"), code="b21", known={MOVEMENT: there})
    assert (made.error, made.writes) == (None, (write,))


@pytest.mark.parametrize(
    ("sides", "text"),
    [
        ({"till": "-12.10", "petty": "12.10"}, "12.10 on account petty"),
        ({"till": "-12.10", "petty": "10.00", "tax": "0.90"}, "0.90 on the VAT"),
    ],
)
def test_an_entry_that_came_back_with_other_amounts_fails(
    sides: dict[str, str], text: str
) -> None:
    there = Known("7", number="J1-2-26-17", facts={"sides": sides})
    error = book(movement("-12.10"), code="b21", known={MOVEMENT: there}).error
    assert error is not None
    assert (error.code, error.reference) == ("entry differs", "7")
    assert text in error.message
