from __future__ import annotations

import pytest

from tests.connectors.quickbooks.test_sandbox_items import inventory_item


def update(books, entity, made, **values):
    body = {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True, **values}
    return books.create(entity, body, operation="update")


def balances(books):
    return books.do("trial_balance")["accounts"]


@pytest.mark.parametrize("entity", ["SalesReceipt", "RefundReceipt"])
def test_zero_total_is_accepted_or_refused(books, sale, item, entity):
    sale["Line"] = [
        books.line(item, 10, gross=10, code="No VAT"),
        books.line(item, -10, gross=-10, code="No VAT"),
    ]
    assert books.create(entity, sale)["TotalAmt"] == 0
    books.switch(zero_total="refused")
    error = books.refuse(entity.lower(), {**sale, "DocNumber": "R2"})
    assert error["Detail"].endswith("You must set a transaction amount.")


def test_negative_line_on_a_refund_is_accepted_or_refused(books, sale, item):
    sale["Line"].append(books.line(item, -1, gross=-1, code="No VAT"))
    assert books.create("RefundReceipt", sale)["TotalAmt"] == 120
    books.switch(refund_negative_lines="refused")
    assert books.refuse("refundreceipt", {**sale, "DocNumber": "R2"})["code"] == "2290"


def test_same_number_names_the_holder(books, sale):
    made = books.create("SalesReceipt", sale)
    error = books.refuse("salesreceipt", sale)
    expected = (
        f"DocNumber=R1 is assigned to TxnType=Sales Receipt with TxnId={made['Id']}"
    )
    assert error["code"] == "6140"
    assert error["Detail"].endswith(expected)


def test_same_number_on_another_kind_is_accepted(books, sale):
    books.create("SalesReceipt", sale)
    assert books.create("RefundReceipt", sale)["DocNumber"] == "R1"


def test_same_number_is_accepted_where_allowed(books, sale):
    books.create("SalesReceipt", sale)
    books.create("SalesReceipt", sale, include="allowduplicatedocnum")
    books.switch(duplicate_numbers="accepted")
    assert books.create("SalesReceipt", sale)["DocNumber"] == "R1"


def test_own_number_may_be_kept_in_an_update(books, sale):
    made = books.create("SalesReceipt", sale)
    assert update(books, "SalesReceipt", made, PrivateNote="x")["DocNumber"] == "R1"


@pytest.mark.parametrize(
    ("switch", "custom"), [("assigned", False), ("replaced", True)]
)
def test_company_that_numbers_itself_ignores_ours(books, sale, switch, custom):
    books.switch(numbers=switch)
    made = books.create("SalesReceipt", sale)
    assert made["DocNumber"] == "1001"
    assert update(books, "SalesReceipt", made, PrivateNote="x")["DocNumber"] == "1001"
    preferences = books.get("preferences")["Preferences"]["SalesFormsPrefs"]
    assert preferences["CustomTxnNumbers"] is custom


def test_missing_number_is_given_only_without_custom_numbers(books, sale):
    del sale["DocNumber"]
    assert "DocNumber" not in books.create("SalesReceipt", sale)
    books.do(
        "set_preferences", preferences={"SalesFormsPrefs": {"CustomTxnNumbers": False}}
    )
    assert books.create("SalesReceipt", sale)["DocNumber"] == "1001"


def test_closed_period_is_closed_for_everything(books, sale):
    made = books.create("SalesReceipt", sale)
    closed = {"AccountingInfoPrefs": {"BookCloseDate": "2026-01-05"}}
    books.do("set_preferences", preferences=closed)
    error = books.refuse("salesreceipt", {**sale, "DocNumber": "R2"})
    assert error["code"] == "6210"
    assert error["Message"].startswith("Account Period Closed")
    body = {"Id": made["Id"], "SyncToken": "0"}
    moved = {**body, "sparse": True, "TxnDate": "2026-02-01"}
    assert books.refuse("salesreceipt", moved)["code"] == "6210"
    assert books.refuse("salesreceipt", body, operation="delete")["code"] == "6210"
    assert books.refuse("salesreceipt", body, include="void")["code"] == "6210"
    later = {**sale, "DocNumber": "R2", "TxnDate": "2026-01-06"}
    assert books.create("SalesReceipt", later)["TxnDate"] == "2026-01-06"


