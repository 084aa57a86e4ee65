"""The worked examples of docs/posting.md come out as the page says, line by line."""

from __future__ import annotations

import pytest

from tests.plant import Plant
from tests.posting_examples import PAGE, play, read_examples

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_example_comes_out_as_the_page_says(plant: Plant) -> None:
    examples = read_examples(PAGE.read_text(encoding="utf-8"))
    assert len(examples) >= 10
    wrong = {}
    for example in examples:
        ledger = play(plant, example)
        if ledger != example.ledger:
            wrong[example.title] = ledger
    assert wrong == {}
