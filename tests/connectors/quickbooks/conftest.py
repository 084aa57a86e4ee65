from __future__ import annotations

import pytest

from connectors.quickbooks.sandbox.app import build
from connectors.quickbooks.sandbox.seed import US_REALM
from connectors.sandbox.server import start
from tests.connectors.quickbooks.books import Books


@pytest.fixture
def sandbox():
    running = start(build({}))
    yield running
    running.stop()


@pytest.fixture
def books(sandbox):
    """The global company."""
    return Books(sandbox)


@pytest.fixture
def us_books(sandbox):
    """The American company."""
    return Books(sandbox, US_REALM)
