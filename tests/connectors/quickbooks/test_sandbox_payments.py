from __future__ import annotations

import pytest


@pytest.fixture
def item(books):
    return books.item()


@pytest.fixture
def customer(books):
    return books.ref("Customer", "Anna de Vries")


def make(books, entity, item, customer, amount, **values):
    line = books.line(item, amount, code="No VAT")
    return books.create(entity, {"CustomerRef": customer, "Line": [line], **values})


def pay(customer, total, *links, **values):
    """A payment body; links are (document, type, amount)."""
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": kind}]}
        for made, kind, amount in links
    ]
    return {"CustomerRef": customer, "TotalAmt": total, "Line": lines, **values}


def read(books, entity, made):
    return books.get(f"{entity.lower()}/{made['Id']}")[entity]


def test_payments_bring_the_balance_down(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 100)
    till = books.ref("Account", "Till cards Markt")
    for number, part in enumerate((60, 40), 1):
        body = pay(customer, part, (invoice, "Invoice", part), DepositToAccountRef=till)
        made = books.create("Payment", {**body, "PaymentRefNum": f"R1/{number}"})
        assert made["UnappliedAmt"] == 0
    found = read(books, "Invoice", invoice)
    assert found["Balance"] == 0
    assert [link["TxnType"] for link in found["LinkedTxn"]] == ["Payment", "Payment"]
    accounts = books.do("trial_balance")["accounts"]
    assert accounts["Till cards Markt"] == "100.00"
    found = books.query("select * from Payment where PaymentRefNum in ('R1/1', 'R1/2')")
    assert len(found["Payment"]) == 2


@pytest.mark.parametrize(("switch", "version"), [(True, "1"), (False, "0")])
def test_payment_makes_a_new_version_of_the_invoice(
    books, item, customer, switch, version
):
    books.switch(links_bump_version=switch)
    invoice = make(books, "Invoice", item, customer, 100)
    books.create("Payment", pay(customer, 5, (invoice, "Invoice", 5)))
    assert read(books, "Invoice", invoice)["SyncToken"] == version


def test_payment_without_lines_is_the_customers_credit(books, customer):
    made = books.create("Payment", {"CustomerRef": customer, "TotalAmt": 25})
    assert (made["UnappliedAmt"], made["Line"]) == (25, [])
    assert made["DepositToAccountRef"]["name"] == "Undeposited Funds"
    assert books.get("customer/3")["Customer"]["Balance"] == -25


def test_credit_memo_is_applied_by_a_payment_of_zero(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 100)
    credit = make(books, "CreditMemo", item, customer, 30)
    links = [(invoice, "Invoice", 30), (credit, "CreditMemo", 30)]
    made = books.create("Payment", pay(customer, 0, *links))
    assert made["UnappliedAmt"] == 0
    assert read(books, "Invoice", invoice)["Balance"] == 70
    found = read(books, "CreditMemo", credit)
    assert (found["RemainingCredit"], found["Balance"]) == (0, 0)
    assert books.get("customer/3")["Customer"]["Balance"] == 70


def test_payment_with_a_credit_pays_more_than_its_total(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 20)
    credit = make(books, "CreditMemo", item, customer, 10)
    links = [(invoice, "Invoice", 20), (credit, "CreditMemo", 10)]
    assert books.create("Payment", pay(customer, 10, *links))["UnappliedAmt"] == 0


