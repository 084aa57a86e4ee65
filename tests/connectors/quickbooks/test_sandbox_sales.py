from __future__ import annotations

import pytest

from tests.connectors.quickbooks.test_sandbox_lists import inventory_item


@pytest.fixture
def item(books):
    return books.item()


@pytest.fixture
def sale(books, item):
    """A sales receipt of 121.00."""
    return {
        "DocNumber": "R1",
        "TxnDate": "2026-01-05",
        "GlobalTaxCalculation": "TaxInclusive",
        "CustomerRef": books.ref("Customer", "Counter sales"),
        "DepositToAccountRef": books.ref("Account", "Till cash Centrum"),
        "PaymentMethodRef": books.ref("PaymentMethod", "Cash"),
        "DepartmentRef": books.ref("Department", "Centrum"),
        "PrivateNote": "note",
        "Line": [books.line(item, 100, gross=121, Qty=1)],
    }


@pytest.fixture
def invoice(books, sale):
    """An invoice of 121.00 to a customer."""
    body = {**sale, "CustomerRef": books.ref("Customer", "Anna de Vries")}
    del body["DepositToAccountRef"], body["PaymentMethodRef"]
    return body


def update(books, entity, made, **values):
    body = {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True, **values}
    return books.create(entity, body, operation="update")


def balances(books):
    return books.do("trial_balance")["accounts"]


def test_sales_receipt_posts_to_income_tax_and_till(books, sale):
    made = books.create("SalesReceipt", sale)
    assert (made["TotalAmt"], made["Balance"]) == (121, 0)
    assert made["DepositToAccountRef"]["name"] == "Till cash Centrum"
    assert balances(books) == {
        "Till cash Centrum": "121.00",
        "Sales": "-100.00",
        "VAT Control": "-21.00",
    }


def test_ledger_names_document_account_and_tax(books, sale):
    made = books.create("SalesReceipt", sale)
    lines = books.do("ledger")["lines"]
    income = next(line for line in lines if line["account"] == "Sales")
    assert income["credit"] == "100.00"
    assert (income["txn_type"], income["txn_id"]) == ("SalesReceipt", made["Id"])
    assert (income["doc_number"], income["date"]) == ("R1", "2026-01-05")
    assert income["tax_code"] == books.id_of("TaxCode", "VAT 21%")
    assert income["department"] == books.id_of("Department", "Centrum")


def test_refund_receipt_posts_the_other_way(books, sale):
    books.create("RefundReceipt", sale)
    assert balances(books)["Till cash Centrum"] == "-121.00"
    assert balances(books)["Sales"] == "100.00"


def test_invoice_is_owed_and_has_a_due_date(books, invoice):
    terms = books.ref("Term", "Net 14")
    made = books.create("Invoice", {**invoice, "SalesTermRef": terms})
    assert (made["Balance"], made["DueDate"]) == (121, "2026-01-19")
    assert balances(books)["Accounts Receivable (A/R)"] == "121.00"
    assert books.get("customer/3")["Customer"]["Balance"] == 121


def test_credit_memo_lowers_what_is_owed(books, invoice):
    made = books.create("CreditMemo", invoice)
    assert (made["RemainingCredit"], made["Balance"]) == (121, 121)
    assert books.get("customer/3")["Customer"]["Balance"] == -121


def test_account_shows_its_balance(books, sale):
    books.create("SalesReceipt", sale)
    found = books.query("select * from Account where CurrentBalance > '0'")
    shown = {each["Name"]: each["CurrentBalance"] for each in found["Account"]}
    assert shown == {"Till cash Centrum": 121, "VAT Control": 21}


def test_anonymous_sale_goes_to_undeposited_funds(books, sale):
    for field in ("CustomerRef", "DepositToAccountRef"):
        del sale[field]
    made = books.create("SalesReceipt", sale)
    assert made["DepositToAccountRef"]["name"] == "Undeposited Funds"


def test_date_is_the_servers_when_none_is_sent(books, sale):
    del sale["TxnDate"]
    made = books.create("SalesReceipt", sale)
    assert made["TxnDate"] == made["MetaData"]["CreateTime"][:10]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Line": []}, "2250"),
        ({"CustomerRef": {"value": "99"}}, "2500"),
        ({"DepositToAccountRef": {"value": "999"}}, "2500"),
        ({"DepositToAccountRef": "Gift cards outstanding"}, "6430"),
        ({"PaymentMethodRef": {"value": "99"}}, "2500"),
        ({"DepartmentRef": {"value": "99"}}, "2500"),
        ({"ClassRef": {"value": "1"}}, "6000"),
        ({"DocNumber": "x" * 22}, "2050"),
        ({"PaymentRefNum": "x" * 22}, "2050"),
        ({"TxnDate": "2026-02-30"}, "2060"),
        ({"CurrencyRef": {"value": "USD"}}, "2220"),
        ({"GlobalTaxCalculation": "TaxIncluded"}, "2170"),
        ({"EmailStatus": "NeedToSend"}, "6420"),
        ({"Colour": "red"}, "2010"),
    ],
)
def test_bad_receipt_is_refused(books, sale, values, code):
    account = values.get("DepositToAccountRef")
    if isinstance(account, str):
        values = {"DepositToAccountRef": books.ref("Account", account)}
    assert books.refuse("salesreceipt", {**sale, **values})["code"] == code


