"""The wire of OAuth 2: discovery, the token endpoint, revocation.

RFC 6749 with Basic client authentication and RFC 7009. What the answers mean is read
by oauthlib; every call goes through our own session.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.utils import timezone
from oauthlib.oauth2 import MissingTokenError, OAuth2Error, WebApplicationClient

from connectors.contract import OAuth
from connectors.models import Connection
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    HubError,
    RateLimited,
    Unavailable,
)
from integration_hub.core.http import Reply, Session

DEADLINE = 20.0
MAX_BYTES = 1_000_000
DEFAULT_LIFETIME = 3600
FORM = "application/x-www-form-urlencoded"
# After a 429 without Retry-After.
DEFAULT_WAIT = 60.0

CHECK_CLIENT = "Check the client id and the client secret of the connection."
RECONNECT = "Open the connection and connect it again."

Refusal = tuple[type[AuthError | ConfigError | Unavailable], str, str]

# The error codes of RFC 6749 §5.2, by what has to happen next.
REFUSALS: Mapping[str, Refusal] = {
    "invalid_grant": (
        AuthError,
        "the sign-in is not accepted any more",
        RECONNECT,
    ),
    "invalid_client": (
        ConfigError,
        "the client id or the client secret is wrong",
        CHECK_CLIENT,
    ),
    "unauthorized_client": (
        ConfigError,
        "this client may not sign in",
        CHECK_CLIENT,
    ),
}
UNKNOWN_REFUSAL: Refusal = (
    ConfigError,
    "the sign-in service refuses the request",
    CHECK_CLIENT,
)
NO_TOKENS: Refusal = (Unavailable, "the sign-in service gives no tokens", "")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses that discovery gives."""

    authorize: str
    token: str
    revoke: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """One answer of the token endpoint; moments are aware."""

    access: str
    refresh: str
    expires_at: datetime
    refresh_expires_at: datetime | None

    def as_dict(self) -> dict[str, str]:
        """What is stored encrypted; no refresh token means: keep the old one."""
        kept = {"access": self.access}
        return {**kept, "refresh": self.refresh} if self.refresh else kept


