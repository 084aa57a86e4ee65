"""Mappings and value maps as documents, and what is different between two."""

from __future__ import annotations

from typing import Any

import pytest

from mapping import document_checks, documents
from mapping.differences import compare_mappings, compare_value_maps
from mapping.models import Filter, Mapping, Rule, ValueMap, ValueMapEntry

RULE = {"scope": "header", "field": "memo", "expression": "order.id"}
FILTER = {"reason": "not ours", "expression": "true"}


def mapping(*rules: dict[str, Any], filters: Any = (), name: str = "M") -> Any:
    return {"name": name, "rules": list(rules), "filters": list(filters)}


def value_map(*rows: Any, **more: Any) -> Any:
    return {
        "name": "vat",
        "label": "VAT codes",
        "keys": [{"name": "code", "label": "VAT code"}],
        "columns": [{"name": "tax", "label": "Tax code", "choices": "tax_codes"}],
        "default": {},
        "rows": [{"keys": [key], "values": {"tax": tax}} for key, tax in rows],
        **more,
    }


def told(changes: Any) -> list[tuple[str, ...]]:
    return [(c.thing, c.what, c.field, c.before, c.after) for c in changes]


def test_a_rule_and_a_filter_say_what_they_do_in_one_way() -> None:
    asked = {"all": [{"field": "order.id", "operator": "filled"}]}
    table = {"rows": [{"when": asked, "then": {"text": "x"}}], "otherwise": None}
    document = mapping(
        {**RULE, "table": table}, filters=[{**FILTER, "conditions": asked}]
    )
    problems = document_checks.check_mapping(Mapping(kind="order"), document, None)
    assert [(each.path, each.message) for each in problems] == [
        (
            ("rules", 0, "expression"),
            "The rule for memo has a table and an expression: keep one.",
        ),
        (
            ("filters", 0, "expression"),
            "The filter “not ours” has conditions and an expression: keep one.",
        ),
    ]


def test_a_document_leaves_out_what_is_as_usual() -> None:
    rule = Rule(scope="header", field="memo", expression="order.id")
    other = Rule(scope="line", field="x", expression="1", active=False, on="create")
    made = documents.make_mapping("M", [rule, other], [Filter(**FILTER)])
    assert made["rules"][0] == RULE
    assert made["rules"][1]["active"] is False
    assert made["rules"][1]["on"] == "create"
    assert made["filters"] == [FILTER]


def test_a_document_is_read_back_as_it_was() -> None:
    document = mapping(
        {**RULE, "label": "Memo", "required": True, "origin": "default"},
        filters=[{**FILTER, "active": False}],
    )
    again = documents.make_mapping(
        "M", documents.read_rules(document), documents.read_filters(document)
    )
    assert again == document


def test_rows_stand_in_the_order_of_their_keys_any_last() -> None:
    plain = ValueMap(
        name="m",
        label="M",
        key_fields=[{"label": "Key", "name": "key"}],
        columns=[{"name": "b", "label": "B"}, {"name": "a", "label": "A"}],
    )
    entries = [
        ValueMapEntry(keys=[key], values={"a": "1", "b": "2", "old": "3"})
        for key in ("*", "10", "9", "x")
    ]
    made = documents.make_value_map(plain, entries)
    assert [row["keys"] for row in made["rows"]] == [["9"], ["10"], ["x"], ["*"]]
    assert list(made["rows"][0]["values"].items()) == [("b", "2"), ("a", "1")]
    assert list(made["keys"][0]) == ["name", "label"]


def test_a_changed_rule_is_told_by_field() -> None:
    changes = compare_mappings(
        mapping({**RULE, "label": "Memo"}),
        mapping({**RULE, "label": "Memo", "expression": "1", "required": True}),
    )
    thing = "Rule document: Memo (memo)"
    assert told(changes) == [
        (thing, "changed", "Expression", "order.id", "1"),
        (thing, "changed", "Required", "no", "yes"),
    ]


def test_rules_that_come_and_go_are_told_with_what_they_say() -> None:
    new = {"scope": "line", "field": "text", "expression": "line.text"}
    changes = told(compare_mappings(mapping(RULE), mapping(new)))
    assert ("Rule line: text", "added", "Expression", "", "line.text") in changes
    assert ("Rule document: memo", "removed", "Expression", "order.id", "") in changes


def test_a_filter_with_another_reason_is_no_new_one() -> None:
    [change] = compare_mappings(
        mapping(filters=[FILTER]), mapping(filters=[{**FILTER, "reason": "of others"}])
    )
    assert (change.what, change.before, change.after) == (
        "changed",
        "not ours",
        "of others",
    )


def test_another_order_is_told_once() -> None:
    other = {**RULE, "field": "note"}
    [change] = compare_mappings(mapping(RULE, other), mapping(other, RULE))
    assert (change.thing, change.field) == ("Rules", "Order")
    assert compare_mappings(mapping(RULE), mapping(other, RULE))[0].what == "added"


