"""A rule that cannot work is refused before it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import registry
from connectors.contract import TargetField
from mapping import checking
from mapping.models import Mapping
from tests.fake_connector import BooksConnector
from tests.mapping.test_services import TEMPLATES

FIELDS = (TargetField("memo", "Memo"), TargetField("tax_code", "Tax", scope="line"))


@pytest.fixture
def mapping(monkeypatch: pytest.MonkeyPatch) -> Mapping:
    """A mapping to a target that declares two fields and one value map."""
    monkeypatch.setattr(registry, "all_connectors", lambda: {"books": BooksConnector})
    monkeypatch.setattr(BooksConnector, "value_map_templates", TEMPLATES)
    monkeypatch.setattr(BooksConnector, "target_fields", FIELDS)
    return Mapping(name="R", source="till", target="books", kind="order")


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ("header", "order.customer.billing.city & order.number.text"),
        ("header", "order.extra.anything.below[3] & order.customer.extra.more"),
        ("header", "order.lines[0].extra.x & order.lines[0].sub_lines[1].text"),
        ("line", 'lookup("vat", order.country, line.vat_code, line.vat_rate)'),
        ("tender", "if(tender.amount > 0, -tender.amount, coalesce(tender.branch, 1))"),
        ("customer", "not customer.is_company and customer.name = order.branch"),
    ],
)
def test_what_can_work_is_taken(mapping: Mapping, scope: str, text: str) -> None:
    assert checking.check_expression(mapping, text, scope) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('lookup("vatt", 1)', 'There is no value map "vatt"; there is vat.'),
        (
            'lookup("vat", 1, 2, 3, column="code")',
            'Value map "vat" has no column "code"; there is tax_code.',
        ),
        ('lookup("vat", 1)', "wants 3 keys (Country, VAT code, VAT rate), not 1"),
        ("upper(order.refrence)", '"order" has no "refrence"; there is branch, '),
        ("1 + -line.amount", '"line" has no "amount"; there is amount_excl, '),
        ('"a" & order.customer.town', '"order.customer" has no "town"; there is '),
        ("order.date.year", '"order.date" has no "year".'),
        ("order.lines.text", '"order.lines" has no "text".'),
        ("order.lines[0].colour", '"order.lines[0]" has no "colour"; there is '),
        ("order.branch[0]", '"order.branch" has no "0".'),
        ("1 +", "Position 4"),
    ],
)
def test_what_cannot_work_is_named(mapping: Mapping, text: str, problem: str) -> None:
    found = checking.check_expression(mapping, text, "line")
    assert found is not None
    assert problem in found


def test_fields_are_those_that_the_target_declares(mapping: Mapping) -> None:
    assert checking.check_field(mapping, "header", "memo") is None
    problem = checking.check_field(mapping, "header", "tax_code")
    assert problem == 'The target has no field "tax_code" here; there is memo.'


def test_nothing_is_known_of_a_target_that_is_gone(mapping: Mapping) -> None:
    mapping.target = "gone"
    assert checking.check_field(mapping, "header", "x") is None
    assert checking.check_expression(mapping, 'lookup("x", 1)', "header") is None


def test_documents_of_other_kinds_are_not_looked_into(mapping: Mapping) -> None:
    mapping.kind = "offer"
    assert checking.check_expression(mapping, "order.valid_until", "header") is None


@pytest.mark.parametrize("key", sorted(registry.all_connectors()))
def test_every_default_rule_can_work(key: str) -> None:
    target: Any = registry.get(key)
    mapping = Mapping(name="R", source="x", target=key, kind="order")
    for rule in target.default_rules:
        scope = rule["scope"]
        assert checking.check_field(mapping, scope, rule["field"]) is None
        problem = checking.check_expression(mapping, rule["expression"], scope)
        assert problem is None, rule
