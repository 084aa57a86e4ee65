from __future__ import annotations

import json

import pytest

from connectors.quickbooks.sandbox.app import QuickBooksSandbox
from connectors.quickbooks.sandbox.seed import GLOBAL_REALM, US_REALM
from connectors.sandbox.server import start
from tests.connectors.quickbooks.books import BASIC, REDIRECT, Books, send


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 1_767_225_600.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def timed(clock):
    """A company whose sandbox goes by the test's clock."""
    running = start(QuickBooksSandbox(clock=clock))
    yield Books(running)
    running.stop()


def status_of(books):
    return books.call("companyinfo/1")[0]


@pytest.mark.parametrize(
    "name", ["openid_configuration", "openid_sandbox_configuration"]
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_discovery_names_the_addresses_of_this_server(sandbox, name, slash):
    status, _, text = send(f"{sandbox.url}/.well-known/{name}{slash}")
    found = json.loads(text)
    assert status == 200
    assert found["token_endpoint"] == f"{sandbox.url}/oauth2/v1/tokens/bearer"
    assert found["authorization_endpoint"] == f"{sandbox.url}/connect/oauth2"


def test_approval_by_script_redirects_at_once(books):
    status, answer = books.authorize(state="abc", sandbox_approve=US_REALM)
    assert status == 302
    assert answer["state"] == "abc"
    assert answer["realmId"] == US_REALM
    assert answer["code"]


def test_consent_page_offers_each_company_and_a_button(books):
    status, page = books.authorize(sandbox_approve="")
    assert status == 200
    assert GLOBAL_REALM in page
    assert US_REALM in page
    assert "<button" in page


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (f"consent=yes&realm={US_REALM}", f"realmId={US_REALM}"),
        (f"consent=no&realm={US_REALM}", "error=access_denied"),
    ],
)
def test_consent_button_redirects_with_the_answer(books, form, expected):
    url = (
        f"{books.url}/connect/oauth2?client_id=sandbox&response_type=code&state=s"
        f"&scope=com.intuit.quickbooks.accounting&redirect_uri={REDIRECT}"
    )
    status, headers, _ = send(url, method="POST", body=form.encode())
    assert status == 302
    assert expected in headers["Location"]


@pytest.mark.parametrize(
    "asked",
    [{"client_id": "other"}, {"state": ""}, {"redirect_uri": "ftp://x"}, {"scope": ""}],
)
def test_wrong_authorize_request_gets_a_page_and_no_redirect(books, asked):
    assert books.authorize(**asked)[0] == 400


def test_unknown_scope_is_sent_back(books):
    assert books.authorize(scope="everything")[1]["error"] == "invalid_scope"


def test_tokens_have_their_lifetimes(books):
    assert books.tokens["expires_in"] == 3600
    assert books.tokens["x_refresh_token_expires_in"] == 8726400
    assert status_of(books) == 200


def test_code_works_once_and_its_second_use_ends_the_consent(books):
    code = books.authorize()[1]["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    status, books.tokens = books.token(**form)
    assert status == 200
    assert books.token(**form) == (400, {"error": "invalid_grant"})
    assert status_of(books) == 401


def test_code_needs_the_same_redirect_address(books):
    code = books.authorize()[1]["code"]
    form = {"grant_type": "authorization_code", "code": code}
    assert books.token(**form, redirect_uri="http://localhost:1/")[0] == 400


def test_code_expires(timed, clock):
    code = timed.authorize()[1]["code"]
    clock.now += 601
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    assert timed.token(**form)[0] == 400


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Basic %%%", "Bearer x"])
def test_token_needs_the_clients_secret(books, header):
    status, answer = books.token(
        {"Authorization": header}, grant_type="refresh_token", refresh_token="x"
    )
    assert (status, answer) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"x": "y"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "invalid_grant"),
    ],
)
def test_malformed_token_request_is_refused(books, form, error):
    status, answer = books.token(**form)
    assert (status, answer["error"]) == (400, error)


