"""Random expressions on random documents: nothing escapes but the named errors."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from integration_hub.core.errors import ConfigError, ExpressionError, MappingError
from mapping.engine import compile_rules
from mapping.expressions import MAX_DEPTH, parse_expression
from mapping.functions import FUNCTIONS
from mapping.nodes import Expression
from mapping.rules import ROOTS, FilterData, RuleData, Scope
from mapping.values import MAX_TEXT
from tests.mapping.working import VAT

WORDS = [
    *FUNCTIONS,
    *(
        "order",
        "line",
        "customer",
        "and",
        "or",
        "not",
        "true",
        "nothing",
        "column",
        "a",
    ),
    *"+-*/&=<>()[],.\"'",
    *("<>", "<=", ">=", '"vat"', '"a"', "0", "1", "21.00", "999999999", " "),
]
NAMES = ["a", "b", "lines", "customer", "text"]

numbers = st.decimals() | st.integers() | st.floats() | st.just(10**6000)
zones = st.sampled_from([None, UTC, timezone(timedelta(hours=-5, minutes=-30))])
leaves = (
    st.none()
    | st.booleans()
    | numbers
    | st.text(max_size=5)
    | st.sampled_from(["x" * MAX_TEXT, "2026-01-31", "12,50"])
    | st.dates()
    | st.datetimes(timezones=zones)
    | st.binary(max_size=2)
)
values = leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.just("a"), leaves)
records = st.dictionaries(st.sampled_from(NAMES), values, max_size=3)
documents = st.fixed_dictionaries(
    {"a": values},
    optional={
        "b": values,
        "lines": st.lists(records | leaves, max_size=2) | leaves,
        "tenders": st.lists(records, max_size=1) | leaves,
        "customer": records | leaves,
    },
)

atoms = st.sampled_from(
    [
        "order.a",
        "order.b",
        "order.lines",
        "order.lines[0].a",
        "order.customer",
        "nothing",
    ]
    + [
        "0",
        "1",
        "2.5",
        "-1",
        '""',
        '"a"',
        '"2026-01-31"',
        "true",
        "9" * 30,
        "0." + "0" * 29 + "1",
    ]
)


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of other expressions."""
    signs = st.sampled_from("+ - * / & = <> < <= > >= and or".split())  # noqa: SIM905
    calls = st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})",
        st.sampled_from([name for name in FUNCTIONS if name != "lookup"]),
        st.lists(inner, min_size=1, max_size=3),
    )
    return (
        st.builds("({} {} {})".format, inner, signs, inner)
        | st.builds("{}({})".format, st.sampled_from(["-", "not "]), inner)
        | st.builds('lookup("vat", {}, {}, {})'.format, inner, inner, inner)
        | calls
        | calls
    )


expressions = st.recursive(atoms, combine, max_leaves=12)


def attack(
    expression: str, document: dict[str, Any], scope: str
) -> MappingError | None:
    """Compile and apply; the named errors are all that may come out."""
    rules = [RuleData(scope, "field", expression)]
    filters = [FilterData(expression, "reason")]
    try:
        compiled = compile_rules(rules, {"vat": VAT}, filters=filters)
        fields = compiled.apply(document)
        compiled.filters.reason(document)
    except ConfigError:
        return None
    except MappingError as error:
        return error
    for value in fields.header.values():
        assert not isinstance(value, Decimal) or value.is_finite()
    return None


def check_error(error: MappingError | None) -> None:
    """An error names its rule, filter or value map and stays readable."""
    if error is not None:
        assert error.message.startswith(("Rule", "Filter", "Value map"))
        assert len(error.message) < 500
        assert error.action
        assert error.code
        assert error.reference


def read(text: str) -> ExpressionError | Expression:
    """What reading a text gives or raises."""
    try:
        return parse_expression(text, ROOTS[Scope.LINE])
    except ExpressionError as error:
        return error


@settings(max_examples=300)
@given(st.text() | st.lists(st.sampled_from(WORDS)).map("".join))
def test_reading_anything_gives_nodes_or_an_expression_error(text: str) -> None:
    outcome = read(text)
    if isinstance(outcome, ExpressionError):
        assert 1 <= outcome.position <= len(text) + 1
        assert outcome.message.startswith(f"Position {outcome.position}: ")
    else:
        assert outcome.node.depth <= MAX_DEPTH


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    documents,
    st.sampled_from(list(Scope)),
)
def test_any_words_on_any_document_give_named_errors_only(
    expression: str, document: dict[str, Any], scope: str
) -> None:
    check_error(attack(expression, document, scope))


@settings(max_examples=600)
@given(expressions, documents, st.sampled_from(list(Scope)))
def test_any_expression_on_any_document_gives_named_errors_only(
    expression: str, document: dict[str, Any], scope: str
) -> None:
    check_error(attack(expression, document, scope))


@settings(max_examples=200)
@given(st.recursive(st.just("order.a"), lambda e: st.builds("({} & {})".format, e, e)))
def test_texts_stay_within_the_limit(expression: str) -> None:
    rules = [RuleData("header", "field", f"{expression} & {expression}")]
    try:
        fields = compile_rules(rules, {}).apply({"a": "x" * 3_000})
    except (ConfigError, MappingError):
        return
    assert len(fields.header["field"]) <= MAX_TEXT
