"""Keys of the development set-up do not get into production."""

from __future__ import annotations

import pytest

from integration_hub.core.checks import check_keys

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
