"""Positions of a reading as cursors: JSON text, without what is empty."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

from integration_hub.core.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P")


def parse_cursor(make: Callable[..., P], cursor: str, *, of: str) -> P:
    """The position a cursor tells; "" is the beginning. Raises ConfigError.

    ``make`` raises ValueError or TypeError for parts that make no sense; ``of`` says
    in words what is read.
    """
    try:
        return make(**json.loads(cursor)) if cursor else make()
    except (ValueError, TypeError):
        raise ConfigError(
            f"{cursor[:60]!r} is no position in the {of}.",
            code="cursor",
            action="Set the flow's cursor back to empty to read from the start.",
        ) from None


def write_cursor(position: DataclassInstance, *, always: str) -> str:
    """The cursor of a position; the part called ``always`` also where it is empty."""
    parts = asdict(position)
    return json.dumps({k: v for k, v in parts.items() if v or k == always})
