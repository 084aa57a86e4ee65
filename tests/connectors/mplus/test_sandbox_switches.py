"""Switches for what is unproven about the vendor's service."""

from __future__ import annotations

import pytest

from tests.connectors.mplus.till import request_of, running_till, text, texts


@pytest.fixture
def till():
    with running_till(receipts=100) as running:
        yield running


def test_percentages_are_times_100_or_plain(till):
    before = {text(g, "vatPercentage") for g in till.call("getVatGroupList")}
    till.switch(percent_times_100=False)
    after = {text(g, "vatPercentage") for g in till.call("getVatGroupList")}

    assert before == {"2100", "900", "0"}
    assert after == {"21", "9", "0"}


def test_discounts_follow_the_same_switch(till):
    till.switch(percent_times_100=False)
    found = till.receipts()

    path = "lineList/line/data/discountPercentage"
    percentages = {each for receipt in found for each in texts(receipt, path)}
    assert percentages <= {"0", "10", "20", "25", "50", "100"}


def test_one_item_pages(till):
    till.switch(one_item_pages=True)

    assert till.markers(syncMarker=3) == [3]
    assert len(till.call("getRelations", request_of())[0]) == 1


def test_shuffled_page_selects_the_lowest(till):
    till.switch(page_order="shuffled_page")
    markers = till.markers(syncMarker=11, syncMarkerLimit=20)

    assert sorted(markers) == list(range(11, 31))
    assert markers != sorted(markers)


def test_shuffled_selects_any(till):
    till.switch(page_order="shuffled")
    markers = till.markers(syncMarker=1, syncMarkerLimit=10)

    assert len(markers) == 10
    assert max(markers) > 20
    assert till.markers(syncMarker=1, syncMarkerLimit=10) == markers


def test_unknown_page_order_is_refused(till):
    reply = till.http.post(f"{till.url}/_sandbox/switches", json={"page_order": "up"})

    assert reply.status_code == 400


def test_unknown_fields_come_in_the_middle(till):
    till.switch(unknown_fields=True)
    receipt = till.receipts()[0]
    names = [each.tag.removeprefix("{urn:mplusqapi}") for each in receipt]

    assert 0 < names.index("addedLater") < names.index("paymentList")
    assert text(receipt, "addedGroup/value") == "1"


def test_unknown_values_spare_gift_cards(till):
    till.switch(unknown_enums=True)
    path = "lineList/line/data/priceType"
    values = {each for receipt in till.receipts() for each in texts(receipt, path)}

    assert values == {"PRICE-TYPE-ADDED-LATER", "PRICE-TYPE-GIFT-CARD"}


def test_unknown_receipt_types_can_be_left_out(till):
    unknown = till.do("receipts", sort="unknown_type")["receipts"][0]
    till.switch(unknown_receipt_types=False)
    types = {text(each, "receiptType") for each in till.receipts()}
    inside = f"<m:receiptId>{unknown['receiptId']}</m:receiptId>"

    assert "RECEIPT-TYPE-TABLE-TRANSFER" not in types
    assert "NOT-FOUND" in text(till.call("getReceipt", inside), "result")


def test_late_markers_are_overtaken_by_higher_ones(till):
    till.switch(late_markers=3)

    assert till.markers(syncMarker=95) == [95, 96, 100]
    assert text(till.call("getCurrentSyncMarkers"), "receiptSyncMarker") == "100"


def test_late_receipt_is_not_found_by_id_either(till):
    late = till.do("receipts")["receipts"][98]
    till.switch(late_markers=3)
    inside = f"<m:receiptId>{late['receiptId']}</m:receiptId>"

    assert "NOT-FOUND" in text(till.call("getReceipt", inside), "result")


def test_late_markers_appear_after_some_calls(till):
    till.switch(late_markers=2, late_calls=2)

    assert till.markers(syncMarker=98) == [100]
    assert till.markers(syncMarker=98) == [100]
    assert till.markers(syncMarker=98) == [98, 99, 100]


def test_late_markers_appear_when_released(till):
    till.switch(late_markers=2)
    till.receipts()

    assert till.do("show_late") == {"shown": 2}
    assert till.markers(syncMarker=98) == [98, 99, 100]


def test_late_markers_end_with_their_switch(till):
    till.switch(late_markers=2)
    till.receipts()
    till.switch(late_markers=0)

    assert till.markers(syncMarker=98) == [98, 99, 100]


def test_new_sales_are_visible_beside_late_ones(till):
    till.switch(late_markers=1)
    till.receipts()
    till.do("ring_up")

    assert till.markers(syncMarker=98) == [98, 100, 101]