def test_rows_are_told_by_their_keys_and_names() -> None:
    changes = compare_value_maps(
        value_map(("1", "5"), ("2", "6")),
        value_map(("1", "7"), ("*", "5")),
        {"tax_codes": {"5": "High", "7": "Low"}},
    )
    assert told(changes) == [
        ("VAT codes: VAT code 1", "changed", "Tax code", "High (5)", "Low (7)"),
        ("VAT codes: VAT code any", "added", "Tax code", "", "High (5)"),
        ("VAT codes: VAT code 2", "removed", "Tax code", "6", ""),
    ]


def test_settings_and_defaults_of_a_map_are_told() -> None:
    changes = compare_value_maps(
        value_map(), value_map(missing="default", default={"tax": "5"}, force=True)
    )
    assert told(changes) == [
        (
            "Value map VAT codes",
            "changed",
            "When no row fits",
            "fail the record",
            "use the default",
        ),
        ("Value map VAT codes", "changed", "Always the default", "no", "yes"),
        ("Value map VAT codes", "changed", "Default: Tax code", "", "5"),
    ]


@pytest.mark.parametrize("empty", [{}, value_map()])
def test_equal_documents_have_no_difference(empty: Any) -> None:
    assert compare_value_maps(empty, empty) == []
    assert compare_mappings(mapping(RULE), mapping(RULE)) == []


TABLE = {
    "rows": [
        {
            "when": {
                "all": [
                    {"field": "order.total_incl", "operator": "more", "value": "100"}
                ]
            },
            "then": {"text": "big"},
        }
    ],
    "otherwise": None,
}
CONDITIONS = {"any": [{"field": "order.branch", "operator": "is", "value": "2"}]}


def test_what_may_be_said_of_rules_and_filters_is_in_the_document() -> None:
    document = mapping(
        {
            "scope": "header",
            "field": "memo",
            "table": TABLE,
            "only_if_empty": True,
            "note": "why",
        },
        filters=[{"reason": "not ours", "conditions": CONDITIONS}],
    )
    rules, filters = documents.read_rules(document), documents.read_filters(document)
    assert documents.make_mapping("M", rules, filters) == document
    left_out = {"id", "mapping", "position", "default_expression", "default_required"}
    for model, parts in (
        (Rule, documents.RULE_PARTS),
        (Filter, documents.FILTER_PARTS),
    ):
        columns = {field.name for field in model._meta.concrete_fields}
        assert columns - left_out == {part.name for part in parts}


def test_numbers_in_tables_are_texts() -> None:
    row = Rule(scope="header", field="x", table={"rows": [1, 2.5, True, None]})
    [rule] = documents.make_mapping("M", [row], [])["rules"]
    assert rule["table"] == {"rows": ["1", "2.5", True, None]}


def test_tables_and_conditions_are_told_as_sentences() -> None:
    changes = compare_mappings(
        mapping(RULE, filters=[FILTER]),
        mapping(
            {**RULE, "expression": "", "table": TABLE},
            filters=[{"reason": "not ours", "conditions": CONDITIONS}],
        ),
    )
    said = {(change.field, change.after) for change in changes}
    [table] = [after for field, after in said if field == "Conditional table"]
    assert table.startswith("When ")
    assert "then “big”" in table
    [conditions] = [after for field, after in said if field == "Conditions"]
    assert "“2”" in conditions or "2" in conditions
    odd = compare_mappings(mapping(RULE), mapping({**RULE, "table": {"x": "y"}}))
    assert odd[0].after == '{"x": "y"}'


@pytest.mark.parametrize(
    ("rule", "skip", "path"),
    [
        ({"table": TABLE}, {"expression": "true"}, None),
        ({"table": {}}, {"expression": "true"}, ("rules", 0, "table")),
        (
            {"table": {**TABLE, "otherwise": {"expression": "order.x"}}},
            {"expression": "true"},
            ("rules", 0, "table"),
        ),
        ({"expression": "1"}, {"conditions": {}}, ("filters", 0, "conditions")),
        ({"expression": "1"}, {"expression": "1 +"}, ("filters", 0, "expression")),
    ],
)
def test_tables_and_conditions_of_a_document_are_checked(
    rule: Any, skip: Any, path: Any
) -> None:
    document = {
        "name": "M",
        "rules": [{"scope": "header", "field": "a", **rule}],
        "filters": [{"reason": "x", **skip}],
    }
    mapping = Mapping(name="M", source="a", target="b", kind="order")
    found = document_checks.check_mapping(mapping, document, {})
    assert [problem.path for problem in found] == ([path] if path else [])


@pytest.mark.parametrize("part", ["keys", "columns"])
def test_a_map_of_ones_own_has_keys_and_columns(part: str) -> None:
    document = {
        "name": "own",
        "label": "Own",
        "origin": "own",
        "keys": [{"name": "a", "label": "A"}],
        "columns": [{"name": "b", "label": "B"}],
        "rows": [],
        part: [],
    }
    (problem,) = document_checks.check_value_map(document)
    assert problem.path == (part,)
    assert part in problem.message
