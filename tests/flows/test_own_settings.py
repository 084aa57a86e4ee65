"""A flow overrides settings of its integration: what it posts from then on follows."""

from __future__ import annotations

from typing import Any

import pytest

from flows import own_settings, setup
from integration_hub.core.errors import ConfigError
from tests.flows.bookkeeper import documents
from tests.flows.shop import sell
from tests.plant import Plant

pytestmark = pytest.mark.django_db(transaction=True)


def debtor_of(document: dict[str, Any]) -> str:
    return str(document.get("CustomerRef", {}).get("value", ""))


def other_customer(plant: Plant) -> str:
    """Another customer of the company than the default debtor."""
    chosen = plant.flow.integration.defaults["default_debtor"]
    found = documents(plant, "Customer")
    return next(str(c["Id"]) for c in found if str(c["Id"]) != chosen)


def test_a_flow_posts_by_its_own_setting_and_leaves_what_is_posted(
    plant: Plant,
) -> None:
    flow = plant.flow
    chosen = flow.integration.defaults["default_debtor"]
    sell(plant)
    plant.run()
    [before] = documents(plant)
    own_settings.override(flow, {"default_debtor": other_customer(plant)})
    sell(plant)
    plant.run()
    old, new = sorted(documents(plant), key=lambda each: int(each["Id"]))
    assert old == before
    assert (debtor_of(old), debtor_of(new)) == (chosen, other_customer(plant))
    own_settings.override(flow, {})
    sell(plant)
    plant.run()
    last = max(documents(plant), key=lambda each: int(each["Id"]))
    assert debtor_of(last) == chosen


def test_the_check_of_the_set_up_looks_at_what_holds_for_the_flow(
    plant: Plant,
) -> None:
    own_settings.override(plant.flow, {"default_debtor": "99999"})
    with pytest.raises(ConfigError, match="default debtor"):
        setup.switch(plant.flow, on=True)
    own_settings.override(plant.flow, {"default_income_account": ""})
    with pytest.raises(ConfigError, match="Revenue account"):
        setup.switch(plant.flow, on=True)
