"""What counts as a change of a document that is in the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.changes import list_changes
from connectors.datamodel import Customer, Order, VatMethod
from tests.fake_connector import make_order

ONE = Decimal(1)


def with_line(order: Order, **values: Any) -> Order:
    return replace(order, lines=(replace(order.lines[0], **values),))


def with_tender(order: Order, **values: Any) -> Order:
    return replace(order, tenders=(replace(order.tenders[0], **values),))


def with_vat(order: Order, **values: Any) -> Order:
    return replace(order, vat_totals=(replace(order.vat_totals[0], **values),))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda o: replace(o, date=date(2026, 3, 2)), ("date",)),
        (lambda o: replace(o, branch="2"), ("branch",)),
        (lambda o: replace(o, customer=Customer("9", False, "X")), ("customer",)),
        (lambda o: replace(o, customer=None), ("customer",)),
        (lambda o: with_line(o, quantity=ONE + 1), ("lines",)),
        (lambda o: with_line(o, article="7"), ("lines",)),
        (lambda o: with_line(o, amount_incl=ONE), ("lines",)),
        (lambda o: with_line(o, sub_lines=o.lines), ("lines",)),
        (lambda o: with_line(o, vat_code="2"), ("VAT",)),
        (lambda o: with_vat(o, vat=ONE), ("VAT",)),
        (lambda o: replace(o, vat_method=VatMethod.NONE), ("VAT",)),
        (lambda o: with_tender(o, method="CASH"), ("tenders",)),
        (lambda o: with_tender(o, amount=ONE), ("tenders",)),
        (lambda o: with_tender(o, id="other"), ("tenders",)),
        (lambda o: replace(o, outstanding=ONE), ("tenders",)),
        (lambda o: replace(o, tips=ONE), ("tenders",)),
    ],
)
def test_what_the_books_hold_is_a_change(change: Any, parts: tuple[str, ...]) -> None:
    order = make_order()
    assert list_changes(order, change(order)) == parts


@pytest.mark.parametrize(
    "values",
    [
        {"version": "2"},
        {"reference": "other"},
        {"employee": "7"},
        {"extra": {"mailed": "yes"}},
        {"customer": Customer("77", True, "Moved", email="new@example.com")},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_they_do_not_hold_is_none(values: dict[str, Any]) -> None:
    order = make_order()
    assert list_changes(order, replace(order, **values)) == ()


def test_a_text_and_the_way_a_number_is_written_are_none() -> None:
    order = make_order()
    after = with_line(order, text="Other", quantity=Decimal("1.000"), id="new")
    assert list_changes(order, after) == ()


def test_several_parts_are_told_together() -> None:
    order = make_order()
    after = with_tender(with_line(order, quantity=ONE + 1), amount=ONE)
    assert list_changes(order, replace(after, branch="3")) == (
        "branch",
        "lines",
        "tenders",
    )
