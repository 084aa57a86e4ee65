"""What a connection says about itself."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.models import Connection


@pytest.mark.parametrize(
    ("left", "days", "warns"),
    [
        (None, None, False),
        (timedelta(days=99, hours=1), 99, False),
        (timedelta(days=14, hours=1), 14, True),
        (timedelta(hours=5), 0, True),
        (timedelta(days=-3), 0, True),
    ],
)
def test_a_sign_in_that_ends_soon_is_warned_of(left, days, warns):
    ends = None if left is None else timezone.now() + left
    connection = Connection(name="Books", refresh_expires_at=ends)

    assert connection.days_left == days
    assert bool(connection.expiry_warning) is warns


def test_a_connection_is_authorized_by_its_refresh_token():
    assert not Connection().is_authorized
    assert Connection(tokens={"refresh": "x"}).is_authorized


def test_a_connection_shows_its_name():
    assert str(Connection(name="Books")) == "Books"


@pytest.mark.django_db
def test_a_stale_copy_does_not_overwrite_tokens_or_health():
    stale = Connection.objects.create(name="Books", connector="x")
    Connection.objects.update(tokens={"access": "fresh"}, status="ok")

    stale.name = "Ledger"
    stale.save()

    stored = Connection.objects.get()
    assert (stored.name, stored.status) == ("Ledger", "ok")
    assert stored.tokens == {"access": "fresh"}


@pytest.mark.django_db
def test_tokens_are_saved_when_they_are_named():
    made = Connection.objects.create(name="Books", connector="x", status="ok")
    made.tokens = {"access": "fresh"}

    made.save(update_fields=["tokens"])

    assert Connection.objects.get().tokens == {"access": "fresh"}


@pytest.mark.django_db
def test_what_is_pickled_for_a_cache_holds_no_secret():
    Connection.objects.create(
        name="Books", connector="x", credentials={"id": "s3cret"}, tokens={"a": "t0ken"}
    )

    kept = pickle.dumps(Connection.objects.get())

    assert b"s3cret" not in kept
    assert b"t0ken" not in kept
    again = pickle.loads(kept)
    assert (again.credentials, again.tokens) == ({"id": "s3cret"}, {"a": "t0ken"})
