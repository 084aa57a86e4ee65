"""Several workers whose token runs out at the same moment refresh it once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from connectors import oauth
from connectors.models import Connection
from connectors.oauth import ConnectionTokens
from connectors.tokens import TokenClient
from integration_hub.core.errors import AuthError, Unavailable
from tests.connectors.fake import FakeConnector, SignIn, make_connection
from tests.core.wire import running

WORKERS = 6


@pytest.fixture
def expired(transactional_db, fake_registry, books):
    return make_connection(
        books.url,
        tokens={"access": "access-0", "refresh": "refresh-0"},
        token_expires_at=timezone.now() - timedelta(minutes=1),
    )


def ask_together(pk):
    """Let so many threads ask for a token at once; what they got."""
    start = threading.Barrier(WORKERS)
    got: list[str] = []

    def ask():
        row = Connection.objects.get(pk=pk)
        tokens = ConnectionTokens(
            row, FakeConnector.oauth, {"base_url": row.settings["base_url"]}
        )
        start.wait(10)
        try:
            got.append(tokens.access_token())
        finally:
            database.close()

    threads = [threading.Thread(target=ask) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return got


def test_the_token_is_refreshed_once(expired, sign_in):
    assert ask_together(expired.pk) == ["access-1"] * WORKERS
    assert len(sign_in.calls) == 1


def test_a_lost_answer_does_not_start_a_second_refresh(expired, sign_in):
    sign_in.lose = 1

    assert ask_together(expired.pk) == ["access-2"] * WORKERS
    assert sign_in.most_busy == 1
    assert len(sign_in.calls) == 2


@pytest.fixture
def held_up(expired, monkeypatch):
    """A process whose lease runs out before its refresh leaves; ``others`` go first."""
    past = timezone.now() - timedelta(hours=1)
    refresh = TokenClient.refresh
    others: list[Callable[[], None]] = []

    def refresh_late(client, token):
        while others:
            Connection.objects.update(refresh_until=past, token_expires_at=past)
            others.pop(0)()
        return refresh(client, token)

    monkeypatch.setattr(TokenClient, "refresh", refresh_late)
    return others


def open_tokens(pk):
    row = Connection.objects.get(pk=pk)
    settings = {"base_url": row.settings["base_url"]}
    return ConnectionTokens(row, FakeConnector.oauth, settings, sleep=lambda _: None)


@pytest.mark.parametrize("still_valid", [1, 2])
def test_who_comes_too_late_uses_what_another_stored(
    expired, sign_in, held_up, still_valid
):
    """The service forgets the token before the last at once, or keeps it a while."""

    def refresh_meanwhile():
        assert open_tokens(expired.pk).access_token() == "access-1"
        sign_in.valid = sign_in.valid[-still_valid:]

    held_up.append(refresh_meanwhile)

    assert open_tokens(expired.pk).access_token() == "access-1"
    stored = Connection.objects.get()
    assert (stored.status, stored.refresh_owner) == ("unknown", "")
    assert stored.tokens["refresh"] == sign_in.valid[-1]


def test_who_comes_too_late_refreshes_with_the_token_of_the_other(
    expired, sign_in, held_up
):
    def refresh_and_run_out():
        open_tokens(expired.pk).access_token()
        sign_in.valid = sign_in.valid[-1:]
        past = timezone.now() - timedelta(hours=1)
        Connection.objects.update(token_expires_at=past)

    held_up.append(refresh_and_run_out)

    assert open_tokens(expired.pk).access_token() == "access-2"
    assert Connection.objects.get().status == "unknown"


def test_only_the_owner_of_the_lease_asks_for_a_person(
    expired, sign_in, held_up, monkeypatch
):
    def take_over():
        ends = timezone.now() + timedelta(hours=1)
        Connection.objects.update(refresh_owner="another", refresh_until=ends)

    sign_in.valid = []
    held_up.append(take_over)
    monkeypatch.setattr(oauth, "PATIENCE", -1.0)

    with pytest.raises(Unavailable, match="another process"):
        open_tokens(expired.pk).access_token()

    assert Connection.objects.get().status == "unknown"


def test_an_answer_that_is_held_up_is_kept_where_nobody_has_a_better_one(
    expired, sign_in, monkeypatch
):
    refresh = TokenClient.refresh
    past = timezone.now() - timedelta(hours=1)

    def refresh_and_wait(client, token):
        monkeypatch.setattr(TokenClient, "refresh", refresh)
        tokens = refresh(client, token)
        sign_in.valid = sign_in.valid[-1:]
        Connection.objects.update(refresh_until=past)
        with pytest.raises(AuthError):
            open_tokens(expired.pk).access_token()
        return tokens

    monkeypatch.setattr(TokenClient, "refresh", refresh_and_wait)

    assert open_tokens(expired.pk).access_token() == "access-1"
    stored = Connection.objects.get()
    assert (stored.status, stored.tokens["refresh"]) == ("unknown", "refresh-1")


def test_the_rotated_token_is_stored_before_anybody_uses_it(transactional_db):
    """No two servers' clocks are compared: the API looks into the database itself."""
    service = SignIn()
    stored: list[str] = []

    def handle(sock, wire):
        if b" /who " in wire.requests[-1]:
            stored.append(Connection.objects.get().tokens["access"])
            database.close()
        service.handle(sock, wire)

    with running(handle) as wire:
        made = make_connection(wire.url, tokens={"refresh": "refresh-0"})
        settings = {"base_url": wire.url}
        FakeConnector(make_account(made, settings)).check()

    assert stored == ["access-1"]


def make_account(made, settings):
    from connectors.contract import Account
    from tests.core.wire import make_session

    return Account(
        id=made.pk,
        name=made.name,
        environment=made.environment,
        credentials=made.credentials,
        settings=settings,
        session=make_session(),
        tokens=ConnectionTokens(made, FakeConnector.oauth, settings),
    )