def refresh(books, token):
    status, answer = books.token(grant_type="refresh_token", refresh_token=token)
    return answer["refresh_token"] if status == 200 else answer["error"]


def test_previous_refresh_token_works_until_the_new_one_is_used(books):
    first = books.tokens["refresh_token"]
    second = refresh(books, first)
    assert second != first
    assert refresh(books, first) == second
    third = refresh(books, second)
    assert third not in (first, second)
    assert refresh(books, first) == "invalid_grant"


def test_strict_rotation_kills_the_old_token_at_once(books):
    books.switch(refresh_rotation="strict")
    first = books.tokens["refresh_token"]
    refresh(books, first)
    assert refresh(books, first) == "invalid_grant"


def test_no_rotation_keeps_the_token(books):
    books.switch(refresh_rotation="none")
    first = books.tokens["refresh_token"]
    assert refresh(books, first) == first


def test_hard_expiry_is_told_when_asked(books):
    _, answer = books.token(
        {"x-include-refresh-token-hard-expires-in": "true"},
        grant_type="refresh_token",
        refresh_token=books.tokens["refresh_token"],
    )
    assert answer["x_refresh_token_hard_expires_in"] > 8726400


def test_access_token_expires_after_an_hour(timed, clock):
    clock.now += 3599
    assert status_of(timed) == 200
    clock.now += 1
    assert status_of(timed) == 401


def test_refresh_token_expires_after_101_days(timed, clock):
    clock.now += 8726401
    assert refresh(timed, timed.tokens["refresh_token"]) == "invalid_grant"


def test_access_tokens_are_expired_on_command(books):
    books.do("expire_access_tokens")
    assert status_of(books) == 401
    assert refresh(books, books.tokens["refresh_token"]) != "invalid_grant"


def test_refresh_tokens_are_expired_on_command(books):
    books.do("expire_refresh_tokens")
    assert refresh(books, books.tokens["refresh_token"]) == "invalid_grant"


def test_consent_is_revoked_by_the_owner(books, us_books):
    books.do("revoke_consent")
    assert status_of(books) == 401
    assert refresh(books, books.tokens["refresh_token"]) == "invalid_grant"
    assert status_of(us_books) == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("style", ["json", "form"])
def test_revoking_either_token_kills_the_pair(books, kind, style):
    token = books.tokens[kind]
    body = json.dumps({"token": token}) if style == "json" else f"token={token}"
    url = f"{books.url}/v2/oauth2/tokens/revoke"
    headers = {"Authorization": BASIC}
    status, _, text = send(url, method="POST", body=body.encode(), headers=headers)
    assert (status, text) == (200, "")
    assert status_of(books) == 401
    assert refresh(books, books.tokens["refresh_token"]) == "invalid_grant"


def test_revoke_of_an_unknown_token_or_client_is_refused(books):
    url = f"{books.url}/v2/oauth2/tokens/revoke"
    body = b'{"token":"x"}'
    assert send(url, method="POST", body=body)[0] == 401
    headers = {"Authorization": BASIC}
    assert send(url, method="POST", body=body, headers=headers)[0] == 400


def test_lost_refresh_answer_is_survivable(books):
    books.control("faults", {"action": "lose", "match": "tokens/bearer"})
    first = books.tokens["refresh_token"]
    with pytest.raises(OSError, match="Remote end closed"):
        refresh(books, first)
    assert refresh(books, first) not in (first, "invalid_grant")


def test_token_without_the_accounting_scope_is_forbidden(books):
    books.tokens = books.connect(scope="openid")
    assert status_of(books) == 403


def test_keys_are_an_empty_set(sandbox):
    assert send(f"{sandbox.url}/op/v1/jwks")[2] == '{"keys":[]}'


def test_user_info_needs_a_token(books):
    url = f"{books.url}/v1/openid_connect/userinfo"
    assert send(url)[0] == 401
    headers = {"Authorization": f"Bearer {books.tokens['access_token']}"}
    assert send(url, headers=headers)[0] == 200
