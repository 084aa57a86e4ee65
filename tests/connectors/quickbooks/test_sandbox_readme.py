from __future__ import annotations

from pathlib import Path

import pytest

from connectors.quickbooks.sandbox.actions import ACTIONS
from connectors.quickbooks.sandbox.app import DEFAULT_PORT, SWITCHES
from connectors.quickbooks.sandbox.schema import ENTITIES
from connectors.quickbooks.sandbox.seed import GLOBAL_REALM, US_REALM
from connectors.sandbox.faults import ACTIONS as FAULTS

README = Path(__file__).parents[3] / "connectors" / "quickbooks" / "sandbox"
TEXT = (README / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(SWITCHES))
def test_switch_is_told_with_its_values(name):
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |"))
    switch = SWITCHES[name]
    values = switch.values or (str(switch.default).lower(),)
    first = row.split("|")[2]
    assert first.split(",")[0].strip() == f"`{str(switch.default).lower()}`"
    assert all(f"`{value}`" in first for value in values)


@pytest.mark.parametrize("name", sorted([*ACTIONS, *FAULTS]))
def test_action_is_told(name):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("name", [*ENTITIES, GLOBAL_REALM, US_REALM, str(DEFAULT_PORT)])
def test_entity_company_and_port_are_told(name):
    assert name in TEXT
