"""Encrypted connections: accepted only with a certificate that holds."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integration_hub.core.errors import OutcomeUnknown, Unavailable
from tests.core.wire import answering, make_session, running, trickling


def make_certificate(folder, address="127.0.0.1"):
    """A self-signed certificate for ``address``; the path of its PEM file with key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    now = dt.datetime.now(dt.UTC)
    alternative = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address(address))]
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{address}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return str(path)


def make_context(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_of_our_own_authority_is_accepted(tmp_path):
    path = make_certificate(tmp_path)

    with (
        running(answering(b"safe"), make_context(path)) as wire,
        make_session(ca_file=path) as session,
    ):
        bodies = [session.send("GET", wire.url, write=False).body for _ in "12"]

    assert bodies == [b"safe", b"safe"]
    assert wire.connections == 1


def test_an_unknown_authority_is_definite(tmp_path):
    context = make_context(make_certificate(tmp_path))

    with (
        running(answering(), context) as wire,
        make_session() as session,
        pytest.raises(Unavailable, match="certificate is not accepted") as caught,
    ):
        session.send("POST", wire.url, write=True, data="x")

    assert caught.value.code == "tls"
    assert wire.requests == []


def test_a_certificate_for_another_host_is_definite(tmp_path):
    path = make_certificate(tmp_path, "127.0.0.9")

    with (
        running(answering(), make_context(path)) as wire,
        make_session(ca_file=path) as session,
        pytest.raises(Unavailable, match="certificate is not accepted"),
    ):
        session.send("POST", wire.url, write=True, data="x")


def test_a_server_without_tls_is_definite(serve, session):
    wire = serve(answering())

    with pytest.raises(Unavailable) as caught:
        session.send(
            "POST", wire.url.replace("http:", "https:"), write=True, deadline=1.0
        )

    assert caught.value.code in ("tls", "timeout")


def test_a_cut_inside_an_encrypted_answer_is_unknown(tmp_path):
    path = make_certificate(tmp_path)

    def cut(sock, wire):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
        sock.shutdown(2)

    with (
        running(cut, make_context(path)) as wire,
        make_session(ca_file=path) as session,
        pytest.raises(OutcomeUnknown),
    ):
        session.send("POST", wire.url, write=True, data="x")


def test_trickling_does_not_stretch_the_deadline(tmp_path):
    path = make_certificate(tmp_path)
    handler = trickling(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500)

    with (
        running(handler, make_context(path)) as wire,
        make_session(ca_file=path) as session,
        pytest.raises(OutcomeUnknown, match="in time"),
    ):
        session.send("POST", wire.url, write=True, data="x", deadline=0.4)


class HangUp:
    """In place of a TLS context: closes as soon as the handshake begins."""

    def wrap_socket(self, raw, **_):
        raw.recv(100)
        raise OSError("hung up")


def test_a_server_that_hangs_up_on_a_handshake_is_definite(session):
    with (
        running(answering(), HangUp()) as wire,
        pytest.raises(Unavailable) as caught,
    ):
        session.send("POST", wire.url, write=True)

    assert caught.value.code in ("tls", "cut")
