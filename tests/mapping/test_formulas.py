"""Functions that a connector brings, and what a function is made of."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors import registry
from connectors.formulas import Formula
from integration_hub.core.errors import ConfigError, MappingError, UnusableError
from mapping import services
from mapping.engine import compile_rules
from mapping.functions import (
    BUILT_IN,
    FUNCTIONS,
    add_formulas,
    functions_of,
    list_functions,
)
from mapping.models import Mapping as StoredMapping
from mapping.models import Rule
from mapping.rules import RuleData
from mapping.signatures import make_function
from tests.connectors.fake import FakeConnector


def count_points(amount: Decimal, each: int = 10) -> Decimal:
    """The points that an amount is worth."""
    if amount < 0:
        raise UnusableError("needs an amount of 0 or more", value=amount)
    return amount // each


POINTS = Formula("points", count_points, "points(95)", "9")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeConnector, "formulas", (POINTS,))
    monkeypatch.setattr(registry, "all_connectors", lambda: {"fake": FakeConnector})


def work_out(expression: str) -> object:
    rule = RuleData("header", "field", expression)
    compiled = compile_rules([rule], {}, functions=add_formulas([POINTS]))
    return compiled.apply({}).header.get("field")


def test_a_function_of_a_connector_works_like_any_other() -> None:
    assert work_out("points(95)") == 9
    assert work_out("points(95, each=20)") == 4
    assert work_out("points(nothing)") is None
    with pytest.raises(
        MappingError, match='field" points needs an amount of 0 or more'
    ):
        work_out("points(-1)")


@pytest.mark.parametrize("name", ["upper", "cut"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f'function "{name}", but there is one'):
        add_formulas([Formula(name, count_points, "1", "1")])


@pytest.mark.parametrize("key", registry.all_connectors())
def test_the_formulas_of_every_connector_hold(key: str) -> None:
    functions = functions_of(key)
    for formula in registry.get(key).formulas:
        rules = [
            RuleData("header", "example", formula.example),
            RuleData("header", "gives", formula.gives),
        ]
        fields = compile_rules(rules, {}, functions=functions).apply({}).header
        assert fields["example"] == fields["gives"], formula.name
        assert functions[formula.name].help


def test_the_formulas_of_a_mappings_connectors_are_its_functions(fake: None) -> None:
    assert [each.name for each in list_functions("fake", "other")] == [
        *FUNCTIONS,
        "points",
    ]
    assert list_functions("other", "nobody") == tuple(FUNCTIONS.values())


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "target"), [("fake", "b"), ("a", "fake")])
def test_a_mapping_of_the_connector_may_use_it(
    fake: None, source: str, target: str
) -> None:
    mapping = StoredMapping.objects.create(name="m", source=source, target=target)
    Rule.objects.create(
        mapping=mapping, scope="header", field="f", expression="points(95)"
    )
    assert services.load(mapping, None).apply({}).header == {"f": 9}


@pytest.mark.django_db
def test_another_mapping_may_not(fake: None) -> None:
    mapping = StoredMapping.objects.create(name="m", source="a", target="b")
    Rule.objects.create(
        mapping=mapping, scope="header", field="f", expression="points(95)"
    )
    with pytest.raises(ConfigError, match='there is no function "points"'):
        services.load(mapping, None)


def test_a_function_with_a_parameter_that_no_rule_can_fill_is_refused() -> None:
    def take_bytes(value: bytes) -> str:
        return str(value)

    with pytest.raises(TypeError, match="No rule can fill value: bytes"):
        make_function("bytes", take_bytes, "1", "1")


def test_every_function_is_told_in_one_sentence_with_its_other_names() -> None:
    for function in FUNCTIONS.values():
        assert function.help.endswith("."), function.name
        for alias in function.aliases:
            assert f"`{alias}`" in function.help
            assert BUILT_IN[alias] is function


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ('default("", "x")', 'coalesce("", "x")'),
        ('cut("abc", 2)', 'truncate("abc", 2)'),
        ('LEFT("abc", 2)', 'truncate("abc", 2)'),
        ('len("abc")', 'length("abc")'),
        ('substitute("a", "a", "b")', 'replace("a", "a", "b")'),
        ('proper("ab")', 'title("ab")'),
    ],
)
def test_other_names_mean_the_same(expression: str, same: str) -> None:
    assert work_out(expression) == work_out(same)
