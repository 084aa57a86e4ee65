from __future__ import annotations

import http.client

import pytest

from tests.connectors.quickbooks.books import send


def customer(name, bid=None, **item):
    body = {"operation": "create", "Customer": {"DisplayName": name}, **item}
    return body if bid is None else {"bId": bid, **body}


def count(books, name):
    where = f"where DisplayName = '{name}'"
    return books.query(f"select count(*) from Customer {where}")["totalCount"]


def test_items_are_done_each_for_itself(books):
    answers = books.batch(
        customer("One", "a"),
        customer("one", "b"),
        {"bId": "c", "Query": "select * from Term where Name = 'Net 14'"},
        {"bId": "d", "operation": "create", "Nothing": {}},
        {"bId": "e", "Query": "select"},
    )
    assert [answer["bId"] for answer in answers] == ["a", "b", "c", "d", "e"]
    assert answers[0]["Customer"]["DisplayName"] == "One"
    assert answers[1]["Fault"]["type"] == "ValidationFault"
    assert answers[2]["QueryResponse"]["Term"][0]["DueDays"] == 14
    codes = [answers[place]["Fault"]["Error"][0]["code"] for place in (1, 3, 4)]
    assert codes == ["6240", "2010", "4000"]


def test_item_without_id_and_operation_is_a_create(books):
    (answer,) = books.batch({"Customer": {"DisplayName": "One"}})
    assert "bId" not in answer
    assert answer["Customer"]["Id"]


def test_update_and_delete_in_a_batch(books):
    item = books.item()
    line = books.line(item, 1, code="No VAT")
    made = books.create("SalesReceipt", {"Line": [line]})
    sent = {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "x"}
    gone = {"Id": made["Id"], "SyncToken": "0"}
    answers = books.batch(
        {"bId": "1", "operation": "update", "Customer": sent},
        {"bId": "2", "operation": "delete", "SalesReceipt": gone},
        {"bId": "3", "operation": "merge", "Customer": sent},
    )
    assert answers[0]["Customer"]["Notes"] == "x"
    assert answers[1]["SalesReceipt"]["status"] == "Deleted"
    assert answers[2]["Fault"]["Error"][0]["code"] == "500"


def test_void_in_a_batch(books):
    line = books.line(books.item(), 1, code="No VAT")
    made = books.create("SalesReceipt", {"Line": [line]})
    body = {"Id": made["Id"], "SyncToken": "0"}
    (answer,) = books.batch({"bId": "1", "operation": "void", "SalesReceipt": body})
    assert answer["SalesReceipt"]["PrivateNote"] == "Voided"


def test_duplicate_number_is_allowed_by_the_items_options(books):
    line = books.line(books.item(), 1, code="No VAT")
    body = {"DocNumber": "R1", "Line": [line]}
    item = {"operation": "create", "SalesReceipt": body}
    answers = books.batch(
        {"bId": "1", **item},
        {"bId": "2", **item},
        {"bId": "3", "optionsData": "allowduplicatedocnum", **item},
    )
    assert ["Fault" in answer for answer in answers] == [False, True, False]


def test_thirty_one_items_are_too_many(books):
    items = [customer(f"C{number}", str(number)) for number in range(31)]
    error = books.refuse("batch", {"BatchItemRequest": items})
    assert (error["code"], error["Message"]) == ("1040", "Batch size exceeds limit")
    assert count(books, "C0") == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "2010"),
        ({}, "2020"),
        ({"Items": []}, "2010"),
        ({"BatchItemRequest": 1}, "2020"),
    ],
)
def test_malformed_batch_is_refused(books, body, code):
    assert books.refuse("batch", body)["code"] == code


def test_repeated_write_gets_the_first_answer(books):
    body = {"DisplayName": "Once"}
    first = books.create("Customer", body, requestid="k1")
    again = books.create("Customer", {"DisplayName": "Other"}, requestid="k1")
    assert again == first
    assert count(books, "Other") == 0


def test_repeated_refusal_gets_the_first_answer(books):
    body = {"DisplayName": "Counter sales"}
    first = books.refuse("customer", body, requestid="k1")
    assert books.refuse("customer", {"DisplayName": "x"}, requestid="k1") == first


def test_repeated_batch_replays_each_item_that_was_done(books):
    books.batch(customer("One", "1"), requestid="k")
    answers = books.batch(customer("Uno", "1"), customer("Two", "2"), requestid="k")
    names = [answer["Customer"]["DisplayName"] for answer in answers]
    assert names == ["One", "Two"]
    assert count(books, "Uno") == 0


def test_item_without_id_is_done_again(books):
    books.batch(customer("One"), requestid="k")
    (answer,) = books.batch(customer("One"), requestid="k")
    assert "Fault" in answer


