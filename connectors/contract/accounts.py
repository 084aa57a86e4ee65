"""One configured connection, as its connector sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from integration_hub.core.http import Session


class TokenSource(Protocol):
    """Gives bearer tokens of one connection; refreshes are shared by all processes."""

    def access_token(self) -> str:
        """A token valid for at least a minute. Raises AuthError, Unavailable."""

    def renew(self, rejected: str) -> str:
        """A token other than ``rejected``, refreshing if nobody else has."""


@dataclass(frozen=True, slots=True)
class Account:
    """One configured connection, as a connector sees it.

    ``environment`` is "sandbox" or "live". ``session`` is the only way to the wire.
    """

    id: int
    name: str
    environment: str
    credentials: Mapping[str, str]
    settings: Mapping[str, Any]
    session: Session
    tokens: TokenSource | None = None
