"""A receipt whose body makes QuickBooks refuse the whole batch it is in."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.quickbooks.targets import outcomes
from connectors.writes import Member
from flows.models import SyncRecord
from tests.flows.shop import sell_many
from tests.plant import Plant

GARBLED = "garbled"


@pytest.fixture
def garbled(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> str:
    """The receipt that is sent as something that is no item of a batch."""
    ids = sell_many(plant, 5)
    make_item = outcomes.make_item

    def garble(member: Member) -> Any:
        mine = ids[2] in str(member.body.get("PrivateNote"))
        return GARBLED if mine else make_item(member)

    monkeypatch.setattr(outcomes, "make_item", garble)
    return ids[2]


def test_its_neighbours_are_posted(plant: Plant, garbled: str) -> None:
    run = plant.run()
    assert run.stage == "finished"
    assert plant.states() == {"synced": 4, "failed": 1}
    record = SyncRecord.objects.get(state="failed")
    assert record.source_id == garbled
    assert record.reason == "Rejected"
    assert "others" not in record.message
