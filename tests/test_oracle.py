from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.oracle import expected_documents, judge, snapshot
from tests.oracle_example.books import ExampleBooks
from tests.oracle_example.common import CARDS
from tests.oracle_example.example import make_example
from tests.oracle_example.mutations import (
    MUTATIONS,
    double_sale,
    move_vat_between_rates,
    take_default_debtor,
    take_wrong_customer,
    unlink_payment,
)
from tests.oracle_example.nothing import NOTHING
from tests.oracle_example.wire import (
    ExampleTill,
    make_count,
    make_day,
    make_line,
    make_payment,
    make_receipt,
    source_id,
)
from tests.oracle_parts.compare import RECOMPUTED
from tests.oracle_parts.setup import Setup, load_setup
from tests.oracle_parts.verdict import format_table

ROOT = Path(__file__).parents[1]
# A customer that is another relation's too is told of both.
OF_TWO = (take_wrong_customer, take_default_debtor)
NOT_OF_THE_PROJECT = {"lxml", "requests", "tests"}


@pytest.fixture(scope="module")
def setup() -> Setup:
    return load_setup(ROOT / "integration_hub" / "demo" / "shop.json")


@pytest.fixture
def till() -> ExampleTill:
    return make_example()[0]


@pytest.fixture
def books() -> ExampleBooks:
    return make_example()[1]


def name_problems(till: ExampleTill, books: ExampleBooks, setup: Setup) -> list[str]:
    return list(judge(till, books, setup).problems)


@pytest.mark.parametrize(
    "path", [*ROOT.glob("tests/oracle*/*.py"), ROOT / "tests/oracle.py"]
)
def test_nothing_of_the_project_is_imported(path):
    roots = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            roots.add((node.module or "").split(".")[0])
            assert (node.module or "").startswith("tests.oracle") or not (
                (node.module or "").startswith("tests")
            )
    assert roots <= NOT_OF_THE_PROJECT | sys.stdlib_module_names


def test_right_books_have_no_problems(till, books, setup):
    assert name_problems(till, books, setup) == []


def test_right_books_are_counted(till, books, setup):
    verdict = judge(till, books, setup)
    assert verdict.good
    assert verdict.count_found() == verdict.count_expected()
    assert verdict.count_found()["SalesReceipt"] == 27
    assert verdict.count_found()["Payment"] == 10
    assert len(verdict.decisions) == len(till.records)


def test_bridge_goes_from_till_to_books(till, books, setup):
    summary = judge(till, books, setup).summarize()
    assert summary["bridge"]["liability tenders"] == "-65.63"
    assert summary["bridge"]["settled"] == "-15.00"
    assert summary["bridge"]["tips"] == "1.00"
    assert summary["bridge"]["rounding"] == "0.00"
    assert summary["bridge"]["expected target total"] == summary["target total"]
    assert summary["difference"] == "0.00"


def test_expected_documents_have_business_keys(till, setup):
    expected = expected_documents(till, setup)
    assert expected["RefundReceipt R1-2-26-3"].total == 1210
    assert expected["Invoice R1-2-26-6"].balance == 1000
    assert len(expected) == 40


@pytest.mark.parametrize(
    ("outcome", "reason", "record"),
    NOTHING,
    ids=[record["receiptNumber"]["number"] for _, _, record in NOTHING],
)
def test_what_becomes_no_document_has_a_reason(outcome, reason, record, setup):
    till = ExampleTill([record], CARDS, [make_count(900, "2026-03-06")])
    (decision,) = judge(till, ExampleBooks(), setup).decisions
    assert (decision.outcome, decision.reason) == (outcome, reason)


def test_receipt_named_not_final_waits(till, books, setup):
    verdict = judge(till, books, setup, not_final=[source_id(1)])
    (problem,) = verdict.problems
    assert "waiting: not final" in problem
    assert "SalesReceipt R1-2-26-1" in problem


# ------------------------------------------------------------------- mutations


@pytest.mark.parametrize(
    ("mutate", "sentence"), MUTATIONS, ids=[m.__name__ for m, _ in MUTATIONS]
)
def test_wrong_books_are_named(till, books, setup, mutate, sentence):
    mutate(books)
    problems = name_problems(till, books, setup)
    assert any(sentence in problem for problem in problems), problems


@pytest.mark.parametrize("mutate", [m for m, _ in MUTATIONS[:-3] if m not in OF_TWO])
def test_wrong_books_are_not_blamed_on_other_receipts(till, books, setup, mutate):
    mutate(books)
    named = {problem.split("(")[0] for problem in name_problems(till, books, setup)}
    assert len(named) == 1


