"""Fixtures of the flows' tests: plants between both sandboxes, waits of nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command

from tests.plant import Plant, build


@pytest.fixture(autouse=True)
def no_waiting(settings: Any) -> None:
    """Nothing is waited for; whatever is to come back does so when told."""
    settings.READ_WAITS = (0, 0)
    settings.QUIET_SECONDS = 0
    settings.RETRY_SECONDS = [3600.0]


@pytest.fixture
def make_plant(transactional_db: None) -> Iterator[Callable[..., Plant]]:
    """Builds plants; all of them are stopped after the test."""
    call_command("createcachetable", verbosity=0)
    cache.clear()
    made: list[Plant] = []

    def make(receipts: int = 0, **till: Any) -> Plant:
        made.append(build(receipts=receipts, till=till))
        return made[-1]

    yield make
    for plant in made:
        plant.stop()


@pytest.fixture
def plant(make_plant: Callable[..., Plant]) -> Plant:
    """A plant whose till has sold nothing yet."""
    return make_plant()
