"""Connectors are found, not listed."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from connectors import registry
from connectors.contract import CheckResult, Connector
from integration_hub.core.errors import ConfigError


def test_every_package_with_a_connector_is_found():
    assert {c.key for c in registry.all_connectors().values()} == set(
        registry.list_packages()
    )


def test_other_packages_are_passed_over():
    assert not {"migrations", "management", "sandbox"} & set(registry.list_packages())


def test_packages_are_found_by_what_they_hold():
    assert set(registry.list_packages("sandbox.app")) <= set(registry.list_packages())
    assert registry.list_packages("nothing.here") == []


def test_an_unknown_key_names_those_there_are(fake_registry):
    with pytest.raises(ConfigError, match="no connector called nope") as caught:
        registry.get("nope")

    assert "fake, plain" in caught.value.action


def test_choices_are_keys_and_labels(fake_registry):
    assert registry.list_choices() == [("fake", "Fake books"), ("plain", "Plain till")]


@pytest.mark.parametrize("count", [0, 2])
def test_a_module_defines_exactly_one_connector(monkeypatch, count):
    module = ModuleType("connectors.odd.connector")
    for number in range(count):
        name = f"Odd{number}"
        check = lambda self: CheckResult(ok=True)  # noqa: E731
        body = {"check": check, "__module__": module.__name__}
        setattr(module, name, type(name, (Connector,), body))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, "connectors.odd", ModuleType("connectors.odd"))

    with pytest.raises(ImportError, match="exactly one"):
        registry.load("odd")
