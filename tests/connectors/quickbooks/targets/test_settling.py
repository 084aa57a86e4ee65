"""What follows from what came back: corrections, differences, payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors import datamodel as dm
from connectors.quickbooks.targets.balances import read_answer
from connectors.writes import Difference, Known, Ref
from integration_hub.core.errors import Rejected
from tests.connectors.quickbooks.targets.receipts import (
    CORRECTION,
    SALE,
    SOURCE,
    line,
    pay,
    plan,
    receipt,
)

NUMBER = "R1-2-26-17"
ORDER = receipt([line("12.10")], [pay("PIN", "12.10")])
SPLIT = receipt([line("12.10")], [pay("PIN", "10.00"), pay("CASH", "2.10")])
FIRST = Ref("order", SOURCE, "payment:p-PIN")
SECOND = Ref("order", SOURCE, "payment:p-CASH")
OWN = Ref("order", SOURCE, "balance:own")


ITEM = Ref("product", "1001", "item")


def there(total: str, vat: str = "2.10", number: str = NUMBER, **facts: Any) -> Known:
    """The document as it came back."""
    all_facts = {"vat": {"21": vat}, **facts}
    return Known("501", number, "0", Decimal(total), all_facts)


def test_a_right_total_asks_for_nothing_more() -> None:
    made = plan(ORDER, {SALE: there("12.10")})
    assert [write.role for write in made.writes] == ["item", "sale"]
    assert made.differences == ()


@pytest.mark.parametrize(("total", "cent"), [("12.09", "0.01"), ("12.11", "-0.01")])
def test_a_cent_is_mended_by_a_rounding_line(total: str, cent: str) -> None:
    made = plan(ORDER, {SALE: there(total)})
    correction = made.writes[-1]
    assert (correction.role, correction.entity) == ("correction:1", "SalesReceipt")
    assert correction.update_of == SALE
    assert correction.expected_total == Decimal("12.10")
    assert len(correction.body["Line"]) == 2
    added = correction.body["Line"][1]
    assert added["Amount"] == Decimal(cent)
    rounding = Ref("product", "special:rounding:round", "item")
    assert added["SalesItemLineDetail"]["ItemRef"] == {"value": rounding}
    assert set(correction.needs) == {SALE, rounding}


def test_the_body_of_a_correction_is_a_sparse_update_of_the_lines_only() -> None:
    correction = plan(ORDER, {SALE: there("12.09")}).writes[-1]
    assert set(correction.body) == {"GlobalTaxCalculation", "Line", "TxnTaxDetail"}


def test_a_correction_stays_in_the_plan_when_it_is_done() -> None:
    known = {SALE: there("12.09"), CORRECTION: there("12.10")}
    made = plan(ORDER, known)
    assert made.error is None
    assert made.writes[-1].role == "correction:1"


def test_a_correction_that_did_not_help_fails() -> None:
    known = {SALE: there("12.09"), CORRECTION: there("12.09")}
    error = plan(ORDER, known).error
    assert isinstance(error, Rejected)
    assert error.code == "total differs"


def test_payments_wait_for_the_correction() -> None:
    made = plan(SPLIT, {SALE: there("12.09")})
    assert made.writes[-1].needs == (SALE, CORRECTION)


def test_more_than_a_cent_fails_with_both_amounts_and_the_id() -> None:
    made = plan(ORDER, {SALE: there("14.52")})
    assert isinstance(made.error, Rejected)
    assert made.error.reference == "501"
    assert "12.10" in made.error.message
    assert "14.52" in made.error.message
    assert made.bridge is not None


def test_another_number_than_ours_fails() -> None:
    error = plan(ORDER, {SALE: there("12.10", number="1042")}).error
    assert error is not None
    assert (error.code, error.reference) == ("number changed", "501")


def test_a_vat_difference_within_the_limit_is_recorded() -> None:
    made = plan(ORDER, {SALE: there("12.10", vat="2.09")})
    assert made.error is None
    assert made.differences == (
        Difference(
            "VAT 21 %", Decimal("2.10"), Decimal("2.09"), "computed by QuickBooks"
        ),
    )


def test_a_vat_difference_of_a_refund_is_in_the_tills_sign() -> None:
    order = receipt([line("-12.10")], [pay("PIN", "-12.10")])
    made = plan(order, {SALE: there("12.10", vat="2.09")})
    assert made.differences[0].source == Decimal("-2.10")


def test_a_larger_vat_difference_fails() -> None:
    made = plan(ORDER, {ITEM: Known("9"), SALE: there("12.10", vat="2.08")})
    assert isinstance(made.error, Rejected)
    assert made.error.code == "VAT differs"
    assert made.differences


@pytest.mark.parametrize(("vat", "fails"), [("23.08", False), ("23.07", True)])
def test_a_cent_per_ten_lines_is_allowed(vat: str, fails: bool) -> None:
    lines = [line("12.10") for _ in range(11)]
    order = receipt(lines, [pay("PIN", "133.10")])
    made = plan(order, {ITEM: Known("9"), SALE: there("133.10", vat=vat)})
    assert (made.error is not None) == fails


def test_vat_at_a_rate_that_was_not_asked_for_fails() -> None:
    known = there("12.10")
    known.facts["vat"]["9"] = "0.50"  # type: ignore[index]
    error = plan(ORDER, {ITEM: Known("9"), SALE: known}).error
    assert error is not None
    assert error.reference == "9"


def test_payments_are_posted_before_a_vat_difference_fails_the_receipt() -> None:
    known = {ITEM: Known("9"), SALE: there("12.10", vat="2.00")}
    assert plan(SPLIT, known).error is None
    known |= {FIRST: paid("10.00", "0"), SECOND: paid("2.10", "0")}
    assert plan(SPLIT, known).error is not None


def test_payments_with_nothing_unapplied_settle_the_invoice() -> None:
    known = {SALE: there("12.10"), FIRST: paid("10.00", "0")}
    assert plan(SPLIT, known).error is None


def test_a_payment_that_is_not_applied_fails() -> None:
    known = {SALE: there("12.10"), FIRST: paid("10.00", "10.00")}
    (ask,) = (write for write in plan(SPLIT, known).writes if write.asks)
    error = plan(SPLIT, {**known, ask.ref: taken("0")}).error
    assert error is not None
    assert (error.code, error.reference) == ("payment not applied", "502")


def test_what_a_credit_has_paid_no_payment_has_to() -> None:
    known = {SALE: there("12.10"), FIRST: paid("10.00", "10.00"), OWN: taken("12.10")}
    made = plan(SPLIT, known)
    assert made.error is None
    assert "Line" not in made.writes[-1].body
    told = [(d.what, d.source, d.target) for d in made.differences]
    assert told == [
        (f"Payment {NUMBER}-1 on its invoice", Decimal("10.00"), Decimal(0)),
        (f"Payment {NUMBER}-2 on its invoice", Decimal("2.10"), Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("by_others", "first", "second"),
    [("0", "10.00", "2.10"), ("1.00", "10.00", "1.10"), ("4.10", "8.00", None)],
)
def test_payments_fit_on_what_is_open_in_order(
    by_others: str, first: str, second: str | None
) -> None:
    known = {SALE: there("12.10"), OWN: taken(by_others)}
    *_, one, two = plan(SPLIT, known).writes
    assert [write.body["TotalAmt"] for write in (one, two)] == [
        Decimal("10.00"),
        Decimal("2.10"),
    ]
    assert [line["Amount"] for line in one.body["Line"]] == [Decimal(first)]
    lines = two.body.get("Line", [])
    assert [line["Amount"] for line in lines] == ([Decimal(second)] if second else [])


def test_what_was_applied_before_it_was_asked_is_not_others() -> None:
    known = {SALE: there("12.10"), FIRST: paid("10.00", "3.00")}
    (ask,) = (write for write in plan(SPLIT, known).writes if write.asks)
    row = {"TotalAmt": "12.10", "Balance": "2.10"}
    assert ask.body["applied"] == "7.00"
    assert read_answer([row], ask.body) == {"taken": "3.00"}
    assert read_answer([], ask.body) == {"taken": "0"}


def test_a_payment_of_another_amount_fails() -> None:
    known = {SALE: there("12.10"), FIRST: paid("9.00", "0")}
    error = plan(SPLIT, known).error
    assert error is not None
    assert error.code == "total differs"


def paid(total: str, unapplied: str) -> Known:
    """A payment as it came back."""
    return Known("502", f"{NUMBER}-1", "0", Decimal(total), {"unapplied": unapplied})


def taken(by_others: str) -> Known:
    """The answer what others have paid of the invoice."""
    return Known("", facts={"taken": by_others})


def test_a_total_of_zero_that_came_back_is_right() -> None:
    order = receipt([line("12.10")], [pay("CARD", "12.10")])
    assert plan(order, {SALE: there("0")}).error is None


def test_a_sale_found_without_vat_facts_is_not_judged() -> None:
    known = Known("501", NUMBER, "0", Decimal("12.10"))
    assert plan(ORDER, {SALE: known}).error is None


def test_a_document_found_on_account_keeps_its_lines() -> None:
    customer = dm.Customer(id="12", is_company=False, name="Anna")
    order = receipt([line("12.10")], [pay("ACCOUNT", "12.10")], customer=customer)
    assert plan(order, {SALE: there("12.10", balance="12.10")}).error is None
