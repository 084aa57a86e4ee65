"""Paths over lists, the functions on them, and their limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.core.errors import ExpressionError, MappingError
from mapping.checking import check_expression
from mapping.expressions import parse_expression
from mapping.models import Mapping as StoredMapping
from mapping.values import MAX_ENTRIES
from tests.mapping.working import work_out

DOCUMENT: dict[str, Any] = {
    "lines": [
        {"sku": "A", "quantity": Decimal(2), "rate": Decimal(21), "sub": ["x", "y"]},
        {"sku": "B", "quantity": Decimal(1), "rate": Decimal(9), "sub": []},
        {"sku": "A", "quantity": Decimal("0.5"), "rate": Decimal("21.00")},
        {"quantity": None, "sub": ["z", ["deep"]]},
        "no record",
    ],
    "tags": ("red", "", None, "blue"),
    "empty": [],
    "total": Decimal(5),
    "extra": {"groups": [{"list": [{"n": 1}, {"n": 2}]}, {"list": [{"n": 3}]}]},
    "days": [date(2026, 1, 31), date(2026, 2, 1)],
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('join(",", order.lines[].sku)', "A,B,A"),
        ('join(",", unique(order.lines[].sku))', "A,B"),
        ('join(",", "first", order.tags[], 1)', "first,red,blue,1"),
        ("first(order.lines[].sku)", "A"),
        ("last(order.lines[].sku)", "A"),
        ("last(order.lines[].quantity)", Decimal("0.5")),
        ("first(order.empty[])", None),
        ("last(order.empty[].x)", None),
        ("first(nothing, 2)", Decimal(2)),
        ("last(2, nothing)", Decimal(2)),
        ("count(order.lines[])", Decimal(5)),
        ("count(order.lines[].sku)", Decimal(3)),
        ("count(order.lines[].quantity > 1)", Decimal(1)),
        ("count(order.nowhere[])", Decimal(0)),
        ("count(order.total[])", Decimal(0)),
        ("sum(order.lines[].quantity)", Decimal("3.5")),
        ("sum(order.empty[])", Decimal(0)),
        ("sum(1, nothing, 2)", Decimal(3)),
        ("max(order.lines[].rate)", Decimal(21)),
        ("min(order.lines[].rate, 5)", Decimal(5)),
        ("max(order.days[])", date(2026, 2, 1)),
        ("any(order.lines[].rate = 9)", True),
        ("any(9 = order.lines[].rate)", True),
        ("any(order.lines[].rate > 21)", False),
        ("any(order.lines[].rate > nothing)", False),
        ("any(order.empty[] = 1)", False),
        ("all(order.lines[].rate >= 9)", True),
        ("all(21 > order.lines[].rate)", False),
        ("all(order.empty[] = 1)", True),
        ("any(1 = 2, order.lines[].sku = 'B')", True),
        ("contains(order.lines[].sku, 'b')", True),
        ("contains(order.lines[].sku, 'AB')", False),
        ("contains(order.lines[].rate, 9.0)", True),
        ("contains(order.lines[].sku, nothing)", None),
        ("contains(order.lines[].rate, '9')", False),
        ("one_of('B', order.lines[].sku)", True),
        ('join(",", order.extra.groups[].list[].n)', "1,2,3"),
        ('join(",", order.extra.groups[0].list[].n)', "1,2"),
        ('join(",", order.extra.groups[].list[0].n)', "1,3"),
        ("count(order.extra.groups[].list[])", Decimal(3)),
        ('join(",", order.lines[].sub[][])', "deep"),
        ("count(unique(1, 1.0, '1', true))", Decimal(3)),
        ("sum(unique(order.lines[].rate))", Decimal(30)),
    ],
)
def test_lists_give(expression: str, value: Any) -> None:
    assert work_out(expression, DOCUMENT) == value


@pytest.mark.parametrize(
    ("expression", "position"),
    [
        ("order.lines[].sku", 1),
        ("1 + order.lines[].quantity", 5),
        ("order.lines[].sku & 'a'", 1),
        ("not order.lines[].sku", 5),
        ("-order.lines[].quantity", 2),
        ("upper(order.lines[].sku)", 7),
        ("contains('a', order.lines[].sku)", 15),
        ("if(true, order.lines[].sku)", 10),
        ("coalesce('', order.lines[].sku)", 14),
        ("lookup('vat', order.lines[].sku, 1, 1)", 15),
        ("order.lines[].rate = 21", 1),
        ("21 = order.lines[].rate", 1),
        ("true and order.lines[].rate = 21", 10),
        ("unique(order.lines[].sku)", 1),
        ("round(places=order.lines[].rate, number=1)", 14),
    ],
)
def test_a_list_where_one_value_is_wanted_is_refused(
    expression: str, position: int
) -> None:
    with pytest.raises(ExpressionError, match="a list cannot stand here") as caught:
        parse_expression(expression, ("order",))
    assert caught.value.position == position
    assert "first, last, sum" in caught.value.message


def test_two_lists_are_not_compared() -> None:
    with pytest.raises(ExpressionError, match="not with a list") as caught:
        parse_expression("any(order.a[] = order.b[])", ("order",))
    assert caught.value.position == 17


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("count(order.lines)", "count needs the entries of the list"),
        ("sum(order.lines)", "sum needs a number"),
        ("sum(order.lines[].sku)", "sum needs a number"),
        ("any(order.lines[].sku)", "any needs a condition"),
        ("first(order.lines[])", "needs a single value"),
        ("count(unique(order.lines[]))", "unique needs single values"),
        ("join(',', order.lines[])", "join needs a single value"),
        ("max(order.lines[].sku, 1)", "max compares a number with another kind"),
        ("any(order.lines[].sku > 1)", "compares a text with another kind"),
    ],
)
def test_lists_refuse(expression: str, problem: str) -> None:
    with pytest.raises(MappingError) as caught:
        work_out(expression, DOCUMENT)
    assert caught.value.message.startswith(f'Rule "Document: field" {problem}')
    assert caught.value.action


def test_a_list_has_a_limited_length() -> None:
    full = [Decimal(1)] * MAX_ENTRIES
    assert work_out("count(order.a[])", {"a": full}) == MAX_ENTRIES
    with pytest.raises(MappingError, match="a list of more than 10,000 entries"):
        work_out("count(order.a[])", {"a": [*full, Decimal(1)]})


def test_lists_in_lists_count_together() -> None:
    halves = [{"b": [1] * 6_000}, {"b": [1] * 6_000}]
    assert work_out("count(order.a[0].b[])", {"a": halves}) == 6_000
    with pytest.raises(MappingError, match="a list of more than 10,000 entries"):
        work_out("count(order.a[].b[])", {"a": halves})


def test_the_steps_of_an_expression_are_limited_for_each_record() -> None:
    document = {"a": [Decimal(1)] * MAX_ENTRIES}
    few = "+".join(["sum(order.a[])"] * 4)
    many = "+".join(["sum(order.a[])"] * 5)
    assert work_out(few, document) == 4 * MAX_ENTRIES
    with pytest.raises(MappingError, match="takes more than 100,000 steps"):
        work_out(many, document)


def test_a_path_over_lists_is_held_against_the_documents(db: None) -> None:
    mapping = StoredMapping(name="m", source="x", target="y", kind="order")
    assert check_expression(mapping, "count(order.lines[].article)", "header") is None
    assert check_expression(mapping, "sum(order.lines[].nono)", "header") == (
        '"order.lines[]" has no "nono"; there is amount_excl, amount_incl, article,'
        " discount, extra, id, purchase_price, quantity, settles, sub_lines, text,"
        " turnover_group, turnover_group_name, type, unit_price_incl, vat_code, vat_rate."
    )
    assert check_expression(mapping, "sum(order.total_incl[])", "header") == (
        '"order.total_incl" has no "[]".'
    )


MATCHES: dict[str, Any] = {
    "fields": [
        "no record",
        {"name": None, "value": "x"},
        {"name": {"a": 1}, "value": "y"},
        {"name": "size", "value": "42", "id": 7},
        {"name": "size", "value": "43"},
    ],
    "lines": [{"fields": [{"name": "size", "value": "1"}]}, {"fields": []}],
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('order.fields[name = "size"].value', "42"),
        ("order.fields[name='Size'].value", None),
        ("order.fields[id = 7.0].value", "42"),
        ('order.fields[id = "7"].value', None),
        ('order.nowhere[name = "size"].value', None),
        ('order.fields[3][name = "size"].value', None),
        ('join(",", order.lines[].fields[name = "size"].value)', "1"),
        ('order.fields[name = "size"].value & "!"', "42!"),
    ],
)
def test_an_entry_is_found_by_a_field(expression: str, value: Any) -> None:
    assert work_out(expression, MATCHES) == value


def test_looking_for_an_entry_takes_steps() -> None:
    document = {"a": [{"n": "x"}] * 60_000}
    assert work_out('order.a[n = "y"].n', document) is None
    with pytest.raises(MappingError, match="takes more than 100,000 steps"):
        work_out('order.a[n = "y"].n & order.a[n = "z"].n', document)


@pytest.mark.parametrize(
    ("expression", "position", "problem"),
    [
        ("order.a[name]", 9, "expected a number or a name in quotes"),
        ("order.a[name", 13, 'expected "=" or "]", but found the end'),
        ("order.a[name = b]", 16, "expected a number or a text"),
        (f"order.a[n = {'9' * 31}]", 13, "a number has at most 30 digits"),
    ],
)
def test_an_entry_that_cannot_be_looked_for_is_refused(
    expression: str, position: int, problem: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(expression, ("order",))
    assert caught.value.message.startswith(f"Position {position}: {problem}")


def test_a_search_is_held_against_the_documents() -> None:
    mapping = StoredMapping(name="m", source="x", target="y", kind="order")
    good = 'order.lines[article = "1"].text'
    assert check_expression(mapping, good, "header") is None
    assert check_expression(mapping, 'order.id[a = "1"]', "header") == (
        '"order.id" has no "[a = …]".'
    )
    wrong = check_expression(mapping, 'order.lines[nono = "1"].text', "header")
    assert wrong
    assert wrong.startswith('"order.lines[nono = …]" has no "nono"; there is amount')
