from __future__ import annotations

import pytest

from connectors.quickbooks.sandbox.apifaults import ApiError
from connectors.quickbooks.sandbox.query import Condition, parse


def names(books, where, entity="Customer"):
    found = books.query(f"select * from {entity} {where}").get(entity, [])
    return [obj.get("DisplayName", obj.get("Name")) for obj in found]


@pytest.mark.parametrize(
    "text",
    [
        "select * from Customer where DisplayName = 'O\\'Neil' maxresults 5",
        "SELECT * FROM Customer WHERE DisplayName='O\\'Neil' MAXRESULTS 5",
        "  Select *, Notes From Customer Where DisplayName = 'O\\'Neil' MaxResults 5 ",
    ],
)
def test_query_is_parsed_in_any_case(text):
    query = parse(text)
    assert query.entity == "Customer"
    assert query.conditions == (Condition("DisplayName", "=", ("O'Neil",)),)
    assert (query.start, query.limit, query.columns) == (1, 5, ())


def test_order_paging_and_lists_are_parsed():
    query = parse(
        "select Id, Name from Item where Active in (true, false) and Name like 'a%'"
        " orderby Name desc, Id startposition 11 maxresults 5000"
    )
    assert query.columns == ("Id", "Name")
    assert query.conditions[0].values == ("true", "false")
    assert query.order == (("Name", True), ("Id", False))
    assert (query.start, query.limit) == (11, 1000)


def test_count_is_parsed():
    assert parse("select count(*) from Item").count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "delete from Item",
        "select * Item",
        "select * from",
        "select * from Item where Name",
        "select * from Item where Name = Bread",
        "select * from Item where Name = 'x' or Name = 'y'",
        "select * from Item where Name in ('x'",
        "select * from Item where (Name = 'x')",
        "select * from Item group by Name",
        "select * from Item maxresults 'x'",
        "select * from Item where Name = 'x",
        "select count(Id) from Item",
    ],
)
def test_what_is_not_a_query_cannot_be_parsed(text):
    with pytest.raises(ApiError) as caught:
        parse(text)
    assert caught.value.code == "4000"


@pytest.mark.parametrize("tail", ["startposition 0", "maxresults -1"])
def test_too_small_a_number_is_refused(tail):
    with pytest.raises(ApiError) as caught:
        parse(f"select * from Item {tail}")
    assert caught.value.code == "4001"
    assert "is too small" in caught.value.detail


def test_fault_names_what_was_met(books):
    error = books.refuse("query", query="select * from Customer R")
    assert error["code"] == "4000"
    assert 'Encountered " <IDENTIFIER> "R "" at line 1, column 24' in error["Detail"]


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("Customer where Colour = 'red'", "Property Colour not found"),
        ("Customer where Notes = 'x'", "property 'Notes' is not queryable"),
        ("SalesReceipt where DepartmentRef = '1'", "is not queryable"),
        ("Invoice where Line.Amount = '1'", "is not queryable"),
        ("SalesReceipt where PrivateNote = 'x'", "is not queryable"),
        ("Item where Taxable = true", "is not queryable"),
        ("Customer orderby Colour", "Property Colour not found"),
        ("Nothing", "Entity Nothing"),
        ("Invoice where TotalAmt > 'many'", "value many"),
    ],
)
def test_what_cannot_be_asked_is_named(books, where, text):
    error = books.refuse("query", query=f"select * from {where}")
    assert error["code"] == "4001"
    assert text in error["Detail"]


def test_query_by_post_is_the_same(books):
    body = b"select * from Customer where DisplayName = 'counter SALES'"
    answer = books.post("query", body)
    assert answer["QueryResponse"]["maxResults"] == 1


def test_nothing_found_is_an_empty_answer(books):
    assert books.query("select * from Customer where DisplayName = 'x'") == {}
    assert books.query("select count(*) from Customer where Id = '99'") == {
        "totalCount": 0
    }


