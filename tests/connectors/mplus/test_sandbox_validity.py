"""Every answer of the sandbox validates against the vendor's own schema."""

from __future__ import annotations

import pytest

from connectors.mplus.schema import OPERATIONS
from tests.connectors.mplus.till import NS, request_of, running_till
from tests.connectors.mplus.vendor import load_vendor_schema, needs_vendor_wsdl

pytestmark = needs_vendor_wsdl


def count_info_of(branch, till):
    place = f"<m:branchNumber>{branch}</m:branchNumber>"
    place += f"<m:workplaceNumber>{till}</m:workplaceNumber>"
    return (
        f"<m:request><m:fromWorkplace>{place}</m:fromWorkplace>"
        "<m:countEmployeeNumber>0</m:countEmployeeNumber></m:request>"
    )


CALLS = [
    ("getApiVersion", ""),
    ("getCurrentSyncMarkers", ""),
    (
        "getCurrentSyncMarkersV2",
        request_of(includeReceiptSyncMarker="true", includeRelationSyncMarker="true"),
    ),
    ("getReceipts", request_of(syncMarker=1)),
    ("getReceipts", request_of(syncMarker=100_000)),
    ("getReceipts", request_of(includeLineList="false")),
    (
        "getReceipts",
        request_of(includeOrderReferences="true", includeLastMailTimelineEvents="true"),
    ),
    ("getReceipt", "<m:receiptId>none</m:receiptId>"),
    ("getCashCountList", request_of()),
    (
        "getCashCountList",
        "<m:request><m:sinceCashCount><m:branchNumber>1</m:branchNumber>"
        "<m:workplaceNumber>1</m:workplaceNumber><m:year>2026</m:year>"
        "<m:number>1</m:number></m:sinceCashCount></m:request>",
    ),
    ("getCashCountInfo", count_info_of(1, 1)),
    ("getCashCountInfo", count_info_of(3, 2)),
    ("getCashCountInfo", count_info_of(9, 9)),
    ("getRelations", request_of(syncMarker=1)),
    ("getRelation", "<m:relationNumber>1001</m:relationNumber>"),
    ("getRelation", "<m:relationNumber>1</m:relationNumber>"),
    ("findRelation", "<m:relation><m:name>anna</m:name></m:relation>"),
    ("findRelation", "<m:relation><m:name>nobody</m:name></m:relation>"),
    (
        "findRelationV2",
        "<m:request><m:relation><m:name>x</m:name></m:relation></m:request>",
    ),
    ("getProducts", request_of(syncMarker=1)),
    ("getArticleGroups", request_of()),
    ("getArticleGroups", request_of(syncMarker=0, retrieveArticleNumbers="true")),
    ("getPaymentMethods", ""),
    (
        "getPaymentMethodsV2",
        request_of(includeBpeConfiguration="true", includeGiftcardType="true"),
    ),
    ("getVatGroupList", ""),
    ("getTurnoverGroups", request_of()),
    ("getBranches", ""),
    ("getEmployees", request_of()),
    ("getDeliveryMethods", ""),
    ("getCardCategories", ""),
]


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    return load_vendor_schema(tmp_path_factory.mktemp("schema"))


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=400, days=30) as running:
        first = running.do("receipts", sort="sale")["receipts"][0]
        running.do("change_receipt", receiptId=first["receiptId"], what="mail")
        running.do("close_day", branch=1, extra=[2])
        running.do("close_day", branch=2, date="2025-01-01", finalized=False)
        yield running


@pytest.fixture
def only_known_types(till):
    till.switch(unknown_receipt_types=False)
    yield
    till.switch(unknown_receipt_types=True)


def test_every_operation_is_among_the_calls():
    assert {name for name, _ in CALLS} == set(OPERATIONS)


@pytest.mark.usefixtures("only_known_types")
@pytest.mark.parametrize(("operation", "inside"), CALLS)
def test_answer_validates(till, schema, operation, inside):
    schema.assertValid(till.call(operation, inside))


def test_one_receipt_validates(till, schema):
    found = till.do("receipts", sort="settlement")["receipts"][0]

    answer = till.call("getReceipt", f"<m:receiptId>{found['receiptId']}</m:receiptId>")

    schema.assertValid(answer)


def test_found_relation_validates(till, schema):
    inside = "<m:relation><m:name>Bloemen &amp; Planten</m:name></m:relation>"
    answer = till.call("findRelation", inside)

    schema.assertValid(answer)
    assert answer.findtext(f"{NS}result") == "FIND-RELATION-RESULT-OK"


def test_only_the_unknown_receipt_type_is_not_in_the_vendors_schema(till, schema):
    assert not schema.validate(till.call("getReceipts", request_of(syncMarker=1)))

    complaints = {error.message for error in schema.error_log}
    assert all("receiptType" in each for each in complaints)
