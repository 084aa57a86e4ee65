"""Opening and checking connections."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import opening, services
from connectors.contract import CheckResult
from connectors.models import Connection
from integration_hub.core.errors import AuthError, ConfigError, Unavailable
from integration_hub.core.limits import Limit
from tests.connectors.fake import FakeConnector, make_connection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_registry")]


def test_a_connector_is_opened_with_its_account(settings):
    settings.CALL_DEADLINE = 7.0
    made = make_connection("shop.example/", settings={"base_url": "shop.example/"})

    account = services.open_connection(made).account

    assert (account.id, account.name) == (made.pk, "Books")
    assert account.environment == "sandbox"
    assert account.settings["base_url"] == "https://shop.example"
    assert account.settings["colour"] == "r"
    assert account.credentials["client_id"] == "client-1"
    assert account.session.deadline == 7.0
    assert account.tokens is not None


def test_the_declared_address_is_used_where_none_is_set():
    made = make_connection(environment="live")

    settings = services.open_connection(made).account.settings

    assert settings["base_url"] == "https://books.example"


def test_a_system_without_browser_has_no_tokens():
    made = make_connection(connector="plain", credentials={"secret": "sesame-1"})

    assert services.open_connection(made).account.tokens is None


def test_secrets_and_tokens_are_hidden():
    made = make_connection(tokens={"access": "access-xyz", "refresh": "refresh-xyz"})

    session = services.open_connection(made).account.session

    text = "client-1 client-secret-1 access-xyz refresh-xyz"
    assert session.redact(text) == "client-1 *** *** ***"


def test_what_is_missing_is_named():
    made = make_connection(credentials={"client_id": "x"})

    with pytest.raises(ConfigError, match="Books is not complete: Client secret"):
        services.open_connection(made)


def test_an_unknown_connector_is_told():
    with pytest.raises(ConfigError, match="no connector called gone"):
        services.open_connection(make_connection(connector="gone"))


@pytest.mark.parametrize(
    ("chosen", "limits"),
    [
        (None, FakeConnector.limits),
        ("off", ()),
        ({"calls": 5}, (Limit("calls", 5, 60), Limit("batch", 10, 60))),
    ],
)
def test_limits_may_be_set(chosen, limits):
    assert opening.choose_limits(FakeConnector, {"limits": chosen}) == limits


def test_connections_to_one_company_share_a_budget():
    signed_in = {"client_id": "a", "client_secret": "b", "realmId": "77"}
    first = make_connection(name="One", credentials=signed_in)
    second = make_connection(name="Two", credentials=signed_in)
    third = make_connection(name="Three")

    buckets = [opening.name_bucket(c, FakeConnector) for c in (first, second, third)]

    assert buckets == ["fake:sandbox:77", "fake:sandbox:77", f"connection:{third.pk}"]


def test_a_good_check_is_stored(connected):
    result = services.check(connected)

    stored = Connection.objects.get()
    assert result.ok
    assert (stored.status, stored.who) == ("ok", "Books Ltd")
    assert stored.last_ok_at is not None
    assert stored.last_checked_at is not None


def test_a_bad_check_is_stored(connected, sign_in):
    connected.token_expires_at = timezone.now() + timedelta(hours=1)
    connected.save(update_fields=["token_expires_at"])
    sign_in.answer = b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"

    result = services.check(connected)

    stored = Connection.objects.get()
    assert not result.ok
    assert (stored.status, stored.problem) == ("problem", "It says no.")
    assert stored.action == "Ask it."
    assert stored.last_ok_at is None


@pytest.mark.parametrize("tokens", [{}, {"access": "a", "refresh": "dead"}])
def test_a_dead_sign_in_told_in_other_words_is_one(connected, monkeypatch, tokens):
    def check(self):
        try:
            self.account.tokens.access_token()
        except AuthError:
            return CheckResult(ok=False, problem="Not today.")

    monkeypatch.setattr(FakeConnector, "check", check)
    Connection.objects.update(tokens=tokens)

    services.check(Connection.objects.get())

    stored = Connection.objects.get()
    assert (stored.status, stored.problem) == ("needs_reconnect", "Not today.")


def test_a_system_that_is_away_is_told(connected, books):
    books.stop()

    result = services.check(connected)

    assert not result.ok
    assert "refuses the connection" in Connection.objects.get().problem


def test_a_connection_never_signed_in_needs_it(connection):
    result = services.check(connection)

    stored = Connection.objects.get()
    assert result.problem == "Books is not connected."
    assert stored.status == "needs_reconnect"
    assert "connect" in stored.action


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AuthError("No.", action="Do."), "needs_reconnect"),
        (ConfigError("No.", action="Do."), "problem"),
        (Unavailable("No.", action="Do."), "problem"),
    ],
)
def test_problems_are_kept_by_what_a_person_has_to_do(error, status):
    made = make_connection()

    services.record_problem(made, error)

    stored = Connection.objects.get()
    assert (stored.status, stored.problem, stored.action) == (status, "No.", "Do.")


def test_success_clears_the_problem_and_keeps_who_it_is():
    made = make_connection(status="problem", problem="No.", action="Do.", who="Ltd")

    services.record_success(made)

    stored = Connection.objects.get()
    assert (stored.status, stored.problem, stored.who) == ("ok", "", "Ltd")


def test_storing_health_leaves_tokens_alone():
    made = make_connection()
    Connection.objects.update(tokens={"access": "fresh"})

    services.record_success(made)

    assert Connection.objects.get().tokens == {"access": "fresh"}
