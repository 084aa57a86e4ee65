"""Proposals for value maps: by rate, days, type, account, code and name."""

from __future__ import annotations

import pytest

from connectors.contract import Choice
from mapping.listings import find_gone, list_rows, name_value
from mapping.suggesting import suggest

VAT_KEYS = [
    {"name": "country", "label": "Country", "type": "country"},
    {"name": "code", "label": "Code", "choices": "vat_codes"},
    {"name": "rate", "label": "Rate", "type": "number"},
]
VAT_COLUMNS = [{"name": "tax_code", "label": "Tax code", "choices": "tax_codes"}]
TILL = [
    Choice("1", "21 % NL", "1", facts={"country": "NL", "rate": "21"}),
    Choice("1", "21 % BE", "1", facts={"country": "BE", "rate": "21"}),
    Choice("3", "0 % NL", "3", facts={"country": "NL", "rate": "0"}),
]
BOOKS = [
    Choice("5", "VAT 21%", facts={"rate": "21.00"}),
    Choice("6", "VAT 9%", facts={"rate": "9"}),
    Choice("7", "VAT 0%", facts={"rate": "0"}),
    Choice("8", "Export", facts={"rate": "0"}),
]
LISTS = {"vat_codes": TILL, "tax_codes": BOOKS}


def propose(keys, columns, lists, stored=()):  # type: ignore[no-untyped-def]
    listed = list_rows(keys, columns, lists)
    rows = [*stored, *((row, {}) for row in listed)]
    return {
        each.keys: dict(each.values) for each in suggest(keys, columns, rows, lists)
    }


def test_the_tills_list_gives_a_row_per_country_and_rate() -> None:
    assert list(list_rows(VAT_KEYS, VAT_COLUMNS, LISTS)) == [
        ("NL", "1", "21"),
        ("BE", "1", "21"),
        ("NL", "3", "0"),
    ]


def test_tax_codes_by_rate_and_equal_rates_by_name() -> None:
    assert propose(VAT_KEYS, VAT_COLUMNS, LISTS) == {
        ("NL", "1", "21"): {"tax_code": "5"},
        ("BE", "1", "21"): {"tax_code": "5"},
        ("NL", "3", "0"): {"tax_code": "7"},
    }


def test_a_code_of_another_rate_is_never_proposed() -> None:
    books = [Choice("6", "21 % NL", facts={"rate": "9"})]
    assert propose(VAT_KEYS, VAT_COLUMNS, {**LISTS, "tax_codes": books}) == {}


def test_of_two_that_fit_equally_none_is_proposed() -> None:
    books = [Choice(key, "VAT 21%", facts={"rate": "21"}) for key in "56"]
    found = propose(VAT_KEYS, VAT_COLUMNS, {**LISTS, "tax_codes": books})
    assert found == {}


def test_what_is_not_in_use_is_not_proposed() -> None:
    books = [Choice("5", "VAT 21%", active=False, facts={"rate": "21"})]
    assert propose(VAT_KEYS, VAT_COLUMNS, {**LISTS, "tax_codes": books}) == {}


def test_what_is_filled_is_left_alone() -> None:
    stored = [(("NL", "1", "21"), {"tax_code": "8"})]
    rows = [*stored, (("NL", "3", "0"), {})]
    found = list(suggest(VAT_KEYS, VAT_COLUMNS, rows, LISTS))
    assert [each.keys for each in found] == [("NL", "3", "0")]


def test_terms_by_their_days_from_the_targets_list() -> None:
    keys = [{"name": "days", "label": "Days", "type": "number"}]
    columns = [{"name": "terms", "label": "Terms", "choices": "terms"}]
    terms = [Choice("1", "Net 14", facts={"days": "14"}), Choice("2", "Sometime")]
    assert propose(keys, columns, {"terms": terms}) == {("14",): {"terms": "1"}}


