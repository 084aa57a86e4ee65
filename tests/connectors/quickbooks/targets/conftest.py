from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.contract import Account
from connectors.quickbooks.connector import QuickBooks
from integration_hub.core.http import Session
from tests.connectors.quickbooks.books import Books
from tests.connectors.quickbooks.targets.company import Tokens, make_values


@pytest.fixture
def tokens(books: Books) -> Tokens:
    """Tokens of the company's owner."""
    return Tokens(books)


@pytest.fixture
def session() -> Iterator[Session]:
    """A session without limits; its pauses take no time."""
    with Session(
        system="Books",
        bucket="test",
        deadline=10,
        remote_id_header="intuit_tid",
        sleep=lambda seconds: None,
    ) as made:
        yield made


@pytest.fixture
def connector(books: Books, tokens: Tokens, session: Session) -> QuickBooks:
    """The connector, connected to the sandbox's global company."""
    return QuickBooks(
        Account(
            id=1,
            name="Books",
            environment="sandbox",
            credentials={"realmId": books.realm},
            settings={"base_url": books.url},
            session=session,
            tokens=tokens,
        )
    )


@pytest.fixture
def values(connector: QuickBooks) -> dict[str, str]:
    """The integration's settings, with the sandbox's ids."""
    return make_values(connector)
