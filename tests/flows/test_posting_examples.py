"""The worked examples of the docs come out as their pages say, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plant import Plant
from tests.posting_examples import PAGES, play, read_examples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("page", "least"), [(PAGES[0], 40), (PAGES[1], 2)], ids=["posting", "mapping"]
)
def test_every_example_comes_out_as_its_page_says(
    plant: Plant, page: Path, least: int
) -> None:
    examples = read_examples(page.read_text(encoding="utf-8"))
    assert len(examples) >= least
    wrong = {}
    for example in examples:
        ledger = play(plant, example)
        if ledger != example.ledger:
            wrong[example.title] = ledger
    assert wrong == {}
