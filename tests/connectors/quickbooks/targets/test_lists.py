from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import Account
from connectors.quickbooks.connector import QuickBooks
from connectors.quickbooks.lists import is_for_sales, make_tax_code
from connectors.quickbooks.targets.options import (
    Span,
    format_history,
    parse_history,
    read_tax_codes,
)
from integration_hub.core.errors import AuthError, UnsupportedError
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Tokens

TODAY = date(2026, 3, 14)


@pytest.mark.parametrize("name", QuickBooks.choice_lists)
def test_every_list_can_be_read(connector: QuickBooks, name: str) -> None:
    for choice in connector.choices(name):
        assert choice.id
        assert choice.name


def test_an_unknown_list_is_refused(connector: QuickBooks) -> None:
    with pytest.raises(UnsupportedError, match="colours"):
        connector.choices("colours")


def test_tax_codes_tell_their_rate(connector: QuickBooks) -> None:
    rates = {c.name: c.facts["rate"] for c in connector.choices("tax_codes")}
    assert rates == {
        "VAT 21%": "21",
        "VAT 9%": "9",
        "VAT 0%": "0",
        "VAT reverse charge": "0",
        "No VAT": "0",
        "VAT EU goods": "0",
        "VAT EU services": "0",
        "VAT export": "0",
        "VAT margin": "0",
    }


def test_money_may_go_only_where_it_can_be_cleared(connector: QuickBooks) -> None:
    types = {c.facts["type"] for c in connector.choices("deposit_accounts")}
    assert types == {"Bank", "Other Current Asset"}


def test_terms_tell_their_days(connector: QuickBooks) -> None:
    days = {c.name: c.facts["days"] for c in connector.choices("terms")}
    assert days["Net 14"] == "14"


RATE = {
    "Id": "3",
    "RateValue": 21,
    "EffectiveTaxRate": [
        {"RateValue": 19, "EffectiveDate": "2001-01-01T00:00:00-08:00"},
        {"RateValue": Decimal("21.0"), "EffectiveDate": "2012-10-01T00:00:00-07:00"},
    ],
}


def code(*rates: str, **facts: Any) -> dict[str, Any]:
    """A TaxCode with these sales rates."""
    details = [{"TaxRateRef": {"value": rate}} for rate in rates]
    return {"Id": "9", "Name": "V", "SalesTaxRateList": {"TaxRateDetail": details}}


def test_the_rate_of_a_day_is_the_latest_that_began() -> None:
    choice = make_tax_code(code("3"), {"3": RATE}, today=TODAY)
    known = read_tax_codes([choice])["9"]
    assert choice.facts["rate"] == "21"
    assert known.rate_id == "3"
    assert known.rate_on(date(2012, 9, 30)) == 19
    assert known.rate_on(date(2012, 10, 1)) == 21
    assert known.rate_on(date(2000, 1, 1)) is None


def test_a_rate_without_dates_holds_for_ever() -> None:
    rates = {"3": {"Id": "3", "RateValue": Decimal("5.5")}}
    known = read_tax_codes([make_tax_code(code("3"), rates, today=TODAY)])["9"]
    assert known.rate_on(TODAY) == Decimal("5.5")


def test_a_code_of_several_rates_is_not_judged() -> None:
    rates = {"3": RATE, "4": RATE}
    choice = make_tax_code(code("3", "4"), rates, today=TODAY)
    known = read_tax_codes([choice])["9"]
    assert (known.rate_id, known.rate_on(TODAY)) == ("", None)


def test_a_code_without_sales_rates_is_nothing() -> None:
    known = read_tax_codes([make_tax_code(code(), {}, today=TODAY)])["9"]
    assert known.rate_on(TODAY) == 0


@pytest.mark.parametrize("text", ["x", "a/b=1", "/=x", "2026-01-01/=1;y"])
def test_a_history_that_cannot_be_read_says_nothing(text: str) -> None:
    assert parse_history(text) == ()


def test_a_history_is_read_back() -> None:
    spans = (
        Span(Decimal("21"), date(2012, 10, 1), None),
        Span(Decimal("5.5"), None, TODAY),
    )
    assert parse_history(format_history(spans)) == spans


def test_a_company_is_described(connector: QuickBooks) -> None:
    result = connector.check()
    assert result.ok
    assert result.who == "Sandbox Company NL"
    assert result.versions["currency"] == "EUR"


