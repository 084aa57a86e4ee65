from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.core import exactjson

NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=7)
VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | NUMBERS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_back_the_same(value: object) -> None:
    assert exactjson.loads(exactjson.dumps(value)) == value


@given(VALUES)
def test_any_other_reader_understands_it(value: object) -> None:
    json.loads(exactjson.dumps(value))


def test_decimals_keep_their_digits() -> None:
    body = {"Amount": Decimal("10.10"), "Qty": Decimal("1E+1"), "n": 3}
    assert exactjson.dumps(body) == '{"Amount":10.10,"Qty":10,"n":3}'


def test_numbers_are_read_exactly() -> None:
    assert exactjson.loads("[0.10, 12345678901234567890.12]") == [
        Decimal("0.10"),
        Decimal("12345678901234567890.12"),
    ]


def test_empty_lists_and_mappings_are_written() -> None:
    assert exactjson.dumps({"a": [], "b": {}, "c": ()}) == '{"a":[],"b":{},"c":[]}'


@pytest.mark.parametrize("value", [1.5, object(), {1: "a"}, {"a": {1.0}}])
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        exactjson.dumps(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_numbers_that_are_none_are_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="not a JSON number"):
        exactjson.dumps(value)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "{", ""])
def test_texts_that_are_no_json_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        exactjson.loads(text)
