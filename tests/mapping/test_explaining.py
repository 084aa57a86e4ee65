"""What every rule makes of a document, one by one."""

from __future__ import annotations

import pytest

from integration_hub.core.errors import ConfigError
from mapping.explaining import Reader, explain
from mapping.functions import add_formulas
from mapping.rules import FilterData, RuleData
from tests.mapping.test_formulas import POINTS

DOCUMENT = {
    "number": "7",
    "lines": [{"text": "Bread"}, {"text": "Tea"}],
    "tenders": [],
    "customer": None,
}


def rule(scope: str, field: str, expression: str, on: str = "both") -> RuleData:
    return RuleData(scope, field, expression, on=on)


def test_every_field_of_every_part_is_told_in_the_order_of_the_rules() -> None:
    rules = [rule("line", "text", "line.text"), rule("header", "memo", "order.number")]
    compiled, wrong = Reader({}).read(rules)
    assert wrong == {}
    told = [(each.key, each.value) for each in explain(compiled, DOCUMENT)]
    assert told == [
        (("header", 0, "memo"), "7"),
        (("line", 0, "text"), "Bread"),
        (("line", 1, "text"), "Tea"),
    ]


def test_a_rule_that_fails_leaves_the_others() -> None:
    rules = [rule("header", "memo", 'number("x")'), rule("header", "note", "1")]
    compiled, _wrong = Reader({}).read(rules)
    memo, note = explain(compiled, DOCUMENT)
    assert (memo.value, memo.error is None, note.value) == (None, False, 1)


def test_a_rule_that_cannot_be_read_is_named_by_its_place() -> None:
    rules = [rule("header", "memo", "upper("), rule("header", "note", "1")]
    compiled, wrong = Reader({}).read(rules)
    assert list(wrong) == [0]
    assert [each.field for each in explain(compiled, DOCUMENT)] == ["note"]


def test_a_second_rule_for_a_field_is_wrong_on_the_same_occasion_only() -> None:
    rules = [
        rule("header", "memo", "1", "create"),
        rule("header", "memo", "2", "update"),
        rule("header", "memo", "3"),
    ]
    compiled, wrong = Reader({}).read(rules)
    assert list(wrong) == [2]
    assert [each.value for each in explain(compiled, DOCUMENT)] == [1]


def test_functions_of_a_connector_are_known() -> None:
    rules = [rule("header", "memo", "points(95)")]
    compiled, wrong = Reader({}, functions=add_formulas([POINTS])).read(rules)
    assert wrong == {}
    assert [each.value for each in explain(compiled, DOCUMENT)] == [9]


def test_a_filter_that_cannot_be_read_stops_all() -> None:
    with pytest.raises(ConfigError):
        Reader({}, filters=[FilterData("upper(", "no")])
