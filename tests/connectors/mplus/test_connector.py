"""The contract's verbs on the real sandbox."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.datamodel import Order
from connectors.mplus.connector import MplusConnector
from integration_hub.core.errors import NotFound, UnsupportedError
from tests.connectors.mplus.reader import open_till, read_all
from tests.connectors.mplus.till import running_till

LAST = date(2026, 10, 31)


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=200, days=5) as running:
        yield running


@pytest.fixture
def connector(till):
    return open_till(till.url)


@pytest.fixture
def faults(till):
    def add(**rule):
        reply = till.http.post(f"{till.url}/_sandbox/faults", json=rule)
        assert reply.status_code == 200, reply.text

    yield add
    till.http.delete(f"{till.url}/_sandbox/faults")


def count_calls(till, operation):
    log = till.http.get(f"{till.url}/_sandbox/log").json()
    entries = log if isinstance(log, list) else next(iter(log.values()))
    return sum(entry["operation"] == operation for entry in entries)


def test_check_tells_who_and_which_versions(connector):
    found = connector.check()
    assert found.ok
    assert found.who == "Centrum, Markt, Haven"
    assert found.versions["protocol"] == "1.0.0"
    assert found.versions["service"] == "67.1.3"
    assert not found.warnings


def test_check_tells_a_wrong_login(till):
    credentials = {"ident": "sandbox", "secret": "wrong-secret"}
    found = open_till(till.url, credentials=credentials).check()
    assert not found.ok
    assert "Invalid ident or secret" in found.problem
    assert "ident and secret" in found.action


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://127.0.0.1:9", "refuses the connection"),
        ("https://no-such-host.invalid", "no host is known"),
        ("ftp://till", "not a web address"),
    ],
)
def test_check_tells_what_is_wrong_with_the_way_there(url, word, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", fake_lookup(url))
    found = open_till(url).check()
    assert not found.ok
    assert word in found.problem
    assert found.action


def fake_lookup(url):
    import socket

    real = socket.getaddrinfo

    def lookup(host, *rest, **more):
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return real(host, *rest, **more)

    return lookup


@pytest.mark.parametrize(
    "rule",
    [
        {"status": 404},
        {"status": 405},
        {"status": 200, "body": "<html><body>It works!</body></html>"},
        {"status": 200, "body": "hello"},
    ],
)
def test_check_tells_another_server(connector, faults, rule):
    faults(action="status", times=None, **rule)
    found = connector.check()
    assert not found.ok
    assert "does not look like a MplusKASSA server" in found.problem


VERSION = (
    '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:m="urn:mplusqapi"><E:Body><m:getApiVersionResponse>'
    "<m:majorNumber>{}</m:majorNumber><m:minorNumber>{}</m:minorNumber>"
    "<m:revisionNumber>{}</m:revisionNumber></m:getApiVersionResponse></E:Body>"
    "</E:Envelope>"
)


@pytest.mark.parametrize(
    ("version", "ok"),
    [
        ((1, 0, 0), True),
        ((0, 9, 9), True),
        ((0, 9, 8), False),
        ((1, 0, 1), False),
        (("one", 0, 0), False),
    ],
)
def test_check_knows_one_protocol(connector, faults, version, ok):
    body = VERSION.format(*version)
    faults(action="status", status=200, body=body, match="getApiVersion")
    found = connector.check()
    assert found.ok is ok
    assert ok or "this hub knows 1.0.0" in found.problem


def test_check_warns_of_a_shop_without_branches(connector, faults):
    body = VERSION.split("<m:")[0] + "<m:getBranchesResponse/></E:Body></E:Envelope>"
    faults(action="status", status=200, body=body, match="getBranches")
    assert connector.check().warnings == ("The till has no branches.",)


def test_check_warns_of_a_branch_without_a_country(connector, faults):
    body = VERSION.split("<m:")[0] + (
        "<m:getBranchesResponse><m:branches><m:branch><m:branchNumber>4"
        "</m:branchNumber></m:branch></m:branches></m:getBranchesResponse></E:Body>"
        "</E:Envelope>"
    )
    faults(action="status", status=200, body=body, match="getBranches")
    [warning] = connector.check().warnings
    assert "Branch 4 has no country" in warning


def test_a_card_without_its_number_does_not_hide_the_others(connector, faults):
    body = VERSION.split("<m:")[0] + (
        "<m:getBranchesResponse><m:branches><m:branch/><m:branch><m:branchNumber>4"
        "</m:branchNumber></m:branch></m:branches></m:getBranchesResponse></E:Body>"
        "</E:Envelope>"
    )
    faults(action="status", status=200, body=body, match="getBranches", times=2)
    assert [each.id for each in connector.choices("branches")] == ["4"]


def test_branches(connector):
    found = {each.id: each for each in connector.choices("branches")}
    assert found["1"].name == "Centrum"
    assert found["1"].facts["country"] == "NL"


def test_tenders_propose_their_type(connector):
    found = {each.id: each.facts["type"] for each in connector.choices("tenders")}
    assert found == {
        "CONTANT": "cash",
        "PIN": "card",
        "CREDITCARD": "card",
        "OPREKENING": "on_account",
        "CADEAUBON": "gift_card",
        "VVVBON": "voucher",
        "EIGENGEBRUIK": "own_use",
        "CADEAUBON21": "gift_card",
        "KORTINGSBON": "voucher",
        "PRIVE": "own_use",
        "BREUK": "own_use",
        "PROMOTIE": "own_use",
    }


@pytest.mark.parametrize("times_100", [True, False])
def test_vat_codes_have_rates_on_either_scale(till, connector, times_100):
    till.switch(percent_times_100=times_100)
    found = [
        (each.id, each.facts["country"], each.facts["rate"])
        for each in connector.choices("vat_codes")
    ]
    till.switch(percent_times_100=True)
    assert found == [("1", "NL", "21"), ("2", "NL", "9"), ("3", "NL", "0")]


def test_turnover_groups_tell_gift_cards(connector):
    found = {each.id: each.facts for each in connector.choices("turnover_groups")}
    assert found["90"]["gift_card"] == "true"
    assert found["10"]["gift_card"] == "false"


@pytest.mark.parametrize("name", MplusConnector.choice_lists)
def test_every_list_has_entries_with_different_ids(connector, name):
    found = connector.choices(name)
    assert found
    assert len({each.id for each in found}) == len(found)
    assert all(each.name for each in found)


def test_an_unknown_list_is_unsupported(connector):
    with pytest.raises(UnsupportedError):
        connector.choices("planets")


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.read("orders", "", 10),
        lambda c: c.read_one("orders", "1"),
        lambda c: c.rewind("orders", ""),
        lambda c: c.totals("orders", LAST, LAST),
    ],
    ids=["read", "read_one", "rewind", "totals"],
)
def test_an_unknown_feed_is_unsupported(connector, ask):
    with pytest.raises(UnsupportedError, match="no feed called orders"):
        ask(connector)


def test_one_receipt_reads_as_in_its_page(connector):
    documents, _ = read_all(connector)
    assert connector.read_one("receipts", documents[3].id) == documents[3]


def test_a_receipt_that_is_not_there(connector):
    with pytest.raises(NotFound):
        connector.read_one("receipts", "none")


def test_relations_and_lists_are_asked_in_bulk(till, connector):
    before = {
        name: count_calls(till, name)
        for name in ("getRelations", "getBranches", "getPaymentMethodsV2")
    }
    read_all(connector, limit=50)
    for name, count in before.items():
        pages = 4 if name == "getRelations" else 1
        assert count_calls(till, name) - count <= pages


def test_customers_are_read_with_their_receipts(connector):
    documents, _ = read_all(connector)
    with_relation = [d for d in documents if isinstance(d, Order) and d.customer_id]
    assert with_relation
    for order in with_relation:
        assert order.customer.id == order.customer_id


def test_totals_are_those_of_the_documents(connector):
    documents, _ = read_all(connector)
    wanted = defaultdict(Decimal)
    for order in documents:
        if isinstance(order, Order):
            wanted[order.date, order.branch] += order.total_incl
    found = defaultdict(Decimal)
    for row in connector.totals("receipts", LAST - timedelta(days=10), LAST):
        if row.measure == "total":
            found[row.day, row.branch] += row.amount
    assert dict(found) == dict(wanted)


def test_totals_by_rate_and_tender(connector):
    documents, _ = read_all(connector)
    orders = [d for d in documents if isinstance(d, Order)]
    rows = list(connector.totals("receipts", LAST - timedelta(days=10), LAST))
    vat = sum(row.amount for row in rows if (row.measure, row.label) == ("vat", "21"))
    paid = sum(
        row.amount for row in rows if (row.measure, row.label) == ("tender", "PIN")
    )
    count = sum(row.count for row in rows if row.measure == "unreadable")
    assert vat == sum(
        t.vat for order in orders for t in order.vat_totals if t.vat_rate == 21
    )
    assert paid == sum(
        t.amount for order in orders for t in order.tenders if t.method == "PIN"
    )
    assert count == len(documents) - len(orders)


def test_totals_of_one_branch(connector):
    start = LAST - timedelta(days=10)
    rows = list(connector.totals("receipts", start, LAST, branches=["2"]))
    assert {row.branch for row in rows} == {"2"}


def test_named_cash_methods_decide_about_rounding(till):
    connector = open_till(till.url, cash_methods="LADE, KAS2")
    found = {each.id: each.facts["type"] for each in connector.choices("tenders")}
    assert found["CONTANT"] == "other"


def calls_of(till):
    log = till.http.get(f"{till.url}/_sandbox/log").json()["log"]
    return [entry["operation"] for entry in log if "getReceipt" in entry["operation"]]


@pytest.mark.parametrize("heeds", [True, False], ids=["heeded", "ignored"])
def test_many_receipts_are_read_by_one_call(till, connector, monkeypatch, heeds):
    wanted = [each.id for each in connector.read("receipts", "", 5).documents][:3]
    before = len(calls_of(till))
    if not heeds:
        real = connector._client.receipts
        monkeypatch.setattr(
            connector._client, "receipts", lambda ids: real(limit=2, marker=4)
        )
    found = connector.read_many("receipts", [*wanted, "nobody"])
    assert sorted(found) == sorted(wanted)
    assert all(found[key] == connector.read_one("receipts", key) for key in wanted)
    if heeds:
        asked = calls_of(till)[before : before + 2]
        assert asked == ["getReceipts", "getReceipt"]