def test_what_should_be_mended_first_is_told(
    books: Books, connector: QuickBooks
) -> None:
    preferences = {
        "SalesFormsPrefs": {"CustomTxnNumbers": False, "AutoApplyCredit": True},
        "AccountingInfoPrefs": {
            "BookCloseDate": "2026-01-31",
            "TrackDepartments": False,
        },
    }
    books.do("set_preferences", preferences=preferences)
    text = " ".join(connector.check().warnings)
    for word in (
        "Custom transaction numbers",
        "apply credits",
        "Location",
        "2026-01-31",
    ):
        assert word in text


def test_an_american_company_is_refused(us_books: Books, connector: QuickBooks) -> None:
    account = replace(
        connector.account,
        credentials={"realmId": us_books.realm},
        tokens=Tokens(us_books),
    )
    result = QuickBooks(account).check()
    assert not result.ok
    assert "United States" in result.problem
    assert result.action


def test_what_cannot_be_reached_is_said_and_not_raised(
    books: Books, connector: QuickBooks
) -> None:
    books.running.stop()
    result = connector.check()
    assert not result.ok
    assert result.problem


def test_another_server_is_recognised(books: Books, connector: QuickBooks) -> None:
    rule = {"action": "status", "status": 200, "match": "companyinfo", "body": "{}"}
    books.control("faults", rule)
    assert "not QuickBooks" in connector.check().problem


class Refused:
    """A token source whose consent is gone."""

    def access_token(self) -> str:
        raise AuthError("The consent is gone.", action="Connect it again.")

    def renew(self, rejected: str) -> str:
        raise AssertionError(rejected)


def test_a_consent_that_is_gone_is_said(connector: QuickBooks) -> None:
    account: Account = replace(connector.account, tokens=Refused())
    result = QuickBooks(account).check()
    assert (result.ok, result.action) == (False, "Connect it again.")


@pytest.mark.parametrize(
    ("entity", "page"),
    [
        ("SalesReceipt", "https://sandbox.qbo.intuit.com/app/salesreceipt?txnId=7"),
        ("Payment", "https://sandbox.qbo.intuit.com/app/recvpayment?txnId=7"),
        ("Item", ""),
    ],
)
def test_documents_have_a_page(connector: QuickBooks, entity: str, page: str) -> None:
    intuits = {"base_url": "https://sandbox-quickbooks.api.intuit.com"}
    there = QuickBooks(replace(connector.account, settings=intuits))
    assert there.link(entity, "7") == page


def test_the_local_sandbox_has_no_pages(connector: QuickBooks) -> None:
    assert connector.link("Invoice", "7") == ""


def test_a_live_company_has_its_own_pages(connector: QuickBooks) -> None:
    live = QuickBooks(replace(connector.account, environment="live", settings={}))
    assert live.link("Invoice", "7") == "https://qbo.intuit.com/app/invoice?txnId=7"


def test_codes_that_sales_may_not_use_are_left_out() -> None:
    assert is_for_sales(code("3"))
    assert not is_for_sales({**code("3"), "Hidden": True})


@pytest.mark.parametrize(
    ("entity", "listing", "name"),
    [
        ("Account", "tender_accounts", "Till cash Markt"),
        ("PaymentMethod", "payment_methods", "Voucher"),
        ("Term", "terms", "Net 14"),
        ("Department", "locations", "Haven"),
    ],
)
def test_what_is_inactive_is_listed_as_such(
    books: Books, connector: QuickBooks, entity: str, listing: str, name: str
) -> None:
    gone = books.id_of(entity, name)
    books.do("deactivate", entity=entity, id=gone)
    choices = {choice.id: choice for choice in connector.choices(listing)}
    assert not choices[gone].active
    assert name in choices[gone].name
    assert any(choice.active for choice in choices.values())


def test_an_inactive_tax_code_is_listed_and_not_planned_with() -> None:
    made = make_tax_code({**code("3"), "Active": False}, {}, today=date(2026, 1, 1))
    assert not made.active
    assert read_tax_codes([made]) == {}


def test_a_code_outside_vat_may_be_used() -> None:
    assert is_for_sales({**code(), "Taxable": False})
    assert not is_for_sales({**code(), "Taxable": True})


@pytest.mark.parametrize("sku_among_all", [True, False])
def test_items_tell_their_sku_and_account(
    books: Books, connector: QuickBooks, sku_among_all: bool
) -> None:
    books.switch(sku_among_all=sku_among_all)
    books.item("Tea", Sku="1001")
    (choice,) = connector.choices("items")
    assert (choice.name, choice.code) == ("Tea", "1001")
    assert choice.facts["income_account"] == books.id_of("Account", "Sales")
