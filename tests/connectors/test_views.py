"""Out to the consent page and back, for those who may."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory
from django.urls import reverse

from connectors.contract import CheckResult
from connectors.models import Connection
from connectors.services import disconnect, open_connection
from connectors.views import make_redirect_uri
from tests.core.wire import make_answer

# The development set-up collects no static files.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at")

CALLBACK = reverse("connectors:oauth_callback")


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_user("ann", password="x", is_staff=True)


@pytest.fixture
def operator(staff, client):
    """A browser of somebody who may change connections."""
    permission = Permission.objects.get(codename="change_connection")
    staff.user_permissions.add(permission)
    client.force_login(staff)
    return client


def start(client, connection):
    return client.post(reverse("connectors:oauth_start", args=[connection.pk]))


def read_state(response):
    return parse_qs(urlsplit(response.url).query)["state"][0]


def come_back(client, **parameters):
    values = {"code": "code-1", "realmId": "77", **parameters}
    return client.get(CALLBACK, values)


def list_messages(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def page_of(connection):
    return reverse("admin:connectors_connection_change", args=[connection.pk])


def test_signing_in_out_and_back(operator, connection, books):
    out = start(operator, connection)
    back = come_back(operator, state=read_state(out))

    assert out.url.startswith(f"{books.url}/authorize?")
    assert back.url == page_of(connection)
    assert list_messages(back) == ["Books is connected to Books Ltd."]
    assert Connection.objects.get().is_authorized


def test_the_same_address_is_told_twice(operator, connection, sign_in):
    out = start(operator, connection)
    told = parse_qs(urlsplit(out.url).query)["redirect_uri"][0]

    come_back(operator, state=read_state(out))

    assert told == f"http://testserver{CALLBACK}"
    assert sign_in.calls[0]["redirect_uri"] == told


def test_a_state_is_good_once(operator, connection, sign_in):
    state = read_state(start(operator, connection))
    come_back(operator, state=state)

    again = come_back(operator, state=state)

    assert again.url == reverse("admin:index")
    assert "not started here" in list_messages(again)[-1]
    assert len(sign_in.calls) == 1


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_state_that_is_not_ours_is_refused(operator, connection, sign_in, state):
    start(operator, connection)

    response = come_back(operator, state=state)

    assert response.url == reverse("admin:index")
    assert sign_in.calls == []


def test_the_state_of_another_session_is_refused(
    operator, connection, sign_in, admin_client
):
    state = read_state(start(operator, connection))

    come_back(admin_client, state=state)

    assert sign_in.calls == []


def test_a_refused_consent_is_told(operator, connection):
    state = read_state(start(operator, connection))

    response = come_back(operator, state=state, error="access_denied")

    assert response.url == page_of(connection)
    assert "consent was not given" in list_messages(response)[0]


def test_a_refused_code_is_told(operator, connection, sign_in):
    state = read_state(start(operator, connection))
    sign_in.answer = make_answer(status="500 Broken")

    response = come_back(operator, state=state)

    assert "status 500" in list_messages(response)[0]
    assert not Connection.objects.get().is_authorized


def test_an_incomplete_connection_cannot_start(operator, connection):
    Connection.objects.update(credentials={})

    response = start(operator, connection)

    assert response.url == page_of(connection)
    assert "not complete" in list_messages(response)[0]


def test_a_connection_deleted_meanwhile_is_told(operator, connection):
    state = read_state(start(operator, connection))
    connection.delete()

    assert come_back(operator, state=state).url == reverse("admin:index")


def test_an_unknown_connection_is_not_found(operator, connection):
    connection.pk += 1

    assert start(operator, connection).status_code == 404


def test_starting_needs_a_post(operator, connection):
    url = reverse("connectors:oauth_start", args=[connection.pk])

    assert operator.get(url).status_code == 405


def test_starting_needs_the_form_token(connection, admin_user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)

    assert start(strict, connection).status_code == 403


def test_strangers_are_sent_to_sign_in(client, connection):
    for response in (start(client, connection), come_back(client, state="x")):
        assert response.status_code == 302
        assert response.url.startswith(reverse("admin:login"))


def test_staff_without_permission_may_not(client, staff, connection):
    client.force_login(staff)

    assert start(client, connection).status_code == 403
    assert come_back(client, state="x").status_code == 403


@pytest.mark.parametrize(
    ("public", "expected"),
    [
        ("", f"http://testserver{CALLBACK}"),
        ("https://hub.example/", f"https://hub.example{CALLBACK}"),
    ],
)
def test_a_proxy_may_hide_the_address(settings, public, expected):
    settings.PUBLIC_URL = public

    assert make_redirect_uri(RequestFactory().get("/")) == expected


def test_an_account_that_cannot_be_used_is_said_at_once(
    operator, connection, books, monkeypatch
):
    refused = CheckResult(ok=False, problem="It is in another country.", action="No.")
    monkeypatch.setattr(type(open_connection(connection)), "check", lambda _: refused)
    back = come_back(operator, state=read_state(start(operator, connection)))
    (told,) = list_messages(back)
    assert "It is in another country. No." in told


def test_a_company_chosen_by_mistake_is_forgotten_when_disconnected(
    operator, connection, books, monkeypatch
):
    refused = CheckResult(ok=False, problem="It is in another country.")
    monkeypatch.setattr(type(open_connection(connection)), "check", lambda _: refused)
    come_back(operator, state=read_state(start(operator, connection)))
    connection.refresh_from_db()
    assert connection.credentials["realmId"] == "77"
    disconnect(connection)
    connection.refresh_from_db()
    assert "realmId" not in connection.credentials
