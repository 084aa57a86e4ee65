"""Signing in and out: the code becomes tokens, the company stays the same."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from connectors import services
from connectors.contract import OAuth
from connectors.models import Connection
from connectors.oauth import store_tokens, take_lease
from connectors.tokens import TokenClient, Tokens
from integration_hub.core.errors import AuthError, ConfigError, Unavailable
from tests.connectors.fake import FakeConnector, make_connection
from tests.core.wire import make_answer

BACK = "https://hub.example/connections/oauth/callback/"
CALLBACK = {"code": "code-1", "state": "s", "realmId": "77"}


def complete(connection, **changes):
    services.complete_authorization(
        connection, {**CALLBACK, **changes}, redirect_uri=BACK
    )


def test_the_consent_page_is_told_who_asks_for_what(connection, books):
    url = services.authorize_url(connection, redirect_uri=BACK, state="st&te")

    parts = urlsplit(url)
    assert url.startswith(f"{books.url}/authorize?")
    assert parse_qs(parts.query) == {
        "client_id": ["client-1"],
        "scope": ["books mail"],
        "redirect_uri": [BACK],
        "response_type": ["code"],
        "state": ["st&te"],
    }


def test_the_code_becomes_tokens(connection, sign_in):
    complete(connection)

    stored = Connection.objects.get()
    assert sign_in.calls == [
        {"grant_type": "authorization_code", "code": "code-1", "redirect_uri": BACK}
    ]
    assert sign_in.authorizations == ["client-1:client-secret-1"]
    assert (stored.tokens["access"], stored.tokens["refresh"]) == (
        "access-1",
        "refresh-1",
    )
    assert stored.credentials["realmId"] == "77"
    assert stored.credentials["client_secret"] == "client-secret-1"
    assert stored.status == "ok"
    assert stored.days_left == 99


def test_the_addresses_are_kept_so_that_a_refresh_is_one_call(connection, books):
    complete(connection)
    client = TokenClient(Connection.objects.get(), FakeConnector.oauth, {})
    books.requests.clear()

    client.refresh("refresh-1")

    assert [request.split(b" ")[1] for request in books.requests] == [b"/token"]


def test_a_refused_consent_is_told(connection, sign_in):
    with pytest.raises(AuthError, match="consent was not given .access_denied."):
        complete(connection, error="access_denied", code="")

    assert sign_in.calls == []


def test_a_callback_without_company_is_refused(connection, sign_in):
    with pytest.raises(ConfigError, match="which realmId"):
        complete(connection, realmId="")

    assert sign_in.calls == []


@pytest.mark.parametrize("realm", ["77/../78", "77?x=", "7 7", "7" * 65])
def test_a_company_that_would_lead_elsewhere_is_refused(connection, sign_in, realm):
    with pytest.raises(ConfigError, match="realmId"):
        complete(connection, realmId=realm)

    assert "realmId" not in Connection.objects.get().credentials


def test_another_company_is_refused(connected, sign_in):
    with pytest.raises(ConfigError, match="belongs to realmId 77") as caught:
        complete(connected, realmId="78")

    assert "add a connection" in caught.value.action
    assert sign_in.calls == []
    assert Connection.objects.get().tokens["access"] == "access-0"


def test_the_same_company_may_connect_again(connected):
    services.record_problem(connected, AuthError("Dead."))

    complete(connected)

    stored = Connection.objects.get()
    assert (stored.status, stored.problem) == ("ok", "")
    assert stored.tokens["access"] == "access-1"


def test_a_used_code_is_told(connection, sign_in):
    error = json.dumps({"error": "invalid_grant"}).encode()
    sign_in.answer = make_answer(error, status="400 Bad Request")

    with pytest.raises(AuthError):
        complete(connection)

    assert not Connection.objects.get().is_authorized


def test_a_system_without_browser_cannot_be_signed_in_to(connection):
    plain = make_connection(name="Till", connector="plain", credentials={})

    with pytest.raises(ConfigError, match="does not sign in through the browser"):
        services.authorize_url(plain, redirect_uri=BACK, state="s")


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (make_answer(b"<html>", status="404 No"), ConfigError, "status 404"),
        (make_answer(b"[]"), ConfigError, "authorization_endpoint is missing"),
        (make_answer(b'{"authorization_endpoint": "x"}'), ConfigError, "token_end"),
        (make_answer(b"", status="503 Busy"), Unavailable, "status 503"),
    ],
)
def test_a_bad_discovery_is_told(connection, sign_in, answer, error, text):
    sign_in.discovery = answer

    with pytest.raises(error, match=text):
        services.authorize_url(connection, redirect_uri=BACK, state="s")


def test_the_discovery_address_can_be_set(connection, books):
    connection.settings["discovery_url"] = f"{books.url}/discovery?own=1"

    services.authorize_url(connection, redirect_uri=BACK, state="s")

    assert b"/discovery?own=1" in books.requests[0]


def test_disconnecting_revokes_and_forgets(connected, sign_in):
    connected.who = "Books Ltd."
    assert services.disconnect(connected) == ""

    stored = Connection.objects.get()
    head, body = sign_in.revoked[0]
    assert body == "token=refresh-0"
    assert "Authorization: Basic" in head
    assert stored.tokens == {}
    assert (stored.token_expires_at, stored.refresh_expires_at) == (None, None)
    assert (stored.status, stored.problem) == ("needs_reconnect", "Disconnected.")
    assert stored.credentials["realmId"] == "77"


def test_a_token_may_be_revoked_as_json(connected, sign_in):
    oauth = OAuth(FakeConnector.oauth.discovery, (), revoke_as_json=True)
    settings = {"base_url": connected.settings["base_url"]}

    TokenClient(connected, oauth, settings).revoke("refresh-0")

    head, body = sign_in.revoked[0]
    assert json.loads(body) == {"token": "refresh-0"}
    assert "Content-Type: application/json" in head


def test_a_token_that_is_dead_already_needs_no_revoking(connected, sign_in):
    sign_in.answer = make_answer(b"{}", status="400 Bad Request")

    assert services.disconnect(connected) == ""


def test_tokens_are_forgotten_even_if_revoking_fails(connected, sign_in):
    sign_in.answer = make_answer(status="500 Broken")

    warning = services.disconnect(connected)

    assert "not revoked" in warning
    assert Connection.objects.get().tokens == {}


def test_disconnecting_twice_asks_nobody(connection, sign_in):
    assert services.disconnect(connection) == ""
    assert sign_in.revoked == []


def test_a_service_without_revocation_is_not_asked(connected, sign_in):
    document = {"authorization_endpoint": "https://x", "token_endpoint": "https://x"}
    sign_in.discovery = make_answer(json.dumps(document).encode())

    assert services.disconnect(connected) == ""
    assert sign_in.revoked == []


def test_a_refresh_under_way_does_not_bring_the_tokens_back(connected):
    owner = take_lease(connected.pk)

    services.disconnect(connected)

    late = Tokens("late", "late-refresh", timezone.now(), None)
    assert not store_tokens(connected, late, owner=owner)
    assert Connection.objects.get().tokens == {}
