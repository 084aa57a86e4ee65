"""What can be done with a connection: open, check, sign in, sign out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from connectors import registry
from connectors.contract import Account, CheckResult, Connector
from connectors.models import Connection
from connectors.oauth import ConnectionTokens, store_tokens
from connectors.opening import make_session, make_settings, require_fields
from connectors.tokens import TokenClient
from integration_hub.core.errors import AuthError, ConfigError, HubError

# It becomes a part of addresses.
CALLBACK_VALUE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def open_connection(connection: Connection) -> Connector:
    """The connector of this connection, ready to be asked.

    Makes no call. Raises ConfigError when a setting or credential is missing.
    """
    kind = registry.get(connection.connector)
    settings = make_settings(connection, kind)
    require_fields(connection, kind, settings)
    session = make_session(connection, kind, settings)
    tokens = None
    if kind.oauth is not None:
        tokens = ConnectionTokens(connection, kind.oauth, settings, api=session)
    account = Account(
        id=connection.pk,
        name=connection.name,
        environment=connection.environment,
        credentials={k: str(v) for k, v in connection.credentials.items()},
        settings=settings,
        session=session,
        tokens=tokens,
    )
    return kind(account)


def identify(connection: Connection) -> str:
    """Which account of which system this is; "" where that is not known.

    The same for every connection to it. Makes no call.
    """
    try:
        kind = registry.get(connection.connector)
        settings = make_settings(connection, kind)
        account = kind.identify(connection.credentials, settings)
    except ConfigError:
        return ""
    return f"{kind.key}\n{account}" if account else ""


def authorize_url(connection: Connection, *, redirect_uri: str, state: str) -> str:
    """Where a person gives consent for this connection.

    Raises ConfigError for one that is not complete or knows no such sign-in.
    """
    return _open_tokens(connection).make_authorize_url(
        redirect_uri=redirect_uri, state=state
    )


def complete_authorization(
    connection: Connection, callback: Mapping[str, str], *, redirect_uri: str
) -> None:
    """Take what the sign-in service sent back with the person, and keep the tokens.

    Raises AuthError when consent was refused, ConfigError when the company is not the
    one this connection belongs to, and what the token endpoint raises.
    """
    client = _open_tokens(connection)
    _refuse_error(connection, callback)
    fields = _take_callback_fields(connection, callback)
    tokens = client.exchange_code(callback.get("code", ""), redirect_uri=redirect_uri)
    endpoints = asdict(client.discover())
    connection.tokens = {"endpoints": endpoints}
    connection.credentials = {**connection.credentials, **fields}
    connection.save(update_fields=["credentials"])
    store_tokens(connection, tokens)
    connection.refresh_from_db()
    record_success(connection)


def disconnect(connection: Connection) -> str:
    """Revoke and forget the tokens; a warning where revoking did not work, or ""."""
    warning = revoke(connection)
    _forget_tokens(connection)
    if not connection.who:
        _forget_company(connection)
    _store_health(
        connection,
        status=Connection.Status.NEEDS_RECONNECT,
        problem="Disconnected.",
        action="Connect it to use it again.",
    )
    return warning


def revoke(connection: Connection) -> str:
    """Have the system forget the tokens; a warning where that did not work, or ""."""
    token = str(connection.tokens.get("refresh") or connection.tokens.get("access", ""))
    if not token:
        return ""
    try:
        _open_tokens(connection).revoke(token)
    except HubError as error:
        return (
            f"The tokens of {connection.name} are forgotten here, but not revoked: "
            f"{error.message} Remove this hub from the apps that the system lists."
        )
    return ""


def lead_elsewhere(connection: Connection) -> bool:
    """Forget the sign-in of a connection whose address has changed; whether it had one.

    Makes no call: whoever has the connection as it was revokes its tokens, once the
    change is stored.
    """
    if registry.get(connection.connector).oauth is None:
        return False
    _forget_tokens(connection)
    _store_health(
        connection,
        status=Connection.Status.NEEDS_RECONNECT,
        problem="The address or the environment was changed.",
        action="Connect it again.",
    )
    return True


def _forget_tokens(connection: Connection) -> None:
    """Also ends a refresh under way: without its lease it stores nothing."""
    nothing: dict[str, Any] = {
        "tokens": {},
        "token_expires_at": None,
        "refresh_expires_at": None,
        "refresh_owner": "",
        "refresh_until": None,
    }
    Connection.objects.filter(pk=connection.pk).update(**nothing)
    for name, value in nothing.items():
        setattr(connection, name, value)


def _forget_company(connection: Connection) -> None:
    """An account that never passed a check may have been a slip: choose again."""
    oauth = registry.get(connection.connector).oauth
    chosen = oauth.callback_fields if oauth else ()
    connection.credentials = {
        name: value
        for name, value in connection.credentials.items()
        if name not in chosen
    }
    connection.save(update_fields=["credentials"])


def _open_tokens(connection: Connection) -> TokenClient:
    kind = registry.get(connection.connector)
    if kind.oauth is None:
        raise ConfigError(
            f"{kind.label} does not sign in through the browser.",
            system=connection.name,
        )
    settings = make_settings(connection, kind)
    require_fields(connection, kind, settings)
    return TokenClient(connection, kind.oauth, settings)


def _refuse_error(connection: Connection, callback: Mapping[str, str]) -> None:
    code = callback.get("error", "")
    if code:
        said = callback.get("error_description") or code
        raise AuthError(
            f"{connection.name}: consent was not given ({said[:200]}).",
            code=code[:50],
            action="Connect it again and agree.",
            system=connection.name,
        )


def _take_callback_fields(
    connection: Connection, callback: Mapping[str, str]
) -> dict[str, str]:
    """What belongs to the credentials; never another company than before."""
    oauth = registry.get(connection.connector).oauth
    fields: dict[str, str] = {}
    for name in oauth.callback_fields if oauth else ():
        value = callback.get(name, "")
        before = connection.credentials.get(name)
        if not CALLBACK_VALUE.fullmatch(value):
            raise ConfigError(
                f"{connection.name}: the sign-in did not say which {name} it is for.",
                action="Connect it again.",
                system=connection.name,
            )
        if before and before != value:
            raise ConfigError(
                f"{connection.name} belongs to {name} {before}, but the sign-in was "
                f"for {value}.",
                reference=value[:100],
                action="Sign in to the same company, or add a connection for the other.",
                system=connection.name,
            )
        fields[name] = value
    return fields


def check(connection: Connection) -> CheckResult:
    """Ask the system whether it can be used, and store the answer as its health."""
    try:
        result = open_connection(connection).check()
    except HubError as error:
        record_problem(connection, error)
        return CheckResult(ok=False, problem=error.message, action=error.action)
    if result.ok:
        record_success(connection, who=result.who)
    else:
        _store_health(
            connection,
            status=_choose_bad_status(connection),
            problem=result.problem,
            action=result.action,
        )
    return result


def _choose_bad_status(connection: Connection) -> Connection.Status:
    """Connectors may put a dead sign-in into words of their own; it stays one."""
    connection.refresh_from_db()
    signs_in = registry.get(connection.connector).oauth is not None
    dead = connection.status == Connection.Status.NEEDS_RECONNECT
    if signs_in and (dead or not connection.is_authorized):
        return Connection.Status.NEEDS_RECONNECT
    return Connection.Status.PROBLEM


def record_success(connection: Connection, *, who: str = "") -> None:
    """The connection works: clear its problem."""
    _store_health(
        connection,
        status=Connection.Status.OK,
        problem="",
        action="",
        last_ok_at=timezone.now(),
        who=who[:200] or connection.who,
    )


def record_problem(connection: Connection, error: HubError) -> None:
    """The connection does not work: keep why, and what a person can do."""
    reconnect = isinstance(error, AuthError)
    status = Connection.Status
    _store_health(
        connection,
        status=status.NEEDS_RECONNECT if reconnect else status.PROBLEM,
        problem=error.message,
        action=error.action,
    )


def _store_health(connection: Connection, **values: Any) -> None:
    values["last_checked_at"] = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(**values)
    for name, value in values.items():
        setattr(connection, name, value)
