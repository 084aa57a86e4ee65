"""The form of a connection: made from declarations, silent about secrets."""

from __future__ import annotations

import pytest

from connectors.contract import Choice, Field
from connectors.forms import build_form, make_field
from connectors.models import Connection
from tests.connectors.fake import FakeConnector, PlainConnector, make_connection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_registry")]

DATA = {
    "name": "Books",
    "connector": "fake",
    "environment": "live",
    "credential_client_id": "id-1",
    "credential_client_secret": "sesame",
    "setting_base_url": "shop.example/",
    "setting_colour": "b",
    "setting_rows": "30",
    "setting_since": "2026-01-31",
    "setting_account": "12",
}


def make_form(instance=None, **changes):
    form = build_form(FakeConnector)
    return form({**DATA, **changes}, instance=instance)


def save_form(instance=None, **changes):
    form = make_form(instance, **changes)
    assert form.is_valid(), form.errors
    return form.save()


def test_every_declared_field_is_there():
    names = list(build_form(FakeConnector).base_fields)

    assert names == [
        "name",
        "connector",
        "environment",
        "credential_client_id",
        "credential_client_secret",
        "setting_base_url",
        "setting_colour",
        "setting_rows",
        "setting_eager",
        "setting_since",
        "setting_account",
        "setting_door",
    ]


def test_the_address_is_asked_of_every_system():
    assert "setting_base_url" in build_form(PlainConnector).base_fields


def test_a_new_connection_is_stored():
    saved = save_form()

    stored = Connection.objects.get(pk=saved.pk)
    assert stored.credentials == {"client_id": "id-1", "client_secret": "sesame"}
    assert stored.settings == {
        "base_url": "https://shop.example",
        "colour": "b",
        "rows": 30,
        "eager": False,
        "since": "2026-01-31",
        "account": "12",
        "door": "",
    }


def test_an_empty_secret_keeps_what_is_stored():
    made = make_connection("https://shop.example/", environment="live")
    save_form(made, credential_client_secret="")

    assert Connection.objects.get().credentials["client_secret"] == "client-secret-1"


def test_a_new_secret_replaces_the_old_one():
    save_form(make_connection(), credential_client_secret="new")

    assert Connection.objects.get().credentials["client_secret"] == "new"


def test_a_first_secret_is_required():
    form = make_form(credential_client_secret="")

    assert not form.is_valid()
    assert "credential_client_secret" in form.errors


def test_what_the_form_does_not_know_is_kept():
    made = make_connection(settings={"limits": "off"})
    Connection.objects.update(credentials={**made.credentials, "realmId": "77"})
    made.refresh_from_db()

    save_form(made)

    stored = Connection.objects.get()
    assert stored.credentials["realmId"] == "77"
    assert stored.settings["limits"] == "off"


def test_an_emptied_setting_is_emptied():
    made = make_connection(settings={"rows": 5})

    save_form(made, setting_rows="")

    assert Connection.objects.get().settings["rows"] == ""


def test_a_secret_is_never_shown_again():
    form = build_form(FakeConnector)(instance=make_connection())

    html = form.as_p()
    assert "client-secret-1" not in html
    assert "client-1" in html
    assert "Leave empty to keep what is stored." in html


def test_a_secret_is_not_shown_after_a_mistake_either():
    form = make_form(name="", credential_client_secret="mistyped")

    assert not form.is_valid()
    assert "mistyped" not in form.as_p()


def test_stored_settings_are_shown():
    made = make_connection(settings={"rows": 5, "colour": "b"})

    initial = build_form(FakeConnector)(instance=made).initial

    assert (initial["setting_rows"], initial["setting_colour"]) == (5, "b")


def test_the_system_of_a_stored_connection_stays():
    saved = save_form(make_connection(), connector="plain")

    assert saved.connector == "fake"


def test_a_bad_address_is_told_at_its_field():
    form = make_form(setting_base_url="ftp://x")

    assert not form.is_valid()
    assert "not a web address" in form.errors["setting_base_url"][0]


def test_tokens_that_came_meanwhile_are_not_overwritten():
    made = make_connection()
    Connection.objects.update(tokens={"access": "fresh"})

    save_form(made)

    assert Connection.objects.get().tokens == {"access": "fresh"}


@pytest.mark.parametrize(
    ("field", "typed", "cleaned"),
    [
        (Field("x", "X"), " a ", "a"),
        (Field("x", "X", type="integer"), "7", 7),
        (Field("x", "X", type="boolean"), "on", True),
        (Field("x", "X", type="email"), "a@b.nl", "a@b.nl"),
        (Field("x", "X", type="choice", choices=(("a", "A"),)), "a", "a"),
        (Field("x", "X", type="secret"), "s", "s"),
    ],
)
def test_fields_clean_by_their_type(field, typed, cleaned):
    assert make_field(field, {}).clean(typed) == cleaned


def test_a_boolean_may_be_on_by_default():
    assert (
        make_field(Field("x", "X", type="boolean", default="true"), {}).initial is True
    )


def test_choices_may_come_from_the_system():
    accounts = [Choice("1", "Sales", code="8000"), Choice("2", "Old", active=False)]

    field = make_field(Field("x", "X", choices="accounts"), {"accounts": accounts})

    assert field.choices == [("", ""), ("1", "8000 Sales")]


def test_a_required_choice_has_no_empty_entry():
    field = make_field(Field("x", "X", required=True, choices=(("a", "A"),)), {})

    assert field.choices == [("a", "A")]