@pytest.mark.parametrize(
    ("total", "applied", "code"), [(5, 10, "6000"), (200, 101, "620"), (5, -5, "2290")]
)
def test_wrong_amount_is_refused(books, item, customer, total, applied, code):
    invoice = make(books, "Invoice", item, customer, 100)
    body = pay(customer, total, (invoice, "Invoice", applied))
    assert books.refuse("payment", body)["code"] == code
    assert read(books, "Invoice", invoice)["Balance"] == 100


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"TotalAmt": 5}, "2020"),
        ({"CustomerRef": {"value": "3"}}, "2020"),
        ({"CustomerRef": {"value": "3"}, "TotalAmt": -5}, "2290"),
        (
            {"CustomerRef": {"value": "3"}, "TotalAmt": 5, "PaymentRefNum": "x" * 22},
            "2050",
        ),
        (
            {"CustomerRef": {"value": "3"}, "TotalAmt": 5, "Line": [{"Amount": 5}]},
            "620",
        ),
        (pay({"value": "3"}, 5, ({"Id": "99"}, "Invoice", 5)), "620"),
        (pay({"value": "3"}, 5, ({"Id": "99"}, "Estimate", 5)), "620"),
        (pay({"value": "3"}, 5, ({"Id": "99"}, "Invoice", None)), "2020"),
    ],
)
def test_bad_payment_is_refused(books, body, code):
    assert books.refuse("payment", body)["code"] == code


def test_payment_to_a_liability_is_refused(books, customer):
    account = books.ref("Account", "Gift cards outstanding")
    body = pay(customer, 5, DepositToAccountRef=account)
    assert books.refuse("payment", body)["code"] == "6430"


def test_invoice_of_another_customer_cannot_be_paid(books, item, customer):
    other = books.ref("Customer", "Bakkerij Het Stoepje")
    invoice = make(books, "Invoice", item, other, 100)
    error = books.refuse("payment", pay(customer, 5, (invoice, "Invoice", 5)))
    assert (error["code"], error["Message"]) == ("620", "Transaction cannot be linked")


def test_update_replaces_all_links(books, item, customer):
    invoices = [make(books, "Invoice", item, customer, 100) for _ in range(2)]
    made = books.create("Payment", pay(customer, 100, (invoices[0], "Invoice", 100)))
    body = pay(customer, 100, (invoices[1], "Invoice", 70))
    changed = books.create("Payment", {**body, "Id": made["Id"], "SyncToken": "0"})
    assert changed["UnappliedAmt"] == 30
    assert [read(books, "Invoice", each)["Balance"] for each in invoices] == [100, 30]


def test_update_may_apply_the_same_amount_again(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 100)
    body = pay(customer, 100, (invoice, "Invoice", 100))
    made = books.create("Payment", body)
    books.create("Payment", {**body, "Id": made["Id"], "SyncToken": "0"})
    assert read(books, "Invoice", invoice)["Balance"] == 0


def test_failed_update_leaves_the_links(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 100)
    made = books.create("Payment", pay(customer, 60, (invoice, "Invoice", 60)))
    body = pay(customer, 200, (invoice, "Invoice", 200), Id=made["Id"], SyncToken="0")
    assert books.refuse("payment", body)["code"] == "620"
    found = read(books, "Invoice", invoice)
    assert (found["Balance"], found["SyncToken"]) == (40, "1")


@pytest.mark.parametrize(
    "query", [{"operation": "delete"}, {"operation": "update", "include": "void"}]
)
def test_payment_that_is_gone_opens_the_invoice(books, item, customer, query):
    invoice = make(books, "Invoice", item, customer, 100)
    made = books.create("Payment", pay(customer, 60, (invoice, "Invoice", 60)))
    body = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    books.post("payment", body, **query)
    found = read(books, "Invoice", invoice)
    assert (found["Balance"], found["LinkedTxn"]) == (100, [])
    assert books.get("customer/3")["Customer"]["Balance"] == 100


def test_paid_invoice_cannot_be_deleted(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 100)
    books.create("Payment", pay(customer, 60, (invoice, "Invoice", 60)))
    body = {"Id": invoice["Id"], "SyncToken": "1"}
    assert books.refuse("invoice", body, operation="delete")["code"] == "6000"


def test_voided_invoice_frees_its_payments(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 100)
    made = books.create("Payment", pay(customer, 60, (invoice, "Invoice", 60)))
    body = {"Id": invoice["Id"], "SyncToken": "1"}
    gone = books.create("Invoice", body, operation="void")
    assert (gone["Balance"], gone["LinkedTxn"]) == (0, [])
    found = read(books, "Payment", made)
    assert (found["UnappliedAmt"], found["Line"]) == (60, [])


