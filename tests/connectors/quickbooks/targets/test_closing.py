"""Which day what is late is posted on, or why it is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.contract import Choice, PlanSettings
from connectors.quickbooks.connector import QuickBooks
from connectors.quickbooks.targets.closing import describe_basis, keep_open
from connectors.quickbooks.targets.options import OPEN, Options, read_options
from connectors.writes import Known, Plan, Ref, Write
from tests.connectors.quickbooks.books import Books

SALE = Ref("order", "1", "sale")


def make_options(closed: str = "", month: str = "1", **values: Any) -> Options:
    lists = {"closing": [Choice(closed, "", facts={"first_month": month})]}
    return read_options(PlanSettings(values, lists=lists if closed else {}))


def make_plan(day: date = date(2026, 3, 10), **changes: Any) -> Plan:
    write = Write(
        *("order", "1", "sale", "SalesReceipt"),
        body={"TxnDate": day.isoformat(), "PrivateNote": "[mark] 1-2-2026-3"},
        search={"number": "R1", "date": day.isoformat()},
        date=day,
    )
    return Plan("1", writes=(replace(write, **changes),))


def test_nothing_is_late_where_nothing_is_closed() -> None:
    plan = make_plan()
    assert keep_open(plan, {}, make_options()) is plan


@pytest.mark.parametrize("closed", ["2026-03-10", "2026-04-30"])
def test_the_last_closed_day_is_closed(closed: str) -> None:
    plan = keep_open(make_plan(), {}, make_options(closed))
    assert (plan.wait, plan.writes) == ("closed period", ())
    assert plan.cause is not None
    assert closed in plan.cause.message


def test_the_day_after_is_open() -> None:
    assert keep_open(make_plan(), {}, make_options("2026-03-09")).writes


def test_the_later_of_closed_and_filed_counts() -> None:
    options = make_options("2026-01-31", vat_filed_through="2026-03-31")
    assert options.closed_through == date(2026, 3, 31)
    assert keep_open(make_plan(), {}, options).wait


def test_what_moves_keeps_its_date_in_the_note() -> None:
    options = make_options("2026-03-31", closed_period="first_open_day")
    (write,) = keep_open(make_plan(), {}, options).writes
    assert write.date == date(2026, 4, 1)
    assert write.body["TxnDate"] == write.search["date"] == "2026-04-01"
    assert write.body["PrivateNote"] == "[mark] 1-2-2026-3 (dated 2026-03-10)"


def test_what_is_posted_already_is_left_alone() -> None:
    plan = make_plan()
    assert keep_open(plan, {SALE: Known("1")}, make_options("2026-12-31")) is plan


@pytest.mark.parametrize(
    ("day", "closed", "month", "moves"),
    [
        (date(2025, 12, 30), "2025-12-31", "1", False),
        (date(2025, 12, 30), "2026-01-31", "1", False),
        (date(2025, 12, 30), "2026-01-31", "4", True),
        (date(2026, 3, 30), "2026-03-31", "4", False),
        (date(2026, 3, 30), "2026-03-31", "1", True),
    ],
)
def test_nothing_moves_across_the_end_of_the_books_year(
    day: date, closed: str, month: str, moves: bool
) -> None:
    options = make_options(closed, month, closed_period="first_open_day")
    assert bool(keep_open(make_plan(day), {}, options).writes) is moves


def test_a_correction_of_what_stands_in_a_closed_period_waits() -> None:
    options = make_options("2026-03-31", closed_period="first_open_day")
    plan = make_plan(role="correction:1", update_of=SALE)
    known = {SALE: Known("1", facts={"date": "2026-03-10"})}
    assert keep_open(plan, known, options).wait


def test_a_correction_of_what_was_moved_is_made() -> None:
    options = make_options("2026-03-31", closed_period="first_open_day")
    plan = make_plan(role="correction:1", update_of=SALE)
    known = {SALE: Known("1", facts={"date": "2026-04-01"})}
    assert keep_open(plan, known, options) is plan


def test_another_day_policy_or_year_of_the_books_is_another_basis() -> None:
    bases = {
        describe_basis(make_options()),
        describe_basis(make_options("2026-03-31")),
        describe_basis(make_options("2026-04-30")),
        describe_basis(make_options("2026-03-31", closed_period="first_open_day")),
        describe_basis(make_options("2026-03-31", "4", closed_period="first_open_day")),
    }
    assert len(bases) == 5


def test_the_closing_date_is_read_with_the_books_year(
    books: Books, connector: QuickBooks
) -> None:
    (choice,) = connector.choices("closing")
    facts = {"first_month": "1", "applies_credits": "false"}
    assert (choice.id, choice.facts) == (OPEN, facts)
    closed = {"BookCloseDate": "2026-03-31", "FirstMonthOfFiscalYear": "April"}
    sales = {"AutoApplyPayments": True}
    preferences = {"AccountingInfoPrefs": closed, "SalesFormsPrefs": sales}
    books.do("set_preferences", preferences=preferences)
    (choice,) = connector.choices("closing")
    facts = {"first_month": "4", "applies_credits": "true"}
    assert (choice.id, choice.facts) == ("2026-03-31", facts)