@pytest.mark.parametrize(
    ("action", "code"), [("deposit", "6540"), ("reconcile", "6480")]
)
def test_document_at_the_bank_is_locked(books, sale, action, code):
    made = books.create("SalesReceipt", sale)
    books.do(action, entity="SalesReceipt", id=made["Id"])
    body = {"Id": made["Id"], "SyncToken": "0"}
    assert books.refuse("salesreceipt", {**body, "sparse": True})["code"] == code
    assert books.refuse("salesreceipt", body, operation="delete")["code"] == code
    assert books.refuse("salesreceipt", body, include="void")["code"] == code


def test_sparse_update_replaces_all_lines(books, sale, item):
    made = books.create("SalesReceipt", sale)
    lines = [*made["Line"][:1], books.line(item, 0.01, gross=0.01, code="No VAT")]
    changed = update(books, "SalesReceipt", made, Line=lines)
    assert changed["TotalAmt"] == 121.01
    assert [line.get("Id") for line in changed["Line"]] == ["1", "2", None]
    assert changed["PrivateNote"] == "note"
    assert balances(books)["Till cash Centrum"] == "121.01"


def test_sparse_update_without_lines_keeps_the_amounts(books, sale):
    made = books.create("SalesReceipt", sale)
    changed = update(books, "SalesReceipt", made, PrivateNote="other")
    assert (changed["TotalAmt"], changed["SyncToken"]) == (121, "1")
    assert changed["Line"] == made["Line"]
    assert changed["TxnTaxDetail"] == made["TxnTaxDetail"]


def test_line_id_that_it_does_not_have_is_replaced(books, sale):
    sale["Line"][0]["Id"] = "77"
    made = books.create("SalesReceipt", sale)
    assert made["Line"][0]["Id"] == "1"


def test_void_keeps_the_document_at_zero(books, sale):
    made = books.create("SalesReceipt", sale)
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    gone = books.create("SalesReceipt", body, operation="update", include="void")
    assert (gone["TotalAmt"], gone["PrivateNote"]) == (0, "Voided - note")
    assert gone["Line"][0]["SalesItemLineDetail"]["Qty"] == 0
    assert (gone["DocNumber"], gone["TxnDate"]) == ("R1", "2026-01-05")
    assert balances(books) == {}
    assert books.refuse("salesreceipt", sale)["code"] == "6140"


def test_deleted_document_is_gone_and_its_number_free(books, sale):
    made = books.create("SalesReceipt", sale)
    body = {"Id": made["Id"], "SyncToken": "0"}
    answer = books.post("salesreceipt", body, operation="delete")["SalesReceipt"]
    assert answer == {"status": "Deleted", "domain": "QBO", "Id": made["Id"]}
    assert books.refuse(f"salesreceipt/{made['Id']}")["code"] == "610"
    assert balances(books) == {}
    assert books.create("SalesReceipt", sale)["Id"] != made["Id"]


def test_failed_update_changes_nothing(books, sale):
    made = books.create("SalesReceipt", sale)
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    body["Line"] = [{**made["Line"][0], "Amount": None}]
    assert books.refuse("salesreceipt", body)["code"] == "2020"
    assert books.get(f"salesreceipt/{made['Id']}")["SalesReceipt"] == made


def test_stale_document_is_refused(books, sale):
    made = books.create("SalesReceipt", sale)
    books.do(
        "edit", entity="SalesReceipt", id=made["Id"], values={"PrivateNote": "mine"}
    )
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert books.refuse("salesreceipt", body)["code"] == "5010"


def test_refund_printed_as_a_cheque_needs_its_number(books, sale):
    sale["PrintStatus"] = "PrintComplete"
    error = books.refuse("refundreceipt", sale)
    assert error["element"] == "PaymentRefNum"
    assert books.create("RefundReceipt", {**sale, "PaymentRefNum": "12"})


def test_stock_item_needs_quantity_and_a_late_enough_date(books, sale):
    made = books.create("Item", inventory_item(books))
    detail = sale["Line"][0]["SalesItemLineDetail"]
    detail["ItemRef"] = {"value": made["Id"]}
    early = {**sale, "TxnDate": "2025-12-31"}
    assert books.refuse("salesreceipt", early)["code"] == "6270"
    assert books.create("SalesReceipt", sale)["TotalAmt"] == 121
    del detail["Qty"]
    assert books.refuse("salesreceipt", {**sale, "DocNumber": "R2"})["code"] == "6520"


def test_too_many_taxed_lines_are_refused(books, item):
    lines = [books.line(item, 1, code="No VAT")] * 751
    assert books.refuse("salesreceipt", {"Line": lines})["code"] == "6000"
