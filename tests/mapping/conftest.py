"""What the tests of the language share."""

from __future__ import annotations

import pytest

from mapping.countries import normalize_country
from mapping.expressions import parse_expression


@pytest.fixture(scope="session", autouse=True)
def language() -> None:
    """What a process makes once, so that no test's own time has it in it."""
    parse_expression("1", ())
    normalize_country("nowhere")
