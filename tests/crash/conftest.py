"""A plant with real workers; everything is ended after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.crash.workers import Workers
from tests.plant import Plant, build


@pytest.fixture
def plant(transactional_db: None) -> Iterator[Plant]:
    """Both sandboxes and the shop, with few receipts."""
    call_command("createcachetable", verbosity=0)
    made = build(receipts=120)
    yield made
    made.stop()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """No worker yet; all that are started are killed afterwards."""
    made = Workers(tmp_path / "worker.log")
    yield made
    made.stop()
