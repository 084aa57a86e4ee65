"""Encrypted fields: unreadable in the database, clear when no key fits."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection as database

from connectors.models import Connection
from integration_hub.core.encryption import (
    EncryptedTextField,
    decrypt,
    encrypt,
    is_current,
)
from integration_hub.core.errors import ConfigError
from integration_hub.core.rotation import list_fields, list_models, rotate

pytestmark = pytest.mark.django_db


def make_connection(name="Till", **values):
    return Connection.objects.create(name=name, connector="x", **values)


def read_raw(column="credentials"):
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM connectors_connection ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_values_come_back_as_they_were():
    value = {"secret": "sésame", "n": [1, None, True]}
    made = make_connection(credentials=value)

    assert Connection.objects.get(pk=made.pk).credentials == value


def test_the_database_holds_no_clear_text():
    make_connection(credentials={"secret": "sesame"})

    assert "sesame" not in read_raw()[0]


def test_bulk_updates_are_encrypted_too():
    make_connection()
    Connection.objects.update(credentials={"secret": "sesame"})

    assert "sesame" not in read_raw()[0]
    assert Connection.objects.get().credentials == {"secret": "sesame"}


def test_only_absence_can_be_looked_up():
    assert not Connection.objects.filter(credentials__isnull=True).exists()
    for lookup in (
        "credentials",
        "credentials__contains",
        "credentials__secret",
        "credentials__secret__exact",
    ):
        with pytest.raises(FieldError):
            Connection.objects.filter(**{lookup: "sesame"}).exists()


def test_an_older_key_still_opens(settings):
    settings.FIELD_KEYS = ["old"]
    token = encrypt("x")
    settings.FIELD_KEYS = ["new", "old"]

    assert decrypt(token) == "x"
    assert not is_current(token)
    assert is_current(encrypt("x"))


def test_a_fernet_key_is_used_as_it_is(settings):
    key = Fernet.generate_key()
    settings.FIELD_KEYS = [key.decode()]

    assert Fernet(key).decrypt(encrypt("x").encode()) == b"x"


def test_a_lost_key_is_told_clearly(settings):
    make_connection(credentials={"secret": "sesame"})
    settings.FIELD_KEYS = ["another"]

    with pytest.raises(ConfigError, match="Connection.credentials cannot") as caught:
        Connection.objects.get()

    assert "FIELD_KEYS" in caught.value.action


@pytest.mark.parametrize("keys", [[], [""]])
def test_no_key_is_told_clearly(settings, keys):
    settings.FIELD_KEYS = keys

    with pytest.raises(ConfigError, match="FIELD_KEYS is empty"):
        encrypt("x")


def test_rotation_uses_the_newest_key(settings):
    settings.FIELD_KEYS = ["old"]
    for number in range(5):
        make_connection(f"c{number}", credentials={"n": number})
    settings.FIELD_KEYS = ["new", "old"]

    assert rotate(Connection, page=2) == 5

    settings.FIELD_KEYS = ["new"]
    values = Connection.objects.order_by("id").values_list("credentials", flat=True)
    assert [value["n"] for value in values] == [0, 1, 2, 3, 4]


def test_rotation_leaves_new_values_alone(settings):
    settings.FIELD_KEYS = ["new"]
    make_connection()
    before = read_raw()

    assert rotate(Connection) == 0
    assert read_raw() == before


def test_rotation_stops_at_what_no_key_opens(settings):
    settings.FIELD_KEYS = ["lost"]
    make_connection()
    settings.FIELD_KEYS = ["new"]

    with pytest.raises(ConfigError):
        rotate(Connection)


def test_every_encrypted_field_is_found():
    assert Connection in list_models()
    assert list_fields(Connection) == ["credentials", "tokens"]


def test_nothing_stays_nothing():
    field = Connection._meta.get_field("tokens")

    assert field.get_prep_value(None) is None
    assert field.from_db_value(None, None, None) is None
    assert field.to_python(None) is None


def test_a_dump_is_encrypted_and_can_be_loaded():
    make_connection(credentials={"secret": "sesame"})
    dump = serializers.serialize("json", Connection.objects.all())
    Connection.objects.all().delete()

    for row in serializers.deserialize("json", dump):
        row.save()

    assert "sesame" not in dump
    assert Connection.objects.get().credentials == {"secret": "sesame"}


def test_encrypted_text_comes_back_as_text():
    field = EncryptedTextField()

    token = field.get_prep_value("sésame")

    assert "sésame" not in token
    assert field._dump(7) == "7"
    field.set_attributes_from_name("note")
    field.model = Connection
    assert field.from_db_value(token, None, None) == "sésame"
