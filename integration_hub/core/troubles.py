"""Says in words why a call brought no answer."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import ClassVar

import urllib3


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong on the way. ``text`` has ``{host}`` in it."""

    code: str
    text: str
    action: str = ""

    # Trying again in a second does not help against these.
    LASTING: ClassVar[frozenset[str]] = frozenset({"too_large", "tls"})

    @classmethod
    def too_large(cls, limit: int) -> Trouble:
        """The answer is longer than the session accepts."""
        return cls(
            "too_large",
            f"{{host}} sent more than {limit:,} bytes, which is not accepted.",
            "Ask for smaller pages.",
        )


CHECK_ADDRESS = "Check the address, and that the system is on and can be reached."

DNS = Trouble("dns", "no host is known by the name of {host}.", "Check the address.")
REFUSED = Trouble("refused", "{host} refuses the connection.", CHECK_ADDRESS)
TIMEOUT = Trouble("timeout", "{host} did not answer in time.", CHECK_ADDRESS)
UNREACHABLE = Trouble("unreachable", "{host} cannot be reached.", CHECK_ADDRESS)
CUT = Trouble("cut", "{host} closed the connection without a whole answer.")
CUTS = (ConnectionError, http.client.IncompleteRead, ssl.SSLEOFError)
GARBLED = Trouble("garbled", "{host} sent something that is not HTTP.", CHECK_ADDRESS)


def describe_trouble(error: BaseException, *, sent: bool) -> Trouble:
    """The trouble behind ``error``, found along its chain of causes.

    ``sent``: whether the connection stood and the request may have left.
    """
    causes = _list_causes(error)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return DNS
        if isinstance(cause, ssl.SSLError) and not (sent and isinstance(cause, CUTS)):
            return _describe_tls(cause)
        if isinstance(cause, ConnectionRefusedError):
            return REFUSED
        if isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError):
            return TIMEOUT
    return _describe_rest(causes)


def _describe_rest(causes: list[BaseException]) -> Trouble:
    if any(isinstance(cause, CUTS) for cause in causes):
        return CUT
    if any(isinstance(cause, OSError) and cause.errno for cause in causes):
        return UNREACHABLE
    return GARBLED


def _describe_tls(error: ssl.SSLError) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is not accepted ({error.verify_message})"
    else:
        reason = (
            (getattr(error, "reason", "") or "no common protocol")
            .replace("_", " ")
            .lower()
        )
    # Braces would be taken for a field of the text.
    reason = reason.replace("{", "(").replace("}", ")")
    return Trouble(
        "tls",
        f"no secure connection to {{host}}: {reason}.",
        "Check the address and the port, and the certificate of the system.",
    )


def _list_causes(error: BaseException) -> list[BaseException]:
    """``error`` and what it came from, the outermost first."""
    causes: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in causes:
        causes.append(current)
        current = current.__cause__ or current.__context__
    return causes
