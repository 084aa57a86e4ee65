"""Receipts posted to the sandbox over HTTP, as the engine does it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks.connector import QuickBooks
from connectors.writes import Difference, Known
from integration_hub.core.errors import ConfigError, NotFound, Rejected
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Poster
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    CORRECTION,
    SALE,
    bottle,
    card,
    line,
    pay,
    receipt,
)

THREE = [line("0.99"), line("0.99"), line("0.99")]


@pytest.fixture
def poster(connector: QuickBooks, values: dict[str, str]) -> Poster:
    return Poster(connector, values)


def stored(books: Books, entity: str) -> list[dict[str, Any]]:
    """All documents of an entity."""
    return books.query(f"select * from {entity}").get(entity, [])


def test_a_sale_takes_two_calls_and_the_next_one_takes_one(poster: Poster) -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")])
    assert poster.post(order).error is None
    assert poster.calls == 2
    number = dataclasses.replace(order.number, number="18")  # type: ignore[type-var]
    poster.post(dataclasses.replace(order, id="b" * 18, number=number))
    assert poster.calls == 3


def test_what_comes_back_is_remembered(poster: Poster) -> None:
    poster.post(receipt([line("12.10")], [pay("PIN", "12.10")]))
    sale = poster.known[SALE]
    assert (sale.number, sale.total) == ("R1-2-26-17", Decimal("12.10"))
    assert sale.facts["vat"] == {"21": "2.1"}
    assert sale.facts["date"] == "2026-03-14"


@pytest.mark.parametrize("tax_amounts", ["honoured", "recomputed"])
@pytest.mark.parametrize("vat_rounding", ["per_line", "per_rate"])
def test_the_total_holds_however_the_company_computes(
    books: Books, poster: Poster, tax_amounts: str, vat_rounding: str
) -> None:
    books.switch(tax_amounts=tax_amounts, vat_rounding=vat_rounding)
    made = poster.post(receipt([*THREE, line("1.09", "2")], [pay("PIN", "4.06")]))
    assert made.error is None
    assert poster.known[SALE].total == Decimal("4.06")
    vat = {k: Decimal(v) for k, v in poster.known[SALE].facts["vat"].items()}
    if tax_amounts == "honoured" or vat_rounding == "per_rate":
        assert vat == {"21": Decimal("0.52"), "9": Decimal("0.09")}
        assert made.differences == ()
        return
    assert made.differences == (
        Difference(
            "VAT 21 %", Decimal("0.52"), Decimal("0.51"), "computed by QuickBooks"
        ),
    )


def test_several_tenders_leave_no_balance(books: Books, poster: Poster) -> None:
    tenders = [pay("PIN", "10.00"), pay("CASH", "2.10")]
    assert poster.post(receipt([line("12.10")], tenders)).error is None
    (invoice,) = stored(books, "Invoice")
    assert Decimal(str(invoice["Balance"])) == 0
    assert len(stored(books, "Payment")) == 2


def test_on_account_stays_open(books: Books, poster: Poster) -> None:
    tenders = [pay("ACCOUNT", "10.00"), pay("PIN", "2.10")]
    made = poster.post(receipt([line("12.10")], tenders, customer=ANNA))
    assert made.error is None
    (invoice,) = stored(books, "Invoice")
    assert Decimal(str(invoice["Balance"])) == Decimal("10.00")


def test_a_name_that_is_taken_gets_the_relations_number(
    books: Books, poster: Poster
) -> None:
    poster.post(receipt([line("12.10")], [pay("PIN", "12.10")], customer=ANNA))
    (sale,) = stored(books, "SalesReceipt")
    assert sale["CustomerRef"]["name"] == "Anna de Vries (12)"


def test_a_refund_leaves_the_tenders_account(books: Books, poster: Poster) -> None:
    lines = [line("-12.12"), bottle("-0.25"), line("1.09", "2")]
    order = receipt(lines, [pay("CASH", "-11.30")], cash_rounding=Decimal("-0.02"))
    assert poster.post(order).error is None
    (refund,) = stored(books, "RefundReceipt")
    assert Decimal(str(refund["TotalAmt"])) == Decimal("11.30")
    assert refund["DepositToAccountRef"]["name"] == "Till cash Centrum"


def test_gift_cards_go_to_their_liability(books: Books, poster: Poster) -> None:
    tenders = [pay("CARD", "5.00"), pay("PIN", "32.10")]
    assert poster.post(receipt([line("12.10"), card("25.00")], tenders)).error is None
    item = next(i for i in stored(books, "Item") if i["Name"] == "Gift cards")
    assert item["IncomeAccountRef"]["name"] == "Gift cards outstanding"


def test_a_total_of_zero_is_posted(books: Books, poster: Poster) -> None:
    order = receipt([line("12.10")], [pay("CARD", "12.10")])
    assert poster.post(order).error is None
    assert Decimal(str(stored(books, "SalesReceipt")[0]["TotalAmt"])) == 0


def test_a_total_of_zero_that_the_company_refuses_says_why(
    books: Books, poster: Poster
) -> None:
    books.switch(zero_total="refused")
    with pytest.raises(Rejected, match="R1-2-26-17"):
        poster.post(receipt([line("12.10")], [pay("CARD", "12.10")]))


def test_a_cent_is_mended_by_one_update(books: Books, poster: Poster) -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")])
    poster.post(order)
    poster.known[SALE] = with_total(poster.known[SALE], "12.09")
    books_total = poster.plan(order).writes[-1]
    assert books_total.role == "correction:1"
    poster.known[books_total.needs[1]] = make_rounding_item(poster, order)
    (outcome,) = poster.send([books_total])
    assert outcome.state == "updated"
    assert outcome.known is not None
    assert outcome.known.total == Decimal("12.11")
    assert outcome.known.version == "1"


def with_total(known: Known, total: str) -> Known:
    """As if another total had come back."""
    return dataclasses.replace(known, total=Decimal(total))


def make_rounding_item(poster: Poster, order: Any) -> Known:
    """The rounding item, created."""
    items = [w for w in poster.plan(order).writes if w.key.startswith("special:round")]
    (outcome,) = poster.send(items)
    assert outcome.known is not None
    return outcome.known


def test_a_correction_needs_the_version_that_is_there(poster: Poster) -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")])
    poster.post(order)
    stale = dataclasses.replace(with_total(poster.known[SALE], "12.09"), version="-1")
    poster.known[SALE] = stale
    correction = poster.plan(order).writes[-1]
    poster.known[correction.needs[1]] = make_rounding_item(poster, order)
    (outcome,) = poster.send([correction])
    assert outcome.error is not None
    assert outcome.error.code == "5010"
    assert CORRECTION not in poster.known


def test_a_company_with_another_currency_refuses(poster: Poster) -> None:
    order = receipt([line("12.10")], [pay("PIN", "12.10")], currency="GBP")
    with pytest.raises(Rejected, match="does not use the till's currency"):
        poster.post(order)


def test_an_article_that_is_missing_can_fail(poster: Poster) -> None:
    poster.values = {**poster.values, "missing_item": "fail"}
    poster.__post_init__()
    with pytest.raises(NotFound, match="no item for an article"):
        poster.post(receipt([line("12.10")], [pay("PIN", "12.10")]))


def test_an_article_that_is_missing_can_go_to_its_group(
    books: Books, poster: Poster
) -> None:
    poster.values = {**poster.values, "missing_item": "group"}
    poster.__post_init__()
    assert poster.post(receipt([line("12.10")], [pay("PIN", "12.10")])).error is None
    (sale,) = stored(books, "SalesReceipt")
    detail = sale["Line"][0]["SalesItemLineDetail"]
    assert detail["ItemRef"]["name"] == "Drinks"


def test_a_company_that_numbers_itself_stops_the_flow(
    books: Books, poster: Poster
) -> None:
    books.switch(numbers="assigned")
    with pytest.raises(ConfigError, match="the number “1001”"):
        poster.post(receipt([line("12.10")], [pay("PIN", "12.10")]))


def test_the_default_rules_and_settings_name_what_exists() -> None:
    names = {(f.scope, f.name) for f in QuickBooks.target_fields}
    assert {(r["scope"], r["field"]) for r in QuickBooks.default_rules} <= names
    lists = set(QuickBooks.choice_lists)
    fields = (*QuickBooks.target_fields, *QuickBooks.target_settings)
    assert {
        f.choices for f in fields if f.choices and isinstance(f.choices, str)
    } <= lists
    columns = [c for m in QuickBooks.value_map_templates for c in m["columns"]]
    assert {c["choices"] for c in columns if "choices" in c} <= lists
