"""The WSDL that the project writes from its own description."""

from __future__ import annotations

import subprocess
import sys

import zeep
from lxml import etree

from connectors.mplus.schema import BINDING, OPERATIONS, STRUCTS, wsdl
from connectors.mplus.schema_types.enums import ENUMS
from connectors.mplus.schema_types.notation import SIMPLE_TYPES, parse_element
from tests.connectors.mplus.till import running_till
from tests.connectors.mplus.vendor import CONFORMANCE, needs_vendor_wsdl

OPERATIONS_IN_USE = {
    "getApiVersion",
    "getCurrentSyncMarkers",
    "getCurrentSyncMarkersV2",
    "getReceipts",
    "getReceipt",
    "getCashCountList",
    "getCashCountInfo",
    "getRelations",
    "getRelation",
    "findRelation",
    "findRelationV2",
    "getProducts",
    "getArticleGroups",
    "getPaymentMethods",
    "getPaymentMethodsV2",
    "getVatGroupList",
    "getTurnoverGroups",
    "getBranches",
    "getEmployees",
    "getDeliveryMethods",
    "getCardCategories",
}


def test_every_operation_in_use_is_described():
    assert set(OPERATIONS) == OPERATIONS_IN_USE


def test_every_type_that_is_used_is_described():
    used = {each.type for struct in STRUCTS.values() for each in struct.elements}
    used |= {each.type for call in OPERATIONS.values() for each in call.request}
    used |= {call.answer for call in OPERATIONS.values()}

    assert used <= SIMPLE_TYPES | set(STRUCTS) | set(ENUMS)


def test_nothing_is_described_that_is_not_used():
    used = {each.type for struct in STRUCTS.values() for each in struct.elements}
    used |= {each.type for call in OPERATIONS.values() for each in call.request}
    used |= {call.answer for call in OPERATIONS.values()}

    assert (set(STRUCTS) | set(ENUMS)) - used == set()


def test_notation_marks_what_is_required_and_repeated():
    plain, required, repeated = (
        parse_element(text) for text in ("a: int", "b: int!", "c: int*")
    )

    assert (plain.required, plain.repeated) == (False, False)
    assert (required.required, required.repeated) == (True, False)
    assert (repeated.required, repeated.repeated) == (False, True)
    assert {plain.type, required.type, repeated.type} == {"int"}


def test_zeep_loads_the_served_wsdl_and_calls_it():
    with running_till() as till:
        client = zeep.Client(f"{till.url}/?wsdl")
        address = f"{till.url}/?ident=sandbox&secret=sandbox"
        service = client.create_service(BINDING, address)

        assert service.getApiVersion().majorNumber == 1
        client.transport.session.close()


def test_served_wsdl_names_the_address_it_was_asked_at():
    with running_till() as till:
        reply = till.http.get(f"{till.url}/?wsdl")

    assert reply.headers["content-type"].startswith("text/xml")
    assert reply.content == wsdl(f"{till.url}/")


def test_wsdl_needs_nothing_from_elsewhere():
    document = etree.fromstring(wsdl("http://127.0.0.1/"))

    assert not [node for node in document.iter() if "import" in str(node.tag)]


@needs_vendor_wsdl
def test_wsdl_has_no_difference_from_the_vendors(tmp_path):
    path = tmp_path / "ours.wsdl"
    path.write_bytes(wsdl("http://127.0.0.1:18083/"))

    found = subprocess.run(
        [sys.executable, str(CONFORMANCE), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "0 differences" in found.stdout
    assert found.returncode == 0
