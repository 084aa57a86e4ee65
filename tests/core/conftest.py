"""Fixtures of the core's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integration_hub.core.http import Session
from tests.core.wire import Handler, Wire, make_session


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Wire]]:
    """Starts a server for a handler; stopped after the test."""
    wires: list[Wire] = []

    def start(handler: Handler) -> Wire:
        wires.append(Wire(handler))
        return wires[-1]

    yield start
    for wire in wires:
        wire.stop()


@pytest.fixture
def session() -> Iterator[Session]:
    """A session without limits whose reads try again at once."""
    with make_session() as opened:
        yield opened