def test_paid_invoice_keeps_what_was_paid_when_changed(books, item, customer):
    invoice = make(books, "Invoice", item, customer, 100)
    books.create("Payment", pay(customer, 60, (invoice, "Invoice", 60)))
    body = {"Id": invoice["Id"], "SyncToken": "1", "sparse": True}
    lines = [books.line(item, 110, code="No VAT")]
    changed = books.create("Invoice", {**body, "Line": lines})
    assert (changed["Balance"], changed["SyncToken"]) == (50, "2")
    body["SyncToken"] = "2"
    body["Line"] = [books.line(item, 50, code="No VAT")]
    assert books.refuse("invoice", body)["code"] == "6000"


@pytest.mark.parametrize("first", ["Invoice", "CreditMemo"])
def test_company_applies_credits_by_itself(books, item, customer, first):
    books.switch(auto_apply_credit=True)
    amounts = {"Invoice": 100, "CreditMemo": 30}
    second = "CreditMemo" if first == "Invoice" else "Invoice"
    made = {
        entity: make(books, entity, item, customer, amounts[entity])
        for entity in (first, second)
    }
    assert read(books, "Invoice", made["Invoice"])["Balance"] == 70
    assert read(books, "CreditMemo", made["CreditMemo"])["RemainingCredit"] == 0
    (payment,) = books.query("select * from Payment")["Payment"]
    assert payment["TotalAmt"] == 0
    preferences = books.get("preferences")["Preferences"]["SalesFormsPrefs"]
    assert preferences["AutoApplyCredit"] is True


def test_credit_goes_to_the_oldest_invoices_first(books, item, customer):
    books.switch(auto_apply_credit=True)
    invoices = [
        make(books, "Invoice", item, customer, 20, TxnDate=day)
        for day in ("2026-03-01", "2026-01-01", "2026-02-01")
    ]
    make(books, "CreditMemo", item, customer, 30)
    found = [read(books, "Invoice", invoice)["Balance"] for invoice in invoices]
    assert found == [20, 0, 10]


def give_back(books, customer, amount):
    """An entry that puts an amount on the customer's account."""
    owed = books.ref("Account", "Accounts Receivable (A/R)")
    till = books.ref("Account", "Till cards Markt")
    entity = {"Type": "Customer", "EntityRef": customer}
    sides = (("Debit", owed, {"Entity": entity}), ("Credit", till, {}))
    lines = [
        {
            "Amount": amount,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": s, "AccountRef": a, **more},
        }
        for s, a, more in sides
    ]
    return books.create("JournalEntry", {"Line": lines})


def join(customer, entry, credit, amount, line="0"):
    """A payment of 0.00 that applies a credit to an entry."""
    body = pay(
        customer, 0, (entry, "JournalEntry", amount), (credit, "CreditMemo", amount)
    )
    body["Line"][0]["LinkedTxn"][0]["TxnLineId"] = line
    return body


def test_a_credit_is_applied_to_an_entry_on_the_customers_account(
    books, item, customer
):
    entry, credit = (
        give_back(books, customer, 40),
        make(books, "CreditMemo", item, customer, 100),
    )
    made = books.create("Payment", join(customer, entry, credit, 40))
    assert made["UnappliedAmt"] == 0
    assert read(books, "CreditMemo", credit)["Balance"] == 60


@pytest.mark.parametrize(("amount", "line"), [(41, "0"), (40, "")])
def test_an_entry_takes_no_more_than_it_has_and_is_named_by_its_line(
    books, item, customer, amount, line
):
    entry, credit = (
        give_back(books, customer, 40),
        make(books, "CreditMemo", item, customer, 100),
    )
    body = join(customer, entry, credit, amount, line)
    assert books.refuse("payment", body)["code"] == "620"