# --------------------------------------------------------------- VAT recomputed


def test_recomputed_vat_is_told_as_data(till, books, setup):
    move_vat_between_rates(books)
    verdict = judge(till, books, setup, vat=RECOMPUTED)
    assert verdict.good
    differences = [(d.document, d.code, d.amount) for d in verdict.vat_differences]
    assert differences == [
        ("R1-2-26-1", "VAT 21%", -1),
        ("R1-2-26-1", "VAT 9%", 1),
    ]
    assert verdict.summarize()["vat differences"] == {"count": 2, "sum": "0.00"}


def test_vat_of_a_refund_is_told_in_the_tills_sign(till, books, setup):
    tax = books.find("RefundReceipt", "R1-2-26-3")["TxnTaxDetail"]
    tax["TaxLine"][0]["Amount"], tax["TotalTax"] = 2.09, 2.09
    verdict = judge(till, books, setup, vat=RECOMPUTED)
    (told,) = verdict.to_json()["vat_differences"]
    assert (told["rate"], told["till"], told["books"]) == ("21", "-2.10", "-2.09")
    assert told["difference"] == "0.01"


def test_recomputed_vat_may_not_be_far_off(till, books, setup):
    tax = books.find("SalesReceipt", "R1-2-26-1")["TxnTaxDetail"]
    tax["TaxLine"][0]["Amount"], tax["TotalTax"] = 2.08, 2.26
    verdict = judge(till, books, setup, vat=RECOMPUTED)
    (problem,) = verdict.problems
    assert "has VAT 2.08 under 'VAT 21%'" in problem


# -------------------------------------------------------------------- snapshots


def test_snapshots_do_not_depend_on_ids(books):
    other = make_example()[1]
    for row in other.objects["Payment"]:
        row["Id"] = f"9{row['Id']}"
    other.objects["SalesReceipt"].reverse()
    assert snapshot(other) == snapshot(books)


def test_snapshot_calls_items_by_their_sku(books):
    other = make_example()[1]
    for item in other.objects["Item"]:
        item["Name"] = f"{item['Name']} (made later)"
    assert snapshot(other) == snapshot(books)


def test_snapshot_shows_a_double(books):
    before = snapshot(books)
    double_sale(books)
    after = snapshot(books)
    assert set(after) - set(before) == {"SalesReceipt R1-2-26-1 #2"}


def test_snapshot_shows_a_link_that_is_gone(books):
    unlink_payment(books)
    assert snapshot(books)["Payment R1-2-26-2/2"]["links"] == []
    assert snapshot(books)["Payment R1-2-26-2/1"]["links"] == ["Invoice R1-2-26-2 7.00"]


# ------------------------------------------------------------------ small print


def test_payments_dated_each_others_day_are_named(till, books, setup):
    for payment in till.records[1]["paymentList"]["payment"]:
        if payment["method"] == "PIN":
            payment["financialDate"] = make_day("2026-03-06")
    card, cash = (books.find("Payment", f"R1-2-26-2/{nth}") for nth in (1, 2))
    card["TxnDate"] = "2026-03-06"
    assert name_problems(till, books, setup) == []
    card["TxnDate"], cash["TxnDate"] = cash["TxnDate"], card["TxnDate"]
    problems = name_problems(till, books, setup)
    assert any("payments of 0.00 by" in problem for problem in problems)


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        (17, ("R1-2-26-17",)),
        (10**11, ("R1-2-26-100000000000", "R0a1b2c3d000011f180")),
        (10**13, ("R0a1b2c3d000011f180",)),
        (0, ("R0a1b2c3d000011f180",)),
    ],
)
def test_number_is_the_tills_or_made_of_its_id(setup, number, allowed):
    record = make_receipt(
        1,
        lines=[make_line(1210, 1000)],
        vat={"1": (1000, 210)},
        payments=[make_payment("PIN", 1210)],
    )
    record["receiptNumber"]["number"] = number
    (expected,) = expected_documents(ExampleTill([record]), setup).values()
    assert expected.numbers == allowed


def test_percentages_may_be_plain(till, books, setup, monkeypatch):
    monkeypatch.setattr("tests.oracle_example.wire.RATES", {"1": 21, "2": 9, "3": 0})
    for record in till.records:
        for group in record["vatGroupList"]["vatGroup"]:
            group["vatPercentage"] //= 100
    assert name_problems(till, books, setup) == []


def test_table_tells_counts_and_difference(till, books, setup):
    table = format_table(judge(till, books, setup))
    assert "SalesReceipt found / expected" in table
    assert "27 / 27" in table
    assert "skipped: zero sale" in table
