"""What bringing a hub up to date does once."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import override_settings

empty_cache = import_module(
    "integration_hub.core.migrations.0002_empty_cache"
).empty_cache


@pytest.mark.django_db
def test_what_earlier_versions_kept_is_thrown_away() -> None:
    cache.set("x", "s3cret")
    empty_cache(None, SimpleNamespace(connection=connection))
    assert cache.get("x") is None


@pytest.mark.django_db
def test_a_new_hub_has_nothing_to_throw_away() -> None:
    cache.set("x", "kept")
    with override_settings(CACHES={"default": {"LOCATION": "not_made_yet"}}):
        empty_cache(None, SimpleNamespace(connection=connection))
    assert cache.get("x") == "kept"
