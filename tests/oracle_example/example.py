"""The till with one receipt of every sort, and the books that are right."""

from __future__ import annotations

from tests.oracle_example import money, special, tax
from tests.oracle_example.books import ExampleBooks
from tests.oracle_example.cases import COMMON
from tests.oracle_example.common import CARDS
from tests.oracle_example.nothing import NOTHING
from tests.oracle_example.wire import ExampleTill

CASES = (*COMMON, *money.CASES, *special.CASES, *tax.CASES)


def make_example() -> tuple[ExampleTill, ExampleBooks]:
    """The till with one receipt of every sort, and the books that are right."""
    till, books = ExampleTill(cards=CARDS), ExampleBooks()
    for add in CASES:
        add(till, books)
    till.records += [record for _, _, record in NOTHING]
    return till, books
