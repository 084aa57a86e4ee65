"""SOAP as the vendor's service speaks it: envelopes, faults, tolerance."""

from __future__ import annotations

import pytest

from tests.connectors.mplus.till import CREDENTIALS, envelope, running_till, text

BRANCHES = envelope("<m:getBranches/>")


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=10) as running:
        yield running


def get(till, query=""):
    return till.http.get(f"{till.url}/{query}")


def test_plain_get_is_not_allowed(till):
    assert get(till).status_code == 405


def test_docs_name_the_operations(till):
    assert b"getReceipts" in get(till, "?docs").content


def test_other_methods_are_not_allowed(till):
    assert till.http.put(f"{till.url}/", data=b"x").status_code == 405


def test_answer_has_the_vendors_prefixes_and_headers(till):
    reply = till.post(BRANCHES)

    assert "<SOAP-ENV:Body><ns:getBranchesResponse>" in reply.text
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.headers["mplus-service-version"] == "67.1.3"
    assert reply.headers["server-timing"].startswith("total;dur=")
    assert int(reply.headers["content-length"]) == len(reply.content)


def test_required_empty_text_is_never_self_closed(till):
    reply = till.post(BRANCHES)

    assert "<ns:extBranchId></ns:extBranchId>" in reply.text
    assert "/>" not in reply.text


def test_empty_list_is_an_empty_wrapper(till):
    reply = till.post(
        envelope(
            "<m:getReceipts><m:request><m:syncMarker>999</m:syncMarker>"
            "</m:request></m:getReceipts>"
        )
    )

    assert "<ns:receiptList></ns:receiptList>" in reply.text


def test_text_is_escaped(till):
    reply = till.post(
        envelope(
            "<m:findRelation><m:relation><m:name>&amp; Planten</m:name>"
            "</m:relation></m:findRelation>"
        )
    )

    assert "Bloemen &amp; Planten" in reply.text


@pytest.mark.parametrize(
    "params",
    [
        {"ident": "sandbox", "secret": "wrong"},
        {"ident": "wrong", "secret": "sandbox"},
        {"ident": "sandbox"},
        {"x": "1"},
    ],
)
def test_wrong_credentials_are_an_authentication_fault(till, params):
    code, _ = till.fault(BRANCHES, **params)

    assert code == "SOAP-ENV:Client.Authentication"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("no xml at all", "XML syntax error"),
        ("", "XML syntax error"),
        ("<a/>", "mismatch in element 'Envelope'"),
        (envelope(""), "occurrence violation in element 'SOAP-ENV:Body'"),
        (envelope("<m:getMoon/>"), "Method 'ns:getMoon' not implemented"),
        (envelope("<getBranches/>"), "namespace not recognized"),
        (
            envelope("<m:getRelation><m:relationNumber>x</m:relationNumber></m:getRelation>"),
            "data type mismatch in element 'relationNumber'",
        ),
        (
            envelope(
                "<m:getReceipts><m:request><m:fromFinancialDate><m:day>1</m:day>"
                "</m:fromFinancialDate></m:request></m:getReceipts>"
            ),
            "occurrence violation in element 'fromFinancialDate'",
        ),
    ],
)  # fmt: skip
def test_malformed_request_is_a_client_fault(till, document, words):
    code, string = till.fault(document)

    assert code == "SOAP-ENV:Client"
    assert words in string


def test_entities_and_document_types_are_refused(till):
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]>' + BRANCHES

    code, string = till.fault(bomb)

    assert code == "SOAP-ENV:Client"
    assert "document type" in string


def test_oversized_request_is_refused(till):
    _, string = till.fault(BRANCHES + " " * 2_000_001)

    assert string == "Message size limit exceeded"


@pytest.mark.parametrize(
    "action", ["", '"urn:other"', "getReceipts", "urn:mplusqapi#x"]
)
def test_the_body_decides_and_not_the_soap_action(till, action):
    reply = till.http.post(
        f"{till.url}/",
        params=CREDENTIALS,
        data=BRANCHES,
        headers={"SOAPAction": action},
    )

    assert "<ns:getBranchesResponse>" in reply.text


def test_header_and_any_prefix_are_accepted(till):
    document = (
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'
        '<S:Header><q:token xmlns:q="urn:other">1</q:token></S:Header>'
        '<S:Body><zz:getBranches xmlns:zz="urn:mplusqapi"/></S:Body></S:Envelope>'
    )

    assert till.post(document).status_code == 200


def test_elements_in_any_order_and_unknown_ones_are_accepted(till):
    inside = (
        "<m:request><m:syncMarkerLimit>2</m:syncMarkerLimit><m:newer>1</m:newer>"
        "<m:syncMarker>3</m:syncMarker></m:request>"
    )
    receipts = till.call("getReceipts", inside)[0]

    assert [text(each, "syncMarker") for each in receipts] == ["3", "4"]


def test_request_without_its_required_elements_is_accepted(till):
    assert len(till.call("getReceipts")[0]) == 10


def test_strict_switch_refuses_missing_elements(till):
    till.switch(strict=True)
    try:
        _, string = till.fault(envelope("<m:getReceipts><m:request/></m:getReceipts>"))
    finally:
        till.switch(strict=False)

    assert "occurrence violation in element 'articlePluNumbers'" in string


def test_all_zero_date_means_none(till):
    inside = (
        "<m:request><m:fromFinancialDate><m:day>0</m:day><m:mon>0</m:mon>"
        "<m:year>0</m:year></m:fromFinancialDate></m:request>"
    )

    assert len(till.call("getReceipts", inside)[0]) == 10


def test_api_version_is_the_protocols_and_the_services(till):
    version = till.call("getApiVersion")

    numbers = [
        text(version, f"{part}Number") for part in ("major", "minor", "revision")
    ]
    assert numbers == ["1", "0", "0"]
    assert text(version, "serviceMajorNumber") == "67"
    assert text(version, "inDebugMode") == "false"


def test_ordered_500_is_a_soap_fault(till):
    rule = {"action": "status", "status": 500, "match": "getBranches"}
    till.http.post(f"{till.url}/_sandbox/faults", json=rule)

    code, _ = till.fault(BRANCHES)

    assert code == "SOAP-ENV:Server"
    assert till.post(BRANCHES).status_code == 200


def test_ordered_503_is_a_proxys_page(till):
    rule = {"action": "status", "status": 503, "match": "getBranches"}
    till.http.post(f"{till.url}/_sandbox/faults", json=rule)

    reply = till.post(BRANCHES)

    assert reply.status_code == 503
    assert reply.headers["content-type"] == "text/html"


def test_log_never_holds_credentials(till):
    till.http.get(f"{till.url}/", params={**CREDENTIALS, "wsdl": ""})

    log = till.http.get(f"{till.url}/_sandbox/log").json()["log"]
    assert log[-1]["operation"] == "wsdl"
    assert "secret" not in str(log)


def test_log_names_the_operation(till):
    till.post(BRANCHES)

    log = till.http.get(f"{till.url}/_sandbox/log").json()["log"]
    assert (log[-1]["operation"], log[-1]["status"]) == ("getBranches", 200)
