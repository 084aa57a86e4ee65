"""The grammar: what expressions mean, and how unreadable ones are refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.core.errors import ExpressionError
from mapping.expressions import MAX_DEPTH, parse_expression
from tests.mapping.working import work_out

DOCUMENT = {
    "number": {"text": "1-2-26-33"},
    "total": Decimal("12.50"),
    "date": date(2026, 1, 31),
    "lines": [{"text": "Tea"}, {"text": "Cake"}],
    "extra": {"a name": "x", "and": "y", "count": 3, "weight": 1.5},
    "final": True,
    "customer": None,
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"a"', "a"),
        ("'a'", "a"),
        ('"say ""hi"""', 'say "hi"'),
        ("'it''s'", "it's"),
        ("12.50", Decimal("12.50")),
        ("007", Decimal(7)),
        ("true", True),
        ("FALSE", False),
        ("nothing", None),
        ("( ( 1 ) )", Decimal(1)),
    ],
)
def test_literals(expression: str, value: Any) -> None:
    assert work_out(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("order.number.text", "1-2-26-33"),
        ("order.total", Decimal("12.50")),
        ("order . date", date(2026, 1, 31)),
        ("order.lines[1].text", "Cake"),
        ('order.extra["a name"]', "x"),
        ("order.extra.and", "y"),
        ("order.extra.count", Decimal(3)),
        ("order.extra.weight", Decimal("1.5")),
        ("order.final", True),
        ("order.nowhere", None),
        ("order.nowhere.at.all", None),
        ("order.customer.email", None),
        ("order.lines[2].text", None),
        ("order.lines.text", None),
        ("order.number[0]", None),
        ("order.total.text", None),
        ("order.total[0]", None),
    ],
)
def test_paths(expression: str, value: Any) -> None:
    assert work_out(expression, DOCUMENT) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("12 / 2 / 3", 2),
        ("-2 * -3", 6),
        ("- - 2", 2),
        ("1 - -1", 2),
        ("0.1 + 0.2 = 0.3", True),
        ("1 + 1 & 2 + 2", "24"),
        ('"a" & nothing & 1.50', "a1.50"),
        ('1 + 1 = 2 and not "a" = "b"', True),
        ("not true or true", True),
        ("true or false and false", True),
        ("NOT nothing AND True", True),
        ("1 = not true", False),
        ("(1 < 2) = true", True),
        ("true = (1 < 2)", True),
    ],
)
def test_precedence(expression: str, value: Any) -> None:
    assert work_out(expression) == value


@pytest.mark.parametrize(
    "expression", ["true or 1 / 0 = 1", "not (false and 1 / 0 = 1)"]
)
def test_and_and_or_stop_early(expression: str) -> None:
    assert work_out(expression) is True


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('if(1 = 1, "a", 1 / 0)', "a"),
        ('IF(1 = 2, 1 / 0, "b")', "b"),
        ('if(nothing, "a")', None),
        ('if(condition=true, then="a", else="b")', "a"),
        ('coalesce(nothing, " ", "x", 1 / 0)', "x"),
        ('coalesce(nothing, "")', None),
        ('lookup("vat", "NL", "1", 21.00)', "VAT 21%"),
        ('lookup(map="vat", column="tax_code")', ExpressionError),
        ("round(2.5)", Decimal(3)),
        ("round(places=1, number=2.25)", Decimal("2.3")),
        ('truncate("abc", length=2)', "ab"),
    ],
)
def test_calls(expression: str, value: Any) -> None:
    if value is ExpressionError:
        with pytest.raises(ExpressionError, match="needs more arguments"):
            work_out(expression)
    else:
        assert work_out(expression) == value


REFUSED = [
    ("", 1, "expected a value, but found the end"),
    ("1 +", 4, "expected a value, but found the end"),
    ("1 2", 3, 'expected an operator or the end, but found "2"'),
    ("and", 1, 'expected a value, but found "and"'),
    ("(1", 3, 'expected an operator or ")", but found the end'),
    ("total", 1, '"total" is not known here; a path starts with order'),
    ("line.text", 1, '"line" is not known here; a path starts with order'),
    ("upper", 1, '"upper" is a function: write upper(text)'),
    ("order.", 7, "expected the name of a field, but found the end"),
    ("order.1", 7, 'expected the name of a field, but found "1"'),
    ("order.lines[1.5]", 13, 'expected a whole number, but found "1.5"'),
    ("order.lines[1234567890]", 13, "expected a smaller number"),
    ("order.lines[x]", 13, "expected a number or a name in quotes"),
    ("order.lines[1", 14, 'expected "]", but found the end'),
    ("uper(1)", 1, 'there is no function "uper"; is upper meant?'),
    ("order(1)", 1, 'there is no function "order"'),
    ("upper()", 1, 'upper(text) needs "text"'),
    ("upper(1, 2)", 1, "upper(text) takes fewer arguments"),
    ('join("-")', 1, "join(separator, value, …) needs more arguments"),
    ("upper(1", 8, 'expected "," or ")", but found the end'),
    ("upper(1,)", 9, 'expected a value, but found ")"'),
    ("upper(txt=1)", 7, 'upper(text) has no "txt"'),
    ("upper(text=1, text=2)", 15, '"text" is given twice'),
    ("upper(1, text=2)", 1, '"text" is given twice'),
    ("round(number=1, 2)", 17, "an argument without a name after a named one"),
    ("1 < 2 < 3", 7, "compare two values at a time"),
    ("(1) = (2) = 3", 11, "compare two values at a time"),
    ("1" * 31, 1, "a number has at most 30 digits"),
    ("1 == 1", 4, 'expected a value, but found "="'),
]


@pytest.mark.parametrize(("text", "position", "problem"), REFUSED)
def test_the_unreadable_is_refused_with_position_and_reason(
    text: str, position: int, problem: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, ("order",))
    assert caught.value.position == position
    assert caught.value.message.startswith(f"Position {position}: {problem}")


@pytest.mark.parametrize("opening", ["(", "-", "not ", "abs(", "1 + (", '"" & ('])
def test_depth_is_limited(opening: str) -> None:
    with pytest.raises(ExpressionError, match="more than 40 levels"):
        parse_expression(opening * (MAX_DEPTH + 1), ("order",))


def test_a_long_calculation_is_as_deep_as_it_is_long() -> None:
    parse_expression("+".join(["1"] * MAX_DEPTH), ("order",))
    with pytest.raises(ExpressionError, match="more than 40 levels"):
        parse_expression("+".join(["1"] * (MAX_DEPTH + 1)), ("order",))


@pytest.mark.parametrize("sign", ["&", " and ", " or "])
def test_a_long_chain_is_not_deep(sign: str) -> None:
    parsed = parse_expression(sign.join(["order.a"] * 150), ("order",))
    assert parsed.node.depth == 2


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("order.total", False),
        ("order.customer.email", True),
        ('order["customer"]', True),
        ('upper("customer")', False),
    ],
)
def test_an_expression_knows_whether_it_meets_a_customer(
    text: str, personal: bool
) -> None:
    assert parse_expression(text, ("order",)).personal is personal
