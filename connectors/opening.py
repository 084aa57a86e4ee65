"""What a connection is opened with: its settings, its session, its call budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings as hub_settings

from connectors.contract import Connector, Field
from connectors.models import Connection
from integration_hub.core.addresses import normalise_address
from integration_hub.core.errors import ConfigError
from integration_hub.core.http import Session
from integration_hub.core.limits import Limit


def make_settings(connection: Connection, kind: type[Connector]) -> dict[str, Any]:
    """The connection's settings over the declared defaults; base_url in one form."""
    declared = {field.name: field.default for field in kind.settings}
    kept = {k: v for k, v in connection.settings.items() if v not in ("", None)}
    settings: dict[str, Any] = {**declared, **kept}
    address = settings.get("base_url") or kind.base_urls.get(connection.environment)
    if address:
        settings["base_url"] = normalise_address(str(address))
    return settings


def require_fields(
    connection: Connection, kind: type[Connector], settings: Mapping[str, Any]
) -> None:
    """Raise ConfigError naming what has to be filled in first."""
    missing = [*_list_missing(kind.credentials, connection.credentials)]
    missing += _list_missing(kind.settings, settings)
    if missing:
        raise ConfigError(
            f"{connection.name} is not complete: {', '.join(missing)} missing.",
            code="incomplete",
            reference=connection.name,
            action="Fill it in on the page of the connection.",
            system=connection.name,
        )


def _list_missing(fields: tuple[Field, ...], values: Mapping[str, Any]) -> list[str]:
    return [f.label for f in fields if f.required and not values.get(f.name)]


def make_session(
    connection: Connection, kind: type[Connector], settings: Mapping[str, Any]
) -> Session:
    """The session of a connection. Its budget is shared by all that use the account."""
    secrets = [
        str(connection.credentials.get(field.name, ""))
        for field in kind.credentials
        if field.type == "secret"
    ]
    tokens = [str(connection.tokens.get(t, "")) for t in ("access", "refresh")]
    return Session(
        system=connection.name,
        bucket=name_bucket(connection, kind),
        limits=choose_limits(kind, settings),
        secrets=[*secrets, *tokens],
        deadline=hub_settings.CALL_DEADLINE,
        remote_id_header=kind.remote_id_header,
        ca_file=str(settings.get("ca_file", "")),
    )


def name_bucket(connection: Connection, kind: type[Connector]) -> str:
    """The budget: by company where sign-in tells it, so that two connections share."""
    fields = kind.oauth.callback_fields if kind.oauth else ()
    company = [str(connection.credentials.get(name, "")) for name in fields]
    if company and all(company):
        return f"{kind.key}:{connection.environment}:{':'.join(company)}"[:200]
    return f"connection:{connection.pk}"


def choose_limits(
    kind: type[Connector], settings: Mapping[str, Any]
) -> tuple[Limit, ...]:
    """The declared limits, or those of the setting ``limits``.

    It is "off", or a mapping from a limit's name to its number of calls.
    """
    chosen = settings.get("limits")
    if chosen == "off":
        return ()
    if not isinstance(chosen, Mapping):
        return kind.limits
    return tuple(
        replace(limit, calls=int(chosen.get(limit.name, limit.calls)))
        for limit in kind.limits
    )
