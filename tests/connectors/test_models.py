"""What a connection says about itself."""

from __future__ import annotations

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
