"""Every reason why no answer came has its words."""

from __future__ import annotations

import socket
import ssl

import pytest

from integration_hub.core.errors import (
    ConfigError,
    RateLimited,
    Rejected,
    UnusableError,
)
from integration_hub.core.models import RateBucket
from integration_hub.core.transport import Call
from integration_hub.core.troubles import describe_trouble


def make_verification_error():
    error = ssl.SSLCertVerificationError(1, "failed")
    error.verify_message = "{self-signed}"
    return error


@pytest.mark.parametrize(
    ("error", "sent", "code"),
    [
        (socket.gaierror(-2, "unknown"), False, "dns"),
        (ConnectionRefusedError(111, "refused"), False, "refused"),
        (TimeoutError("late"), True, "timeout"),
        (ConnectionResetError(104, "reset"), True, "cut"),
        (BrokenPipeError(32, "pipe"), True, "cut"),
        (OSError(113, "no route"), False, "unreachable"),
        (ValueError("garbage"), True, "garbled"),
        (ssl.SSLEOFError(8, "eof"), True, "cut"),
        (ssl.SSLEOFError(8, "eof"), False, "tls"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] no"), False, "tls"),
        (make_verification_error(), False, "tls"),
    ],
)
def test_the_reason_is_found(error, sent, code):
    trouble = describe_trouble(error, sent=sent)

    assert trouble.code == code
    assert trouble.text.format(host="till.example:1").count("till.example:1") == 1


def test_the_reason_is_found_behind_others():
    outer = RuntimeError("outer")
    outer.__cause__ = ValueError("middle")
    outer.__cause__.__context__ = ConnectionRefusedError(111, "refused")

    assert describe_trouble(outer, sent=False).code == "refused"


def test_a_circle_of_causes_ends():
    first, second = ValueError("1"), ValueError("2")
    first.__context__, second.__context__ = second, first

    assert describe_trouble(first, sent=False).code == "garbled"


def test_a_call_has_no_time_left_after_its_end():
    with pytest.raises(TimeoutError):
        Call(ends=0.0, write=False).left()


def test_equal_failures_have_equal_fingerprints():
    first = Rejected("No account 5.", code="2500", reference="account:5")
    second = Rejected("There is no account.", code="2500", reference="account:5")
    other = ConfigError("No account.", code="2500", reference="account:5")

    assert first.fingerprint == second.fingerprint == "Rejected:2500:account:5"
    assert other.fingerprint != first.fingerprint


def test_a_rate_limit_knows_how_long():
    error = RateLimited("Slow.", retry_after=7.5, system="Books")

    assert (error.retry_after, error.system, str(error)) == (7.5, "Books", "Slow.")


def test_a_value_that_may_be_personal_is_not_in_the_message():
    error = UnusableError("It is no number.", value="Ann", action="Enter one.")

    assert error.value == "Ann"
    assert "Ann" not in str(error)


def test_a_budget_shows_its_name():
    assert str(RateBucket(bucket="books:77")) == "books:77"
