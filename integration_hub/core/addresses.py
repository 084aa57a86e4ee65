"""Addresses of systems, as people type them and as they may be called."""

from __future__ import annotations

import contextlib
import ipaddress
from urllib.parse import urlsplit

import requests

from integration_hub.core.errors import ConfigError


def normalise_address(text: str, *, port: int | None = None) -> str:
    """An address with scheme and without a slash at the end.

    Takes it with or without scheme and slash; without one it is https, or http for
    this machine itself. ``port`` is added where none was typed. Raises ConfigError.
    """
    text = text.strip()
    if "//" not in text:
        host = text.split("/")[0]
        bare = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        text = f"{'http' if is_loopback(bare.strip('[]')) else 'https'}://{text}"
    text = text.rstrip("/")
    parts = split_address(text)
    if port is not None and parts.port is None:
        text = text.replace(parts.netloc, f"{parts.netloc}:{port}", 1)
    return text


def check_address(url: str, *, system: str = "") -> None:
    """Raise ConfigError unless ``url`` is https, or http to this machine."""
    try:
        parts = split_address(url)
    except ConfigError as error:
        error.system = system
        raise
    if parts.scheme == "https" or is_loopback(parts.hostname or ""):
        return
    raise ConfigError(
        f"The address http://{parts.netloc} is not encrypted.",
        code="plain_http",
        action="Use an https address. Plain http is only for this machine itself.",
        system=system,
    )


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine by its name or number."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


class _Parts:
    """What of an address matters here; all of it valid."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.scheme = parts.scheme.lower()
        self.netloc = parts.netloc
        self.hostname = parts.hostname
        self.port = parts.port
        if self.scheme not in ("http", "https") or not self.hostname:
            raise ValueError("no web address")
        if parts.username is not None or any(c.isspace() for c in url):
            raise ValueError("unwanted parts")
        # requests has its own idea of a host; it raises a ValueError too.
        requests.PreparedRequest().prepare_url(url, None)


def split_address(url: str) -> _Parts:
    """The parts of ``url``. Raises ConfigError for what is no web address."""
    try:
        return _Parts(url)
    except ValueError:
        shown = url.rsplit("@", 1)[-1].split("?")[0][:200]
        raise ConfigError(
            f"{shown} is not a web address.",
            code="bad_address",
            action="Enter it like https://shop.example.com:443, without a user name.",
        ) from None
