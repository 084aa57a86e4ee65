"""Sync markers, filters and limits."""

from __future__ import annotations

import pytest

from tests.connectors.mplus.till import request_of, running_till, text, texts


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=100, days=4) as running:
        yield running


def test_markers_start_at_1_and_are_inclusive(till):
    assert till.markers(syncMarker=1, syncMarkerLimit=3) == [1, 2, 3]
    assert till.markers(syncMarker=99) == [99, 100]
    assert till.markers(syncMarker=101) == []


def test_without_a_marker_all_are_given(till):
    assert till.markers() == list(range(1, 101))


def test_limit_never_exceeds_the_services_own(till):
    till.switch(max_limit=7)
    try:
        assert len(till.receipts(syncMarkerLimit=50)) == 7
    finally:
        till.switch(max_limit=1000)


def test_current_markers_tell_the_highest(till):
    markers = till.call("getCurrentSyncMarkers")

    assert text(markers, "receiptSyncMarker") == "100"
    assert text(markers, "relationSyncMarker") == "204"
    assert text(markers, "invoiceSyncMarker") == "0"


def test_chosen_markers_are_only_those_asked_for(till):
    markers = till.call(
        "getCurrentSyncMarkersV2", request_of(includeReceiptSyncMarker="true")
    )

    assert [each.text for each in markers] == ["100"]


@pytest.mark.parametrize(
    ("wanted", "path", "values"),
    [
        ({"branchNumbers": [1, 3]}, "financialBranchNumber", {"1", "3"}),
        ({"employeeNumbers": [4]}, "employeeNumber", {"4"}),
        ({"relationNumbers": [1001, 1002]}, "relationNumber", {"1001", "1002"}),
    ],
)
def test_filters_narrow_the_answer(till, wanted, path, values):
    found = {text(each, path) for each in till.receipts(**wanted)}

    assert found <= values
    assert len(till.receipts(**wanted)) < 100


def date(day):
    return f"<m:day>{day}</m:day><m:mon>10</m:mon><m:year>2026</m:year>"


def test_financial_dates_are_inclusive(till):
    found = till.receipts(fromFinancialDate=date(29), throughFinancialDate=date(30))

    assert {text(each, "financialDate/day") for each in found} == {"29", "30"}


def test_articles_groups_and_plus_are_found_in_lines(till):
    by_group = till.receipts(articleTurnoverGroups=90)
    by_number = till.receipts(articleNumbers=9001)
    by_plu = till.receipts(articlePluNumbers="<m:text><m:text>9001</m:text></m:text>")

    assert by_group
    assert len(by_number) == len(by_plu)
    assert all("90" in texts(r, "lineList/line/data/turnoverGroup") for r in by_group)


def test_receipts_are_found_by_ids(till):
    ids = [text(each, "receiptId") for each in till.receipts()][3:5]

    found = till.receipts(receiptIds=[*ids, "unknown", ids[0]])

    assert [text(each, "receiptId") for each in found] == ids


def test_lines_are_left_out_when_asked(till):
    receipt = till.receipts(includeLineList="false")[0]

    assert receipt.find("{urn:mplusqapi}lineList") is None
    assert receipt.find("{urn:mplusqapi}paymentList") is not None


def test_one_receipt_by_id(till):
    wanted = text(till.receipts(syncMarker=5)[0], "receiptId")

    answer = till.call("getReceipt", f"<m:receiptId>{wanted}</m:receiptId>")

    assert text(answer, "result") == "GET-RECEIPT-RESULT-OK"
    assert text(answer, "receipt/syncMarker") == "5"


def test_unknown_receipt_is_no_fault(till):
    answer = till.call("getReceipt", "<m:receiptId>nothing</m:receiptId>")

    assert [each.text for each in answer] == ["GET-RECEIPT-RESULT-NOT-FOUND"]


def test_timestamps_tell_summer_time_and_offset(till):
    receipt = till.receipts()[0]

    assert text(receipt, "entryTimestamp/isdst") == "false"
    assert text(receipt, "entryTimestamp/timezone") == "60"


