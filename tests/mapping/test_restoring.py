"""Default rules come back, whatever became of them."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import registry
from integration_hub.core.errors import ConfigError
from mapping import restoring, services
from mapping.models import Mapping, Rule
from mapping.restoring import Restored
from tests.fake_connector import BooksConnector
from tests.mapping.test_services import RULES

pytestmark = pytest.mark.django_db


@pytest.fixture
def mapping(monkeypatch: pytest.MonkeyPatch) -> Mapping:
    """A mapping as its target ships it."""
    monkeypatch.setattr(registry, "all_connectors", lambda: {"books": BooksConnector})
    monkeypatch.setattr(BooksConnector, "default_rules", RULES)
    mapping = Mapping.objects.create(
        name="Receipts", source="till", target="books", kind="order"
    )
    services.install_defaults(mapping, RULES)
    return mapping


def memo_of(mapping: Mapping) -> Rule:
    return mapping.rules.get(field="memo", origin="default")


@pytest.mark.parametrize(
    "change",
    [
        {"expression": "order.id"},
        {"active": False},
        {"required": True},
        {"on": "create"},
    ],
)
def test_a_changed_default_is_restored(
    mapping: Mapping, change: dict[str, Any]
) -> None:
    mapping.rules.filter(field="memo").update(**change)
    memo = memo_of(mapping)
    assert memo.changed
    assert restoring.restore_default(memo) == Restored(changed=1)
    memo = memo_of(mapping)
    assert not memo.changed
    assert (memo.expression, memo.active) == ("order.reference", True)


def test_a_removed_default_comes_back(mapping: Mapping) -> None:
    mapping.rules.filter(field="tax_code").delete()
    [missing] = restoring.find_missing(mapping)
    assert missing.field == "tax_code"
    assert restoring.restore_defaults(mapping) == Restored(added=1)
    tax = mapping.rules.get(field="tax_code")
    assert (tax.origin, tax.active, tax.required) == ("default", True, True)
    assert restoring.restore_defaults(mapping) == Restored()


def test_an_own_rule_in_the_way_is_switched_off_and_kept(mapping: Mapping) -> None:
    mapping.rules.filter(field="memo").update(active=False)
    own = Rule.objects.create(
        mapping=mapping, scope="header", field="memo", expression="1", on="update"
    )
    other = Rule.objects.create(
        mapping=mapping, scope="header", field="note", expression="1"
    )
    done = restoring.restore_defaults(mapping)
    own.refresh_from_db()
    other.refresh_from_db()
    assert done == Restored(changed=1, switched_off=1)
    assert (own.active, other.active, memo_of(mapping).active) == (False, True, True)


def test_an_own_rule_has_no_default_to_restore(mapping: Mapping) -> None:
    own = Rule.objects.create(
        mapping=mapping, scope="header", field="note", expression="1"
    )
    assert not own.changed
    with pytest.raises(ConfigError, match=r'"Document: note" has no default'):
        restoring.restore_default(own)


def test_a_changed_occasion_does_not_bring_a_second_default(mapping: Mapping) -> None:
    mapping.rules.filter(field="memo").update(on="create")
    assert services.install_defaults(mapping, RULES) == []
    assert restoring.find_missing(mapping) == []


def test_a_target_that_is_gone_ships_nothing(mapping: Mapping) -> None:
    Mapping.objects.update(target="gone")
    mapping.refresh_from_db()
    assert restoring.restore_defaults(mapping) == Restored()


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (Restored(1), "1 rule has its default again."),
        (Restored(2, 1), "2 rules have their default again. 1 rule is back."),
        (Restored(0, 2), "2 rules are back."),
        (
            Restored(1, 0, 1),
            "1 rule has its default again."
            " 1 other rule for the same field is switched off.",
        ),
        (Restored(), "All rules were as the target ships them."),
    ],
)
def test_what_was_restored_is_told_in_words(done: Restored, said: str) -> None:
    assert restoring.describe(done) == said
