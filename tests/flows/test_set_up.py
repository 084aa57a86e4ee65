"""The shop of the demo is set up so that nothing is red; a closed door is."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from flows import setup
from flows.models import Flow
from integration_hub.core.errors import ConfigError
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demos_shop_can_be_switched_on(plant: Plant) -> None:
    lines = setup.check_set_up(plant.flow)
    assert [line for line in lines if not line.ok] == []
    setup.switch(plant.flow, on=True)
    assert plant.flow.enabled


def test_numbers_that_quickbooks_gives_stop_the_flow_before_it_starts(
    plant: Plant,
) -> None:
    off = {"SalesFormsPrefs": {"CustomTxnNumbers": False}}
    plant.books.do("set_preferences", preferences=off)
    with pytest.raises(ConfigError, match="Custom transaction numbers"):
        setup.switch(plant.flow, on=True)


@pytest.mark.parametrize(
    "setting",
    [
        "default_debtor",
        "payment_differences_account",
        "rounding_account",
        "split_tenders_account",
    ],
)
def test_a_setting_that_is_missing_keeps_the_flow_off(
    plant: Plant, setting: str
) -> None:
    integration = plant.flow.integration
    integration.defaults = {**integration.defaults, setting: ""}
    integration.save(update_fields=["defaults"])
    with pytest.raises(ConfigError):
        setup.switch(plant.flow, on=True)
    with pytest.raises(CommandError):
        call_command("switch_flow", plant.flow.name, "--on")
    assert not Flow.objects.get(pk=plant.flow.pk).enabled


def test_a_login_that_may_not_read_cash_counts(plant: Plant) -> None:
    flow = plant.flow
    plant.till.switch(cash_counts="refused")
    told = [line.text for line in setup.check_flow(flow) if line.ok and line.text]
    assert any("may not read cash counts" in text for text in told)
    flow.feed = "cash_counts"
    flow.save(update_fields=["feed"])
    (line,) = [line for line in setup.check_flow(flow) if not line.ok]
    assert (line.page, "may not read cash counts" in line.text) == ("source", True)
    with pytest.raises(ConfigError):
        setup.switch(flow, on=True)
    run = plant.run()
    assert run.stage == "stopped"
    assert "may not read cash counts" in run.problem
    assert "Ask MplusKASSA" in run.action
