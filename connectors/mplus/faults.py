"""What MplusKASSA's HTTP statuses and SOAP faults mean to the hub."""

from __future__ import annotations

from typing import Any

from connectors.contract import Account
from connectors.mplus.decoding import DecodeError, Fault, NotSoapError
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    HubError,
    RateLimited,
    Unavailable,
)
from integration_hub.core.http import Reply

WAIT_AFTER_429 = 30.0

CHECK_LOGIN = "Check ident and secret in the connection's credentials."
CHECK_SERVER = "Check the address and the port of the connection."
CHECK_VERSION = "Run Test on the connection: the server may be too old for this call."
ASK_VENDOR = "If it lasts, ask MplusKASSA whether the service is up."

# (status, start of the fault's code) → error, code, what to do; the first that
# matches holds. Status None is any; a code of None needs no fault. Nothing else
# judges a status or a fault.
_RULES: tuple[tuple[int | None, str | None, type[HubError], str, str], ...] = (
    (400, None, ConfigError, "bad_request", CHECK_SERVER),
    (401, None, AuthError, "login", CHECK_LOGIN),
    (403, None, AuthError, "login", CHECK_LOGIN),
    (404, None, ConfigError, "not_found", CHECK_SERVER),
    (405, None, ConfigError, "not_allowed", CHECK_SERVER),
    (429, None, RateLimited, "too_many_calls", ""),
    (502, None, Unavailable, "gateway", ASK_VENDOR),
    (503, None, Unavailable, "gateway", ASK_VENDOR),
    (504, None, Unavailable, "gateway", ASK_VENDOR),
    (None, "Client.Authentication", AuthError, "login", CHECK_LOGIN),
    (None, "Client", ConfigError, "client_fault", CHECK_VERSION),
    (None, "Server", Unavailable, "server_fault", ASK_VENDOR),
    (None, None, Unavailable, "no_answer", ASK_VENDOR),
)
# Judged before the body is looked at: it is a proxy's page, whatever it looks like.
BY_STATUS = frozenset(rule[0] for rule in _RULES if rule[0] is not None)
RETRY = frozenset({502, 503, 504})


def make_error(
    account: Account, reply: Reply, said: str, *, fault: Fault | None = None
) -> HubError:
    """The error that a status, and a fault if there is one, mean.

    ``said`` is what the system said, redacted. Too many calls slow everybody down.
    """
    kind, code, action = _find_rule(reply.status, fault)
    details: dict[str, Any] = {
        "code": code,
        "action": action,
        "system": account.name,
        "exchange": reply.exchange,
    }
    if issubclass(kind, RateLimited):
        details["retry_after"] = reply.retry_after or WAIT_AFTER_429
        account.session.slow_down(details["retry_after"])
    return kind(f"{account.name} {said}.", **details)


def make_unreadable(
    account: Account, reply: Reply, said: str, cause: DecodeError
) -> Unavailable:
    """The error that an answer means which is no SOAP, or broken."""
    return Unavailable(
        f"{account.name} {said}",
        code="not_soap" if isinstance(cause, NotSoapError) else "bad_xml",
        action=f"{CHECK_SERVER} {ASK_VENDOR}",
        system=account.name,
        exchange=reply.exchange,
    )


def _find_rule(status: int, fault: Fault | None) -> tuple[type[HubError], str, str]:
    for wanted, prefix, kind, code, action in _RULES:
        if wanted not in (None, status):
            continue
        if prefix is None or (fault is not None and fault.code.startswith(prefix)):
            return kind, code, action
    raise AssertionError("the last rule matches everything")
