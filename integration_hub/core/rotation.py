"""Re-encrypts stored values with the newest key, page by page, while others work."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from integration_hub.core.encryption import EncryptedTextField, is_current

RAW = "raw_"


def list_models() -> list[type[models.Model]]:
    """Every model with an encrypted field."""
    return [m for m in apps.get_models() if list_fields(m) and not m._meta.proxy]


def list_fields(model: type[models.Model]) -> list[str]:
    """The names of the encrypted fields of ``model``."""
    fields = model._meta.local_concrete_fields
    return [field.name for field in fields if isinstance(field, EncryptedTextField)]


def rotate(model: type[models.Model], *, page: int = 500) -> int:
    """Encrypt every value of ``model`` with the newest key; how many rows changed.

    Values that have it already are left alone, so a broken-off run can be repeated.
    Raises ConfigError for a value that no key opens.
    """
    changed = 0
    last: Any = None
    while True:
        with transaction.atomic():
            rows = _lock_page(model, after=last, page=page)
            old = [row for row in rows if not _has_newest(row, list_fields(model))]
            model._base_manager.bulk_update(old, list_fields(model))
        if not rows:
            return changed
        changed += len(old)
        last = rows[-1].pk


def _lock_page(
    model: type[models.Model], *, after: Any, page: int
) -> list[models.Model]:
    """The next rows, locked so that no fresher value is overwritten.

    SQLite has no row locks: there the transaction itself keeps writers out.
    """
    fields = list_fields(model)
    raw: dict[str, Any] = {
        f"{RAW}{name}": Cast(name, models.TextField()) for name in fields
    }
    rows = model._base_manager.only("pk", *fields).annotate(**raw).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.select_for_update()[:page])


def _has_newest(row: models.Model, fields: list[str]) -> bool:
    tokens = [getattr(row, f"{RAW}{name}") for name in fields]
    return all(is_current(token) for token in tokens if token is not None)
