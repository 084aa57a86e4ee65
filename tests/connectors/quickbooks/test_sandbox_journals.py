from __future__ import annotations

import pytest


def side(books, posting, account, amount, **detail):
    values = {"PostingType": posting, "AccountRef": books.ref("Account", account)}
    return {
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {**values, **detail},
    }


@pytest.fixture
def entry(books):
    """A balanced entry that divides 10.00 over two accounts."""
    return {
        "DocNumber": "J1",
        "TxnDate": "2026-01-05",
        "Line": [
            side(books, "Debit", "Till cash Markt", 6),
            side(books, "Debit", "Till cards Markt", 4),
            side(books, "Credit", "Split tenders", 10),
        ],
    }


def test_entry_moves_the_accounts(books, entry):
    made = books.create("JournalEntry", entry)
    assert made["TotalAmt"] == 0
    assert [line["Id"] for line in made["Line"]] == ["0", "1", "2"]
    balances = books.do("trial_balance")["accounts"]
    assert balances["Till cash Markt"] == "6.00"
    assert balances["Split tenders"] == "-10.00"


def test_entry_is_updated_and_deleted(books, entry):
    made = books.create("JournalEntry", entry)
    entry["Line"] = entry["Line"][:1] + [side(books, "Credit", "Split tenders", 6)]
    body = {**entry, "Id": made["Id"], "SyncToken": made["SyncToken"]}
    changed = books.create("JournalEntry", body)
    assert changed["SyncToken"] == "1"
    assert books.do("trial_balance")["accounts"]["Split tenders"] == "-6.00"
    body = {"Id": made["Id"], "SyncToken": "1"}
    answer = books.post("journalentry", body, operation="delete")
    assert answer["JournalEntry"]["status"] == "Deleted"
    assert books.do("trial_balance")["accounts"] == {}


def test_entry_cannot_be_voided(books, entry):
    made = books.create("JournalEntry", entry)
    body = {"Id": made["Id"], "SyncToken": "0"}
    assert books.refuse("journalentry", body, operation="void")["code"] == "500"


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ({"PostingType": None}, "2260"),
        ({"PostingType": "Sideways"}, "2170"),
        ({"AccountRef": None}, "2020"),
        ({"AccountRef": {"value": "999"}}, "2500"),
        ({"TaxCodeRef": {"value": "1"}}, "2270"),
        ({"TaxCodeRef": {"value": "1"}, "TaxApplicableOn": "Sales"}, "2280"),
        ({"ClassRef": {"value": "1"}}, "6000"),
    ],
)
def test_bad_line_is_refused(books, entry, detail, code):
    entry["Line"][0]["JournalEntryLineDetail"].update(detail)
    assert books.refuse("journalentry", entry)["code"] == code


@pytest.mark.parametrize(
    ("amount", "code"), [(7, "2300"), (-6, "2290"), (None, "2020")]
)
def test_bad_amount_is_refused(books, entry, amount, code):
    entry["Line"][0]["Amount"] = amount
    assert books.refuse("journalentry", entry)["code"] == code


def test_one_line_is_too_few(books, entry):
    entry["Line"] = entry["Line"][:1]
    assert books.refuse("journalentry", entry)["code"] == "2250"


def test_receivables_need_a_customer(books, entry):
    account = "Accounts Receivable (A/R)"
    entry["Line"][2] = side(books, "Credit", account, 10)
    assert books.refuse("journalentry", entry)["code"] == "6000"
    entity = {"Type": "Customer", "EntityRef": books.ref("Customer", "Anna de Vries")}
    entry["Line"][2] = side(books, "Credit", account, 10, Entity=entity)
    books.create("JournalEntry", entry)
    assert books.get("customer/3")["Customer"]["Balance"] == -10


def test_tax_is_booked_by_the_service(books):
    tax = {
        "TaxCodeRef": books.ref("TaxCode", "VAT 21%"),
        "TaxApplicableOn": "Sales",
        "TaxAmount": 21,
    }
    lines = [
        side(books, "Debit", "Drawings", 121),
        side(books, "Credit", "Purchases", 100, **tax),
    ]
    books.create("JournalEntry", {"Line": lines})
    balances = books.do("trial_balance")["accounts"]
    assert balances["VAT Control"] == "-21.00"
    assert balances["Purchases"] == "-100.00"


def test_number_stays_empty_unless_asked_for(books, entry):
    del entry["DocNumber"]
    assert "DocNumber" not in books.create("JournalEntry", entry)
    made = books.create("JournalEntry", entry, include="allowautodocnum")
    assert made["DocNumber"] == "1001"


def test_same_number_is_refused_only_when_the_company_wants_it(books, entry):
    books.create("JournalEntry", entry)
    books.create("JournalEntry", entry)
    warn = [{"Name": "WarnDuplicateJournalNumber", "Value": "true"}]
    books.do("set_preferences", preferences={"OtherPrefs": {"NameValue": warn}})
    error = books.refuse("journalentry", entry)
    assert "TxnType=Journal Entry" in error["Detail"]


def test_line_of_text_only_posts_nothing(books, entry):
    entry["Line"].append({"DetailType": "DescriptionOnly", "Description": "x"})
    assert len(books.create("JournalEntry", entry)["Line"]) == 4


def test_tax_on_purchases_has_the_codes_purchase_rate(books):
    tax = {
        "TaxCodeRef": books.ref("TaxCode", "VAT 21%"),
        "TaxApplicableOn": "Purchase",
        "TaxAmount": 21,
    }
    lines = [
        side(books, "Credit", "Till cash Markt", 121),
        side(books, "Debit", "Petty expenses", 100, **tax),
    ]
    books.create("JournalEntry", {"Line": lines})
    assert books.do("trial_balance")["accounts"]["VAT Control"] == "21.00"
    rates = {each["tax_rate"] for each in books.do("ledger")["lines"]} - {""}
    names = {books.get(f"taxrate/{rate}")["TaxRate"]["Name"] for rate in rates}
    assert names == {"VAT 21% (purchases)"}


def test_tax_on_a_side_the_code_has_no_rate_for_is_refused(books, entry):
    body = {
        "TaxCode": "Sales only",
        "TaxRateDetails": [
            {
                "TaxRateName": "Sales only",
                "RateValue": "21",
                "TaxAgencyId": "1",
                "TaxApplicableOn": "Sales",
            }
        ],
    }
    made = books.post("taxservice/taxcode", body)
    tax = {
        "TaxCodeRef": {"value": made["TaxCodeId"]},
        "TaxApplicableOn": "Purchase",
        "TaxAmount": 0,
    }
    entry["Line"][0]["JournalEntryLineDetail"].update(tax)
    assert books.refuse("journalentry", entry)["code"] == "6000"


def test_tax_may_be_in_the_lines_amount(books):
    books.switch(journal_tax="inside")
    tax = {
        "TaxCodeRef": books.ref("TaxCode", "VAT 21%"),
        "TaxApplicableOn": "Sales",
        "TaxAmount": 21,
    }
    drawings = side(books, "Debit", "Drawings", 121)
    net = [drawings, side(books, "Credit", "Purchases", 100, **tax)]
    assert books.refuse("journalentry", {"Line": net})["code"] == "2300"
    gross = [drawings, side(books, "Credit", "Purchases", 121, **tax)]
    books.create("JournalEntry", {"Line": gross})
    balances = books.do("trial_balance")["accounts"]
    assert balances["VAT Control"] == "-21.00"
    assert balances["Purchases"] == "-100.00"
