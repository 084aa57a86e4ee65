"""The lists of the systems that are kept for a while: never readable as they lie."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from connectors.contract import Choice
from connectors.services import open_connection
from flows.engine.kept_lists import kept_list, known_lists, list_key, run_list
from flows.models import Flow, Run
from integration_hub.core.encryption import encrypt

PERSON = Choice("7", "Jansen", code="J1", active=False, facts={"city": "Delft"})


@pytest.fixture
def target(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[str]]:
    """The books, and the names of the lists that they were asked for."""
    asked: list[str] = []

    def choices(self: Any, name: str) -> list[Choice]:
        asked.append(name)
        return [PERSON]

    made: Any = open_connection(flow.integration.target)
    monkeypatch.setattr(type(made), "choices", choices)
    cache.clear()
    return made, asked


def kept_values() -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM hub_cache")
        keys = [key.split(":", 2)[2] for (key,) in cursor.fetchall()]
    return [cache.get(key) for key in keys]


@pytest.mark.django_db
def test_names_of_people_are_kept_encrypted(target: Any, flow: Flow) -> None:
    books, asked = target
    run = Run(pk=5, flow=flow)
    run._state.adding = False
    for _again in range(2):
        assert list(kept_list(books, "customers")) == [PERSON]
        assert list(run_list(books, "customers", run)) == [PERSON]
    assert asked == ["customers"] * 2
    assert len(kept_values()) == 3
    assert "Jansen" not in str(kept_values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "found", [[PERSON], "of another key", encrypt('[{"id": "7", "nick": "J"}]')]
)
def test_what_cannot_be_read_is_asked_for_again(target: Any, found: object) -> None:
    books, asked = target
    cache.set(list_key(books.account.id, "customers"), found)
    assert known_lists(books.account.id, ["customers"]) == {}
    assert list(kept_list(books, "customers")) == [PERSON]
    assert asked == ["customers"]
    assert known_lists(books.account.id, ["customers", "x"]) == {"customers": [PERSON]}
