"""Whatever is sent, the sandbox accepts it or refuses it with a fault."""

from __future__ import annotations

import contextlib
import copy
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.quickbooks.sandbox.apifaults import ApiError
from connectors.quickbooks.sandbox.app import QuickBooksSandbox
from connectors.quickbooks.sandbox.batch import write
from connectors.quickbooks.sandbox.render import to_json, to_xml
from connectors.quickbooks.sandbox.schema import ENTITIES
from connectors.quickbooks.sandbox.seed import GLOBAL_REALM, US_REALM

LINE = {
    "Id": "1",
    "Amount": 10,
    "Description": "x",
    "DetailType": "SalesItemLineDetail",
    "SalesItemLineDetail": {
        "ItemRef": {"value": "1"},
        "Qty": 2,
        "UnitPrice": 5,
        "TaxCodeRef": {"value": "1"},
        "TaxInclusiveAmt": 12.1,
    },
}
SALE = {
    "DocNumber": "R1",
    "TxnDate": "2026-01-05",
    "CustomerRef": {"value": "1"},
    "DepositToAccountRef": {"value": "9"},
    "GlobalTaxCalculation": "TaxInclusive",
    "TxnTaxDetail": {
        "TotalTax": 2.1,
        "TaxLine": [
            {
                "Amount": 2.1,
                "DetailType": "TaxLineDetail",
                "TaxLineDetail": {"TaxRateRef": {"value": "1"}},
            }
        ],
    },
    "Line": [LINE, {"DetailType": "DescriptionOnly", "Description": "y"}],
}
DISCOUNT = {
    "DetailType": "DiscountLineDetail",
    "DiscountLineDetail": {
        "PercentBased": True,
        "DiscountPercent": 10,
        "TaxCodeRef": {"value": "1"},
    },
}
SIDE = {
    "Amount": 5,
    "DetailType": "JournalEntryLineDetail",
    "JournalEntryLineDetail": {
        "PostingType": "Debit",
        "AccountRef": {"value": "9"},
        "Entity": {"Type": "Customer", "EntityRef": {"value": "1"}},
        "TaxCodeRef": {"value": "1"},
        "TaxApplicableOn": "Sales",
        "TaxAmount": 1,
    },
}
LINK = {"Amount": 5, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}
BODIES = {
    "Customer": {
        "DisplayName": "A",
        "PrimaryEmailAddr": {"Address": "a@b.example"},
        "ParentRef": {"value": "1"},
        "CurrencyRef": {"value": "EUR"},
    },
    "Item": {
        "Name": "B",
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 1,
        "InvStartDate": "2026-01-01",
        "IncomeAccountRef": {"value": "4"},
        "ExpenseAccountRef": {"value": "6"},
        "AssetAccountRef": {"value": "3"},
        "ParentRef": {"value": "2"},
    },
    "Account": {"Name": "C", "AccountType": "Bank", "AccountSubType": "Checking"},
    "Term": {"Name": "D", "DueDays": 5},
    "SalesReceipt": SALE,
    "Invoice": {**SALE, "SalesTermRef": {"value": "1"}},
    "CreditMemo": {**SALE, "Line": [LINE, DISCOUNT]},
    "RefundReceipt": {**SALE, "PrintStatus": "PrintComplete"},
    "Payment": {"CustomerRef": {"value": "1"}, "TotalAmt": 5, "Line": [LINK]},
    "JournalEntry": {"TxnDate": "2026-01-05", "Line": [SIDE, SIDE]},
}
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 100),
    st.sampled_from(["", "1", "x", "NaN", "1e400", "-1", "2026-01-05", "EUR", [], {}]),
    st.sampled_from(
        [[{}], {"value": "1"}, {"value": None}, [None], [[1]], Decimal("1e9")]
    ),
)


def paths(value, here=()):
    """Every place in a body."""
    yield here
    children = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        children = enumerate(value)
    for key, inner in children:
        yield from paths(inner, (*here, key))


def put(body, path, value):
    target = body
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = copy.deepcopy(value)


def attempt(company, entity, body):
    """The object, or None when it is refused."""
    with contextlib.suppress(ApiError):
        return write(company, ENTITIES[entity], body, operation="", include="")
    return None


@pytest.mark.parametrize("realm", [GLOBAL_REALM, US_REALM])
@pytest.mark.parametrize("entity", sorted(BODIES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_body_is_accepted_or_refused(entity, realm, data):
    company = QuickBooksSandbox().companies[realm]
    base = {"Name": "Bread", "Type": "Service", "IncomeAccountRef": {"value": "4"}}
    attempt(company, "Item", base)
    body = copy.deepcopy(BODIES[entity])
    for _ in range(data.draw(st.integers(1, 2))):
        places = [path for path in paths(body) if path]
        put(body, data.draw(st.sampled_from(places)), data.draw(junk))
    made = attempt(company, entity, body)
    if made is None:
        return
    assert json.loads(to_json(made))["Id"]
    assert to_xml(made)
    changed = {**body, "Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True}
    attempt(company, entity, changed)


def test_preferences_that_are_not_sent_stay(books):
    sent = {"Id": "1", "SyncToken": "0", "ReportPrefs": {"ReportBasis": "Cash"}}
    changed = books.create("Preferences", sent)
    assert changed["ReportPrefs"]["ReportBasis"] == "Cash"
    assert changed["SalesFormsPrefs"]["CustomTxnNumbers"] is True
    assert changed["CurrencyPrefs"]["HomeCurrency"]["value"] == "EUR"


def test_company_keeps_its_country(books):
    sent = {"Id": "1", "SyncToken": "0", "CompanyName": "New name", "Country": "US"}
    changed = books.create("CompanyInfo", sent)
    assert (changed["CompanyName"], changed["Country"]) == ("New name", "NL")
