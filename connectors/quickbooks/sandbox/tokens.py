"""Consents, authorization codes, access and refresh tokens.

A consent joins a client to a company. Its refresh token changes with every refresh;
the one before stays good until the new one is used, so that a lost answer does not cost
the consent (switch ``refresh_rotation``: ``grace``; ``strict`` lets the old one die at
once, ``none`` keeps the token).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from connectors.sandbox.switches import Switches

CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox"  # noqa: S105 - everybody may know it
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8_726_400
CODE_SECONDS = 600
HARD_SECONDS = 5 * 365 * 86_400


@dataclass(slots=True)
class Consent:
    """What a user allowed the app. ``refresh`` is the newest refresh token, and
    ``previous`` the one before it; ``until`` is when they end (unix time)."""

    id: str
    realm: str
    scope: str
    redirect_uri: str
    code: str
    made_at: float
    code_used: bool = False
    refresh: str = ""
    previous: str = ""
    until: float = 0.0
    revoked: bool = False


class Tokens:
    """All consents and tokens of the sandbox."""

    def __init__(self, switches: Switches, clock: Callable[[], float]) -> None:
        self._switches = switches
        self._clock = clock
        self._lock = threading.Lock()
        self._consents: dict[str, Consent] = {}
        self._access: dict[str, tuple[str, float]] = {}

    def grant(self, realm: str, *, scope: str, redirect_uri: str) -> str:
        """Note a consent and give its authorization code."""
        key = secrets.token_hex(8)
        code = "AB1" + secrets.token_urlsafe(24)
        with self._lock:
            self._consents[key] = Consent(
                key, realm, scope, redirect_uri, code, self._clock()
            )
        return code

    def exchange(self, code: str, redirect_uri: str) -> dict[str, Any] | None:
        """Tokens for a code, once; a second use ends the consent. None: refused."""
        with self._lock:
            consent = self._find(code=code)
            if consent is None or not code:
                return None
            if consent.code_used:
                consent.revoked = True
                return None
            late = self._clock() - consent.made_at > CODE_SECONDS
            if late or consent.redirect_uri != redirect_uri:
                return None
            consent.code_used = True
            consent.refresh = _make_refresh()
            return self._issue(consent)

    def refresh(self, token: str) -> dict[str, Any] | None:
        """New tokens for a refresh token. None: refused."""
        with self._lock:
            consent = self._find(refresh=token)
            if consent is None or not token or consent.until < self._clock():
                return None
            mode = self._switches["refresh_rotation"]
            if mode != "none" and token == consent.refresh:
                consent.previous = token if mode == "grace" else ""
                consent.refresh = _make_refresh()
            return self._issue(consent)

    def revoke(self, token: str) -> bool:
        """End the consent that a refresh or access token belongs to."""
        with self._lock:
            consent = self._find(refresh=token)
            if consent is None and token in self._access:
                consent = self._consents[self._access[token][0]]
            if consent is None or not token:
                return False
            consent.revoked = True
            return True

    def revoke_realm(self, realm: str) -> int:
        """End every consent to a company, as its owner can; says how many."""
        with self._lock:
            found = [
                each
                for each in self._consents.values()
                if each.realm == realm and not each.revoked
            ]
            for consent in found:
                consent.revoked = True
        return len(found)

    def expire_access(self) -> int:
        """Let every access token expire now; says how many."""
        with self._lock:
            self._access = {
                token: (key, 0.0) for token, (key, _) in self._access.items()
            }
            return len(self._access)

    def expire_refresh(self) -> int:
        """Let every refresh token expire now; says how many."""
        with self._lock:
            for consent in self._consents.values():
                consent.until = 0.0
            return len(self._consents)

    def check(self, token: str) -> Consent | str:
        """The consent behind an access token, or why it is not good."""
        with self._lock:
            key, until = self._access.get(token, ("", 0.0))
            consent = self._consents.get(key)
            if consent is None:
                return "Malformed bearer token: too short or too long"
            if consent.revoked:
                return f"Token revoked: {token[:4]}"
            if until <= self._clock():
                return f"Token expired: {token[:4]}"
            return consent

    def rows(self) -> list[tuple[str, dict[str, Any]]]:
        """Everything there is, for the state file."""
        with self._lock:
            rows = [(f"consent {key}", asdict(c)) for key, c in self._consents.items()]
            access = {token: list(entry) for token, entry in self._access.items()}
        return [*rows, ("access", access)]

    def restore(self, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Put back what was in the state file."""
        for key, body in rows:
            if key == "access":
                self._access = {token: (id_, at) for token, (id_, at) in body.items()}
            else:
                self._consents[body["id"]] = Consent(**body)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._consents.clear()
            self._access.clear()

    def _find(self, *, code: str = "", refresh: str = "") -> Consent | None:
        for consent in self._consents.values():
            if consent.revoked:
                continue
            if code and consent.code == code:
                return consent
            if refresh and refresh in (consent.refresh, consent.previous):
                return consent
        return None

    def _issue(self, consent: Consent) -> dict[str, Any]:
        """New tokens; an older access token stays good until it expires."""
        now = self._clock()
        token = "eyJ" + secrets.token_urlsafe(48)
        self._access = {
            known: entry for known, entry in self._access.items() if entry[1] > now
        }
        self._access[token] = (consent.id, now + ACCESS_SECONDS)
        consent.until = now + REFRESH_SECONDS
        return {
            "token_type": "bearer",
            "access_token": token,
            "refresh_token": consent.refresh,
            "expires_in": ACCESS_SECONDS,
            "x_refresh_token_expires_in": REFRESH_SECONDS,
        }


def _make_refresh() -> str:
    return "RT1-" + secrets.token_urlsafe(24)
