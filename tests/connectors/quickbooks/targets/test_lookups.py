"""What is found of earlier writes, by key and by day."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest

from connectors.datamodel import Customer
from connectors.quickbooks.connector import QuickBooks
from connectors.quickbooks.targets import lookups
from connectors.quickbooks.targets.outcomes import choose_item
from connectors.writes import Found, Ref, Write
from integration_hub.core.errors import ConfigError
from integration_hub.core.http import Exchange, Reply
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Poster
from tests.connectors.quickbooks.targets.receipts import (
    ANNA,
    DAY,
    SALE,
    line,
    pay,
    receipt,
)

ORDER = receipt([line("12.10")], [pay("PIN", "12.10")])
SPLIT = receipt([line("12.10")], [pay("PIN", "10.00"), pay("CASH", "2.10")])


@pytest.fixture
def poster(connector: QuickBooks, values: dict[str, str]) -> Poster:
    return Poster(connector, values)


def sale_write(poster: Poster, order: Any = ORDER) -> Write:
    """The planned document."""
    return next(w for w in poster.plan(order).writes if w.role == "sale")


def test_nothing_is_found_of_what_is_not_there(poster: Poster) -> None:
    writes = [*poster.plan(SPLIT).writes]
    assert poster.connector.find(writes) == {}


def test_all_writes_of_a_receipt_are_found_again(poster: Poster) -> None:
    made = poster.post(SPLIT)
    found = poster.connector.find(made.writes)
    assert {ref: hit.known.id for ref, hit in found.items()} == {
        ref: known.id for ref, known in poster.known.items()
    }
    assert all(hit.ours for hit in found.values())


def test_what_is_found_is_known_as_well_as_what_was_sent(poster: Poster) -> None:
    made = poster.post(ORDER)
    found = poster.connector.find(made.writes)
    assert found[SALE].known == poster.known[SALE]


def test_many_writes_cost_one_query_per_kind(books: Books, poster: Poster) -> None:
    writes = [
        dataclasses.replace(sale_write(poster), key=str(n), number=f"R1-1-26-{n}")
        for n in range(30)
    ]
    before = len(books.control("log")["log"])
    poster.connector.find(writes)
    assert len(books.control("log")["log"]) == before + 1


def test_a_document_without_our_mark_is_not_ours(books: Books, poster: Poster) -> None:
    poster.post(ORDER)
    write = dataclasses.replace(sale_write(poster), mark="[hub:order:other:sale]")
    hit = poster.connector.find([write])[SALE]
    assert (hit.ours, hit.known.id) == (False, poster.known[SALE].id)


def test_a_document_of_another_day_is_not_ours(poster: Poster) -> None:
    poster.post(ORDER)
    write = dataclasses.replace(sale_write(poster), date=date(2026, 3, 15))
    assert not poster.connector.find([write])[SALE].ours


def test_a_correction_is_found_by_the_total_it_leaves(poster: Poster) -> None:
    poster.post(ORDER)
    made = sale_write(poster)
    for total, is_found in (("12.10", True), ("12.11", False)):
        correction = dataclasses.replace(
            made, role="correction:1", update_of=SALE, expected_total=Decimal(total)
        )
        assert bool(poster.connector.find([correction])) == is_found


@pytest.mark.parametrize("sku_among_all", [True, False])
def test_of_items_with_one_sku_the_oldest_is_taken(
    books: Books, poster: Poster, sku_among_all: bool
) -> None:
    books.switch(sku_among_all=sku_among_all)
    first = books.item("Black tea", Sku="1001")["value"]
    books.item("Green tea", Sku="1001")
    item = poster.plan(ORDER).writes[0]
    hit = poster.connector.find([item])[item.ref]
    assert (hit.known.id, hit.ours) == (first, True)
    assert hit.known.facts["income_account"] == poster.values["default_income_account"]


BAKERY = Customer(
    id="33",
    is_company=True,
    name="Jan",
    company_name="Bakkerij Het Stoepje",
    email="INFO@stoepje.example",
)


def find_customer(poster: Poster, customer: Customer) -> Found | None:
    """What is found of a relation."""
    order = dataclasses.replace(ORDER, customer=customer)
    write = poster.plan(order).writes[0]
    assert write.entity == "Customer"
    return poster.connector.find([write]).get(write.ref)


def test_a_customer_is_found_by_e_mail_name_and_kind(poster: Poster) -> None:
    hit = find_customer(poster, BAKERY)
    assert hit is not None
    assert hit.ours


def test_a_person_with_a_companys_e_mail_is_somebody_else(poster: Poster) -> None:
    person = dataclasses.replace(BAKERY, is_company=False, company_name="", name="Jan")
    assert find_customer(poster, person) is None


def test_two_customers_with_one_e_mail_decide_nothing(
    books: Books, poster: Poster
) -> None:
    email = {"PrimaryEmailAddr": {"Address": BAKERY.email}}
    books.create("Customer", {"DisplayName": "Second", **email})
    hit = find_customer(poster, BAKERY)
    assert hit is not None
    assert not hit.ours


def test_a_name_alone_is_not_ours(poster: Poster) -> None:
    hit = find_customer(poster, dataclasses.replace(ANNA, email=""))
    assert hit is not None
    assert not hit.ours


def test_a_customer_that_we_made_is_found_by_its_mark(
    books: Books, poster: Poster
) -> None:
    order = dataclasses.replace(ORDER, customer=ANNA)
    poster.post(order)
    assert len(books.query("select * from Customer where Active = true")) > 0
    hit = find_customer(poster, ANNA)
    assert hit is not None
    assert hit.ours
    assert hit.known.id == poster.known[Ref("customer", "12", "customer")].id


def test_a_company_that_cannot_search_by_e_mail_is_searched_by_name(
    books: Books, poster: Poster
) -> None:
    books.switch(email_filter=False)
    hit = find_customer(poster, BAKERY)
    assert hit is not None
    assert not hit.ours


def test_a_day_is_surveyed_with_the_marks_read_back(
    books: Books, poster: Poster
) -> None:
    poster.post(SPLIT)
    seen = list(poster.connector.survey(DAY, DAY, "hub"))
    refs = {s.ref for s in seen}
    roles = {"sale", "payment:p-PIN", "payment:p-CASH"}
    assert refs == {Ref("order", SPLIT.id, role) for role in roles}
    assert {s.known.id for s in seen} == {
        known.id for ref, known in poster.known.items() if ref.kind == "order"
    }
    assert (
        list(poster.connector.survey(date(2026, 3, 15), date(2026, 3, 20), "hub")) == []
    )


def test_a_number_of_our_form_without_a_mark_is_seen(
    books: Books, poster: Poster
) -> None:
    poster.post(ORDER)
    there = books.query("select * from SalesReceipt")["SalesReceipt"][0]
    update = {"Id": there["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    books.post("salesreceipt", update)
    (sighting,) = poster.connector.survey(DAY, DAY, "hub")
    assert (sighting.ref, sighting.known.number) == (None, "R1-2-26-17")


def test_several_days_are_surveyed_at_once(poster: Poster) -> None:
    days = [DAY, DAY + timedelta(2), DAY + timedelta(4)]
    for number, day in enumerate(days):
        poster.post(
            dataclasses.replace(ORDER, id=f"{number}" * 18, number=None, date=day)
        )
    seen = list(poster.connector.survey(days[0], days[1], "hub"))
    assert [(s.ref and s.ref.key, s.day) for s in seen] == [
        ("0" * 18, days[0]),
        ("1" * 18, days[1]),
    ]


def test_the_documents_of_another_hub_are_not_ours(poster: Poster) -> None:
    poster.post(SPLIT)
    seen = list(poster.connector.survey(DAY, DAY, "hub-2"))
    assert {s.ref for s in seen} == {None}
    assert sorted(s.known.number for s in seen) == [
        "R1-2-26-17",
        "R1-2-26-17-1",
        "R1-2-26-17-2",
    ]


def test_documents_of_others_are_not_seen(books: Books, poster: Poster) -> None:
    item = books.item()
    books.create(
        "SalesReceipt",
        {"TxnDate": "2026-03-14", "DocNumber": "900", "Line": [books.line(item, 10)]},
    )
    assert list(poster.connector.survey(DAY, DAY, "hub")) == []


def test_windows_are_asked_until_one_is_not_full(
    books: Books, connector: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.quickbooks.client.WINDOW", 4)
    rows = list(connector.client.query_all("Account"))
    assert len({row["Id"] for row in rows}) == len(rows) > 8


def test_a_refusal_that_is_not_about_the_search_concerns_everything(
    books: Books, poster: Poster
) -> None:
    order = dataclasses.replace(ORDER, customer=BAKERY)
    write = poster.plan(order).writes[0]
    body = '{"Fault":{"Error":[{"code":"5020"}],"type":"ValidationFault"}}'
    rule = {"action": "status", "status": 400, "match": "query", "body": body}
    books.control("faults", {**rule, "after": 1})
    with pytest.raises(ConfigError) as caught:
        poster.connector.find([write])
    assert caught.value.code == "5020"


def refuse_queries(books: Books, match: str, times: int | None = None) -> None:
    """Let QuickBooks not understand the queries whose body matches."""
    body = '{"Fault":{"Error":[{"Message":"Error parsing query","code":"4000"}]}}'
    rule = {"action": "status", "status": 400, "match": match, "body": body}
    books.control("faults", {**rule, "times": times})


def test_only_the_write_whose_search_is_refused_has_an_error(
    books: Books, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster.post(ORDER)
    good = sale_write(poster)
    bad = dataclasses.replace(good, key="bad", number="R1'(")
    absent = dataclasses.replace(good, key="absent", number="R1-1-26-99")
    monkeypatch.setattr(lookups, "quote_all", lambda values: quote_badly(values))
    found = poster.connector.find([good, bad, absent])
    assert found.keys() == {good.ref, bad.ref}
    assert found[good.ref].ours
    hit = found[bad.ref]
    assert (hit.ours, hit.known.id) == (False, "")
    assert hit.error is not None
    assert (hit.error.code, hit.error.system) == ("4000", "Books")


def quote_badly(values: list[str]) -> str:
    """Values of the query language by somebody who forgets that they hold quotes."""
    return ", ".join(f"'{value}'" for value in values)


def test_a_search_for_one_write_that_is_refused_is_its_error(
    books: Books, poster: Poster
) -> None:
    write = sale_write(poster)
    refuse_queries(books, "query")
    hit = poster.connector.find([write])[write.ref]
    assert not hit.ours
    assert hit.error is not None
    assert hit.error.exchange is not None


def test_searches_that_are_all_refused_concern_everything(
    books: Books, poster: Poster
) -> None:
    writes = [dataclasses.replace(sale_write(poster), key=str(n)) for n in range(3)]
    refuse_queries(books, "query")
    with pytest.raises(ConfigError, match="refuses|refused"):
        poster.connector.find(writes)


def test_a_survey_or_a_list_that_is_refused_concerns_everything(
    books: Books, connector: QuickBooks
) -> None:
    refuse_queries(books, "query")
    for ask in (
        lambda: list(connector.survey(DAY, DAY, "hub")),
        lambda: connector.choices("terms"),
    ):
        with pytest.raises(ConfigError) as caught:
            ask()
        assert caught.value.code == "4000"


def test_no_address_names_a_customer(
    connector: QuickBooks, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = dataclasses.replace(ORDER, customer=BAKERY)
    customer = poster.plan(order).writes[0]
    sent: list[Exchange] = []
    send = connector.account.session.send

    def keep(*args: Any, **options: Any) -> Reply:
        reply = send(*args, **options)
        sent.append(reply.exchange)
        return reply

    monkeypatch.setattr(connector.account.session, "send", keep)
    connector.find([customer])
    assert {exchange.method for exchange in sent} == {"POST"}
    assert not any("stoepje" in unquote(e.url).casefold() for e in sent)
    assert all("stoepje" in exchange.sent.casefold() for exchange in sent)


def test_an_inactive_item_is_not_ours() -> None:
    row = {"Id": "7", "Sku": "1001", "Type": "Service"}
    assert choose_item([{**row, "Active": False}]) is None
    assert choose_item([{**row, "Active": True}]) is not None


def test_an_inactive_customer_is_not_ours(poster: Poster) -> None:
    write = poster.plan(dataclasses.replace(ORDER, customer=BAKERY)).writes[0]
    name = write.search["display_name"]
    row = {"Id": "7", "DisplayName": name, "Notes": write.mark, "Active": False}
    mailed = {**row, "CompanyName": name}
    hit = lookups.choose_customer(
        write, {name.casefold(): [row]}, {BAKERY.email.casefold(): [mailed]}
    )
    assert hit is not None
    assert not hit.ours
