"""Every function, by tables of cases; and that the documentation tells them all."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integration_hub.core.errors import MappingError
from mapping.expressions import MAX_DEPTH, MAX_LENGTH
from mapping.functions import FUNCTIONS, Function
from mapping.values import CONTEXT, MAX_DIGITS, MAX_ENTRIES, MAX_STEPS, MAX_TEXT
from tests.mapping import function_tables
from tests.mapping.working import work_out

DOCS = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
DOCUMENT = {
    "day": date(2026, 1, 31),
    "moment": datetime(2026, 1, 31, 23, 5, 9, tzinfo=UTC),
    "early": date(98, 1, 2),
    "lines": [{}],
    "long": "ab" * 3_000,
    "longer": "a" * 10_001,
    "first": {},
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda each: each.name)
def test_the_example_of_a_function_holds(function: Function) -> None:
    assert work_out(function.example) == work_out(function.gives)
    assert work_out(function.gives) is not None


def test_the_documentation_has_every_function_as_it_is() -> None:
    rows = re.findall(r"^\| `(.*?)` \| (.*?) \| `(.*?)` \| `(.*?)` \|$", DOCS, re.M)
    assert rows == [
        (each.signature, each.help, each.example, each.gives)
        for each in FUNCTIONS.values()
    ]


def test_the_documentation_has_the_tables_as_they_are_made() -> None:
    assert function_tables.read() == function_tables.render()


@pytest.mark.parametrize(
    "limit",
    [
        f"{MAX_LENGTH:,} characters",
        f"{MAX_DEPTH} levels",
        f"{MAX_DIGITS} digits",
        f"{MAX_TEXT:,} characters",
        f"{CONTEXT.prec} digits",
        f"{MAX_ENTRIES:,} entries",
        f"{MAX_STEPS:,} steps",
    ],
)
def test_the_documentation_tells_the_limits(limit: str) -> None:
    assert limit in DOCS


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("empty(nothing)", True),
        ("empty(0)", False),
        ("one_of(1, 2, 3)", False),
        ("one_of(nothing, 2, nothing)", True),
        ('join("-", nothing, 1.50, true, order.day)', "1.50-true-2026-01-31"),
        ('join("-", nothing)', None),
        ('join(nothing, "a", "b")', None),
        ("text(nothing)", None),
        ("trim(nothing)", None),
        ("upper(12.50)", "12.50"),
        ('truncate("ab", 0)', None),
        ('truncate("ab", 5)', "ab"),
        ('replace("aXbX", "X", "")', "ab"),
        ('digits("٣4")', "4"),
        ("length(nothing)", Decimal(0)),
        ('contains("ab", "c")', False),
        ('contains(nothing, "c")', None),
        ('starts_with("ab", "b")', False),
        ("number(12.50)", Decimal("12.50")),
        ('number(" -1.5 ")', Decimal("-1.5")),
        ('number("+2")', Decimal(2)),
        ('number(" ")', None),
        ("round(0.5)", Decimal(1)),
        ("round(-0.5)", Decimal(-1)),
        ("round(1.005, 2)", Decimal("1.01")),
        ("round(nothing, 2)", None),
        ("abs(0.5)", Decimal("0.5")),
        ("min(nothing, 2, nothing, 1)", Decimal(1)),
        ("min(nothing)", None),
        ("max(order.day, date_add(order.day, 1))", date(2026, 2, 1)),
        ('max("a", "b")', "b"),
        ("date(nothing)", None),
        ('date(" ")', None),
        ("date(order.moment)", date(2026, 1, 31)),
        ('date("2026-01-31T10:00:00Z")', date(2026, 1, 31)),
        ("date_add(order.moment, -31)", date(2025, 12, 31)),
        ("date_add(nothing, 1)", None),
        ('format_date(order.moment, "YY/MM/DD hh:mm:ss")', "26/01/31 23:05:09"),
        ('format_date(order.early, "YYYY-YY hh")', "0098-98 00"),
        ('format_date(nothing, "YYYY")', None),
        ('country("el")', "GR"),
        ('country("UK")', "GB"),
        ('country("Nederland")', "NL"),
        ('country("N1")', None),
        ('in_eu("CH")', False),
        ('in_eu("")', False),
        ('in_eu("Duitsland")', True),
        ('country("nld")', "NL"),
        ('country("Países Bajos")', "NL"),
        ('country("netherlands")', "NL"),
        ('country("Ελλάδα")', "GR"),
        ('country("Belgique")', "BE"),
        ('country("The Netherlands")', "NL"),
        ('country("XK")', "XK"),
        ('country("ZZ")', None),
        ('country("ZZZ")', None),
        ('country("QA")', "QA"),
        ('country("EU")', None),
        ('country("nowhere")', None),
        ("country(order.long)", None),
        ('title("JAN VAN DER BERG-smit")', "Jan Van Der Berg-Smit"),
        ('title("it\'s d’hondt")', "It's D’Hondt"),
        ('title("")', None),
        ('split("a-b-c", "-", 1)', "a"),
        ('split("a-b-c", "-", -1)', "c"),
        ('split("a-b-c", "-", -3)', "a"),
        ('split("a-b-c", "-", 4)', None),
        ('split("a-b-c", "-", -4)', None),
        ('split("a, b", ", ", 2)', "b"),
        ("net_of_vat(12.50, 21)", Decimal("10.33")),
        ("vat_of(12.50, 21)", Decimal("2.17")),
        ("net_of_vat(-12.50, 21)", Decimal("-10.33")),
        ("net_of_vat(12.50, 0)", Decimal("12.50")),
        ("gross_of_vat(10.33, 21)", Decimal("12.50")),
        ("vat_of(nothing, 21)", None),
        ("start_of_month(order.moment)", date(2026, 1, 1)),
        ('end_of_month(date("2028-02-01"))', date(2028, 2, 29)),
        ('weekday(date("2026-02-02"))', Decimal(1)),
        ("weekday(nothing)", None),
        ('street("Kerkstraat 12 A")', "Kerkstraat"),
        ('house_number("Kerkstraat 12 A")', "12 A"),
        ('house_number("Kerkstraat 12-14")', "12-14"),
        ('street("Plein 1945 27")', "Plein 1945"),
        ('house_number("1e Jan van der Heijdenstraat 12 hs")', "12 hs"),
        ('house_number("Herengracht 12-III")', "12-III"),
        ('street("C/ Gran Vía 28")', "C/ Gran Vía"),
        ('house_number("Avda. de América nº 5, 2ºA")', "5, 2ºA"),
        ('house_number("Calle Mayor s/n")', "s/n"),
        ('house_number("Calle Mayor 12 3º B")', "12 3º B"),
        ('street("Carrer de Mallorca, 401")', "Carrer de Mallorca"),
        ('street("Postbus 123")', "Postbus 123"),
        (f'street("{" " * 190}")', " " * 190),
        (f'street("{" " * 150}Kerkstraat 12")', "Kerkstraat"),
        ('house_number("Postbus 123")', None),
        ('street("Apartado de Correos 12")', "Apartado de Correos 12"),
        ('street("Kerkstraat 12, 1234 AB Arnhem")', "Kerkstraat 12, 1234 AB Arnhem"),
        ('street("12 rue du Bac")', "12 rue du Bac"),
        ('house_number("12 13")', None),
        ("house_number(order.long)", None),
        ('phone("06-12345678", "Nederland")', "+31612345678"),
        ('phone("+34 912 34 56 78")', "+34912345678"),
        ('phone("912345678", "ES")', "+34912345678"),
        ('phone("0612345678")', None),
        ('phone("123", "NL")', None),
        ('phone("no number", "NL")', None),
        ("phone(order.long)", None),
        ('vat_number("nl 1234.56.782 b90")', "NL123456782B90"),
        ('vat_number("094259216", "GR")', "EL094259216"),
        ('vat_number("BE0428.759.497", "NL")', "BE0428759497"),
        ('vat_number("GB 980 7806 84")', "GB980780684"),
        ('vat_number("NL123456789B90")', None),
        ('vat_number("12345")', None),
        ('vat_number("ñ12345")', None),
        ('vat_number("123456", "AQ")', None),
        ('ean("9638-5074")', "96385074"),
        ('ean("4006381333932")', None),
        ("ean(order.long)", None),
    ],
)
def test_functions_give(expression: str, value: Any) -> None:
    assert work_out(expression, DOCUMENT) == value


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("upper(order.lines)", "upper needs a single value; the value is a list"),
        ("join(order.lines, 1)", "join needs a single value"),
        ("join('', order.lines)", "join needs a single value"),
        ("one_of(1, order.lines)", "one_of cannot compare this"),
        ('truncate("ab", -1)', "truncate needs a length of 0 or more"),
        ('truncate("ab", 1.5)', "truncate needs a whole number"),
        ('replace("ab", "", "x")', "replace needs a text to look for"),
        ('replace(order.long, "a", "xxxx")', "replace makes a text longer"),
        ("upper(order.longer)", "makes a text longer than 10,000"),
        ("order.long & order.long", "makes a text longer than 10,000"),
        ('number("1,234.50")', "number needs a text that is a number"),
        ('number("1e5")', "number needs a text that is a number"),
        ("round(1, 11)", "round rounds to 0 to 10 places"),
        ("round(1, -1)", "round rounds to 0 to 10 places"),
        (f"round({'9' * 30}, 2)", "round cannot round a number this large"),
        ('round("1")', "round needs a number"),
        ('abs("1")', "abs needs a number"),
        ('min(1, "2")', "min compares a text with another kind"),
        ('date("31-01-2026")', "date needs a date such as 2026-01-31"),
        ("date(1)", "date needs a date"),
        ("date_add(order.day, 36601)", "date_add shifts by a century at most"),
        ("date_add(order.early, -36600)", "date_add leaves the calendar"),
        ('date_add("2026-01-31", 1)', "date_add needs a date"),
        ('split("ab", "", 1)', "split needs a separator"),
        ('split("ab", "a", 0)', "split needs a place from 1 to 1,000"),
        ('split("ab", "a", 1001)', "split needs a place from 1 to 1,000"),
        ('net_of_vat("1", 21)', "net_of_vat needs a number"),
        ("net_of_vat(1, -1)", "net_of_vat needs a rate from 0 to 100"),
        ("gross_of_vat(1, 101)", "gross_of_vat needs a rate from 0 to 100"),
        (f"gross_of_vat({'9' * 30}, 21)", "gross_of_vat found a number beyond 30"),
        ('weekday("2026-01-31")', "weekday needs a date"),
        ("contains(order.first, 'a')", "contains needs a single value"),
        ('format_date("2026-01-31", "YYYY")', "format_date needs a date or time"),
    ],
)
def test_functions_refuse(expression: str, problem: str) -> None:
    with pytest.raises(MappingError) as caught:
        work_out(expression, DOCUMENT)
    assert caught.value.message.startswith(f'Rule "Document: field" {problem}')
    assert caught.value.action