@pytest.mark.parametrize(
    ("entity", "field"),
    [
        ("invoice", "CustomerRef"),
        ("creditmemo", "CustomerRef"),
        ("refundreceipt", "DepositToAccountRef"),
    ],
)
def test_missing_reference_is_named(books, sale, entity, field):
    del sale[field]
    error = books.refuse(entity, sale)
    assert (error["code"], error["element"]) == ("2020", field)


def test_unknown_reference_names_the_list_and_the_id(books, sale):
    sale["CustomerRef"] = {"value": "583"}
    detail = books.refuse("salesreceipt", sale)["Detail"]
    assert "Names element id 583 not found" in detail
    sale["CustomerRef"] = None
    sale["DepositToAccountRef"] = {"value": "555"}
    detail = books.refuse("salesreceipt", sale)["Detail"]
    assert "Accounts element id 555 not found" in detail


@pytest.mark.parametrize(
    ("entity", "name"),
    [
        ("Account", "Till cash Centrum"),
        ("Customer", "Counter sales"),
        ("Item", "Bread"),
    ],
)
def test_inactive_reference_is_refused(books, sale, entity, name):
    books.do("deactivate", entity=entity, id=books.id_of(entity, name))
    error = books.refuse("salesreceipt", sale)
    assert error["code"] == "2500"
    assert "has been made inactive" in error["Detail"]


def test_reactivated_reference_works_again(books, sale):
    key = sale["CustomerRef"]["value"]
    books.do("deactivate", entity="Customer", id=key)
    books.do("activate", entity="Customer", id=key)
    made = books.create("SalesReceipt", sale)
    assert made["CustomerRef"]["name"] == "Counter sales"


def test_wrong_name_in_a_reference_is_replaced(books, sale):
    sale["CustomerRef"]["name"] = "Somebody else"
    made = books.create("SalesReceipt", sale)
    assert made["CustomerRef"]["name"] == "Counter sales"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Amount": None}, "2020"),
        ({"Amount": "many"}, "2110"),
        ({"Amount": True}, "2110"),
        ({"Amount": 1e12}, "2110"),
        ({"DetailType": None}, "2020"),
        ({"DetailType": "JournalEntryLineDetail"}, "2170"),
        ({"DetailType": "Nothing"}, "2170"),
        ({"Description": "x" * 4001}, "2050"),
        ({"Colour": "red"}, "2010"),
    ],
)
def test_bad_line_is_refused(books, sale, values, code):
    sale["Line"][0].update(values)
    assert books.refuse("salesreceipt", sale)["code"] == code


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "accepted"),
    [
        (2, 50, 100, True),
        (128.350, 14.50, 1861.08, True),
        (128.350, 14.50, 1861.07, False),
        (-3, 33.335, -100.01, True),
        (0, 0, 100, True),
        (2, 0, 100, True),
        (0, 5, 100, True),
    ],
)
def test_amount_is_quantity_times_price(books, item, quantity, price, amount, accepted):
    line = books.line(item, amount, code="No VAT", Qty=quantity, UnitPrice=price)
    filler = books.line(item, 5000, code="No VAT")
    status, _, text = books.call("salesreceipt", {"Line": [line, filler]})
    assert (status == 200) is accepted
    assert accepted or '"6070"' in text


def test_category_is_no_item(books, sale):
    category = books.create("Item", {"Name": "Food", "Type": "Category"})
    sale["Line"][0]["SalesItemLineDetail"]["ItemRef"] = {"value": category["Id"]}
    error = books.refuse("salesreceipt", sale)
    assert "set up as a category" in error["Detail"]


def test_text_line_and_line_without_item_are_accepted(books, sale, item):
    sale["Line"].append({"DetailType": "DescriptionOnly", "Description": "Thanks"})
    line = books.line(item, 10, gross=12.1)
    del line["SalesItemLineDetail"]["ItemRef"]
    sale["Line"].append(line)
    made = books.create("SalesReceipt", sale)
    kinds = [line["DetailType"] for line in made["Line"]]
    assert kinds[1:] == ["DescriptionOnly", "SalesItemLineDetail", "SubTotalLineDetail"]
    assert balances(books)["Sales of Product Income"] == "-10.00"


def test_subtotal_stands_before_the_discount(books, item):
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {
            "PercentBased": True,
            "DiscountPercent": 10,
            "TaxCodeRef": books.ref("TaxCode", "VAT 21%"),
        },
    }
    made = books.create("SalesReceipt", {"Line": [discount, books.line(item, 100)]})
    assert made["Line"][0]["DetailType"] == "SubTotalLineDetail"
    made = books.create("SalesReceipt", {"Line": [books.line(item, 100), discount]})
    found = [(line["DetailType"], line["Amount"]) for line in made["Line"]]
    assert found == [
        ("SalesItemLineDetail", 100),
        ("SubTotalLineDetail", 100),
        ("DiscountLineDetail", 10),
    ]
    assert made["TotalAmt"] == 108.9
    assert balances(books)["Discounts given"] == "10.00"


def test_discounts_must_be_turned_on(books, item):
    books.do(
        "set_preferences", preferences={"SalesFormsPrefs": {"AllowDiscount": False}}
    )
    line = {"Amount": 1, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}
    body = {"Line": [books.line(item, 100), line]}
    assert books.refuse("salesreceipt", body)["code"] == "6000"


def test_total_may_not_be_negative(books, item):
    body = {"Line": [books.line(item, -1, code="No VAT")]}
    error = books.refuse("salesreceipt", body)
    assert (error["code"], error["element"]) == ("6000", "")


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