def find(till, inside, exact=None):
    if exact is None:
        answer = till.call("findRelation", f"<m:relation>{inside}</m:relation>")
    else:
        answer = till.call(
            "findRelationV2",
            f"<m:request><m:relation>{inside}</m:relation>"
            f"<m:exactMatch>{exact}</m:exactMatch></m:request>",
        )
    return text(answer, "result"), text(answer, "relation/relationNumber")


def test_relations_are_found_by_a_part_of_a_text(till):
    result, number = find(till, "<m:name>BAKKERIJ</m:name>")

    assert (result, number) == ("FIND-RELATION-RESULT-OK", "1001")


def test_exact_search_wants_the_whole_text(till):
    result, number = find(till, "<m:name>bakkerij</m:name>", exact="true")

    assert (result, number) == ("FIND-RELATION-RESULT-NOT-FOUND", None)


def test_search_terms_are_all_needed(till):
    both = "<m:name>Bakkerij</m:name><m:city>Nowhere</m:city>"

    assert find(till, both)[0] == "FIND-RELATION-RESULT-NOT-FOUND"


def test_search_without_terms_finds_nothing(till):
    assert find(till, "")[0] == "FIND-RELATION-RESULT-NOT-FOUND"


def test_inexact_search_by_number_is_exact(till):
    assert find(till, "<m:relationNumber>1005</m:relationNumber>")[1] == "1005"


def test_unknown_relation_still_has_its_element(till):
    answer = till.call("getRelation", "<m:relationNumber>7</m:relationNumber>")

    assert text(answer, "result") == "GET-RELATION-RESULT-NOT-FOUND"
    assert answer.find("{urn:mplusqapi}relation") is not None


def test_relations_page_by_marker(till):
    page = till.call("getRelations", request_of(syncMarker=10, syncMarkerLimit=2))[0]

    assert texts(page, "relation/syncMarker") == ["10", "11"]


def test_product_limit_counts_articles_and_gives_the_first_whole(till):
    page = till.call("getProducts", request_of(syncMarker=1, syncMarkerLimit=5))[0]
    more = till.call("getProducts", request_of(syncMarker=11, syncMarkerLimit=15))[0]

    assert len(texts(page, "product/articleList/article/articleNumber")) == 12
    assert len(texts(page, "product/productNumber")) == 1
    assert len(texts(more, "product/articleList/article/articleNumber")) == 15


def test_products_by_article_number_hold_that_article(till):
    page = till.call("getProducts", request_of(articleNumbers=1005))[0]
    whole = till.call(
        "getProducts",
        request_of(articleNumbers=1005, includeAllArticlesOfSelectedProducts="true"),
    )[0]

    assert texts(page, "product/articleList/article/articleNumber") == ["1005"]
    assert len(texts(whole, "product/articleList/article/articleNumber")) == 12


def test_products_by_plu_and_group(till):
    plu = "<m:text><m:text>2001</m:text></m:text>"
    by_plu = till.call("getProducts", request_of(pluNumbers=plu))[0]
    by_group = till.call("getProducts", request_of(groupNumbers=160))[0]

    assert texts(by_plu, "product/description") == ["Vaas 1"]
    assert len(by_group) == 6


def test_payment_methods_by_type(till):
    found = till.call(
        "getPaymentMethodsV2",
        request_of(
            paymentMethodTypes="PAYMENT-METHOD-TYPE-EFT", includeGiftcardType="true"
        ),
    )[0]

    assert texts(found, "paymentMethod/method") == ["PIN", "CREDITCARD"]


def test_gift_card_type_is_told_when_asked_for(till):
    plain = till.call("getPaymentMethods")[0]
    full = till.call("getPaymentMethodsV2", request_of(includeGiftcardType="true"))[0]

    assert texts(plain, "paymentMethod/giftcardType/name") == []
    assert texts(full, "paymentMethod/giftcardType/turnoverGroupNumber") == ["90", "91"]


def test_deleted_flag_of_groups_comes_only_with_a_marker(till):
    plain = till.call("getArticleGroups", request_of())[0]
    marked = till.call("getArticleGroups", request_of(syncMarker=0))[0]

    assert texts(plain, "articleGroups/isDeleted") == []
    assert set(texts(marked, "articleGroups/isDeleted")) == {"false"}
