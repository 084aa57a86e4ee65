"""Connections in the admin."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from connectors import services
from connectors.contract import CheckResult
from connectors.models import Connection
from tests.connectors.fake import PlainConnector, SignIn, make_connection
from tests.core.wire import make_answer
from tests.factories import StaffFactory

SECRET = "client-secret-1"
LIST = "admin:connectors_connection_changelist"


@pytest.fixture(autouse=True)
def registered(db: None, fake_registry: None, settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def change_url(connection: Connection) -> str:
    return reverse("admin:connectors_connection_change", args=(connection.pk,))


def press(client: Client, connection: Connection, name: str) -> Any:
    url = reverse("admin:connectors_connection_press", args=(connection.pk, name))
    return client.post(url)


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def form_of(client: Client, connection: Connection, **changes: str) -> dict[str, str]:
    """What the browser would send back, with some fields changed."""
    form = client.get(change_url(connection)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {k: str(v) for k, v in {**values, **changes}.items() if v not in (None, "")}


def test_a_stored_secret_is_never_shown_again(boss: Client) -> None:
    connection = make_connection("https://books.example")
    page = boss.get(change_url(connection)).content.decode()
    assert SECRET not in page
    assert "Leave empty to keep what is stored." in page


def test_a_secret_left_empty_is_kept(boss: Client) -> None:
    connection = make_connection()
    boss.post(change_url(connection), form_of(boss, connection, name="New name"))
    connection.refresh_from_db()
    assert connection.name == "New name"
    assert connection.credentials["client_secret"] == SECRET


def test_a_new_secret_replaces_the_old(boss: Client) -> None:
    connection = make_connection()
    data = form_of(boss, connection, credential_client_secret="other")
    boss.post(change_url(connection), data)
    connection.refresh_from_db()
    assert connection.credentials["client_secret"] == "other"


@pytest.mark.parametrize(
    "changes",
    [
        {"setting_base_url": "other.example"},
        {"setting_base_url": "https://books.example:8443"},
        {"setting_door": "8443"},
        {"environment": "live"},
    ],
)
def test_who_leads_a_connection_elsewhere_enters_the_secret_again(
    boss: Client, changes: dict[str, str]
) -> None:
    connection = make_connection("https://books.example", tokens={"refresh": "r"})
    page = boss.post(change_url(connection), form_of(boss, connection, **changes))
    assert "Enter it again" in page.content.decode()
    assert "Leave empty to keep" not in page.content.decode()
    connection.refresh_from_db()
    assert connection.settings == {"base_url": "https://books.example"}
    assert connection.is_authorized


def test_a_connection_that_is_led_elsewhere_is_connected_again(boss: Client) -> None:
    connection = make_connection("https://books.example", tokens={"refresh": "r"})
    changes = {
        "setting_base_url": "other.example",
        "credential_client_secret": "new",
    }
    answer = boss.post(change_url(connection), form_of(boss, connection, **changes))
    connection.refresh_from_db()
    assert connection.settings["base_url"] == "https://other.example"
    assert connection.tokens == {}
    assert connection.status == "needs_reconnect"
    assert "connect it again" in " ".join(told(answer))


LED = {"setting_base_url": "other.example", "credential_client_secret": "new"}


def test_what_is_left_behind_is_revoked_where_it_was_given(
    boss: Client, connected: Connection, sign_in: SignIn
) -> None:
    answer = boss.post(change_url(connected), form_of(boss, connected, **LED))
    connected.refresh_from_db()
    assert connected.tokens == {}
    head, body = sign_in.revoked[0]
    assert body == "token=refresh-0"
    # By the secret that was stored for that place, not by the new one.
    pair = base64.b64encode(f"client-1:{SECRET}".encode()).decode()
    assert f"Basic {pair}" in head
    assert told(answer) == [
        "Books leads elsewhere now: connect it again.",
        *(text for text in told(answer) if "was changed successfully" in text),
    ]


def test_what_cannot_be_revoked_is_told_and_keeps_nobody_back(
    boss: Client, connected: Connection, sign_in: SignIn
) -> None:
    sign_in.answer = make_answer(status="500 Broken")
    answer = boss.post(change_url(connected), form_of(boss, connected, **LED))
    connected.refresh_from_db()
    assert connected.settings["base_url"] == "https://other.example"
    assert connected.tokens == {}
    said = " ".join(told(answer))
    assert "The tokens of Books are forgotten here, but not revoked" in said
    assert "refresh-0" not in said


def test_a_change_that_is_refused_revokes_nothing(
    boss: Client, connected: Connection, sign_in: SignIn
) -> None:
    data = form_of(boss, connected, setting_base_url="other.example")
    boss.post(change_url(connected), data)
    connected.refresh_from_db()
    assert (connected.is_authorized, sign_in.revoked) == (True, [])


def test_what_leads_nowhere_else_keeps_secret_and_sign_in(boss: Client) -> None:
    connection = make_connection("https://books.example", tokens={"refresh": "r"})
    changes = {"setting_base_url": "books.example/", "setting_colour": "b"}
    boss.post(change_url(connection), form_of(boss, connection, **changes))
    connection.refresh_from_db()
    assert connection.settings["colour"] == "b"
    assert connection.credentials["client_secret"] == SECRET
    assert connection.is_authorized


def test_a_system_without_sign_in_only_wants_its_secret_again(boss: Client) -> None:
    values = {"connector": "plain", "credentials": {"secret": "abc"}}
    connection = make_connection("https://till.example", status="ok", **values)
    changes = {"setting_base_url": "other.example", "credential_secret": "abc"}
    boss.post(change_url(connection), form_of(boss, connection, **changes))
    connection.refresh_from_db()
    assert connection.settings["base_url"] == "https://other.example"
    assert connection.status == "ok"


def test_adding_asks_first_which_system(boss: Client) -> None:
    page = boss.get(reverse("admin:connectors_connection_add")).content.decode()
    assert "?connector=fake" in page
    assert "Plain till" in page


def test_an_unknown_system_is_asked_for_again(boss: Client) -> None:
    url = reverse("admin:connectors_connection_add")
    assert "?connector=fake" in boss.get(f"{url}?connector=x").content.decode()


def test_a_connection_is_added_with_the_systems_own_fields(boss: Client) -> None:
    url = reverse("admin:connectors_connection_add") + "?connector=plain"
    data = {"name": "Till", "environment": "sandbox", "credential_secret": "abc"}
    boss.post(url, {**data, "setting_base_url": "till.example/"})
    connection = Connection.objects.get()
    assert connection.connector == "plain"
    assert connection.credentials == {"secret": "abc"}
    assert connection.settings["base_url"] == "https://till.example"


def test_an_address_that_is_none_is_refused_with_words(boss: Client) -> None:
    connection = make_connection()
    data = form_of(boss, connection, setting_base_url="ftp://x")
    page = boss.post(change_url(connection), data)
    assert page.context["errors"]


def test_a_person_who_may_only_look_sees_no_credentials(client: Client) -> None:
    connection = make_connection()
    client.force_login(StaffFactory(may=["connectors.view_connection"]))
    page = client.get(change_url(connection)).content.decode()
    assert "client-1" not in page
    assert "/press/" not in page


def test_the_page_tells_the_problem_and_what_to_do(boss: Client) -> None:
    connection = make_connection(
        status="problem", problem="The ident is wrong.", action="Enter it again."
    )
    page = boss.get(change_url(connection)).content.decode()
    assert "The ident is wrong." in page
    assert "Enter it again." in page


def test_the_page_tells_which_address_to_register(boss: Client) -> None:
    page = boss.get(change_url(make_connection())).content.decode()
    assert "http://testserver/connections/oauth/callback/" in page


def test_a_connection_whose_system_is_gone_can_be_opened(boss: Client) -> None:
    connection = make_connection(connector="gone")
    assert boss.get(change_url(connection)).status_code == 200
    assert boss.get(reverse(LIST)).status_code == 200


def test_testing_tells_who_we_are(boss: Client, monkeypatch: Any) -> None:
    connection = make_connection(connector="plain")
    result = CheckResult(True, "Shop", {"API": "9.1"}, warnings=("Old key.",))
    monkeypatch.setattr(PlainConnector, "check", lambda self: result)
    said = told(press(boss, connection, "test"))
    assert said == ["Books: it works. Shop · API 9.1", "Old key."]
    connection.refresh_from_db()
    assert (connection.status, connection.who) == ("ok", "Shop")


def test_testing_tells_exactly_what_is_wrong(boss: Client, monkeypatch: Any) -> None:
    connection = make_connection(connector="plain")
    result = CheckResult(ok=False, problem="No such host.", action="Check the name.")
    monkeypatch.setattr(PlainConnector, "check", lambda self: result)
    assert told(press(boss, connection, "test")) == ["No such host. Check the name."]
    connection.refresh_from_db()
    assert connection.status == "problem"


def test_connect_leads_to_the_consent_page(boss: Client, connection: Any) -> None:
    response = press(boss, connection, "connect")
    assert response["Location"].startswith(connection.settings["base_url"])
    assert "/authorize" in response["Location"]


def test_connect_says_what_is_missing(boss: Client) -> None:
    connection = make_connection(credentials={})
    response = press(boss, connection, "connect")
    assert response["Location"] == change_url(connection)
    assert "Client secret missing" in told(response)[0]


def test_the_button_bears_the_systems_name(boss: Client) -> None:
    page = boss.get(change_url(make_connection())).content.decode()
    assert "Connect to Fake books" in page


def test_a_system_without_browser_sign_in_has_no_such_buttons(boss: Client) -> None:
    connection = make_connection(connector="plain")
    page = boss.get(change_url(connection)).content.decode()
    assert "/press/connect/" not in page
    assert told(press(boss, connection, "connect")) == ["This is not possible now."]


def test_disconnect_forgets_the_tokens(
    boss: Client, connected: Connection, sign_in: SignIn
) -> None:
    page = boss.get(change_url(connected)).content.decode()
    assert "Connect again to Fake books" in page
    assert told(press(boss, connected, "disconnect")) == ["Books is disconnected."]
    connected.refresh_from_db()
    assert connected.tokens == {}
    assert len(sign_in.revoked) == 1


def test_disconnect_tells_when_revoking_did_not_work(
    boss: Client, connected: Connection, monkeypatch: Any
) -> None:
    monkeypatch.setattr(services, "disconnect", lambda connection: "Not revoked.")
    assert told(press(boss, connected, "disconnect")) == ["Not revoked."]


def test_buttons_only_post(boss: Client) -> None:
    connection = make_connection()
    url = reverse("admin:connectors_connection_press", args=(connection.pk, "test"))
    assert boss.get(url).headers.get("Location") == change_url(connection)


def test_buttons_are_safe_from_other_sites(boss: Client) -> None:
    connection = make_connection()
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(User.objects.get(username="boss"))
    assert press(careful, connection, "test").status_code == 403


@pytest.mark.parametrize("name", ["test", "connect", "disconnect"])
def test_buttons_need_permission(client: Client, name: str) -> None:
    connection = make_connection()
    assert "login" in press(client, connection, name)["Location"]
    client.force_login(StaffFactory(may=["connectors.view_connection"]))
    assert press(client, connection, name).status_code == 403


def test_buttons_of_nothing_are_not_found(boss: Client) -> None:
    connection = make_connection()
    assert press(boss, connection, "explode").status_code == 404
    connection.pk = 999
    assert press(boss, connection, "test").status_code == 404


def test_what_was_pressed_is_kept_in_the_history(boss: Client) -> None:
    connection = make_connection(connector="plain")
    press(boss, connection, "test")
    url = reverse("admin:connectors_connection_history", args=(connection.pk,))
    assert "Test" in boss.get(url).content.decode()


def test_the_list_warns_before_a_sign_in_ends(
    boss: Client, connected: Connection
) -> None:
    Connection.objects.update(refresh_expires_at="2000-01-01T00:00Z")
    page = boss.get(reverse(LIST)).content.decode()
    assert "in 0 days" in page


def test_the_list_asks_as_much_for_many_as_for_few(
    boss: Client, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        make_connection(name=f"Connection {number}")
    boss.get(reverse(LIST))
    with django_assert_num_queries(6) as few:
        boss.get(reverse(LIST))
    assert not [q for q in few.captured_queries if '"credentials"' in q["sql"]]
