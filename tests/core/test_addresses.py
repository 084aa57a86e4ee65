"""Addresses as people type them."""

from __future__ import annotations

import pytest

from integration_hub.core.addresses import (
    check_address,
    is_loopback,
    normalise_address,
)
from integration_hub.core.errors import ConfigError


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("shop.example", "https://shop.example"),
        (" https://shop.example/ ", "https://shop.example"),
        ("shop.example:8443/api/", "https://shop.example:8443/api"),
        ("http://127.0.0.1:18083/", "http://127.0.0.1:18083"),
        ("127.0.0.1:18083", "http://127.0.0.1:18083"),
        ("localhost", "http://localhost"),
        ("[::1]:80", "http://[::1]:80"),
        ("HTTPS://Shop.Example", "HTTPS://Shop.Example"),
    ],
)
def test_an_address_may_be_typed_in_many_ways(typed, address):
    assert normalise_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("shop.example", "https://shop.example:35001"),
        ("shop.example/api", "https://shop.example:35001/api"),
        ("shop.example:443", "https://shop.example:443"),
    ],
)
def test_a_port_is_added_where_none_was_typed(typed, address):
    assert normalise_address(typed, port=35001) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://",
        "ftp://shop.example",
        "shop example",
        "shop:port",
        "a@shop.example",
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(ConfigError, match="not a web address") as caught:
        normalise_address(typed)

    assert caught.value.action


def test_a_password_in_an_address_is_not_shown():
    with pytest.raises(ConfigError) as caught:
        normalise_address("https://ann:sesame@shop.example/?secret=x")

    assert "sesame" not in str(caught.value)
    assert "secret=x" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_known_by_its_names(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "", "0x7f.1"])
def test_another_machine_is_not_this_one(host):
    assert not is_loopback(host)


def test_plain_http_to_another_machine_says_what_to_do():
    with pytest.raises(ConfigError, match="not encrypted") as caught:
        check_address("http://shop.example/x?secret=1", system="Till")

    assert caught.value.system == "Till"
    assert "https" in caught.value.action
    assert "secret" not in caught.value.message
