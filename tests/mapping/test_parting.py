"""Which filters certainly never let the same document through."""

from __future__ import annotations

import pytest

from mapping.parting import are_parted
from mapping.rules import FilterData

ONE = 'order.branch = "1"'
NOT_ONE = 'order.branch <> "1"'


def filters(*expressions: str) -> list[FilterData]:
    return [FilterData(each, "left out") for each in expressions]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([ONE], [NOT_ONE]),
        (['"1" = order.branch'], [NOT_ONE]),
        ([NOT_ONE], ['order.branch <> "2"']),
        (['not one_of(order.branch, "1", "2")'], ['one_of(order.branch, "1", "2")']),
        (['not one_of(order.branch, "1", "2")'], ['order.branch <> "3"']),
        (['order.branch <> "1" and order.branch <> "2"'], ['order.branch <> "3"']),
        (
            ['not (order.branch = "1" or order.branch = "2")'],
            ['order.branch = "1" or order.branch = "2"'],
        ),
        ([ONE, 'order.branch = "2"'], ['not one_of(order.branch, "1", "2")']),
        (['order.type = "sale"', ONE], ["order.total_incl < 0", NOT_ONE]),
        (["order.extra.webshop = true"], ["order.extra.webshop <> true"]),
        ([NOT_ONE, 'order.type <> "sale"'], ['order.type = "sale" or empty(order.id)']),
        (["order.lines[0].vat_rate <> 21"], ["order.lines[0].vat_rate = 21.00"]),
    ],
)
def test_they_part(first: list[str], second: list[str]) -> None:
    assert are_parted(filters(*first), filters(*second))
    assert are_parted(filters(*second), filters(*first))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([], []),
        ([ONE], []),
        ([ONE], [ONE]),
        ([ONE], ['order.branch = "2"']),
        ([NOT_ONE], [NOT_ONE]),
        ([ONE], ['order.till <> "1"']),
        # Only nearly so.
        (['one_of(order.branch, "1", "2")'], ['not one_of(order.branch, "1", "3")']),
        (['order.branch = "1" and order.till = "2"'], [NOT_ONE]),
        (['order.branch <> "1" and order.till = "2"'], [ONE]),
        (['order.branch <> "1" and order.till <> "1"'], ['order.branch <> "2"']),
        (["order.branch <> 1"], ['order.branch <> "1" and order.branch <> 1']),
        (['not (order.branch = "1" or order.till = "1")'], [ONE]),
        # What nobody can decide.
        (["order.total_incl < 0"], ["order.total_incl >= 0"]),
        (['starts_with(order.branch, "1")'], ['not starts_with(order.branch, "1")']),
        (["order.branch = order.till"], ["order.branch <> order.till"]),
        (["order.branch = nothing"], ["order.branch <> nothing"]),
        (['lookup("b", order.branch) = "1"'], ['lookup("b", order.branch) <> "1"']),
        (["order.branch ="], [NOT_ONE]),
    ],
)
def test_they_may_not_part(first: list[str], second: list[str]) -> None:
    assert not are_parted(filters(*first), filters(*second))
    assert not are_parted(filters(*second), filters(*first))


def test_conditions_beside_the_field_do_not_hide_what_is_certain() -> None:
    first = filters('order.till = "9" or order.branch <> "1"')
    second = filters('not (order.branch = "2" and order.till = "1")')
    assert are_parted(first, second)


def conditions(operator: str, value: object, field: str = "order.branch") -> FilterData:
    asked = {"field": field, "operator": operator, "value": value}
    return FilterData("", "left out", {"all": [asked]})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (conditions("is", "1"), conditions("is_not", "1")),
        (conditions("is_not", "A"), conditions("is_not", "b")),
        (conditions("one_of", ["1", "2"]), conditions("none_of", ["2", "1"])),
        (
            conditions("is", "sale", "order.type"),
            conditions("is_not", "sale", "order.type"),
        ),
        (
            conditions("is", "5", "order.total_incl"),
            conditions("is_not", "5.00", "order.total_incl"),
        ),
    ],
)
def test_conditions_part(first: FilterData, second: FilterData) -> None:
    assert are_parted([first], [second])
    assert are_parted([second], [first])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (conditions("is", "1"), conditions("is", "2")),
        (conditions("is_not", "A"), conditions("is_not", "a")),
        (conditions("contains", "1"), conditions("lacks", "1")),
        (conditions("is", "1"), conditions("is_not", "1", "order.till")),
        (conditions("one_of", []), conditions("is_not", "1")),
    ],
)
def test_conditions_may_not_part(first: FilterData, second: FilterData) -> None:
    assert not are_parted([first], [second])
    assert not are_parted([second], [first])


def test_an_expression_that_conditions_stand_before_parts_nothing() -> None:
    same = conditions("is", "9").conditions
    first, second = (FilterData(each, "left out", same) for each in (ONE, NOT_ONE))
    assert not are_parted([first], [second])