class TokenClient:
    """Talks to the sign-in service of one connection."""

    def __init__(
        self, connection: Connection, oauth: OAuth, settings: Mapping[str, Any]
    ) -> None:
        self._connection = connection
        self._oauth = oauth
        self._settings = settings

    def discover(self) -> Endpoints:
        """Read the discovery document, or give what is stored of it."""
        stored = self._connection.tokens.get("endpoints")
        if stored:
            return Endpoints(**stored)
        return self.read_discovery()

    def read_discovery(self) -> Endpoints:
        """Read the discovery document. Raises ConfigError, Unavailable."""
        address = self._discovery_address()
        with self._open() as session:
            reply = session.read(
                "GET",
                address,
                headers={"Accept": "application/json"},
                retry_reply=_is_failing,
            )
        if _is_failing(reply):
            raise self._explain(reply, "")
        document = _parse_object(reply)
        try:
            return Endpoints(
                authorize=str(document["authorization_endpoint"]),
                token=str(document["token_endpoint"]),
                revoke=str(document.get("revocation_endpoint", "")),
            )
        except KeyError as error:
            raise ConfigError(
                f"{self._name}: {address} (status {reply.status}) does not say where "
                f"to sign in: {error.args[0]} is missing.",
                code="discovery",
                action="Check the address of the system.",
                system=self._name,
                exchange=reply.exchange,
            ) from None

    def make_authorize_url(self, *, redirect_uri: str, state: str) -> str:
        """The address where a person gives consent."""
        query = urlencode(
            {
                "client_id": self._credential("client_id"),
                "scope": " ".join(self._oauth.scopes),
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "state": state,
            },
            quote_via=quote,
        )
        return f"{self.read_discovery().authorize}?{query}"

    def exchange_code(self, code: str, *, redirect_uri: str) -> Tokens:
        """Turn the code of the callback into tokens. Raises like ``refresh``."""
        body = self._client.prepare_request_body(
            code=code, redirect_uri=redirect_uri, include_client_id=False
        )
        return self._ask_tokens(body, secrets=[code])

    def refresh(self, refresh_token: str) -> Tokens:
        """Fresh tokens. The one returned replaces ``refresh_token``.

        Raises AuthError (connect again), ConfigError (wrong client id or secret),
        RateLimited, Unavailable, and OutcomeUnknown when the answer was lost.
        """
        body = self._client.prepare_refresh_body(refresh_token=refresh_token)
        return self._ask_tokens(body, secrets=[refresh_token])

    def revoke(self, token: str) -> None:
        """Make the service forget ``token`` and its pair. Raises HubError."""
        endpoint = self.discover().revoke
        if not endpoint:
            return
        as_json = self._oauth.revoke_as_json
        data = json.dumps({"token": token}) if as_json else urlencode({"token": token})
        with self._open(token) as session:
            reply = self._post(session, endpoint, data, as_json=as_json)
        # 400: the token is unknown or dead already, which is what was wanted.
        if reply.status not in (200, 204, 400):
            raise self._explain(reply, "")

    @property
    def _name(self) -> str:
        return self._connection.name

    @property
    def _client(self) -> WebApplicationClient:
        return WebApplicationClient(self._credential("client_id"))

    def _credential(self, name: str) -> str:
        return str(self._connection.credentials.get(name, ""))

    def _discovery_address(self) -> str:
        own = str(self._settings.get("discovery_url", ""))
        declared = self._oauth.discovery.get(self._connection.environment, "")
        return own or declared.format(base_url=self._settings.get("base_url", ""))

    def _open(self, *secrets: str) -> Session:
        return Session(
            system=self._name,
            bucket=f"oauth:{self._connection.pk}",
            limits=(),
            secrets=[self._credential("client_secret"), *secrets],
            deadline=DEADLINE,
            max_bytes=MAX_BYTES,
            ca_file=str(self._settings.get("ca_file", "")),
        )

    def _post(
        self, session: Session, url: str, data: str, *, as_json: bool = False
    ) -> Reply:
        pair = f"{self._credential('client_id')}:{self._credential('client_secret')}"
        basic = base64.b64encode(pair.encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Accept": "application/json",
            "Content-Type": "application/json" if as_json else FORM,
        }
        return session.send("POST", url, write=True, headers=headers, data=data)

    def _ask_tokens(self, body: str, *, secrets: list[str]) -> Tokens:
        endpoint = self.discover().token
        with self._open(*secrets) as session:
            reply = self._post(session, endpoint, body)
        if _is_failing(reply):
            raise self._explain(reply, "")
        try:
            answer = self._client.parse_request_body_response(reply.body.decode())
        except OAuth2Error as error:
            # What is no answer at all is "missing_token" to oauthlib.
            code = "" if isinstance(error, MissingTokenError) else error.error or ""
            raise self._explain(reply, code, error.description or "") from None
        except ValueError:
            raise self._explain(reply, "") from None
        return self._read_tokens(answer)

    def _read_tokens(self, answer: Mapping[str, Any]) -> Tokens:
        now = timezone.now()
        lifetime = answer.get(self._oauth.refresh_lifetime_key)
        return Tokens(
            access=str(answer["access_token"]),
            refresh=str(answer.get("refresh_token") or ""),
            expires_at=now
            + timedelta(seconds=int(answer.get("expires_in") or DEFAULT_LIFETIME)),
            refresh_expires_at=(
                now + timedelta(seconds=int(lifetime)) if lifetime else None
            ),
        )

    def _explain(self, reply: Reply, code: str, description: str = "") -> HubError:
        """What an answer without tokens means."""
        if reply.status == 429:
            wait = reply.retry_after
            return RateLimited(
                f"{self._name}: the sign-in service asks to slow down.",
                retry_after=DEFAULT_WAIT if wait is None else wait,
                code="429",
                system=self._name,
                exchange=reply.exchange,
            )
        if reply.status == 401 and not code:
            code = "invalid_client"
        kind, text, action = REFUSALS.get(code, UNKNOWN_REFUSAL)
        if reply.status >= 500 or not code:
            kind, text, action = NO_TOKENS
        said = description or code or f"status {reply.status}"
        return kind(
            f"{self._name}: {text} ({said}).",
            code=code or str(reply.status),
            action=action,
            system=self._name,
            exchange=reply.exchange,
        )


def _parse_object(reply: Reply) -> Mapping[str, Any]:
    try:
        document = json.loads(reply.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _is_failing(reply: Reply) -> bool:
    return reply.status >= 500 or reply.status == 429
