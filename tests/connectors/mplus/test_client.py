"""Faults, statuses, broken answers and addresses: one clear error each."""

from __future__ import annotations

import socket

import pytest

from connectors.mplus.client import Client, server_address
from connectors.mplus.description import OfflineTransport
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    NotFound,
    RateLimited,
    Unavailable,
)
from tests.connectors.mplus.reader import open_till
from tests.connectors.mplus.till import running_till

SECRET = "s&cret/with space+more"


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=20) as running:
        yield running


@pytest.fixture
def faults(till):
    def add(**rule):
        reply = till.http.post(f"{till.url}/_sandbox/faults", json=rule)
        assert reply.status_code == 200, reply.text

    yield add
    till.http.delete(f"{till.url}/_sandbox/faults")


def client_of(connector):
    return Client(connector.account)


def fail(connector, kind):
    with pytest.raises(kind) as caught:
        client_of(connector).branches()
    return caught.value


@pytest.mark.parametrize("name", ["ident", "secret"])
def test_a_wrong_login_says_so(till, name):
    credentials = {"ident": "sandbox", "secret": "sandbox"} | {name: SECRET}
    error = fail(open_till(till.url, credentials=credentials), AuthError)
    assert error.system == "Till"
    assert "ident and secret" in error.action
    assert "Invalid ident or secret" in error.message


def test_the_secret_is_in_no_error(till):
    credentials = {"ident": "sandbox", "secret": SECRET}
    error = fail(open_till(till.url, credentials=credentials), AuthError)
    told = f"{error.message} {error.action} {error.exchange} {error.__cause__!r}"
    for form in (SECRET, "s%26cret", "cret/with", "cret%2Fwith"):
        assert form not in told


def test_the_secret_is_in_no_error_of_a_dead_host():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    connector = open_till(
        f"http://127.0.0.1:{port}", credentials={"ident": "me", "secret": SECRET}
    )
    error = fail(connector, Unavailable)
    assert error.code == "refused"
    assert "cret%2Fwith" not in f"{error.message}{error.exchange}"


def test_nothing_is_logged_of_the_secret(till, caplog):
    caplog.set_level("DEBUG")
    fail(open_till(till.url, credentials={"ident": "a", "secret": SECRET}), AuthError)
    assert "cret%2Fwith" not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("name", ["ident", "secret"])
def test_an_empty_credential_is_not_sent(till, name):
    credentials = {"ident": "sandbox", "secret": "sandbox"} | {name: " "}
    error = fail(open_till(till.url, credentials=credentials), ConfigError)
    assert (error.code, error.reference) == ("credentials", name)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ConfigError),
        (401, AuthError),
        (403, AuthError),
        (404, ConfigError),
        (405, ConfigError),
        (418, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
    ],
)
def test_statuses(till, faults, status, kind):
    faults(action="status", status=status, times=None)
    error = fail(open_till(till.url), kind)
    assert error.exchange.status == status
    assert error.action


def test_429_says_how_long_to_wait(till, faults):
    faults(action="status", status=429)
    error = fail(open_till(till.url), RateLimited)
    assert error.retry_after == 30


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SOAP-ENV:Client.Authentication", AuthError),
        ("SOAP-ENV:Client.Authentication.Blocked", AuthError),
        ("SOAP-ENV:Client", ConfigError),
        ("SOAP-ENV:Server", Unavailable),
        ("SOAP-ENV:Server.Database", Unavailable),
        ("SOAP-ENV:VersionMismatch", Unavailable),
        ("", Unavailable),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_faults(till, faults, code, kind, status):
    body = (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>'
        f"<E:Fault><faultcode>{code}</faultcode><faultstring>Nope.</faultstring>"
        "</E:Fault></E:Body></E:Envelope>"
    )
    faults(action="status", status=status, body=body, content_type="text/xml")
    assert fail(open_till(till.url), kind).message.endswith("getBranches: Nope.")


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"action": "garble"}, None),
        ({"action": "status", "status": 200, "body": "<a><b></a>"}, "bad_xml"),
        ({"action": "status", "status": 200, "body": "<html/>"}, "not_soap"),
        ({"action": "status", "status": 200, "body": ""}, "bad_xml"),
        ({"action": "cut"}, "cut"),
        ({"action": "lose"}, "cut"),
    ],
    ids=["garbled", "broken", "html", "empty", "cut", "lost"],
)
def test_answers_that_are_none(till, faults, rule, code):
    faults(times=None, **rule)
    error = fail(open_till(till.url), Unavailable)
    assert error.code == code or code is None


@pytest.mark.parametrize(
    "rule", [{"action": "cut"}, {"action": "status", "status": 503}]
)
def test_a_read_is_tried_again(till, faults, rule):
    faults(times=2, **rule)
    assert len(client_of(open_till(till.url)).branches()) == 3


def test_an_answer_that_is_too_long_is_refused(till):
    connector = open_till(till.url)
    connector.account.session.max_bytes = 1000
    with pytest.raises(Unavailable) as caught:
        client_of(connector).receipts(marker=0)
    assert caught.value.code == "too_large"


def test_an_unknown_receipt_is_not_found(till):
    with pytest.raises(NotFound) as caught:
        client_of(open_till(till.url)).receipt("none")
    assert caught.value.reference == "none"


def test_an_older_server_has_no_gift_card_types(till, faults):
    body = (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>'
        "<E:Fault><faultcode>E:Client</faultcode><faultstring>Method not implemented"
        "</faultstring></E:Fault></E:Body></E:Envelope>"
    )
    faults(action="status", status=500, body=body, match="getPaymentMethodsV2")
    methods = client_of(open_till(till.url)).payment_methods()
    assert "CONTANT" in {method["method"] for method in methods}


def test_any_other_refusal_of_the_payment_methods_is_told(till, faults):
    faults(action="status", status=404, match="getPaymentMethodsV2")
    with pytest.raises(ConfigError):
        client_of(open_till(till.url)).payment_methods()


@pytest.mark.parametrize(
    ("typed", "port", "address"),
    [
        ("api.mpluskassa.nl", 34562, "https://api.mpluskassa.nl:34562/"),
        ("https://api.mpluskassa.nl/", "34562", "https://api.mpluskassa.nl:34562/"),
        ("api.mpluskassa.nl:34562", "", "https://api.mpluskassa.nl:34562/"),
        ("", 34562, "https://api.mpluskassa.nl:34562/"),
        ("127.0.0.1:18083", "", "http://127.0.0.1:18083/"),
        ("kassa.example.com", "", "https://kassa.example.com/"),
    ],
)
def test_addresses_as_people_type_them(typed, port, address):
    account = open_till(typed, environment="live", port=port).account
    assert server_address(account) == address


@pytest.mark.parametrize("port", ["", "x", "0", "70000", "-1"])
def test_a_live_till_needs_its_port(port):
    account = open_till("", environment="live", port=port).account
    with pytest.raises(ConfigError) as caught:
        server_address(account)
    assert caught.value.code == "port"


def test_a_sandbox_has_an_address_of_its_own():
    account = open_till("", environment="sandbox").account
    assert server_address(account) == "http://127.0.0.1:18083/"


def test_nothing_is_fetched_for_a_wsdl():
    with pytest.raises(ConfigError, match="is not loaded"):
        OfflineTransport().load("http://127.0.0.1:9/other.xsd")
