"""How texts are cut into words, and the limits on what is read."""

from __future__ import annotations

import pytest

from integration_hub.core.errors import ExpressionError
from mapping.expressions import MAX_LENGTH, parse_expression
from mapping.nodes import EVERY, Literal, Pair, Path


def test_words_need_no_spaces_between_them() -> None:
    read = parse_expression('order.b<>"x""y"', ("order",)).node
    assert read == Pair("<>", Path("order", ("b",)), Literal('x"y'), 2)


def test_a_reserved_word_may_be_the_name_of_a_field() -> None:
    read = parse_expression("order.and.order.nothing", ("order",)).node
    assert read == Path("order", ("and", "order", "nothing"))


def test_a_word_that_begins_like_a_reserved_one_is_a_name() -> None:
    assert parse_expression("orders", ("orders",)).node == Path("orders", ())
    assert parse_expression("not notable", ("notable",)).node.depth == 2


def test_every_entry_is_a_step_of_a_path() -> None:
    read = parse_expression("order.a[ ].b[1]", ("order",), lists=True).node
    assert read == Path("order", ("a", EVERY, "b", 1))


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("order ! b", 7, '"!" has no meaning here'),
        ('order & "b', 9, 'the text that begins with " has no end'),
        ("'b", 1, "the text that begins with ' has no end"),
        ("٣", 1, '"٣" has no meaning here'),
        ("1 or", 5, "expected a value, but found the end"),
        ("1 order", 3, 'expected an operator or the end, but found "order"'),
        ("order.", 7, "expected the name of a field, but found the end"),
        ("order[!", 7, '"!" has no meaning here'),
        ("abs(1 2)", 7, 'expected "," or ")", but found "2"'),
        ("abs(or)", 5, 'expected a value, but found "or"'),
        ("f(1 < 2 < 3)", 9, "compare two values at a time"),
        ("order.lines[1 2]", 15, 'expected "]", but found "2"'),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_position(
    text: str, position: int, message: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, ("order",))
    assert caught.value.position == position
    assert caught.value.message.startswith(f"Position {position}: {message}")


def test_a_text_as_long_as_allowed_is_read() -> None:
    name = "a" * MAX_LENGTH
    assert parse_expression(name, (name,)).node == Path(name, ())


def test_a_longer_text_is_refused() -> None:
    with pytest.raises(ExpressionError, match="2,001 characters; at most 2,000"):
        parse_expression("a" * (MAX_LENGTH + 1), ("a",))


@pytest.mark.parametrize("text", ["(" * 40 + "1" + ")" * 40, "- " * 39 + "1"])
def test_forty_levels_are_read(text: str) -> None:
    assert parse_expression(text, ("order",)).node.depth <= 40


def test_levels_that_were_closed_do_not_count() -> None:
    parse_expression(" & ".join(["((-(1)))"] * 150), ("order",))
