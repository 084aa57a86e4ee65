"""The decoder against zeep's own reading, and against hostile and newer answers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from lxml import etree
from zeep.helpers import serialize_object

from connectors.mplus.decoding import DecodeError, Fault, NotSoapError
from connectors.mplus.description import Description, own_description
from tests.connectors.mplus.till import envelope, request_of, running_till
from tests.connectors.mplus.vendor import WSDL, needs_vendor_wsdl

ANSWERS = {
    "getReceipts": request_of(syncMarker=1),
    "getRelations": request_of(syncMarker=1),
    "getBranches": "",
    "getPaymentMethodsV2": request_of(includeGiftcardType="true"),
    "getVatGroupList": "",
    "getTurnoverGroups": request_of(),
    "getEmployees": request_of(),
    "getApiVersion": "",
    "getCurrentSyncMarkers": "",
}


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=150) as running:
        yield running


def answer_of(till, operation, inside):
    reply = till.post(envelope(f"<m:{operation}>{inside}</m:{operation}>"))
    assert reply.status_code == 200, reply.text
    return reply.content


def read_with_zeep(description, operation, content):
    """zeep's reading in plain dicts, or None where it finds an empty wrapper."""
    binding = description.zeep.service._binding
    found = binding.get(operation).output.deserialize(etree.fromstring(content))
    return clean(serialize_object(found, dict))


def clean(value):
    """Without what is absent: zeep has None and [] where we have nothing."""
    if isinstance(value, list):
        return [clean(each) for each in value]
    if not isinstance(value, dict):
        return value
    cleaned = {k: clean(v) for k, v in value.items() if k != "_raw_elements"}
    return {k: v for k, v in cleaned.items() if v not in (None, "", [], {})}


def unwrap(fields):
    """zeep gives the only child of an answer, and of its wrapper, in its place."""
    value = clean(fields)
    while isinstance(value, dict) and len(value) == 1:
        [value] = value.values()
    return value


@pytest.mark.parametrize(
    ("operation", "inside"), list(ANSWERS.items()), ids=list(ANSWERS)
)
def test_it_reads_what_zeep_reads(till, operation, inside):
    content = answer_of(till, operation, inside)
    theirs = read_with_zeep(own_description(), operation, content)
    assert unwrap(own_description().answers.decode(content)) == unwrap(theirs)


@needs_vendor_wsdl
@pytest.mark.parametrize(
    ("operation", "inside"), list(ANSWERS.items()), ids=list(ANSWERS)
)
def test_the_vendors_whole_wsdl_reads_the_same(till, vendor, operation, inside):
    content = answer_of(till, operation, inside)
    ours = own_description().answers.decode(content)
    assert vendor.answers.decode(content) == ours
    theirs = read_with_zeep(vendor, operation, content)
    assert unwrap(ours) == unwrap(theirs)


@needs_vendor_wsdl
def test_the_vendors_wsdl_writes_the_same_requests(vendor):
    values = {"request": {"articlePluNumbers": {}, "articleBarcodes": {}}}
    ours = own_description().request("getReceipts", values)
    assert vendor.request("getReceipts", values) == ours


@pytest.fixture(scope="module")
def vendor():
    return Description(WSDL.read_bytes())


@pytest.fixture
def newer(till):
    till.switch(unknown_fields=True, unknown_enums=True)
    yield till
    till.switch(unknown_fields=False, unknown_enums=False)


@pytest.mark.parametrize(
    "describe",
    [
        pytest.param(own_description, id="own"),
        pytest.param(
            lambda: Description(WSDL.read_bytes()), id="vendor", marks=needs_vendor_wsdl
        ),
    ],
)
def test_unknown_fields_and_enum_values_are_kept(newer, describe):
    content = answer_of(newer, "getReceipts", request_of(syncMarker=1))
    [first, *_] = describe().answers.decode(content)["receiptList"]["receipt"]
    line = first["lineList"]["line"][0]
    assert first["addedGroup"] == {"name": "new", "value": "1"}
    assert line["lineKind"] == "LINE-KIND-ADDED-LATER"
    # What comes behind the unknown elements is still read, and read as its type.
    assert isinstance(first["paidAmount"], int)
    assert isinstance(line["data"]["totalInclAmount"], int)


def answer(inside, operation="GetReceiptsResponse"):
    document = envelope(f"<m:{operation}>{inside}</m:{operation}>")
    return own_description().answers.decode(document.encode())


def receipt(inside):
    wrapped = f"<m:receiptList><m:receipt>{inside}</m:receipt></m:receiptList>"
    return answer(wrapped)["receiptList"]["receipt"][0]


def test_empty_wrappers_are_empty_records():
    assert answer("<m:receiptList/>") == {"receiptList": {}}
    assert answer("") == {}


def test_an_unknown_element_twice_is_a_list():
    found = receipt("<m:new>1</m:new><m:new>2</m:new><m:new>3</m:new>")
    assert found == {"new": ["1", "2", "3"]}


def test_a_value_of_the_wrong_type_stays_text():
    found = receipt("<m:paidAmount>ten</m:paidAmount><m:syncMarker>5</m:syncMarker>")
    assert found == {"paidAmount": "ten", "syncMarker": 5}


@pytest.mark.parametrize(("text", "value"), [("1.50", Decimal("1.50")), ("NaN", "NaN")])
def test_decimals_are_finite(text, value):
    line = f"<m:averagePurchasePrice>{text}</m:averagePurchasePrice>"
    found = receipt(
        f"<m:lineList><m:line><m:data>{line}</m:data></m:line></m:lineList>"
    )
    [read] = found["lineList"]["line"]
    assert read["data"]["averagePurchasePrice"] == value


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("0", False), ("ja", "ja")]
)
def test_booleans(text, value):
    found = answer(
        f"<m:inDebugMode>{text}</m:inDebugMode>", operation="getApiVersionResponse"
    )
    assert found == {"inDebugMode": value}


def test_an_answer_the_wsdl_does_not_know_is_read_as_text():
    assert answer("<m:a><m:b>1</m:b></m:a>", operation="other") == {"a": {"b": "1"}}


def test_a_fault_is_told_without_its_prefix():
    fault = (
        "<E:Fault><faultcode>SOAP-ENV:Client.Authentication</faultcode>"
        "<faultstring> No. </faultstring></E:Fault>"
    )
    found = own_description().answers.decode(envelope(fault).encode())
    assert found == Fault("Client.Authentication", "No.")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "xxxxxxxxxx">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<a><b></a>",
        "<a>é</a>".encode("latin-1"),
        BOMB.encode(),
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<a>" * 300 + b"</a>" * 300,
    ],
    ids=["empty", "text", "broken", "latin", "bomb", "dtd", "file", "deep"],
)
def test_hostile_and_broken_answers_are_refused(body):
    with pytest.raises(DecodeError) as caught:
        own_description().answers.decode(body)
    assert "xxxx" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"<html><body>hi</body></html>", envelope("").encode()]
)
def test_other_xml_is_no_answer(body):
    with pytest.raises(NotSoapError):
        own_description().answers.decode(body)
