"""Which account a connection leads to, whatever it is called and whoever logs in."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import services
from connectors.models import Connection

TILL = {"connector": "mplus", "credentials": {"ident": "a", "secret": "x"}}
BOOKS = {"connector": "quickbooks", "settings": {}}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            {**TILL, "settings": {"base_url": "api.mpluskassa.nl", "port": 5001}},
            {**TILL, "settings": {"base_url": "https://API.mpluskassa.nl:5001/"}},
        ),
        (
            {**TILL, "settings": {"base_url": "http://127.0.0.1:18083"}},
            {**TILL, "credentials": {"ident": "b", "secret": "y"}, "settings": {}},
        ),
        (
            {**BOOKS, "credentials": {"client_id": "app", "realmId": "9"}},
            {**BOOKS, "credentials": {"client_id": "another", "realmId": "9"}},
        ),
    ],
)
def test_one_account_has_one_identity(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    found = [services.identify(Connection(**each)) for each in (first, second)]
    assert found[0] == found[1] != ""


def test_other_accounts_have_others() -> None:
    rows: list[dict[str, Any]] = [
        {**TILL, "settings": {"port": 5001}, "environment": "live"},
        {**TILL, "settings": {"port": 5002}, "environment": "live"},
        {**TILL, "settings": {}},
        {**BOOKS, "credentials": {"realmId": "9"}},
        {**BOOKS, "credentials": {"realmId": "8"}},
    ]
    found = [services.identify(Connection(**each)) for each in rows]
    assert len(set(found)) == len(rows)


@pytest.mark.parametrize(
    "row",
    [
        {**TILL, "settings": {}, "environment": "live"},
        {**BOOKS, "credentials": {"client_id": "app"}},
        {"connector": "gone"},
    ],
)
def test_an_account_that_nobody_knows_yet_has_none(row: dict[str, Any]) -> None:
    assert services.identify(Connection(**row)) == ""
