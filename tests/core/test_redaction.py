"""What must not leave does not leave."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.core import redaction
from integration_hub.core.redaction import (
    RedactingFilter,
    redact,
    remember_secrets,
)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("GET /x?secret=abc&page=2", "GET /x?secret=***&page=2"),
        ("https://h/?ident=me&secret=abc", "https://h/?ident=***&secret=***"),
        ("https://h/cb?code=abc&state=def", "https://h/cb?code=***&state=***"),
        (
            "grant_type=refresh_token&refresh_token=a1",
            "grant_type=refresh_token&refresh_token=***",
        ),
        ("client_secret=abc", "client_secret=***"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("'Authorization': 'Basic YTpi'", "'Authorization': '***'"),
        ("Set-Cookie: session=1", "Set-Cookie: ***"),
        ("PROXY-AUTHORIZATION: Basic YTpi", "PROXY-AUTHORIZATION: ***"),
        ("X-Api-Key: abc", "X-Api-Key: ***"),
        # The sign of Kelvin is the small letter too where case does not count.
        ("Coo\u212aie: session=1", "Coo\u212aie: ***"),
        ("sent BEARER eyJhbGciOi.J9 to", "sent BEARER *** to"),
        ("sent Bearer eyJhbGciOi.J9 to", "sent Bearer *** to"),
        ('{"access_token": "a", "n": 1}', '{"access_token": "***", "n": 1}'),
        ('{"refresh_token":"a"}', '{"refresh_token":"***"}'),
        ("<secret>abc</secret>", "<secret>***</secret>"),
        (
            "<m:password type='x'>abc</m:password>",
            "<m:password type='x'>***</m:password>",
        ),
    ],
)
def test_what_is_named_like_a_secret_is_hidden(text, safe):
    assert redact(text) == safe


@pytest.mark.parametrize(
    "text",
    [
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        '{"code": "6240", "Message": "Duplicate Name"}',
        "<VatCode>21</VatCode> <code>5</code>",
        "The basic information about the till.",
        "SELECT * FROM Invoice WHERE DocNumber = 'A-1'",
    ],
)
def test_what_helps_to_find_a_fault_stays(text):
    assert redact(text) == text


def test_declared_secrets_are_hidden_everywhere():
    assert redact("a correct horse b", ["correct horse"]) == "a *** b"


def test_declared_secrets_are_hidden_in_their_encoded_forms():
    text = "x=correct%20horse%2F and y=correct+horse%2F"

    assert redact(text, ["correct horse/"]) == "x=*** and y=***"


def test_short_secrets_do_not_blank_words():
    assert redact("the sandbox is open", ["sandbox", ""]) == "the sandbox is open"


@given(st.text(min_size=8).filter(lambda s: "*" not in s), st.text(), st.text())
def test_no_declared_secret_survives(secret, before, after):
    assert secret not in redact(f"{before} {secret} {after}", [secret])


def make_record(message, *args, exc_info=None):
    return logging.LogRecord("x", logging.INFO, __file__, 1, message, args, exc_info)


def test_the_filter_hides_arguments():
    record = make_record("calling %s", "https://h/?secret=abc")

    assert RedactingFilter().filter(record)
    assert record.getMessage() == "calling https://h/?secret=***"


def test_the_filter_hides_people():
    record = make_record("no customer for %s", "ann.smit+x@example.co.uk")

    RedactingFilter().filter(record)

    assert record.getMessage() == "no customer for ***"


def test_the_filter_hides_what_sessions_were_opened_with():
    remember_secrets(["open sesame"])
    record = make_record("it said open sesame")

    RedactingFilter().filter(record)

    assert record.getMessage() == "it said ***"


def test_the_filter_hides_tracebacks():
    try:
        raise ValueError("https://h/?secret=abc")
    except ValueError as error:
        record = make_record(
            "failed", exc_info=(ValueError, error, error.__traceback__)
        )

    RedactingFilter().filter(record)

    text = logging.Formatter().format(record)
    assert "secret=***" in text
    assert "abc" not in text


def test_the_filter_hides_stacks():
    record = make_record("here")
    record.stack_info = "secret: https://h/?token=abc"

    RedactingFilter().filter(record)

    assert record.stack_info == "secret: https://h/?token=***"


def test_only_the_latest_secrets_are_remembered(monkeypatch):
    monkeypatch.setattr(redaction, "MOST_REMEMBERED", 2)
    monkeypatch.setattr(redaction, "_remembered", type(redaction._remembered)())

    remember_secrets(["first-secret", "second-secret", "first-secret", "third-secret"])

    assert list(redaction._remembered) == ["first-secret", "third-secret"]
