"""Random expressions on random documents, made from a seed: each run can be had again.

``python -m tests.mapping.fuzzing --seed 7 --count 10000`` runs as many pairs and says
which limits were met. Nothing may come out but ExpressionError on reading and
MappingError on working out.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from integration_hub.core.errors import ConfigError, ExpressionError, MappingError

if TYPE_CHECKING:
    from mapping.signatures import Function

SEED = int(os.environ.get("FUZZ_SEED", "2026"))
# What the errors say where a limit was met.
LIMITS = {
    "length": "at most 2,000 are allowed",
    "levels": "more than 40 levels",
    "digits of a number": "a number has at most 30 digits",
    "size of a number": "found a number beyond 30 digits",
    "length of a text": "makes a text longer than 10,000",
    "entries of a list": "a list of more than 10,000 entries",
    "steps": "takes more than 100,000 steps",
    "places": "rounds to 0 to 10 places",
    "calendar": "leaves the calendar",
    "index": "expected a smaller number",
}
NAMES = ("a", "b", "lines", "customer", "text", "n", "and", "extra")
FOUND = (
    *('order.lines[a = "a"].b', "order.lines[n = 1].sub", "order.many[a = 1].a"),
    *('order.many[a = "none"]', 'order.customer.sub[text = ""].text'),
)
LISTS = ("order.lines[]", "order.many[]", "order.lots[]", "order.lines[].sub[]")
LEAVES = (
    *("order.a", "order.b", "order.lines", "order.lines[0].a", "order.customer.email"),
    *("order.long", "order.longer", "order", "order.many[9998]", 'order["a"]'),
    *("nothing", "true", "false", "0", "1", "2.5", "21", "100", "36600", "-1"),
    *('""', '"a"', "'-'", '"2026-01-31"', '"12,50"', '"YYYY-MM-DD hh"', '"NL"'),
    *('"Calle Mayor, 12, 3º B"', '"+31 20 624 1111"', '"NL123456782B90"', '"ﬁ ß İ"'),
    *('"4006381333931"', "9" * 30, "0." + "0" * 29 + "1", "1" + "0" * 28),
)
BY_KIND = {
    "text": [each for each in LEAVES if each[0] in "\"'"],
    "number": ["0", "1", "2.5", "-1", "21", "100", "9" * 30, "order.n"],
    "integer": ["0", "1", "2", "10", "-1", "36600", "1000"],
    "date": ["order.day", 'date("2026-01-31")', "date(order.moment)"],
}
SIGNS = ("+", "-", "*", "/", "&", "=", "<>", "<", "<=", ">", ">=", "and", "or")
PIECES = (
    *("order", "line", "and", "or", "not", "true", "nothing", "column", "a", " ", "  "),
    *(
        "<>",
        "<=",
        ">=",
        '"vat"',
        '"a"',
        "0",
        "1",
        "21.00",
        "999999999",
        "[]",
        "lines",
        "[a = 1]",
    ),
    *"+-*/&=<>()[],.\"'!;{}\\\x00\n٣é\ud800",
)


class Fuzzer:
    """Makes expressions and documents; the same ones for the same seed."""

    def __init__(self, seed: int | str) -> None:
        self.random = Random(seed)

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """Every function by each of its names."""
        from mapping.functions import BUILT_IN

        return BUILT_IN

    @cached_property
    def names(self) -> list[str]:
        """Every name of a function."""
        return [*self.functions]

    # ------------------------------------------------------------------- expressions

    def make_expression(self) -> str:
        """Mostly by the grammar, sometimes at a limit, broken, or garbage."""
        way = self.random.random()
        if way < 0.65:
            return self.make_value(self.random.randint(1, 5))
        if way < 0.80:
            return self.make_extreme()
        if way < 0.90:
            return self.break_text(self.make_value(3))
        pick, count = self.random.choice, self.random.randint(0, 25)
        if way < 0.97:
            pieces = [*PIECES, *self.names]
            return "".join(pick(pieces) for _each in range(count))
        return "".join(chr(self.random.randint(0, 0x2FF)) for _each in range(count))

    def make_value(self, depth: int) -> str:
        """An expression that gives one value, if its kinds fit."""
        pick = self.random.choice
        if depth <= 0:
            return pick((*LEAVES, *FOUND))
        way = self.random.random()
        if way < 0.30:
            left, right = self.make_value(depth - 1), self.make_value(depth - 1)
            return f"({left} {pick(SIGNS)} {right})"
        if way < 0.36:
            return f"{pick(('-', 'not '))}{self.make_value(depth - 1)}"
        if way < 0.42:
            keys = ", ".join(self.make_value(depth - 1) for _each in range(3))
            return f'lookup("vat", {keys})'
        if way < 0.60:
            names = ("first", "last", "count", "sum", "any", "all", "max", "join")
            return f"{pick(names)}({self.make_list(depth - 1)})"
        return self.make_call(depth)

    def make_call(self, depth: int) -> str:
        """A call, mostly with as many arguments of such kinds as the function takes."""
        function = self.functions[self.random.choice(self.names)]
        arguments = []
        for parameter in function.parameters:
            if parameter.repeated and self.random.random() < 0.3:
                arguments.append(self.make_list(depth - 1))
            elif parameter.required or self.random.random() < 0.5:
                arguments += [
                    self.make_argument(parameter.accepts.value, depth - 1)
                    for _each in range(1 + 2 * parameter.repeated)
                ]
        if self.random.random() < 0.05:
            arguments = arguments[1:] + [self.make_list(0)] * self.random.randint(0, 2)
        return f"{function.name}({', '.join(arguments)})"

    def make_argument(self, kind: str, depth: int) -> str:
        """A value for a parameter of some kind."""
        fitting = BY_KIND.get(kind)
        if fitting and self.random.random() < 0.7:
            return self.random.choice(fitting)
        return self.make_value(depth)

    def make_list(self, depth: int) -> str:
        """An expression that gives a list."""
        pick = self.random.choice
        made: str = pick(LISTS) + pick(("", ".a", ".b.c", "[]", ".sub[0]", '["a"]'))
        if self.random.random() < 0.3:
            made = f"{made} {pick(SIGNS[5:11])} {self.make_value(depth - 1)}"
        return f"unique({made})" if self.random.random() < 0.2 else made

    def make_extreme(self) -> str:
        """An expression that goes for a limit, from just below to far beyond."""
        pick = self.random.choice
        size = pick((3, 38, 39, 40, 41, 60, 400))
        opening = pick(("(", "-", "not ", "abs(", "1 + (", "if(true, ", 'join("",'))
        long = pick(("order.long", "order.longer", '"' + "x" * 900 + '"'))
        return pick(
            (
                opening * size,
                opening * size + "1" + ")" * size * opening.count("("),
                pick((" + ", " & ", " and ", " or ", " = ", "/")).join(["1"] * size),
                "order" + pick((".a", "[0]", "[]", '["a"]')) * size,
                "first(order.lines" + "[]" * size + ")",
                "a" * pick((1_999, 2_000, 2_001, 5_000)),
                "9" * size + pick(("", "." + "9" * size)),
                f"order.lines[{'9' * pick((9, 10, 30))}]",
                " & ".join([long] * pick((2, 5, 100))),
                f"join({long}, order.many[], {', '.join([long] * pick((1, 50)))})",
                f'replace({long}, "a", {long})',
                f'format_date(order.day, {long} & "YYYY")',
                " + ".join(["sum(order.many[])"] * pick((4, 5, 6, 30))),
                " & ".join(["count(order.many[].a = 1)"] * pick((2, 5, 50))),
                " & ".join(['order.many[a = "b"].a'] * pick((2, 9, 30))),
                f"count({pick(('order.lots[]', 'order.nested[][]'))})",
                " * ".join(["9" * 15] * pick((2, 3, 30))),
                f"round(order.a, {pick((-1, 10, 11, 999999999))})",
                f"date_add(order.day, {pick((-36600, 36600, 36601))})",
                f'split({long}, "x", {pick((-1001, -1000, 1000, 1001))})',
                f"{pick(self.names)}({', '.join([long] * pick((1, 2, 3)))})",
            )
        )

    def break_text(self, text: str) -> str:
        """An expression with a few characters changed."""
        characters = list(text)
        for _each in range(self.random.randint(1, 3)):
            place = self.random.randrange(len(characters) + 1)
            cut = self.random.randint(0, 2)
            characters[place : place + cut] = self.random.choice((*PIECES, ""))
        return "".join(characters)

    # --------------------------------------------------------------------- documents

    def make_document(self) -> dict[Any, Any]:
        """A document of wrong kinds, wild numbers, long texts and long lists."""
        pick = self.random.choice
        document = {
            "a": self.make_leaf(),
            "b": self.make_leaf(),
            "day": pick((date.min, date(2026, 1, 31), date.max, self.make_leaf())),
            "lines": [
                self.make_record(2) for _each in range(self.random.randint(0, 3))
            ],
            "customer": pick((None, self.make_record(1), self.make_leaf())),
            "n": pick((Decimal("12.50"), Decimal(21), self.make_leaf())),
            "moment": pick((NOON, NAIVE, self.make_leaf())),
            "long": pick(("xa" * 2_500, "x" * 9_999)),
            "longer": "xa" * 25_000,
            "many": pick(MANY),
            "lots": pick(LOTS),
            "nested": [pick(MANY), pick(MANY)],
            "tenders": pick(((), [self.make_record(1)], self.make_leaf())),
        }
        if self.random.random() < 0.1:
            document["lines"] = self.make_leaf()
        return document

    def make_record(self, depth: int) -> Any:
        """A record, or what stands in its place."""
        if depth == 0 or self.random.random() < 0.15:
            return self.make_leaf()
        names = self.random.sample(NAMES, self.random.randint(0, 4))
        record: dict[Any, Any] = {name: self.make_record(depth - 1) for name in names}
        count = self.random.randint(0, 3)
        record["sub"] = [self.make_record(depth - 1) for _each in range(count)]
        return record

    def make_leaf(self) -> Any:
        """A single value, or something that no document should hold."""
        return self.random.choice(WILD)


NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
# A time without a zone, as no document should have.
NAIVE = datetime.fromisoformat("2026-01-31T23:05:09")


class Odd:
    """A value of no known kind."""


MANY = (
    [Decimal(1)] * 9_999,
    [Decimal(1)] * 10_000,
    [{"a": Decimal(1)}] * 9_999,
    ["x" * 5_000] * 9_000,
    [None, True, "a", [], {}],
    None,
)
LOTS = ([Decimal(1)] * 10_001, (["a"] * 50_000), ())
WILD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        "",
        " ",
        "a",
        "x" * 10_001,
        "12,50",
        "2026-01-31",
        "\ud800\x00",
    ),
    *(Decimal(value) for value in ("0", "-0", "1.50", "21.00", "NaN", "sNaN", "-Inf")),
    *(Decimal(value) for value in ("1E+6000", "1E-6000", "9" * 60, "0." + "1" * 60)),
    *(0, 1, -1, 10**6000, 1.5, -0.0, float("nan"), float("inf"), 1e308, 5e-324),
    *(date.min, date.max, date(2026, 1, 31), NAIVE),
    datetime(2026, 1, 31, tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-23, minutes=-59))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=23, minutes=59))),
    *(b"a", Odd(), {"a"}, {1: 2}, {"a": {"b": {"c": 1}}}, [], [[[]]], (1, 2)),
    *("NL", "Calle Mayor 1", "+31 6 12345678", "ＮＬ１２", "١٢٣", "a@b.c"),
)


def run(seed: int | str, count: int, *, extreme: bool = False) -> Iterator[str]:
    """Attack with so many pairs; gives what each error says.

    ``extreme`` goes for the limits each time.

    Raises AssertionError, with what it takes to see it again, for anything else.
    """
    fuzzer = Fuzzer(seed)
    for number in range(count):
        make = fuzzer.make_extreme if extreme else fuzzer.make_expression
        expression, document = make(), fuzzer.make_document()
        scope = fuzzer.random.choice(("header", "line", "tender", "customer", "item"))
        try:
            yield from attack(expression, document, scope)
        except Exception as error:
            raise AssertionError(
                f"Seed {seed!r}, pair {number}: {expression!r} ({scope}): {error!r}"
            ) from error


def attack(expression: str, document: dict[Any, Any], scope: str) -> Iterator[str]:
    """Read and work out one expression; gives the text of its error, if any."""
    from mapping.engine import compile_rules
    from mapping.rules import FilterData, RuleData
    from tests.mapping.working import VAT

    rules = [RuleData(scope, "field", expression)]
    filters = [FilterData(expression, "reason")] if scope == "header" else []
    try:
        compiled = compile_rules(rules, {"vat": VAT}, filters=filters)
    except ExpressionError as error:
        check_position(error, expression)
        yield error.message
        return
    except ConfigError as error:
        yield error.message
        return
    try:
        fields = compiled.apply(document)
        compiled.filters.reason(document)
    except MappingError as error:
        check_error(error)
        yield error.message
        return
    records = (fields.header, *fields.lines, *fields.tenders, *fields.items)
    for value in (each for record in records for each in record.values()):
        check_value(value)


def check_position(error: ExpressionError, expression: str) -> None:
    """An error of reading says where, and stays readable."""
    assert 1 <= error.position <= len(expression) + 1
    assert f"Position {error.position}: " in error.message
    assert len(error.message) < 500


def check_error(error: MappingError) -> None:
    """An error of working out names its rule and what to do, and stays readable."""
    assert error.message.startswith(("Rule", "Filter", "Value map"))
    assert error.action
    assert error.code
    assert error.reference
    assert len(error.message) < 500


def check_value(value: object) -> None:
    """A result is a single value within the limits."""
    assert type(value) in (str, Decimal, bool, date, datetime), type(value)
    if isinstance(value, Decimal):
        assert value.is_finite()
        assert value.adjusted() < 30
    # A text that is only handed on may be as long as the source has it.
    if isinstance(value, str):
        assert len(value) <= 50_000


def count_limits(messages: Iterator[str]) -> Counter[str]:
    """How often each limit was met."""
    return Counter(
        name for message in messages for name, told in LIMITS.items() if told in message
    )


def main() -> None:
    """Run as asked, and print the limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")
    import django

    django.setup()
    messages = list(run(options.seed, options.count))
    print(f"{options.count:,} pairs, {len(messages):,} errors, all of the named kinds")
    for name, times in count_limits(iter(messages)).items():
        print(f"{name:20} met {times:,} times")


if __name__ == "__main__":
    main()
