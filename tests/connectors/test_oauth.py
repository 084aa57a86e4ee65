"""Refreshing: rotated tokens are kept, lost answers survived, refusals told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import oauth
from connectors.models import Connection
from connectors.oauth import (
    ConnectionTokens,
    release_lease,
    store_tokens,
    take_lease,
)
from connectors.tokens import DEADLINE, TokenClient, Tokens
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    RateLimited,
    Unavailable,
)
from tests.connectors.fake import FakeConnector
from tests.core.wire import make_answer, make_session


def open_tokens(connection, **options):
    settings = {"base_url": connection.settings["base_url"]}
    options.setdefault("sleep", lambda _: None)
    assert FakeConnector.oauth is not None
    return ConnectionTokens(connection, FakeConnector.oauth, settings, **options)


def refuse(code, status="400 Bad Request", **values):
    return make_answer(json.dumps({"error": code, **values}).encode(), status=status)


def test_a_good_token_is_used_without_a_call(connected, sign_in):
    connected.token_expires_at = timezone.now() + timedelta(minutes=5)

    assert open_tokens(connected).access_token() == "access-0"
    assert sign_in.calls == []


@pytest.mark.parametrize("seconds", [-10, 0, 59])
def test_a_token_is_not_used_in_its_last_minute(connected, sign_in, seconds):
    ends = timezone.now() + timedelta(seconds=seconds)
    Connection.objects.update(token_expires_at=ends)
    connected.refresh_from_db()

    assert open_tokens(connected).access_token() == "access-1"
    assert sign_in.calls == [
        {"grant_type": "refresh_token", "refresh_token": "refresh-0"}
    ]


def test_the_client_signs_in_by_basic_authentication(connected, sign_in):
    open_tokens(connected).access_token()

    assert sign_in.authorizations == ["client-1:client-secret-1"]


def test_the_rotated_token_is_stored(connected):
    open_tokens(connected).access_token()

    stored = Connection.objects.get()
    assert stored.tokens["refresh"] == "refresh-1"
    assert stored.tokens["access"] == "access-1"
    assert stored.token_expires_at > timezone.now() + timedelta(minutes=59)
    assert stored.days_left == 99
    assert stored.refresh_owner == ""


def test_the_rotated_token_is_used_next(connected, sign_in):
    tokens = open_tokens(connected)
    first = tokens.access_token()

    assert tokens.renew(first) == "access-2"
    assert sign_in.calls[-1]["refresh_token"] == "refresh-1"


def test_an_answer_without_refresh_token_keeps_the_old_one(connected, sign_in):
    sign_in.answer = make_answer(b'{"access_token": "a", "token_type": "bearer"}')

    assert open_tokens(connected).access_token() == "a"
    assert Connection.objects.get().tokens["refresh"] == "refresh-0"


def test_the_api_session_hides_the_new_token(connected):
    api = make_session()

    open_tokens(connected, api=api).access_token()

    assert api.redact("it is access-1.") == "it is ***."


def test_what_another_process_stored_is_used(connected, sign_in):
    tokens = open_tokens(connected)
    ends = timezone.now() + timedelta(hours=1)
    Connection.objects.update(tokens={"access": "theirs"}, token_expires_at=ends)

    assert tokens.access_token() == "theirs"
    assert tokens.renew("access-0") == "theirs"
    assert sign_in.calls == []


@pytest.mark.parametrize("lost", [1, 2])
def test_a_lost_answer_is_asked_for_again_with_the_same_token(connected, sign_in, lost):
    sign_in.lose = lost

    assert open_tokens(connected).access_token() == f"access-{lost + 1}"
    used = {call["refresh_token"] for call in sign_in.calls}
    assert used == {"refresh-0"}


def test_a_lost_answer_after_which_the_old_token_is_dead(connected, sign_in):
    sign_in.lose = 1

    def die_after_first():
        sign_in.valid = ["refresh-0"] if not sign_in.calls else ["refresh-9"]

    sign_in.before = die_after_first

    with pytest.raises(AuthError, match="not accepted any more"):
        open_tokens(connected).access_token()
    assert Connection.objects.get().status == "needs_reconnect"


def test_answers_that_stay_lost_are_an_outage(connected, sign_in):
    sign_in.lose = 9

    with pytest.raises(Unavailable) as caught:
        open_tokens(connected).access_token()

    assert len(sign_in.calls) == oauth.TRIES
    assert caught.value.exchange is not None
    stored = Connection.objects.get()
    assert stored.status == "unknown"
    assert stored.refresh_owner == ""


def test_a_refused_refresh_token_needs_a_person(connected, sign_in):
    sign_in.valid = []

    with pytest.raises(AuthError) as caught:
        open_tokens(connected).access_token()

    stored = Connection.objects.get()
    assert caught.value.code == "invalid_grant"
    assert "connect it again" in caught.value.action
    assert stored.status == "needs_reconnect"
    assert stored.problem == caught.value.message
    assert stored.refresh_owner == ""


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (refuse("invalid_client", "401 No"), ConfigError, "client secret is wrong"),
        (make_answer(b"", status="401 No"), ConfigError, "client secret is wrong"),
        (refuse("unauthorized_client"), ConfigError, "may not sign in"),
        (
            refuse("invalid_request", error_description="Odd."),
            ConfigError,
            r"refuses the request \(Odd.\)",
        ),
        (make_answer(b"<html>", status="502 Bad"), Unavailable, "status 502"),
        (make_answer(b"<html>"), Unavailable, "no tokens"),
        (make_answer(b'{"n": 1}'), Unavailable, "no tokens"),
        (make_answer(b"\xff\xfe"), Unavailable, "no tokens"),
    ],
)
def test_refusals_say_what_has_to_happen(connected, sign_in, answer, error, text):
    sign_in.answer = answer

    with pytest.raises(error, match=text) as caught:
        open_tokens(connected).access_token()

    assert type(caught.value) is error
    assert caught.value.system == "Books"
    assert caught.value.exchange is not None
    assert Connection.objects.get().refresh_owner == ""


@pytest.mark.parametrize(
    ("headers", "seconds"), [((), 60.0), (("Retry-After: 7",), 7.0)]
)
def test_too_many_refreshes_are_a_rate_limit(connected, sign_in, headers, seconds):
    sign_in.answer = make_answer(status="429 Slow", headers=headers)

    with pytest.raises(RateLimited) as caught:
        open_tokens(connected).access_token()

    assert caught.value.retry_after == seconds


def test_no_secret_is_in_what_is_told(connected, sign_in):
    sign_in.answer = refuse("invalid_grant", refresh_token="refresh-0")

    with pytest.raises(AuthError) as caught:
        open_tokens(connected).access_token()

    told = f"{caught.value} {caught.value.exchange}"
    assert "refresh-0" not in told
    assert "client-secret-1" not in told


def test_a_connection_never_signed_in_needs_it(connection, sign_in):
    with pytest.raises(AuthError, match="Books is not connected"):
        open_tokens(connection).access_token()

    assert sign_in.calls == []


def test_only_one_has_the_lease(connected):
    owner = take_lease(connected.pk)

    assert owner
    assert take_lease(connected.pk) == ""
    release_lease(connected.pk, owner)
    assert take_lease(connected.pk)


@pytest.mark.parametrize("seconds", [-1, 86_400], ids=["ran out", "clock set back"])
def test_a_lease_that_is_over_is_taken_over(connected, monkeypatch, seconds):
    monkeypatch.setattr(oauth, "LEASE", timedelta(seconds=seconds))
    first = take_lease(connected.pk)
    monkeypatch.undo()

    second = take_lease(connected.pk)

    assert second not in ("", first)
    release_lease(connected.pk, first)
    assert Connection.objects.get().refresh_owner == second


def test_tokens_are_not_stored_without_the_lease(connected):
    fresh = Tokens("late", "late-refresh", timezone.now(), None)

    assert not store_tokens(connected, fresh, owner="gone")
    assert Connection.objects.get().tokens["access"] == "access-0"


def test_a_fresh_sign_in_wins_over_a_refresh_under_way(connected, monkeypatch):
    ends = timezone.now() + timedelta(hours=1)

    def refresh(self, token):
        store_tokens(connected, Tokens("fresh", "fresh-refresh", ends, None))
        return Tokens("refreshed", "refreshed-refresh", ends, None)

    monkeypatch.setattr(TokenClient, "refresh", refresh)

    assert open_tokens(connected).access_token() == "fresh"
    assert Connection.objects.get().tokens["refresh"] == "fresh-refresh"


def test_waiting_for_another_process_has_an_end(connected, monkeypatch):
    monkeypatch.setattr(oauth, "PATIENCE", -1.0)
    take_lease(connected.pk)

    with pytest.raises(Unavailable, match="another process") as caught:
        open_tokens(connected).access_token()

    assert caught.value.code == "refresh_busy"


def test_waiting_ends_when_the_other_has_stored(connected, sign_in):
    owner = take_lease(connected.pk)
    ends = timezone.now() + timedelta(hours=1)

    def finish(_):
        store_tokens(connected, Tokens("theirs", "r", ends, None), owner=owner)

    assert open_tokens(connected, sleep=finish).access_token() == "theirs"
    assert sign_in.calls == []


def test_somebody_may_have_refreshed_before_the_lease_is_taken(
    connected, sign_in, monkeypatch
):
    ends = timezone.now() + timedelta(hours=1)

    def take_late(pk):
        Connection.objects.update(
            tokens={"access": "theirs", "refresh": "r"}, token_expires_at=ends
        )
        return take_lease(pk)

    monkeypatch.setattr(oauth, "take_lease", take_late)

    assert open_tokens(connected).access_token() == "theirs"
    assert sign_in.calls == []
    assert Connection.objects.get().refresh_owner == ""


def test_the_lease_covers_all_tries():
    longest = oauth.TRIES * (DEADLINE + oauth.PAUSE)
    assert timedelta(seconds=longest) < oauth.LEASE
