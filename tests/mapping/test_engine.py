"""Applying compiled rules and filters to documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import TargetField
from connectors.plain import to_plain
from integration_hub.core.errors import ConfigError, ExpressionError, MappingError
from mapping.engine import CompiledMapping, compile_rules, require_filled
from mapping.rules import FilterData, RuleData
from tests.connectors.test_plain import ORDER
from tests.mapping.working import VAT

DOCUMENT = {
    "id": "9",
    "lines": [{"text": "Tea", "vat": Decimal(21)}, {"text": "Cake"}],
    "tenders": [{"method": "PIN"}],
    "customer": {"email": "someone@example.com"},
}


def compile_one(scope: str, expression: str, **more: Any) -> CompiledMapping:
    """A mapping of one rule for the field "field"."""
    return compile_rules([RuleData(scope, "field", expression, **more)], {})


def test_every_scope_is_worked_out_in_its_context() -> None:
    rules = [
        RuleData("header", "h", "order.id"),
        RuleData("line", "l", "order.id & line.text"),
        RuleData("tender", "t", "order.id & tender.method"),
        RuleData("customer", "c", "customer.email"),
        RuleData("item", "i", "upper(line.text)"),
    ]
    fields = compile_rules(rules, {}).apply(DOCUMENT)
    assert fields.header == {"h": "9"}
    assert fields.lines == [{"l": "9Tea"}, {"l": "9Cake"}]
    assert fields.tenders == [{"t": "9PIN"}]
    assert fields.customer == {"c": "someone@example.com"}
    assert fields.items == [{"i": "TEA"}, {"i": "CAKE"}]


def test_no_rules_give_empty_fields_of_the_documents_shape() -> None:
    fields = compile_rules([], {}).apply(DOCUMENT)
    assert (fields.header, fields.customer) == ({}, {})
    assert (fields.lines, fields.tenders, fields.items) == ([{}, {}], [{}], [{}, {}])


def test_a_document_without_customer_has_no_customer_fields() -> None:
    fields = compile_one("customer", "customer.email", required=True).apply({"id": "1"})
    assert fields.customer is None
    assert fields.lines == []


def test_a_real_document_is_applied_as_plain_data() -> None:
    fields = compile_one("line", "line.sub_lines[0].extra.siUnit").apply(
        to_plain(ORDER)
    )
    assert fields.lines == [{"field": "kg"}]


@pytest.mark.parametrize("expression", ["nothing", '""', "order.nowhere"])
def test_nothing_and_empty_texts_leave_the_field_out(expression: str) -> None:
    assert compile_one("header", expression).apply(DOCUMENT).header == {}


@pytest.mark.parametrize(("expression", "value"), [("0", Decimal(0)), ("false", False)])
def test_zero_and_false_are_values(expression: str, value: Any) -> None:
    fields = compile_one("header", expression, required=True).apply(DOCUMENT)
    assert fields.header == {"field": value}


def test_a_required_rule_that_gives_nothing_fails_naming_the_rule() -> None:
    mapping = compile_one("line", "line.vat", required=True, label="VAT")
    with pytest.raises(MappingError) as caught:
        mapping.apply(DOCUMENT)
    error = caught.value
    assert error.message == 'Rule "Line: field" (VAT) is required but gives nothing.'
    assert error.fingerprint == "MappingError:required:line.field"
    assert error.action


def test_an_unusable_value_fails_naming_rule_value_and_what_to_do() -> None:
    with pytest.raises(MappingError) as caught:
        compile_one("line", "line.text + 1").apply(DOCUMENT)
    error = caught.value
    assert error.message == (
        'Rule "Line: field" needs a number; the value is a text, "Tea".'
    )
    assert error.fingerprint == "MappingError:value:line.field"
    assert error.action == "Use number(…) to make a number of a text."


@pytest.mark.parametrize(
    ("scope", "expression"),
    [("header", "order.customer.email + 1"), ("customer", "customer.email + 1")],
)
def test_a_value_of_a_customer_is_not_told(scope: str, expression: str) -> None:
    with pytest.raises(MappingError) as caught:
        compile_one(scope, expression).apply(DOCUMENT)
    assert "a text of 19 characters" in caught.value.message
    assert "someone" not in caught.value.message


def test_rules_may_differ_by_occasion() -> None:
    rules = [
        RuleData("header", "a", '"new"', on="create"),
        RuleData("header", "a", '"old"', on="update"),
        RuleData("header", "b", '"same"', on="both"),
    ]
    mapping = compile_rules(rules, {})
    assert mapping.apply(DOCUMENT).header == {"a": "new", "b": "same"}
    assert mapping.apply(DOCUMENT, occasion="update").header == {
        "a": "old",
        "b": "same",
    }


@pytest.mark.parametrize(("one", "other"), [("both", "both"), ("create", "both")])
def test_two_rules_for_a_field_on_one_occasion_are_refused(
    one: str, other: str
) -> None:
    rules = [
        RuleData("header", "a", "1", on=one),
        RuleData("header", "a", "2", on=other),
    ]
    with pytest.raises(
        ConfigError, match=r'Document: a": a second rule fills the same'
    ):
        compile_rules(rules, {})


def test_one_field_name_may_be_filled_in_two_scopes() -> None:
    rules = [RuleData("line", "a", "1"), RuleData("item", "a", "2")]
    assert compile_rules(rules, {}).apply(DOCUMENT).items[0] == {"a": Decimal(2)}


def test_an_unknown_scope_is_refused() -> None:
    with pytest.raises(ConfigError, match='there is no scope "lines"'):
        compile_one("lines", "1")


def test_a_rule_that_cannot_be_read_names_rule_and_position() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_one("line", "line.text &", label="Text")
    error = caught.value
    assert error.message.startswith('Rule "Line: field" (Text): Position 12: expected')
    assert (error.position, error.reference) == (12, "line.field")
    assert error.fingerprint == "ExpressionError:expression:line.field"


def test_a_look_up_that_cannot_work_names_the_rule() -> None:
    with pytest.raises(
        ConfigError, match=r'^Rule "Line: field": There is no value map "v"\.$'
    ):
        compile_one("line", 'lookup("v", 1)')


def test_declared_fields_are_checked() -> None:
    fields = [TargetField("memo", "Memo", max_length=3)]
    mapping = compile_rules(
        [RuleData("header", "memo", "order.id & 1.50")], {}, fields=fields
    )
    with pytest.raises(MappingError, match="gives 5 characters; the field takes 3"):
        mapping.apply(DOCUMENT)


def test_a_field_that_the_target_requires_may_not_stay_empty() -> None:
    fields = [TargetField("memo", "Memo", required=True)]
    mapping = compile_rules([RuleData("header", "memo", "nothing")], {}, fields=fields)
    with pytest.raises(MappingError, match="is required"):
        mapping.apply(DOCUMENT)


def test_an_undeclared_field_is_refused() -> None:
    fields = [TargetField("memo", "Memo", scope="line")]
    with pytest.raises(ConfigError, match="the target has no such field"):
        compile_rules([RuleData("header", "memo", "1")], {}, fields=fields)


def test_filters_give_the_reason_of_the_first_that_is_true() -> None:
    filters = [
        FilterData("nothing", "never"),
        FilterData('order.id = "9"', "nine"),
        FilterData("true", "always"),
    ]
    compiled = compile_rules([], {}, filters=filters).filters
    assert compiled
    assert compiled.reason(DOCUMENT) == "nine"
    assert compiled.reason({"id": "1"}) == "always"


def test_no_filters_are_false_and_leave_nothing_out() -> None:
    compiled = compile_rules([], {}).filters
    assert not compiled
    assert compiled.reason(DOCUMENT) == ""


def test_a_filter_that_is_no_condition_fails_naming_it() -> None:
    compiled = compile_rules([], {}, filters=[FilterData("order.id", "nine")]).filters
    with pytest.raises(MappingError, match=r'^Filter "nine" needs a condition'):
        compiled.reason(DOCUMENT)


def test_a_filter_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ExpressionError, match='^Filter "x": Position 1: "line" is not'):
        compile_rules([], {}, filters=[FilterData("line.text", "x")])


# ------------------------------------------------------------- flow, occasion, tables


def test_errors_begin_with_the_flow_and_name_object_and_field() -> None:
    fields = [TargetField("memo", "Message", scope="header", max_length=3)]
    rules = [RuleData("header", "memo", '"abcd"', label="The till's words")]
    mapping = compile_rules(rules, {}, fields=fields, flow="Receipts")
    with pytest.raises(MappingError) as caught:
        mapping.apply(DOCUMENT)
    assert caught.value.message == (
        'Flow "Receipts", rule "Document: Message" (The till\'s words) gives 4'
        ' characters; the field takes 3; the value is a text, "abcd".'
    )
    assert caught.value.reference == "header.memo"


def test_a_value_that_is_not_mapped_is_told_with_its_rule() -> None:
    rule = RuleData("line", "field", 'lookup("vat", "BE", "1", 6)')
    mapping = compile_rules([rule], {"vat": VAT}, flow="Receipts")
    with pytest.raises(MappingError) as caught:
        mapping.apply(DOCUMENT)
    error = caught.value
    assert error.message.startswith(
        'Flow "Receipts", rule "Line: field": Value map "VAT codes" has no row'
    )
    assert (error.code, error.reference) == ("unmapped", "vat:BE / 1 / 6")


def test_a_required_field_without_a_rule_stops_the_flow() -> None:
    fields = [TargetField("memo", "Memo", required=True), TargetField("a", "A")]
    only_update = RuleData("header", "memo", "1", on="update")
    for rules in ([], [only_update], [RuleData("header", "a", "1")]):
        with pytest.raises(ConfigError) as caught:
            require_filled(rules, fields, flow="Receipts")
        assert caught.value.message == (
            'Flow "Receipts": no active rule fills "Document: Memo", which the target'
            " requires."
        )


def test_an_update_leaves_alone_what_is_filled_only_if_empty_or_only_created() -> None:
    fields = [TargetField(name, name, keeps=True) for name in "abc"]
    rules = [
        RuleData("header", "a", "1", only_if_empty=True),
        RuleData("header", "b", "2", on="create"),
        RuleData("header", "c", "3"),
    ]
    mapping = compile_rules(rules, {}, fields=fields)
    assert mapping.apply(DOCUMENT).kept == frozenset()
    update = mapping.apply(DOCUMENT, occasion="update")
    assert update.header == {"a": "1", "c": "3"}
    assert update.kept == {("header", "a"), ("header", "b")}


def test_only_if_empty_says_nothing_of_what_another_rule_updates() -> None:
    rules = [
        RuleData("header", "a", "1", on="create", only_if_empty=True),
        RuleData("header", "a", "2", on="update"),
    ]
    fields = [TargetField("a", "A", keeps=True)]
    update = compile_rules(rules, {}, fields=fields).apply(DOCUMENT, occasion="update")
    assert (update.header, update.kept) == ({"a": "2"}, frozenset())


def test_what_an_update_writes_anew_is_filled_as_when_it_was_created() -> None:
    fields = [TargetField("a", "A", scope="line")]
    rules = [RuleData("line", "a", "1", on="create")]
    update = compile_rules(rules, {}, fields=fields).apply(DOCUMENT, occasion="update")
    assert update.lines == [{"a": "1"}, {"a": "1"}]
    assert update.kept == frozenset()


def test_only_if_empty_is_refused_where_an_update_writes_anew() -> None:
    fields = [TargetField("a", "A", scope="line")]
    rule = RuleData("line", "a", "1", only_if_empty=True)
    with pytest.raises(
        ConfigError, match='Line: A": the target writes this field anew'
    ):
        compile_rules([rule], {}, fields=fields)


def table(**more: Any) -> dict[str, Any]:
    """Tea gives its own words, 21 % a field, the rest what is said."""
    tea = {"field": "line.text", "operator": "is", "value": "tea"}
    taxed = {"field": "line.vat_rate", "operator": "at_least", "value": "21"}
    return {
        "rows": [
            {"when": {"all": [tea]}, "then": {"text": "Hot; with | sugar"}},
            {"when": {"any": [taxed]}, "then": {"expression": "line.text"}},
        ],
        **more,
    }


def test_the_first_row_of_a_table_that_fits_wins() -> None:
    lines = [{"text": "Tea", "vat_rate": Decimal(21)}, {"text": "Ale"}]
    lines.append({"text": "Ice", "vat_rate": Decimal("21.5")})
    for otherwise, last in ((None, {}), ({"number": "1,50"}, {"a": Decimal("1.50")})):
        rule = RuleData("line", "a", table=table(otherwise=otherwise))
        fields = compile_rules([rule], {}).apply({"lines": lines})
        assert fields.lines == [{"a": "Hot; with | sugar"}, last, {"a": "Ice"}]


def test_an_error_in_a_table_names_row_and_condition() -> None:
    mapping = compile_rules([RuleData("line", "a", table=table())], {}, flow="F")
    with pytest.raises(MappingError) as caught:
        mapping.apply({"lines": [{"text": "Ale", "vat_rate": "high"}]})
    assert caught.value.message == (
        'Flow "F", rule "Line: a" in row 2 at “the line\'s VAT rate is at least 21”'
        ' compares a number with another kind; the value is a text, "high".'
    )


def test_a_table_that_cannot_be_read_names_row_and_condition() -> None:
    broken = table()
    broken["rows"][1]["when"]["any"][0]["value"] = "high"
    with pytest.raises(ConfigError) as caught:
        compile_rules([RuleData("line", "a", table=broken)], {})
    assert caught.value.message == (
        'Rule "Line: a": Row 2: Condition 1: “Line\'s VAT rate” is a number, and “high”'
        " is none."
    )


def test_filters_of_conditions_leave_out_what_they_say() -> None:
    gift = {"field": "line.text", "operator": "contains", "value": "gift"}
    conditions = {"all": [{"every": "order.lines", "where": {"all": [gift]}}]}
    filters = [FilterData("", "gifts only", conditions)]
    compiled = compile_rules([], {}, filters=filters).filters
    assert compiled.reason({"lines": [{"text": "Gift card"}]}) == "gifts only"
    assert compiled.reason({"lines": [{"text": "Gift card"}, {"text": "Tea"}]}) == ""
    assert compiled.reason({"lines": []}) == ""