def test_batch_that_was_cut_goes_on_where_it_was(books):
    rule = {"action": "cut", "stage": "inside", "after_items": 1, "match": "batch"}
    books.control("faults", rule)
    items = [customer("One", "1"), customer("Two", "2")]
    with pytest.raises(http.client.RemoteDisconnected):
        books.batch(*items, requestid="k")
    assert (count(books, "One"), count(books, "Two")) == (1, 0)
    answers = books.batch(*items, requestid="k")
    assert ["Customer" in answer for answer in answers] == [True, True]
    assert (count(books, "One"), count(books, "Two")) == (1, 1)


def test_whole_answer_is_replayed_where_switched_so(books):
    books.switch(requestid="whole")
    first = books.batch(customer("One", "1"), requestid="k")
    assert books.batch(customer("Two", "2"), requestid="k") == first
    assert count(books, "Two") == 0
    made = books.create("Customer", {"DisplayName": "Three"}, requestid="s")
    assert books.create("Customer", {"DisplayName": "Four"}, requestid="s") == made


def test_whole_answer_is_kept_only_when_complete(books):
    books.switch(requestid="whole")
    rule = {"action": "cut", "stage": "inside", "after_items": 1, "match": "batch"}
    books.control("faults", rule)
    with pytest.raises(http.client.RemoteDisconnected):
        books.batch(customer("One", "1"), customer("Two", "2"), requestid="k")
    answers = books.batch(customer("One", "1"), customer("Two", "2"), requestid="k")
    assert ["Fault" in answer for answer in answers] == [True, False]


def test_repeated_id_is_refused_where_switched_so(books):
    books.switch(requestid="refused")
    books.batch(customer("One", "1"), requestid="k")
    body = {"BatchItemRequest": [customer("Two", "2")]}
    assert books.refuse("batch", body, requestid="k")["code"] == "600"
    books.create("Customer", {"DisplayName": "Three"}, requestid="s")
    error = books.refuse("customer", {"DisplayName": "Four"}, requestid="s")
    assert (error["code"], error["Message"]) == ("600", "Duplicate Request ID")


def test_repeated_id_means_nothing_where_switched_so(books):
    books.switch(requestid="forgotten")
    books.create("Customer", {"DisplayName": "One"}, requestid="s")
    books.create("Customer", {"DisplayName": "Two"}, requestid="s")
    (answer,) = books.batch(customer("Three", "1"), requestid="k")
    (again,) = books.batch(customer("Four", "1"), requestid="k")
    assert again["Customer"]["Id"] != answer["Customer"]["Id"]


def test_too_long_an_id_is_refused(books):
    body = {"DisplayName": "One"}
    assert books.refuse("customer", body, requestid="x" * 51)["code"] == "2130"
    batch = {"BatchItemRequest": [customer("One", "1")]}
    assert books.refuse("batch", batch, requestid="x" * 37)["code"] == "2130"
    (answer,) = books.batch(customer("One", "x" * 11), requestid="k")
    assert answer["Fault"]["Error"][0]["code"] == "2130"


def test_another_company_has_ids_of_its_own(books, us_books):
    body = {"DisplayName": "One"}
    first = books.create("Customer", body, requestid="k")
    other = us_books.create("Customer", body, requestid="k")
    assert (first["CurrencyRef"]["value"], other["CurrencyRef"]["value"]) == (
        "EUR",
        "USD",
    )


def test_late_write_is_there_after_the_client_gave_up(books):
    rule = {"action": "late", "match": "write Customer"}
    later = {"action": "hold", "stage": "after", "match": "write Customer"}
    books.control("faults", [rule, later])
    with pytest.raises(http.client.RemoteDisconnected):
        books.create("Customer", {"DisplayName": "Late"})
    (held,) = books.control("held?wait=10")["held"]
    assert (held["stage"], count(books, "Late")) == ("before", 0)
    books.control("release", {"id": held["id"]})
    (held,) = books.control("held?wait=10")["held"]
    assert (held["stage"], count(books, "Late")) == ("after", 1)


@pytest.mark.parametrize(("done", "there"), [(False, 0), (True, 1)])
def test_item_fails_with_its_work_done_or_not(books, done, there):
    books.do("fail_items", count=1, done=done)
    items = [customer("One", "1"), customer("Two", "2")]
    answers = books.batch(*items, requestid="k")
    assert answers[0]["Fault"]["type"] == "SystemFault"
    assert "Customer" in answers[1]
    assert count(books, "One") == there
    answers = books.batch(*items, requestid="k")
    assert [answer["Customer"]["DisplayName"] for answer in answers] == ["One", "Two"]


def test_failing_items_need_a_known_code(books):
    body = b'{"count":1,"code":"1"}'
    assert (
        send(f"{books.url}/_sandbox/do/fail_items", method="POST", body=body)[0] == 400
    )
