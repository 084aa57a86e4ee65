"""What has to be right in company and settings before the first posting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import PlanSettings, SetUp, SetUpLine
from connectors.quickbooks.connector import QuickBooks
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Tokens


@pytest.fixture
def ids(connector: QuickBooks) -> dict[str, str]:
    """Accounts and tax codes of the sandbox by name."""
    lists = ("accounts", "tax_codes")
    return {c.name: c.id for name in lists for c in connector.choices(name)}


@pytest.fixture
def ready(values: dict[str, str], ids: dict[str, str]) -> SetUp:
    """A set-up in which everything is right."""
    maps: dict[str, Any] = {
        "tenders": [
            (("PIN", "*"), pay(ids["Till cards Centrum"])),
            (("OPREKENING", "*"), {"treatment": "on_account"}),
        ],
        "vat": [(("NL", "1", "21"), {"tax_code": ids["VAT 21%"]})],
        "branches": [(("1",), {"location": "1"})],
    }
    return SetUp(PlanSettings(values), maps, currency="EUR")


def pay(account: str) -> dict[str, str]:
    return {"treatment": "payment", "deposit_account": account}


def red(connector: QuickBooks, set_up: SetUp) -> list[SetUpLine]:
    """What is wrong; each says what to do and where."""
    wrong = [line for line in connector.check_set_up(set_up) if not line.ok]
    # The page shows one behind the other.
    assert all(line.text.endswith(".") and line.action for line in wrong)
    return wrong


def with_values(set_up: SetUp, **values: str) -> SetUp:
    settings = set_up.settings
    return replace(
        set_up, settings=replace(settings, values={**settings.values, **values})
    )


def with_map(set_up: SetUp, name: str, *rows: Any) -> SetUp:
    return replace(set_up, maps={**set_up.maps, name: list(rows)})


def test_everything_is_right(connector: QuickBooks, ready: SetUp) -> None:
    lines = connector.check_set_up(ready)
    assert [line for line in lines if not line.ok] == []
    assert len(lines) > 12


def test_each_line_is_there_once(
    connector: QuickBooks, ready: SetUp, ids: dict[str, str]
) -> None:
    used = (("BREUK", "*"), {**pay(ids["Breakage"]), "treatment": "breakage"})
    rows = [*ready.maps["tenders"], used]
    labels = [
        line.label for line in connector.check_set_up(with_map(ready, "tenders", *rows))
    ]
    assert "“Expense account” is chosen" in labels
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("group", "values", "label"),
    [
        ("SalesFormsPrefs", {"CustomTxnNumbers": False}, "Numbers"),
        ("SalesFormsPrefs", {"AutoApplyCredit": True}, "Credits"),
        ("CurrencyPrefs", {"HomeCurrency": {"value": "USD"}}, "currency"),
        ("AccountingInfoPrefs", {"TrackDepartments": False}, "Locations"),
        ("AccountingInfoPrefs", {"BookCloseDate": "2099-12-31"}, "period"),
        ("TaxPrefs", {"UsingSalesTax": False}, "VAT is switched on"),
    ],
)
def test_the_company_is_not_ready(
    books: Books,
    connector: QuickBooks,
    ready: SetUp,
    group: str,
    values: dict[str, Any],
    label: str,
) -> None:
    books.do("set_preferences", preferences={group: values})
    assert any(label in line.label for line in red(connector, ready))


def test_a_day_that_is_closed_long_ago_is_told(
    books: Books, connector: QuickBooks, ready: SetUp
) -> None:
    closed = {"AccountingInfoPrefs": {"BookCloseDate": "2026-01-31"}}
    books.do("set_preferences", preferences=closed)
    assert red(connector, ready) == []
    lines = connector.check_set_up(ready)
    assert any("2026-01-31" in line.text for line in lines)


def test_locations_that_nobody_uses_may_be_off(
    books: Books, connector: QuickBooks, ready: SetUp
) -> None:
    off = {"AccountingInfoPrefs": {"TrackDepartments": False}}
    books.do("set_preferences", preferences=off)
    assert red(connector, with_map(ready, "branches")) == []


def test_classes_that_are_mapped_must_be_on(
    connector: QuickBooks, ready: SetUp
) -> None:
    mapped = with_map(ready, "branches", (("1",), {"class": "7"}))
    (line,) = red(connector, mapped)
    assert "Classes" in line.label


@pytest.mark.parametrize(
    ("setting", "chosen", "label"),
    [
        ("no_vat_code", "", "is chosen"),
        ("no_vat_code", "VAT 21%", "has no VAT"),
        ("no_vat_code", "999", "has no VAT"),
        ("margin_code", "VAT 9%", "has no VAT"),
        ("gift_card_account", "Sales", "can be used"),
        ("split_tenders_account", "Gift cards outstanding", "can be used"),
        ("rounding_account", "999", "can be used"),
        ("default_debtor", "999", "default debtor"),
        ("default_debtor", "", "“Default debtor” is chosen"),
        ("payment_differences_account", "", "“Payment differences” is chosen"),
        ("rounding_account", "", "“VAT rounding” is chosen"),
        ("split_tenders_account", "", "“Split tenders” is chosen"),
        ("default_expense_account", "", "“Expense account” is chosen"),
    ],
)
def test_a_setting_is_not_right(
    connector: QuickBooks,
    ready: SetUp,
    ids: dict[str, str],
    setting: str,
    chosen: str,
    label: str,
) -> None:
    wrong = red(connector, with_values(ready, **{setting: ids.get(chosen, chosen)}))
    assert [line.page for line in wrong] == [f"settings:{setting}"]
    assert label in wrong[0].label


def test_every_setting_that_is_needed_has_a_green_line(
    connector: QuickBooks, ready: SetUp
) -> None:
    right = {line.label for line in connector.check_set_up(ready) if line.ok}
    for label in (
        "Default debtor",
        "Payment differences",
        "VAT rounding",
        "Split tenders",
    ):
        assert f"“{label}” is chosen" in right


@pytest.mark.parametrize("choice", ["group", "fail"])
def test_who_lets_no_item_be_created_needs_no_expense_account(
    connector: QuickBooks, ready: SetUp, choice: str
) -> None:
    values = {"default_expense_account": "", "missing_item": choice}
    assert red(connector, with_values(ready, **values)) == []


@pytest.mark.parametrize("setting", ["export_code", "margin_code", "eu_goods_code"])
def test_what_is_outside_vat_has_a_code_of_its_own(
    connector: QuickBooks, ready: SetUp, ids: dict[str, str], setting: str
) -> None:
    (line,) = red(connector, with_values(ready, **{setting: ids["No VAT"]}))
    assert line.page == "settings:no_vat_code"
    assert "VAT return" in line.text


def test_a_tender_does_not_go_to_an_account_that_the_bank_fills(
    books: Books, connector: QuickBooks, ready: SetUp, ids: dict[str, str]
) -> None:
    cards = ids["Till cards Centrum"]
    books.do("edit", entity="Account", id=cards, values={"OnlineBankingEnabled": True})
    (line,) = red(connector, ready)
    assert line.page == "map:tenders"
    assert "PIN / *: “Till cards Centrum”" in line.text


def test_an_account_of_another_currency(
    books: Books, connector: QuickBooks, ready: SetUp, ids: dict[str, str]
) -> None:
    for name in ("Split tenders", "Till cards Centrum"):
        dollars = {"CurrencyRef": {"value": "USD"}}
        books.do("edit", entity="Account", id=ids[name], values=dollars)
    lines = red(connector, ready)
    assert [line.page for line in lines] == [
        "settings:split_tenders_account",
        "map:tenders",
    ]
    assert all("is kept in USD, the books in EUR" in line.text for line in lines)


def test_locations_that_every_document_needs_are_mapped(
    connector: QuickBooks, ready: SetUp
) -> None:
    needed = with_values(ready, location_required="True")
    assert red(connector, needed) == []
    (line,) = red(connector, with_map(needed, "branches"))
    assert (line.label, line.page) == ("Branches have their locations", "map:branches")


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("tenders", (("PIN", "*"), {"treatment": "payment"})),
        ("tenders", (("PIN", "*"), pay("Sales"))),
        ("tenders", (("PIN", "*"), pay("999"))),
        ("tenders", (("PRIVE", "*"), {"treatment": "own_use"})),
        ("movements", (("700", "*"), {"treatment": "book"})),
        ("vat", (("NL", "1", "9"), {"tax_code": "VAT 21%"})),
        ("vat", (("NL", "1", "21"), {"tax_code": "999"})),
    ],
)
def test_a_value_map_is_not_right(
    connector: QuickBooks, ready: SetUp, ids: dict[str, str], name: str, row: Any
) -> None:
    keys, values = row
    filled = {column: ids.get(value, value) for column, value in values.items()}
    (line,) = red(connector, with_map(ready, name, (keys, filled)))
    assert line.page == f"map:{name}"
    assert keys[0] in line.text


def test_tenders_must_be_mapped(connector: QuickBooks, ready: SetUp) -> None:
    (line,) = red(connector, with_map(ready, "tenders"))
    assert "No tender" in line.text


def test_a_rate_that_begins_later_may_be_mapped_before(
    books: Books, connector: QuickBooks, ready: SetUp, ids: dict[str, str]
) -> None:
    rates = books.do("documents", entity="TaxRate")["documents"]["TaxRate"]
    (rate,) = (each for each in rates if each["Name"] == "VAT 21% (sales)")
    spans = [
        {"RateValue": 21, "EffectiveDate": "2012-10-01T00:00:00-07:00"},
        {"RateValue": 22, "EffectiveDate": "2099-01-01T00:00:00-07:00"},
    ]
    values = {"EffectiveTaxRate": spans}
    books.do("edit", entity="TaxRate", id=rate["Id"], values=values)
    rows = [(("NL", "1", r), {"tax_code": ids["VAT 21%"]}) for r in ("21", "22")]
    assert red(connector, with_map(ready, "vat", *rows)) == []
    (line,) = red(connector, with_map(ready, "vat", (("NL", "1", "9"), rows[0][1])))
    assert "22 %, 21 %" in line.text


def test_a_code_of_several_rates_has_no_rate_to_compare(
    books: Books, connector: QuickBooks, ready: SetUp, ids: dict[str, str]
) -> None:
    codes = books.do("documents", entity="TaxCode")["documents"]["TaxCode"]
    (code,) = (each for each in codes if each["Id"] == ids["VAT 21%"])
    (detail,) = code["SalesTaxRateList"]["TaxRateDetail"]
    values = {"SalesTaxRateList": {"TaxRateDetail": [detail, detail]}}
    books.do("edit", entity="TaxCode", id=code["Id"], values=values)
    assert red(connector, ready) == []


def test_vat_codes_must_be_mapped(connector: QuickBooks, ready: SetUp) -> None:
    row = (("NL", "1", "21"), {"tax_code": ""})
    for rows in ([], [row]):
        (line,) = red(connector, with_map(ready, "vat", *rows))
        assert (line.page, line.text) == ("map:vat", "No VAT code is mapped.")


@pytest.mark.parametrize(
    ("name", "row", "setting"),
    [
        ("tenders", (("BON", "*"), {"treatment": "gift_card"}), "gift_card_account"),
        ("groups", (("NL", "9"), {"supply": "margin"}), "margin_code"),
        ("groups", (("NL", "9"), {"supply": "purchases"}), "purchases_account"),
    ],
)
def test_what_is_mapped_needs_its_settings(
    connector: QuickBooks, ready: SetUp, name: str, row: Any, setting: str
) -> None:
    mapped = with_map(ready, name, row)
    (line,) = red(connector, with_values(mapped, **{setting: ""}))
    assert line.page == f"settings:{setting}"
    assert name in line.text


def test_many_wrong_rows_are_counted(connector: QuickBooks, ready: SetUp) -> None:
    rows = [((f"T{n}", "*"), {"treatment": "payment"}) for n in range(9)]
    (line,) = red(connector, with_map(ready, "tenders", *rows))
    assert "and 4 more" in line.text


def test_a_row_for_any_rate_has_no_rate_to_compare(
    connector: QuickBooks, ready: SetUp, ids: dict[str, str]
) -> None:
    row = (("NL", "1", "*"), {"tax_code": ids["VAT 21%"]})
    assert red(connector, with_map(ready, "vat", row)) == []


def test_a_debtor_of_another_currency(
    books: Books, connector: QuickBooks, ready: SetUp
) -> None:
    debtor = str(ready.settings.values["default_debtor"])
    values = {"CurrencyRef": {"value": "USD"}}
    books.do("edit", entity="Customer", id=debtor, values=values)
    (line,) = red(connector, ready)
    assert "USD" in line.text


def test_an_american_company(
    us_books: Books, connector: QuickBooks, ready: SetUp
) -> None:
    account = replace(
        connector.account,
        credentials={"realmId": us_books.realm},
        tokens=Tokens(us_books),
    )
    lines = red(QuickBooks(account), ready)
    assert "edition" in lines[0].label
