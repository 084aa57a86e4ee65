"""The session when the other side does not behave: what is definite and what not."""

from __future__ import annotations

import gzip
import socket
import threading

import pytest

from integration_hub.core import transport
from integration_hub.core.errors import HubError, OutcomeUnknown, Unavailable
from tests.core.wire import (
    answering,
    cutting,
    in_turn,
    make_answer,
    make_session,
    trickling,
)

HALF = make_answer(b"x" * 100)[:-40]


def send(session, url, *, write, **options):
    return session.send("POST", url, write=write, data="body", **options)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("write", [True, False])
def test_refused_is_definite(session, write):
    with pytest.raises(Unavailable, match="Shop: 127.0.0.1:.* refuses") as caught:
        send(session, f"http://127.0.0.1:{free_port()}", write=write)

    assert caught.value.code == "refused"
    assert caught.value.system == "Shop"
    assert caught.value.exchange.status is None
    assert caught.value.exchange.sent == "body"


@pytest.mark.parametrize("write", [True, False])
def test_an_unknown_name_is_definite(session, monkeypatch, write):
    def fail(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(Unavailable, match="no host is known by the name of") as caught:
        send(session, "https://till.example", write=write)

    assert caught.value.code == "dns"


def test_a_name_server_that_hangs_is_left(session, monkeypatch):
    forever = threading.Event()

    def hang(*_, **__):
        forever.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)

    with pytest.raises(Unavailable, match="in time"):
        send(session, "https://till.example", write=True, deadline=0.1)
    forever.set()


def test_the_next_address_is_tried(serve, session, monkeypatch):
    wire = serve(answering(b"second"))
    dead = ("127.0.0.1", free_port())
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", address)
        for address in (dead, ("127.0.0.1", wire.port))
    ]
    monkeypatch.setattr(transport, "resolve", lambda *_: found)

    assert send(session, wire.url, write=True).body == b"second"


def test_a_name_without_address_is_unavailable(session, monkeypatch):
    monkeypatch.setattr(transport, "resolve", lambda *_: [])

    with pytest.raises(Unavailable, match="no host is known"):
        send(session, "https://till.example", write=True)


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(cutting(), id="before the answer"),
        pytest.param(cutting(b"HTTP/1.1 200 OK\r\nContent-"), id="inside a header"),
        pytest.param(cutting(b"HTTP/1.1 200 OK\r\nA: b\r\n"), id="between headers"),
        pytest.param(cutting(HALF), id="inside the body"),
        pytest.param(
            cutting(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
            id="inside a chunk",
        ),
    ],
)
@pytest.mark.parametrize(
    ("write", "error"), [(True, OutcomeUnknown), (False, Unavailable)]
)
def test_a_cut_is_unknown_for_a_write(serve, session, handler, write, error):
    wire = serve(handler)

    with pytest.raises(error, match="closed the connection") as caught:
        send(session, wire.url, write=write)

    assert type(caught.value) is error
    assert caught.value.code == "cut"
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("write", "error"), [(True, OutcomeUnknown), (False, Unavailable)]
)
def test_what_is_not_http_is_unknown_for_a_write(serve, session, write, error):
    wire = serve(cutting(b"SSH-2.0-OpenSSH_9.2\r\n"))

    with pytest.raises(error, match="not HTTP"):
        send(session, wire.url, write=write)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(make_answer(b"", headers=(f"X: {'a' * 500}",)), id="headers"),
        pytest.param(make_answer(b"x" * 500), id="body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"1\r\nx\r\n" * 100
            + b"0\r\n\r\n",
            id="chunks",
        ),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + make_answer(), id="100s"),
    ],
)
def test_trickling_does_not_stretch_the_deadline(serve, session, data):
    wire = serve(trickling(data))

    with pytest.raises(OutcomeUnknown, match="in time") as caught:
        send(session, wire.url, write=True, deadline=0.3)

    assert caught.value.code == "timeout"


def test_silence_ends_at_the_deadline(serve, session):
    wire = serve(lambda sock, wire: wire.closed.wait(5))

    with pytest.raises(OutcomeUnknown, match="in time"):
        send(session, wire.url, write=True, deadline=0.1)


def test_a_server_that_does_not_take_the_body_ends_at_the_deadline(session):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        with pytest.raises(OutcomeUnknown, match="in time"):
            session.send("POST", url, write=True, data=b"x" * 20_000_000, deadline=0.3)


@pytest.mark.parametrize(
    ("write", "error"), [(True, OutcomeUnknown), (False, Unavailable)]
)
def test_too_much_is_not_taken(serve, write, error):
    wire = serve(answering(b"x" * 2_000))

    with make_session(max_bytes=1_000) as session, pytest.raises(error) as caught:
        send(session, wire.url, write=write)

    assert caught.value.code == "too_large"
    assert "more than 1,000 bytes" in caught.value.message


def test_a_packed_answer_is_measured_unpacked(serve):
    bomb = gzip.compress(b"0" * 1_000_000)
    wire = serve(answering(bomb, headers=("Content-Encoding: gzip",)))

    with make_session(max_bytes=100_000) as session, pytest.raises(Unavailable):
        send(session, wire.url, write=False)


def test_the_session_lives_on_after_a_failure(serve, session):
    wire = serve(in_turn(cutting(HALF), answering(b"fine")))
    with pytest.raises(OutcomeUnknown):
        send(session, wire.url, write=True)

    assert send(session, wire.url, write=True).body == b"fine"


def test_a_connection_that_died_while_idle_does_no_harm(serve, session):
    hung_up = threading.Event()

    def answer_and_close(sock, wire):
        sock.sendall(make_answer(b"one"))
        sock.shutdown(socket.SHUT_RDWR)
        hung_up.set()

    wire = serve(answer_and_close)
    send(session, wire.url, write=True)
    hung_up.wait(5)

    assert send(session, wire.url, write=True).body == b"one"


def test_a_write_takes_no_connection_that_idled_long(serve, session, monkeypatch):
    wire = serve(answering(b"ok"))
    send(session, wire.url, write=True)
    monkeypatch.setattr(transport, "IDLE_SECONDS", -1.0)

    send(session, wire.url, write=False)
    assert wire.connections == 1
    send(session, wire.url, write=True)
    assert wire.connections == 2


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example"])
def test_a_name_that_cannot_be_one_is_told_at_once(session, host):
    with pytest.raises(HubError, match="not a web address|no host is known"):
        send(session, f"https://{host}/", write=True)
