"""The functions that expressions may call, as a table.

An entry is a function's documentation too: docs and admin show it, and the tests hold
its example. What the functions do is in the modules named at the top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors import registry
from connectors.formulas import Formula
from integration_hub.core.errors import ConfigError
from mapping import addresses, countries, dates, formulas, identifiers, lists, money
from mapping.signatures import Function, Parameter, make_function

Functions = Mapping[str, Function]

_SPECIAL = (
    Function(
        "if",
        (Parameter("condition"), Parameter("then"), Parameter("else", required=False)),
        "`then` where the condition is true, otherwise `else` (nothing if left out).",
        'if(1 < 2, "a", "b")',
        '"a"',
    ),
    Function(
        "coalesce",
        (Parameter("value", repeated=True),),
        "The first value that is not empty; also `default`.",
        'coalesce(nothing, "", "x")',
        '"x"',
        aliases=("default",),
    ),
    Function(
        "lookup",
        (
            Parameter("map"),
            Parameter("key", repeated=True),
            Parameter("column", required=False),
        ),
        "The value that a value map has for these keys, in this column.",
        'lookup("vat", "NL", "1", 21.00, column="tax_code")',
        '"VAT 21%"',
    ),
)

_CHOICE = (
    make_function("empty", formulas.is_empty, 'empty("  ")', "true"),
    make_function("one_of", formulas.is_one_of, 'one_of("b", "a", "b")', "true"),
)

_TEXT = (
    make_function("join", formulas.join_texts, 'join(" ", "a", "", "b")', '"a b"'),
    make_function("text", formulas.write_text, "text(12.50)", '"12.50"'),
    make_function("trim", formulas.trim_text, 'trim("  a   b ")', '"a b"'),
    make_function("upper", formulas.make_upper, 'upper("ab")', '"AB"'),
    make_function("lower", formulas.make_lower, 'lower("AB")', '"ab"'),
    make_function(
        "title",
        formulas.make_title,
        'title("JAN o\'neil")',
        '"Jan O\'Neil"',
        aliases=("proper",),
    ),
    make_function(
        "truncate",
        formulas.truncate_text,
        'truncate("abcdef", 3)',
        '"abc"',
        aliases=("cut", "left"),
    ),
    make_function(
        "replace",
        formulas.replace_text,
        'replace("a-b-c", "-", "/")',
        '"a/b/c"',
        aliases=("substitute",),
    ),
    make_function("split", formulas.split_text, 'split("a-b-c", "-", 2)', '"b"'),
    make_function("digits", formulas.keep_digits, 'digits("+31 6-12")', '"31612"'),
    make_function(
        "length", formulas.count_characters, 'length("abc")', "3", aliases=("len",)
    ),
    make_function(
        "contains", formulas.contains_text, 'contains("Gift card", "gift")', "true"
    ),
    make_function(
        "starts_with", formulas.starts_with_text, 'starts_with("NL123", "nl")', "true"
    ),
)

_NUMBER = (
    make_function("number", formulas.parse_number, 'number("12,50")', "12.50"),
    make_function("round", formulas.round_number, "round(2.345, 2)", "2.35"),
    make_function("abs", formulas.drop_sign, "abs(-3)", "3"),
    make_function("min", lists.pick_smallest, "min(3, 1, 2)", "1"),
    make_function("max", lists.pick_largest, "max(3, 1, 2)", "3"),
    make_function("net_of_vat", money.take_net, "net_of_vat(12.10, 21)", "10.00"),
    make_function("vat_of", money.take_vat, "vat_of(12.10, 21)", "2.10"),
    make_function("gross_of_vat", money.add_vat, "gross_of_vat(10, 21)", "12.10"),
)

_LIST = (
    make_function("first", lists.pick_first, 'first("a", "b")', '"a"'),
    make_function("last", lists.pick_last, 'last("a", "b")', '"b"'),
    make_function("count", lists.count_entries, 'count("a", nothing, "b")', "2"),
    make_function("sum", lists.add_up, "sum(1, 2.50)", "3.50"),
    make_function("any", lists.is_any, "any(1 > 2, 2 > 1)", "true"),
    make_function("all", lists.is_all, "all(2 > 1, 3 > 1)", "true"),
    make_function(
        "unique", lists.keep_unique, 'join(", ", unique("a", "b", "a"))', '"a, b"'
    ),
)

_DATE = (
    make_function("date", dates.parse_date, 'date("2026-01-31")', 'date("2026-01-31")'),
    make_function(
        "date_add",
        dates.shift_date,
        'date_add(date("2026-01-31"), 1)',
        'date("2026-02-01")',
    ),
    make_function(
        "start_of_month",
        dates.start_month,
        'start_of_month(date("2026-01-31"))',
        'date("2026-01-01")',
    ),
    make_function(
        "end_of_month",
        dates.end_month,
        'end_of_month(date("2026-02-03"))',
        'date("2026-02-28")',
    ),
    make_function("weekday", dates.number_weekday, 'weekday(date("2026-01-31"))', "6"),
    make_function(
        "format_date",
        dates.format_day,
        'format_date(date("2026-01-31"), "DD-MM-YYYY")',
        '"31-01-2026"',
    ),
)

_CUSTOMER = (
    make_function("country", countries.normalize_country, 'country("España")', '"ES"'),
    make_function("in_eu", countries.is_eu_member, 'in_eu("NL")', "true"),
    make_function(
        "street", addresses.find_street, 'street("Kerkstraat 12a")', '"Kerkstraat"'
    ),
    make_function(
        "house_number",
        addresses.find_house_number,
        'house_number("Calle Mayor, 12, 3º B")',
        '"12, 3º B"',
    ),
    make_function(
        "phone",
        identifiers.write_phone,
        'phone("020-624 1111", "NL")',
        '"+31206241111"',
    ),
    make_function(
        "vat_number",
        identifiers.write_vat_number,
        'vat_number("b-58378431", "ES")',
        '"ESB58378431"',
    ),
    make_function(
        "ean", identifiers.write_ean, 'ean("4006381 333931")', '"4006381333931"'
    ),
)

# By the heading under which people find them.
GROUPS: Mapping[str, tuple[Function, ...]] = {
    "Choosing": (*_SPECIAL, *_CHOICE),
    "Texts": _TEXT,
    "Numbers and money": _NUMBER,
    "Lists": _LIST,
    "Dates": _DATE,
    "Customers and articles": _CUSTOMER,
}

FUNCTIONS: Functions = {each.name: each for group in GROUPS.values() for each in group}


def by_every_name(functions: Iterable[Function]) -> dict[str, Function]:
    """Functions by name and by each of their aliases."""
    names: dict[str, Function] = {}
    for function in functions:
        names |= dict.fromkeys((function.name, *function.aliases), function)
    return names


# What an expression may write that knows no connector.
BUILT_IN: Functions = by_every_name(FUNCTIONS.values())


def functions_of(*connectors: str) -> Functions:
    """All names that a mapping between these connectors may write.

    Connectors are named by their keys; unknown ones add nothing. Raises ConfigError
    for a name that is taken.
    """
    known = registry.all_connectors()
    return add_formulas(
        formula
        for key in dict.fromkeys(connectors)
        if key in known
        for formula in known[key].formulas
    )


def list_functions(*connectors: str) -> tuple[Function, ...]:
    """The functions that such a mapping may call, each once, those of its own last."""
    return tuple(
        {each.name: each for each in functions_of(*connectors).values()}.values()
    )


def add_formulas(declared: Iterable[Formula]) -> Functions:
    """The built-in names and those of a connector's formulas.

    Raises ConfigError for a name that is taken.
    """
    names = dict(BUILT_IN)
    for each in declared:
        if each.name in names:
            raise ConfigError(
                f'A connector brings a function "{each.name}", but there is one.',
                code="function",
                reference=each.name,
                action="Give the connector's function another name.",
            )
        names[each.name] = make_function(each.name, each.call, each.example, each.gives)
    return names
