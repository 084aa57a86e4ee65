"""Keys of the development set-up do not get into production, nor do impossible waits."""

from __future__ import annotations

import pytest

from integration_hub.core.checks import check_keys, check_waits

GOOD = "k" * 60
MARKED = "development-only"


def list_ids():
    return [message.id for message in check_keys()]


@pytest.mark.parametrize(
    ("secret_key", "field_keys", "ids"),
    [
        (GOOD, [GOOD], []),
        (MARKED, [GOOD], ["hub.E001"]),
        (GOOD, [MARKED], ["hub.E002"]),
        (GOOD, [GOOD, MARKED], ["hub.E002"]),
        (GOOD, [], ["hub.E002"]),
        (MARKED, [], ["hub.E001", "hub.E002"]),
    ],
)
def test_production_needs_keys_of_its_own(settings, secret_key, field_keys, ids):
    settings.DEBUG = False
    settings.SECRET_KEY = secret_key
    settings.FIELD_KEYS = field_keys

    assert list_ids() == ids


def test_development_does_not(settings):
    settings.DEBUG = True
    settings.SECRET_KEY = MARKED

    assert list_ids() == []


def test_the_waits_are_in_their_order():
    assert check_waits() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALL_DEADLINE", 120.0),
        ("TASK_TIMEOUT", 150),
        ("LEASE_SECONDS", 60.0),
        ("QUIET_SECONDS", 600.0),
        ("QUEUE_RETRY", 100),
    ],
)
def test_waits_in_another_order_are_refused(settings, name, value):
    setattr(settings, name, value)

    (message,) = check_waits()

    assert message.id == "hub.E003"
    assert name in message.msg
