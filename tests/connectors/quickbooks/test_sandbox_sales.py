from __future__ import annotations

import pytest


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
