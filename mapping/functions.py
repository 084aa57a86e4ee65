"""The functions that expressions may call, as a table.

An entry is a function's documentation too: docs and admin show it, and the tests hold
its example.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mapping.countries import is_eu_member, normalize_country
from mapping.formulas import (
    contains_text,
    count_characters,
    drop_sign,
    format_day,
    is_empty,
    is_one_of,
    join_texts,
    keep_digits,
    parse_date,
    parse_number,
    pick_best,
    replace_text,
    round_number,
    shift_date,
    starts_with_text,
    trim_text,
    truncate_text,
)
from mapping.operators import compare_with
from mapping.values import to_date, to_integer, to_number, to_text


class Accepts(enum.Enum):
    """The kind of value a parameter wants. Only ANY takes nothing."""

    ANY = "any"
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"


CONVERT: Mapping[Accepts, Callable[[object], str | Decimal | int | date]] = {
    Accepts.TEXT: to_text,
    Accepts.NUMBER: to_number,
    Accepts.INTEGER: to_integer,
    Accepts.DATE: to_date,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. A repeated one takes all arguments from its place on."""

    name: str
    accepts: Accepts = Accepts.ANY
    required: bool = True
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function; ``call`` is None for those the compiler works out itself.

    ``example`` and ``gives`` are expressions with the same value.
    """

    name: str
    parameters: tuple[Parameter, ...]
    help: str
    example: str
    gives: str
    call: Callable[..., object] | None = None

    @property
    def signature(self) -> str:
        """The name with its parameters, as shown to people."""
        names = (
            f"{each.name}, …" if each.repeated else each.name
            for each in self.parameters
        )
        return f"{self.name}({', '.join(names)})"

    @property
    def fixed(self) -> tuple[Parameter, ...]:
        """The parameters that take one argument each."""
        return tuple(each for each in self.parameters if not each.repeated)


_VALUE = Parameter("value")
_VALUES = Parameter("value", repeated=True)
_TEXT = Parameter("text", Accepts.TEXT)
_PART = Parameter("part", Accepts.TEXT)
_NUMBER = Parameter("number", Accepts.NUMBER)
_DATE = Parameter("date", Accepts.DATE)

_ALL = (
    Function(
        "if",
        (Parameter("condition"), Parameter("then"), Parameter("else", required=False)),
        "`then` where the condition is true, otherwise `else` (nothing if left out)",
        'if(1 < 2, "a", "b")',
        '"a"',
    ),
    Function(
        "coalesce",
        (_VALUES,),
        "the first value that is not empty",
        'coalesce(nothing, "", "x")',
        '"x"',
    ),
    Function(
        "empty",
        (_VALUE,),
        "true for nothing and for a text that is blank",
        'empty("  ")',
        "true",
        is_empty,
    ),
    Function(
        "one_of",
        (_VALUE, Parameter("choice", repeated=True)),
        "true if the value equals one of the choices",
        'one_of("b", "a", "b")',
        "true",
        is_one_of,
    ),
    Function(
        "lookup",
        (
            Parameter("map"),
            Parameter("key", repeated=True),
            Parameter("column", required=False),
        ),
        "the value that a value map has for these keys, in this column",
        'lookup("vat", "NL", "1", 21.00, column="tax_code")',
        '"VAT 21%"',
    ),
    Function(
        "join",
        (Parameter("separator", Accepts.TEXT), _VALUES),
        "the values as one text, empty ones left out",
        'join(" ", "a", "", "b")',
        '"a b"',
        join_texts,
    ),
    Function(
        "text",
        (_VALUE,),
        "the value as text: numbers as they are, dates as 2026-01-31",
        "text(12.50)",
        '"12.50"',
        to_text,
    ),
    Function(
        "trim",
        (_TEXT,),
        "the text without spaces around it, and single spaces inside",
        'trim("  a   b ")',
        '"a b"',
        trim_text,
    ),
    Function(
        "upper", (_TEXT,), "the text in capitals", 'upper("ab")', '"AB"', str.upper
    ),
    Function(
        "lower", (_TEXT,), "the text in small letters", 'lower("AB")', '"ab"', str.lower
    ),
    Function(
        "truncate",
        (_TEXT, Parameter("length", Accepts.INTEGER)),
        "at most so many characters from the left",
        'truncate("abcdef", 3)',
        '"abc"',
        truncate_text,
    ),
    Function(
        "replace",
        (_TEXT, Parameter("old", Accepts.TEXT), Parameter("new", Accepts.TEXT)),
        "the text with every `old` replaced by `new`",
        'replace("a-b-c", "-", "/")',
        '"a/b/c"',
        replace_text,
    ),
    Function(
        "digits",
        (_TEXT,),
        "only the digits of the text",
        'digits("+31 6-12")',
        '"31612"',
        keep_digits,
    ),
    Function(
        "length",
        (_VALUE,),
        "the number of characters; 0 for nothing",
        'length("abc")',
        "3",
        count_characters,
    ),
    Function(
        "contains",
        (_TEXT, _PART),
        "true if the part is in the text, capitals or not",
        'contains("Gift card", "gift")',
        "true",
        contains_text,
    ),
    Function(
        "starts_with",
        (_TEXT, _PART),
        "true if the text starts with the part, capitals or not",
        'starts_with("NL123", "nl")',
        "true",
        starts_with_text,
    ),
    Function(
        "number",
        (Parameter("text"),),
        "the text as a number; decimal point or decimal comma",
        'number("12,50")',
        "12.50",
        parse_number,
    ),
    Function(
        "round",
        (_NUMBER, Parameter("places", Accepts.INTEGER, required=False)),
        "rounded, halves away from zero; 0 places if left out",
        "round(2.345, 2)",
        "2.35",
        round_number,
    ),
    Function("abs", (_NUMBER,), "without its sign", "abs(-3)", "3", drop_sign),
    Function(
        "min",
        (_VALUES,),
        "the smallest of the numbers or dates, nothing left out",
        "min(3, 1, 2)",
        "1",
        pick_best(compare_with(operator.lt)),
    ),
    Function(
        "max",
        (_VALUES,),
        "the largest of the numbers or dates, nothing left out",
        "max(3, 1, 2)",
        "3",
        pick_best(compare_with(operator.gt)),
    ),
    Function(
        "date",
        (_VALUE,),
        "the day of a time, or of a text such as 2026-01-31",
        'date("2026-01-31")',
        'date("2026-01-31")',
        parse_date,
    ),
    Function(
        "date_add",
        (_DATE, Parameter("days", Accepts.INTEGER)),
        "so many days later, or earlier if negative",
        'date_add(date("2026-01-31"), 1)',
        'date("2026-02-01")',
        shift_date,
    ),
    Function(
        "format_date",
        (Parameter("date"), Parameter("pattern", Accepts.TEXT)),
        "the date as text; `YYYY` `YY` `MM` `DD` `hh` `mm` `ss` are filled in",
        'format_date(date("2026-01-31"), "DD-MM-YYYY")',
        '"31-01-2026"',
        format_day,
    ),
    Function(
        "country",
        (_TEXT,),
        "the two-letter country code in capitals, nothing if it is none;"
        " EL is GR, UK is GB",
        'country(" nl ")',
        '"NL"',
        normalize_country,
    ),
    Function(
        "in_eu",
        (Parameter("country", Accepts.TEXT),),
        "true if the country is a member of the European Union",
        'in_eu("NL")',
        "true",
        is_eu_member,
    ),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _ALL}
