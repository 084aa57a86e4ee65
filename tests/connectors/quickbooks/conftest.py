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


@pytest.fixture
def item(books):
    return books.item()


@pytest.fixture
def sale(books, item):
    """A sales receipt of 121.00."""
    return {
        "DocNumber": "R1",
        "TxnDate": "2026-01-05",
        "GlobalTaxCalculation": "TaxInclusive",
        "CustomerRef": books.ref("Customer", "Counter sales"),
        "DepositToAccountRef": books.ref("Account", "Till cash Centrum"),
        "PaymentMethodRef": books.ref("PaymentMethod", "Cash"),
        "DepartmentRef": books.ref("Department", "Centrum"),
        "PrivateNote": "note",
        "Line": [books.line(item, 100, gross=121, Qty=1)],
    }


@pytest.fixture
def invoice(books, sale):
    """An invoice of 121.00 to a customer."""
    body = {**sale, "CustomerRef": books.ref("Customer", "Anna de Vries")}
    del body["DepositToAccountRef"], body["PaymentMethodRef"]
    return body
