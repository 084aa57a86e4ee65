"""A small integration between the made-up systems, and its file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command

from connectors import registry
from flows.models import Integration
from mapping import map_services, services
from mapping.models import Filter, Rule
from tests.factories import BooksFactory, ConnectionFactory, FlowFactory
from tests.fake_connector import BooksConnector, TillConnector

VAT = {
    "name": "vat",
    "label": "VAT codes",
    "keys": [
        {"name": "country", "label": "Country"},
        {"name": "rate", "label": "VAT rate", "type": "number"},
    ],
    "columns": [{"name": "tax", "label": "Tax code", "choices": "tax_codes"}],
}
RULES = (
    {
        "scope": "header",
        "field": "memo",
        "label": "Memo",
        "expression": "order.reference",
    },
    {
        "scope": "line",
        "field": "tax_code",
        "expression": 'lookup("vat", order.country, line.vat_rate, column="tax")',
    },
)
# What YAML takes for something else.
TRAPS = [
    ("NO", "21", "5"),
    ("012", "9", "1_000"),
    ("*", "0", "2026-01-31"),
    ("yes", "6", "1e3"),
    ("null", "5", "0x1F"),
    ("DE", "19", "a: b # c"),
]


@pytest.fixture
def systems(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the made-up till and books are registered."""
    known = {"books": BooksConnector, "till": TillConnector}
    monkeypatch.setattr(registry, "all_connectors", lambda: known)
    monkeypatch.setattr(BooksConnector, "default_rules", RULES)
    monkeypatch.setattr(BooksConnector, "value_map_templates", (VAT,))
    monkeypatch.setattr(BooksConnector, "is_down", False)
    call_command("createcachetable", verbosity=0)
    cache.clear()


@pytest.fixture
def shop(systems: None) -> Integration:
    """An integration in which everything is a little special."""
    flow = FlowFactory(
        name="Receipts",
        interval_minutes=5,
        enabled=True,
        settings={"account": "5", "strict": True},
        integration__name="Shop",
        integration__source=ConnectionFactory(name="Till"),
        integration__target=BooksFactory(name="Books"),
        integration__number_prefix="01",
        integration__defaults={"tax_code": "5", "lines_by": "g", "account": ""},
        mapping__name="Rules of the shop",
    )
    services.install_defaults(flow.mapping, RULES)
    Rule.objects.create(
        mapping=flow.mapping,
        scope="customer",
        field="name",
        expression="coalesce(\r\n  customer.name,\r\n  customer.id\r\n)",
        on="create",
        active=False,
        position=999,
    )
    Filter.objects.create(
        mapping=flow.mapping, expression='order.branch = "NO"', reason="Not ours: “NO”"
    )
    [vat] = map_services.install_value_maps(flow.integration.value_maps, [VAT])
    map_services.set_entries(vat, [((c, r), {"tax": t}) for c, r, t in TRAPS])
    vat.missing, vat.default = "default", {"tax": "007"}
    vat.save()
    made: Integration = flow.integration
    return made


@pytest.fixture
def empty_hub() -> Callable[[], None]:
    """Makes the hub forget everything but its connections."""

    def forget() -> None:
        for integration in Integration.objects.all():
            mappings = [flow.mapping for flow in integration.flows.all()]
            integration.delete()
            integration.value_maps.delete()
            for mapping in mappings:
                mapping.delete()

    return forget


def lines_of(problems: Any) -> list[str]:
    """The lines that errors name."""
    return [problem.partition(":")[0] for problem in problems]