def test_customers_are_found_by_mail(books):
    where = "where PrimaryEmailAddr = 'INFO@stoepje.example'"
    assert names(books, where) == ["Bakkerij Het Stoepje"]
    books.switch(email_filter=False)
    error = books.refuse("query", query=f"select * from Customer {where}")
    assert error["code"] == "4001"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("where Id in ('1', '3')", ["Counter sales", "Anna de Vries"]),
        ("where DisplayName like '%vries'", ["Anna de Vries"]),
        ("where DisplayName like 'bakkerij%'", ["Bakkerij Het Stoepje"]),
        (
            "where Id != '1' orderby DisplayName",
            ["Anna de Vries", "Bakkerij Het Stoepje"],
        ),
        ("where Balance > '0'", []),
        ("startposition 2 maxresults 1", ["Bakkerij Het Stoepje"]),
        ("orderby Id desc maxresults 1", ["Anna de Vries"]),
        (
            "order by MetaData.CreateTime",
            ["Counter sales", "Bakkerij Het Stoepje", "Anna de Vries"],
        ),
        (
            "where MetaData.LastUpdatedTime > '2000-01-01T00:00:00Z' maxresults 1",
            ["Counter sales"],
        ),
        ("where MetaData.LastUpdatedTime < '2000-01-01'", []),
    ],
)
def test_conditions_order_and_paging(books, where, expected):
    assert names(books, where) == expected


def test_only_active_ones_unless_asked(books):
    books.do("deactivate", entity="Customer", id="3")
    assert "Anna de Vries (deleted)" not in names(books, "")
    everyone = names(books, "where Active in (true, false)")
    assert "Anna de Vries (deleted)" in everyone
    assert names(books, "where Active = false") == ["Anna de Vries (deleted)"]


def test_columns_give_partial_objects(books):
    found = books.query("select Id, DisplayName from Customer maxresults 1")
    assert found["Customer"] == [
        {"sparse": True, "Id": "1", "DisplayName": "Counter sales"}
    ]
    assert books.refuse("query", query="select Colour from Customer")["code"] == "4001"


@pytest.fixture
def dated(books):
    """Three receipts on three days."""
    item = books.item()
    for number, day in enumerate(("2026-01-05", "2026-01-06", "2026-02-01"), 1):
        line = books.line(item, number * 10, code="No VAT")
        body = {"DocNumber": f"R{number}", "TxnDate": day, "Line": [line]}
        books.create("SalesReceipt", body)
    return books


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("TxnDate >= '2026-01-06' and TxnDate <= '2026-01-31'", ["R2"]),
        ("TxnDate = '2026-01-05'", ["R1"]),
        ("TxnDate < '2026-02-01'", ["R1", "R2"]),
        ("DocNumber in ('R3', 'R1', 'R9')", ["R1", "R3"]),
        ("DocNumber like 'R%' and TxnDate > '2026-01-31'", ["R3"]),
        ("TotalAmt > '10' and TotalAmt <= '30'", ["R2", "R3"]),
    ],
)
def test_documents_are_found_by_number_date_and_total(dated, where, expected):
    found = dated.query(f"select * from SalesReceipt where {where}")
    numbers = [receipt["DocNumber"] for receipt in found["SalesReceipt"]]
    assert numbers == expected


def test_changes_tell_what_was_changed_and_deleted(dated):
    receipt = dated.query("select * from SalesReceipt where DocNumber = 'R2'")
    made = receipt["SalesReceipt"][0]
    body = {"Id": made["Id"], "SyncToken": "0"}
    dated.post("salesreceipt", body, operation="delete")
    since = made["MetaData"]["CreateTime"]
    answer = dated.get("cdc", entities="salesreceipt,Invoice", changedSince=since)
    receipts, invoices = answer["CDCResponse"][0]["QueryResponse"]
    assert invoices == {}
    statuses = [found.get("status") for found in receipts["SalesReceipt"]]
    assert statuses == [None, None, "Deleted"]


@pytest.mark.parametrize(
    "asked",
    [
        {"entities": "TaxCode", "changedSince": "2999-01-01"},
        {"entities": "Customer", "changedSince": "2001-01-01"},
        {"entities": "Customer", "changedSince": "soon"},
    ],
)
def test_changes_that_are_not_kept_are_refused(books, asked):
    assert books.refuse("cdc", **asked)["code"] in ("4001", "2060")


@pytest.mark.parametrize(
    ("among_all", "columns", "shown"),
    [(True, "*", True), (False, "*", False), (False, "*, Sku", True)],
)
def test_an_sku_may_not_be_among_all_columns(books, among_all, columns, shown):
    books.switch(sku_among_all=among_all)
    books.item("Tea", Sku="1001")
    (found,) = books.query(f"select {columns} from Item where Sku = '1001'")["Item"]
    assert ("Sku" in found) is shown
    assert found["Name"] == "Tea"
