"""The words of an expression."""

from __future__ import annotations

import pytest

from integration_hub.core.errors import ExpressionError
from mapping.tokens import MAX_LENGTH, split_tokens


def test_tokens_have_kind_text_and_position() -> None:
    tokens = split_tokens('a.b <> "x""y" + 1.50')
    assert [(each.kind, each.text, each.position) for each in tokens] == [
        ("name", "a", 1),
        ("sign", ".", 2),
        ("name", "b", 3),
        ("sign", "<>", 5),
        ("text", '"x""y"', 8),
        ("sign", "+", 15),
        ("number", "1.50", 17),
        ("end", "", 21),
    ]


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("a ! b", 3, 'Position 3: "!" has no meaning here.'),
        ('a & "b', 5, 'Position 5: the text that begins with " has no end.'),
        ("'b", 1, "Position 1: the text that begins with ' has no end."),
    ],
)
def test_what_is_no_word_is_refused_with_its_position(
    text: str, position: int, message: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        split_tokens(text)
    assert caught.value.position == position
    assert caught.value.message == message


def test_a_text_as_long_as_allowed_is_split() -> None:
    assert len(split_tokens("a" * MAX_LENGTH)) == 2


def test_a_longer_text_is_refused() -> None:
    with pytest.raises(ExpressionError, match="2,001 characters; at most 2,000"):
        split_tokens("a" * (MAX_LENGTH + 1))
