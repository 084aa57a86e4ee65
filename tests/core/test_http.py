"""The session when the other side behaves, and what it refuses by itself."""

from __future__ import annotations

import gzip
import json
import logging

import pytest
from django.db import transaction

from integration_hub.core.drafts import EXCERPT
from integration_hub.core.errors import ConfigError
from integration_hub.core.http import assert_no_transaction
from tests.core.wire import answering, make_answer, make_session


def test_an_answer_is_given_as_it_is(serve, session):
    wire = serve(answering(b"hello", headers=("X-Thing: 7",)))

    reply = session.send("GET", wire.url, write=False)

    assert (reply.status, reply.body, reply.headers["x-thing"]) == (200, b"hello", "7")


@pytest.mark.parametrize("status", ["404 Not Found", "429 Slow", "500 Broken"])
def test_statuses_are_not_judged(serve, session, status):
    wire = serve(answering(b"<html>sorry</html>", status=status))

    reply = session.send("POST", wire.url, write=True, data="x")

    assert reply.status == int(status.split()[0])
    assert reply.exchange.received == "<html>sorry</html>"


def test_params_headers_and_body_are_sent(serve, session):
    wire = serve(answering())

    session.send(
        "POST",
        f"{wire.url}/a",
        write=True,
        params={"q": "é x"},
        headers={"SOAPAction": '""'},
        data="naïve",
    )

    sent = wire.requests[0]
    assert sent.startswith(b"POST /a?q=%C3%A9+x HTTP/1.1\r\n")
    assert b'\r\nSOAPAction: ""\r\n' in sent
    assert sent.endswith("\r\n\r\nnaïve".encode())


def test_a_compressed_answer_is_unpacked(serve, session):
    packed = gzip.compress(b"a" * 1000)
    wire = serve(answering(packed, headers=("Content-Encoding: gzip",)))

    assert session.send("GET", wire.url, write=False).body == b"a" * 1000


def test_connections_are_kept(serve, session):
    wire = serve(answering(b"ok"))

    for _ in range(5):
        session.send("GET", wire.url, write=False)

    assert wire.connections == 1


def test_the_environment_is_not_trusted(serve, session, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    wire = serve(answering(b"direct"))

    assert session.send("GET", wire.url, write=False).body == b"direct"


def test_cookies_are_not_sent_back(serve, session):
    wire = serve(answering(headers=("Set-Cookie: a=b",)))

    session.send("GET", wire.url, write=False)
    session.send("GET", wire.url, write=False)

    assert b"cookie" not in wire.requests[1].lower()


def test_the_exchange_tells_what_was_said(serve):
    wire = serve(answering(b"answer", headers=("intuit_tid: 1-abc",)))

    with make_session(remote_id_header="intuit_tid") as session:
        exchange = session.send("POST", wire.url, write=True, data="question").exchange

    assert (exchange.sent, exchange.received) == ("question", "answer")
    assert exchange.remote_id == "1-abc"
    assert exchange.method == "POST"
    assert exchange.started_at.tzinfo is not None
    assert exchange.seconds > 0


def test_every_call_has_an_id_of_its_own(serve, session):
    wire = serve(answering())

    ids = {session.send("GET", wire.url, write=False).exchange.request_id for _ in "12"}

    assert len(ids) == 2


def test_secrets_do_not_stay_in_the_exchange(serve):
    wire = serve(answering(json.dumps({"access_token": "new"}).encode()))

    with make_session(secrets=["correct horse"]) as session:
        exchange = session.send(
            "POST", f"{wire.url}/?secret=sesame", write=True, data="pw correct horse"
        ).exchange

    assert exchange.url == f"{wire.url}/?secret=***"
    assert exchange.sent == "pw ***"
    assert exchange.received == '{"access_token": "***"}'


def test_a_secret_learnt_later_is_hidden_too(serve, session):
    wire = serve(answering(b"it is fresh-token-1"))
    session.add_secret("fresh-token-1")

    assert session.send("GET", wire.url, write=False).exchange.received == "it is ***"


def test_excerpts_are_cut_without_cutting_a_secret_open(serve):
    wire = serve(answering(b"x" * (EXCERPT - 5) + b"correct horse" + b"y" * 100))

    with make_session(secrets=["correct horse"]) as session:
        received = session.send("GET", wire.url, write=False).exchange.received

    assert len(received) <= EXCERPT
    assert "corre" not in received


def test_a_redirect_is_refused(serve, session):
    wire = serve(answering(status="302 Found", headers=("Location: https://x.test/",)))

    with pytest.raises(ConfigError, match="redirect to https://x.test/") as caught:
        session.send("GET", wire.url, write=False)

    assert caught.value.code == "redirect"
    assert caught.value.exchange.status == 302


@pytest.mark.parametrize(
    "url",
    ["http://shop.example/", "http://192.0.2.1/", "http://localhost.example/"],
)
def test_plain_http_is_only_for_this_machine(session, url):
    with pytest.raises(ConfigError, match="not encrypted") as caught:
        session.send("GET", url, write=False)

    assert caught.value.system == "Shop"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "127.0.0.1", "https://", "https://a:b"]
)
def test_what_is_no_web_address_is_refused(session, url):
    with pytest.raises(ConfigError, match="not a web address"):
        session.send("GET", url, write=False)


@pytest.mark.django_db(transaction=True)
def test_no_call_is_made_inside_a_transaction(serve, session):
    wire = serve(answering())

    with transaction.atomic(), pytest.raises(RuntimeError):
        session.send("GET", wire.url, write=False)

    assert wire.requests == []


@pytest.mark.django_db
def test_the_wrapper_of_a_test_case_is_no_transaction():
    assert_no_transaction()


@pytest.mark.django_db
def test_a_transaction_inside_a_test_case_is_one():
    with transaction.atomic(), pytest.raises(RuntimeError):
        assert_no_transaction()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 7", 7.0),
        ("Retry-After: Mon, 01 Jan 2001 00:00:00 GMT", 0.0),
        ("Retry-After: soon", None),
        ("X-Other: 1", None),
    ],
)
def test_retry_after_is_read_in_both_forms(serve, session, header, seconds):
    wire = serve(answering(status="429 Slow", headers=(header,)))

    assert session.send("GET", wire.url, write=False).retry_after == seconds


def test_chunked_answers_are_read(serve, session):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def handle(sock, wire):
        sock.sendall(head + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")

    wire = serve(handle)

    assert session.send("GET", wire.url, write=False).body == b"abc"


def test_an_interim_answer_is_passed_over(serve, session):
    def handle(sock, wire):
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" + make_answer(b"done"))

    wire = serve(handle)

    assert session.send("POST", wire.url, write=True, data="x").body == b"done"


def test_an_empty_or_known_secret_is_not_added(session):
    session.add_secret("")
    session.add_secret("fresh-token-1")
    session.add_secret("fresh-token-1")

    assert session._secrets == ["fresh-token-1"]


def test_the_log_holds_no_query(serve, session, caplog):
    wire = serve(answering())
    caplog.set_level(logging.DEBUG)

    session.send("GET", f"{wire.url}/a", write=False, params={"name": "anna@x.nl"})

    told = [r for r in caplog.records if r.name == "integration_hub.core.http"]
    assert f"GET {wire.url}/a: 200" in told[0].getMessage()
    assert "anna" not in "".join(record.getMessage() for record in caplog.records)
