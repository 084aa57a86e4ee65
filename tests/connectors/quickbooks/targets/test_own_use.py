"""What the shop used, broke or gave away itself, at purchase cost."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from connectors import datamodel as dm
from connectors.writes import Difference, Plan
from tests.connectors.quickbooks.targets.receipts import (
    TENDERS,
    amounts,
    line,
    pay,
    plan,
    receipt,
)
from tests.connectors.quickbooks.targets.test_movements import sides

PRIVATE = {"treatment": "own_use", "deposit_account": "drawings", "tax_code": "t21"}
MAPPED = {
    "PRIVATE": PRIVATE,
    "BROKEN": {"treatment": "breakage", "deposit_account": "broken", "tax_code": "t21"},
    "GIVEN": {"treatment": "promotion", "deposit_account": "given"},
    "ODD": {**PRIVATE, "tax_code": "gone"},
    "NOWHERE": {"treatment": "own_use"},
    "NOBODY": {},
}
TEA = line("12.10", purchase_price=Decimal("4.00"), quantity=Decimal(2))


@pytest.fixture(autouse=True)
def _more_tenders(monkeypatch: pytest.MonkeyPatch) -> None:
    for method, fields in MAPPED.items():
        monkeypatch.setitem(TENDERS, method, fields)


def used(*methods: str, lines: tuple[dm.Line, ...] = (TEA,), **values: Any) -> Plan:
    """The plan of goods taken by these tenders, in equal parts."""
    total = sum((each.amount_incl for each in lines), Decimal(0)) / len(methods)
    tenders = [
        dataclasses.replace(pay(method, str(total)), type=dm.TenderType.OWN_USE)
        for method in methods
    ]
    return plan(receipt(list(lines), tenders), **values)


def test_own_use_goes_to_drawings_at_cost_with_vat() -> None:
    made = used("PRIVATE")
    assert sides(made) == {"drawings": "9.68", "cogs": "-8.00", "tax": "-1.68"}
    detail = made.writes[0].body["Line"][1]["JournalEntryLineDetail"]
    assert (detail["TaxCodeRef"], detail["TaxApplicableOn"]) == (
        {"value": "t21"},
        "Sales",
    )
    assert made.differences == (
        Difference("VAT 21 %", Decimal(0), Decimal("1.68"), "own use"),
    )


@pytest.mark.parametrize(
    ("method", "account"), [("BROKEN", "broken"), ("GIVEN", "given")]
)
def test_breakage_and_promotion_are_costs_without_vat(
    method: str, account: str
) -> None:
    made = used(method)
    assert sides(made) == {account: "8.00", "cogs": "-8.00"}
    assert made.differences == ()


def test_goods_that_came_back_turn_the_entry() -> None:
    back = line("-12.10", purchase_price=Decimal("4.00"), quantity=Decimal(-2))
    made = used("PRIVATE", lines=(back,))
    assert sides(made) == {"drawings": "-9.68", "cogs": "8.00", "tax": "1.68"}


def test_several_tenders_share_the_cost() -> None:
    assert sides(used("BROKEN", "GIVEN")) == {
        "broken": "4.00",
        "given": "4.00",
        "cogs": "-8.00",
    }


def test_the_part_that_is_not_booked_is_left_out() -> None:
    assert sides(used("BROKEN", "OWN")) == {"broken": "4.00", "cogs": "-4.00"}


def test_not_a_sale_is_skipped() -> None:
    assert used("OWN").skip == "own use"


def test_goods_that_cost_nothing_leave_nothing_to_book() -> None:
    free = line("0.00", purchase_price=Decimal(0))
    cheap = line("12.10", purchase_price=Decimal("0.001"))
    assert used("GIVEN", lines=(cheap, free)).skip == "own use"


def test_what_nobody_mapped_waits_and_tells_what_it_is() -> None:
    made = used("NOBODY")
    assert (made.wait, made.writes) == ("unmapped own use", ())
    assert made.cause is not None
    assert made.cause.reference == "NOBODY"


@pytest.mark.parametrize(
    ("method", "values", "code", "reference"),
    [
        ("ODD", {}, "tax rate unknown", "gone"),
        ("NOWHERE", {}, "tender account", "NOWHERE:1"),
        (
            "GIVEN",
            {"default_expense_account": ""},
            "setting missing",
            "default_expense_account",
        ),
        ("GIVEN", {"lines": (line("12.10"),)}, "no purchase price", "1001"),
    ],
)
def test_own_use_that_cannot_be_booked_says_why(
    method: str, values: dict[str, Any], code: str, reference: str
) -> None:
    error = used(method, **values).error
    assert error is not None
    assert (error.code, error.reference) == (code, reference)


def test_a_part_of_a_line_has_the_code_of_that_line() -> None:
    lines = [line("12.10", id="1"), line("10.90", "2", id="2")]
    tender = pay("BROKEN", "5.45")
    part = dataclasses.replace(
        tender, type=dm.TenderType.OWN_USE, extra={"lineId": "2"}
    )
    truth = (
        dm.VatTotal("1", Decimal(21), Decimal("10.00"), Decimal("2.10")),
        dm.VatTotal("2", Decimal(9), Decimal("5.00"), Decimal("0.45")),
    )
    order = receipt(lines, [pay("PIN", "17.55"), part], vat_totals=truth)
    assert amounts(plan(order))[2:] == [
        ("-5.45", "-5.00", "t9", "special:own_use:drawings")
    ]
