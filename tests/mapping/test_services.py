"""Mappings and value maps as rows: defaults, loading, checking, setting rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from connectors.contract import TargetField
from integration_hub.core.errors import ConfigError
from mapping import map_services, services
from mapping.models import Filter, Mapping, Rule, ValueMap, ValueMapSet
from mapping.rules import Entry
from tests.mapping.working import VAT

pytestmark = pytest.mark.django_db

RULES: list[dict[str, Any]] = [
    {
        "scope": "line",
        "field": "tax_code",
        "label": "Tax code",
        "required": True,
        "on": "both",
        "expression": 'lookup("vat", order.country, line.vat_code, line.vat_rate)',
    },
    {"scope": "header", "field": "memo", "expression": "order.reference"},
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "name": "vat",
        "label": "VAT codes",
        "missing": "fail",
        "keys": [
            {"name": "country", "label": "Country"},
            {"name": "code", "label": "VAT code", "choices": "vat_codes"},
            {"name": "rate", "label": "VAT rate", "type": "number"},
        ],
        "columns": [{"name": "tax_code", "label": "Tax code", "choices": "tax_codes"}],
    }
]
DOCUMENT = {
    "country": "NL",
    "reference": "R1",
    "lines": [{"vat_code": "1", "vat_rate": Decimal("21.00")}],
}


@pytest.fixture
def mapping() -> Mapping:
    return Mapping.objects.create(name="Receipts", source="a", target="b", kind="order")


@pytest.fixture
def map_set() -> ValueMapSet:
    return ValueMapSet.objects.create(name="Shop")


@pytest.fixture
def vat(map_set: ValueMapSet) -> ValueMap:
    [vat] = map_services.install_value_maps(map_set, TEMPLATES)
    return vat


def rule(mapping: Mapping, field: str) -> Rule:
    """The only rule of a field."""
    return mapping.rules.get(field=field)


def test_defaults_are_installed_as_they_are_shipped(mapping: Mapping) -> None:
    services.install_defaults(mapping, RULES)
    tax, memo = mapping.rules.all()
    assert (tax.field, tax.label, tax.required, tax.on) == (
        "tax_code",
        "Tax code",
        True,
        "both",
    )
    assert tax.expression == tax.default_expression == RULES[0]["expression"]
    assert (memo.origin, memo.active, memo.required) == ("default", True, False)
    assert not memo.changed


def test_installing_again_adds_nothing(mapping: Mapping) -> None:
    services.install_defaults(mapping, RULES)
    assert services.install_defaults(mapping, RULES) == []
    assert mapping.rules.count() == 2


def test_a_new_default_is_offered_and_not_forced(mapping: Mapping) -> None:
    services.install_defaults(mapping, RULES)
    newer = [{**RULES[1], "expression": "order.id"}]
    services.install_defaults(mapping, newer)
    memo = rule(mapping, "memo")
    assert memo.expression == "order.reference"
    assert memo.default_expression == "order.id"
    assert memo.changed


def test_a_default_for_a_field_with_an_own_rule_comes_switched_off(
    mapping: Mapping,
) -> None:
    own = Rule.objects.create(
        mapping=mapping, scope="header", field="memo", expression="order.id"
    )
    [default] = services.install_defaults(mapping, RULES[1:])
    assert own.active
    assert not default.active


def test_a_default_that_cannot_be_read_is_refused_whole(mapping: Mapping) -> None:
    broken = {"scope": "header", "field": "x", "expression": "line.text"}
    with pytest.raises(ConfigError, match=r"Default rule header\.x: Position 1"):
        services.install_defaults(mapping, [*RULES, broken])
    assert not mapping.rules.exists()


def test_two_active_rules_for_one_field_are_refused_by_the_database(
    mapping: Mapping,
) -> None:
    services.install_defaults(mapping, RULES)
    with pytest.raises(IntegrityError):
        Rule.objects.create(
            mapping=mapping, scope="header", field="memo", expression="1"
        )


def test_value_maps_are_installed_from_their_templates(vat: ValueMap) -> None:
    vat.refresh_from_db()
    assert (vat.name, vat.label, vat.missing) == ("vat", "VAT codes", "fail")
    assert vat.key_fields == TEMPLATES[0]["keys"]
    assert vat.columns == TEMPLATES[0]["columns"]
    assert (vat.default, vat.force) == ({}, False)


def test_installing_maps_again_keeps_rows_and_settings(
    map_set: ValueMapSet, vat: ValueMap
) -> None:
    map_services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "5"})
    ValueMap.objects.update(missing="empty")
    assert (
        map_services.install_value_maps(map_set, [{**TEMPLATES[0], "label": "Tax"}])
        == []
    )
    vat.refresh_from_db()
    assert (vat.label, vat.missing, vat.entries.count()) == ("Tax", "empty", 1)


def test_rows_are_added_and_changed_by_their_keys(vat: ValueMap) -> None:
    map_services.set_entry(vat, ["NL", "1", Decimal("21.00")], {"tax_code": "5"})
    map_services.set_entries(
        vat,
        [
            (["NL", " 1", "21,0"], {"tax_code": "6"}),
            (["NL", "2", "9"], {"tax_code": "7"}),
        ],
    )
    rows = [(entry.keys, entry.values) for entry in vat.entries.all()]
    assert rows == [
        (["NL", "1", "21"], {"tax_code": "6"}),
        (["NL", "2", "9"], {"tax_code": "7"}),
    ]


def test_a_row_given_twice_counts_once(vat: ValueMap) -> None:
    twice = [(["NL", "1", "21"], {"tax_code": code}) for code in ("5", "6")]
    map_services.set_entries(vat, twice)
    assert vat.entries.get().values == {"tax_code": "6"}


def test_rows_are_set_in_one_statement(
    vat: ValueMap, django_assert_num_queries: Any
) -> None:
    rows = [(["NL", str(n), "21"], {"tax_code": "5"}) for n in range(50)]
    # One for the rows; the others lock the map and keep what it was and is.
    with django_assert_num_queries(12) as asked:
        map_services.set_entries(vat, rows)
    written = 'INSERT INTO "mapping_valuemapentry"'
    assert sum(q["sql"].startswith(written) for q in asked.captured_queries) == 1


@pytest.mark.parametrize(
    ("keys", "values", "problem"),
    [
        (["NL"], {}, "has 3 keys (Country, VAT code, VAT rate), not 1."),
        (["NL", "1", "21"], {"code": "5"}, 'has no column "code".'),
        (["NL", "1", "high"], {}, 'no such VAT rate: "high" is not a number'),
    ],
)
def test_rows_that_do_not_fit_are_refused(
    vat: ValueMap, keys: list[str], values: dict[str, str], problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        map_services.set_entry(vat, keys, values)
    assert problem in caught.value.message
    assert not vat.entries.exists()


def test_a_mapping_is_loaded_with_its_maps_and_filters(
    mapping: Mapping, map_set: ValueMapSet, vat: ValueMap
) -> None:
    services.install_defaults(mapping, RULES)
    map_services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "5"})
    Filter.objects.create(mapping=mapping, expression="true", reason="all")
    compiled = services.load(mapping, map_set)
    fields = compiled.apply(DOCUMENT)
    assert (fields.header, fields.lines) == ({"memo": "R1"}, [{"tax_code": "5"}])
    assert compiled.filters.reason(DOCUMENT) == "all"


def test_loading_takes_four_queries(
    mapping: Mapping,
    map_set: ValueMapSet,
    vat: ValueMap,
    django_assert_num_queries: Any,
) -> None:
    map_services.install_value_maps(map_set, [{**TEMPLATES[0], "name": "other"}])
    services.install_defaults(mapping, RULES)
    map_services.set_entries(vat, [(["NL", str(n), "21"], {}) for n in range(9)])
    with django_assert_num_queries(4):
        services.load(mapping, map_set)


def test_rules_and_filters_that_are_switched_off_are_not_loaded(
    mapping: Mapping,
) -> None:
    services.install_defaults(mapping, RULES[1:])
    Filter.objects.create(mapping=mapping, expression="true", reason="x", active=False)
    mapping.rules.update(active=False)
    compiled = services.load(mapping, None)
    assert compiled.apply(DOCUMENT).header == {}
    assert not compiled.filters


def test_a_mapping_may_be_loaded_against_declared_fields(mapping: Mapping) -> None:
    services.install_defaults(mapping, RULES[1:])
    with pytest.raises(ConfigError, match="the target has no such field"):
        services.load(mapping, None, fields=[TargetField("other", "Other")])


def test_filters_may_use_value_maps(
    mapping: Mapping, map_set: ValueMapSet, vat: ValueMap
) -> None:
    expression = 'lookup("vat", order.country, "1", 21) = "skip"'
    Filter.objects.create(mapping=mapping, expression=expression, reason="by table")
    map_services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "skip"})
    filters = services.load(mapping, map_set).filters
    assert filters.reason(DOCUMENT) == "by table"


def test_an_expression_is_checked_for_its_scope() -> None:
    assert services.check_expression("line.text", "line") is None
    problem = services.check_expression("line.text", "header")
    assert problem is not None
    assert problem.startswith('Position 1: "line" is not known here')


def test_look_ups_are_checked_where_the_maps_are_given() -> None:
    text = 'lookup("gone", 1)'
    assert services.check_expression(text, "header") is None
    problem = services.check_expression(text, "header", maps={"vat": VAT})
    assert problem == 'There is no value map "gone"; there is vat.'


def test_a_value_map_is_read_as_data(vat: ValueMap) -> None:
    map_services.set_entry(vat, ["NL", "1", "21"], {"tax_code": "VAT 21%"})
    assert map_services.read_value_map(vat) == VAT
    assert VAT.entries == (Entry(("NL", "1", "21"), {"tax_code": "VAT 21%"}),)


def test_rows_are_named_by_label_or_keys(vat: ValueMap, mapping: Mapping) -> None:
    map_services.set_entry(vat, ["NL", "1", "21"], {})
    entry = vat.entries.get()
    assert str(entry) == "NL / 1 / 21"
    entry.label = "High"
    assert [str(entry), str(vat), str(vat.map_set)] == ["High", "VAT codes", "Shop"]
    assert str(mapping) == "Receipts"
    assert str(Filter(reason="why")) == "why"