TENDER_KEYS = [
    {"name": "method", "label": "Tender", "choices": "tenders"},
    {"name": "branch", "label": "Branch", "choices": "branches"},
]
TENDER_COLUMNS = [
    {"name": "treatment", "label": "Treatment", "choices": "treatments"},
    {
        "name": "payment_method",
        "label": "Payment method",
        "choices": "methods",
        "where": {"treatment": ["payment"]},
    },
]
TENDER_LISTS = {
    "treatments": [
        Choice("payment", "Payment", facts={"type": "cash card"}),
        Choice("gift_card", "Own gift card", facts={"type": "gift_card"}),
        Choice("own_use", "Own use", facts={"type": "own_use"}),
        Choice("breakage", "Breakage", facts={"type": "own_use"}),
    ],
    "methods": [Choice("1", "Cash"), Choice("2", "Debit card"), Choice("3", "Gift")],
}


@pytest.mark.parametrize(
    ("tender", "values"),
    [
        (("Contant", "cash"), {"treatment": "payment", "payment_method": "1"}),
        (("Pinpas", "card"), {"treatment": "payment"}),
        (("PIN", "card"), {"treatment": "payment", "payment_method": "2"}),
        (("Cadeaubon", "gift_card"), {"treatment": "gift_card"}),
        (("Breuk", "own_use"), {"treatment": "breakage"}),
        (("Privé", "own_use"), None),
        (("Something", ""), None),
    ],
)
def test_tenders_by_type_and_name(
    tender: tuple[str, str], values: dict[str, str] | None
) -> None:
    choice = Choice("T", tender[0], facts={"type": tender[1]})
    lists = {**TENDER_LISTS, "tenders": [choice]}
    assert propose(TENDER_KEYS, TENDER_COLUMNS, lists).get(("T", "*")) == values


def test_an_account_by_its_number() -> None:
    keys = [{"name": "group", "label": "Group", "choices": "groups"}]
    columns = [{"name": "account", "label": "Account", "choices": "accounts"}]
    lists = {
        "groups": [Choice("30", "Voeding", facts={"account": "8030"})],
        "accounts": [Choice("a", "Sales", "8000"), Choice("b", "Turnover", "8030")],
    }
    assert propose(keys, columns, lists) == {("30",): {"account": "b"}}


def test_only_entries_of_the_maps_sort_are_listed() -> None:
    keys = [{"name": "group", "label": "G", "choices": "groups", "sort": "cash"}]
    groups = [
        Choice("30", "Food", facts={"sort": "turnover"}),
        Choice("80", "In", facts={"sort": "cash"}),
        Choice("81", "Out", active=False, facts={"sort": "cash"}),
    ]
    assert list(list_rows(keys, [], {"groups": groups})) == [("80",)]


def test_what_is_gone_is_named() -> None:
    books = [Choice("5", "VAT 21%", active=False), Choice("6", "VAT 9%")]
    lists = {"tax_codes": books, "vat_codes": TILL}
    rows = [
        (("NL", "1", "21"), {"tax_code": "5"}),
        (("NL", "9", "21"), {"tax_code": "99"}),
        (("*", "1", "*"), {"tax_code": "6"}),
        (("NL", "1", "21"), {"tax_code": ""}),
    ]
    found = [find_gone(VAT_KEYS, VAT_COLUMNS, row, lists) for row in rows]
    told = [[(each.shown, each.is_key) for each in gone] for gone in found]
    assert told == [
        [("VAT 21% (not in use any more)", False)],
        [("9 (not there any more)", True), ("99 (not there any more)", False)],
        [],
        [],
    ]


def test_a_list_that_could_not_be_asked_says_nothing() -> None:
    row = (("NL", "1", "21"), {"tax_code": "5"})
    assert find_gone(VAT_KEYS, VAT_COLUMNS, row, {}) == []
    assert name_value(VAT_COLUMNS[0], {}, "5") == "5"
