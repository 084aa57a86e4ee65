"""Lists of the systems, kept for a while, because reads are metered.

They are encrypted, as payloads are: a list may hold names of people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from connectors import registry
from connectors.contract import Choice, Connector
from connectors.models import Connection
from flows.models import Run
from integration_hub.core.encryption import decrypt, encrypt
from integration_hub.core.errors import ConfigError

LIST_SECONDS = 3600


def kept_list(target: Connector, name: str) -> Sequence[Choice]:
    """A list of a system, asked once an hour."""
    key = list_key(target.account.id, name)
    kept = _recall(key)
    if kept is None:
        kept = target.choices(name)
        _keep(key, kept)
        cache.set(f"{key}:asked", timezone.now(), timeout=LIST_SECONDS)
    return kept


def known_lists(
    connection_id: int, names: Iterable[str]
) -> dict[str, Sequence[Choice]]:
    """Those of these lists that are kept now; one query, and no call."""
    keys = {list_key(connection_id, name): name for name in names}
    found = {keys[key]: _read(kept) for key, kept in cache.get_many(keys).items()}
    return {name: choices for name, choices in found.items() if choices is not None}


def oldest_list(connection_id: int, names: Iterable[str]) -> datetime | None:
    """When the list that has been kept longest was asked for; None where none is."""
    keys = [f"{list_key(connection_id, name)}:asked" for name in names]
    return min(cache.get_many(keys).values(), default=None)


def run_list(target: Connector, name: str, run: Run | None) -> Sequence[Choice]:
    """A list of the target, asked once in a run; at each call without a stored one."""
    if run is None or run._state.adding:
        return target.choices(name)
    key = f"{list_key(target.account.id, name)}:{run.pk}"
    kept = _recall(key)
    if kept is None:
        kept = target.choices(name)
        _keep(key, kept)
    return kept


def forget_lists(target: Connection) -> None:
    """Ask the target for its lists again, because a person may have changed them."""
    names = registry.get(target.connector).plan_lists
    cache.delete_many([list_key(target.pk, name) for name in names])


def list_key(connection_id: int, name: str) -> str:
    """Under which a list of a connection is kept."""
    return f"list:{connection_id}:{name}"


def _keep(key: str, choices: Iterable[Choice]) -> None:
    plain = json.dumps([asdict(each) for each in choices])
    cache.set(key, encrypt(plain), timeout=LIST_SECONDS)


def _recall(key: str) -> Sequence[Choice] | None:
    return _read(cache.get(key))


def _read(kept: object) -> Sequence[Choice] | None:
    """What was kept; None where it cannot be read (any more), so that it is asked."""
    if not isinstance(kept, str):
        return None
    try:
        return [Choice(**each) for each in json.loads(decrypt(kept))]
    except (ConfigError, TypeError, ValueError):
        return None  # Of another key, or as another version of the hub kept it.
