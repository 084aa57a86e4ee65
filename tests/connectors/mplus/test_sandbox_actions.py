"""What the control endpoint does to the till, and what outlives a restart."""

from __future__ import annotations

import pytest

from connectors.mplus.sandbox.seed.later_sorts import ALL_SORTS
from tests.connectors.mplus.till import running_till, text, texts


@pytest.fixture
def till():
    with running_till(receipts=100) as running:
        yield running


def full(till, found):
    dump = till.do("receipts", since=found["syncMarker"], full=True)["receipts"]
    return dump[0]["receipt"]


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_every_sort_can_be_rung_up(till, sort):
    found = till.do("ring_up", sort=sort)

    assert (found["sort"], found["syncMarker"]) == (sort, 101)
    assert till.markers(syncMarker=101) == [101]


def test_a_sale_is_rung_up_as_told(till):
    found = till.do(
        "ring_up",
        lines=[{"article": 2001, "quantity": 2, "price": 1000, "discount": 10}],
        payments=[{"method": "PIN", "amount": 1800}],
        relation=1003,
        branch=2,
        till=1,
        date="2026-10-15",
        reference="told",
    )
    receipt = full(till, found)

    assert receipt["totalInclAmount"] == 1800
    assert receipt["relationNumber"] == 1003
    assert receipt["financialDate"] == "2026-10-15"
    assert (receipt["financialBranchNumber"], receipt["workplaceNumber"]) == (2, 1)
    assert receipt["reference"] == "told"


def test_payment_without_an_amount_pays_what_is_due(till):
    found = till.do(
        "ring_up",
        lines=[{"article": 2001, "price": 1003}],
        payments=[{"method": "CONTANT"}],
    )

    assert (found["totalInclAmount"], found["paidAmount"]) == (1003, 1005)


@pytest.mark.parametrize(
    ("action", "payload", "words"),
    [
        ("ring_up", {"sort": "nonsense"}, "no sort nonsense"),
        ("ring_up", {"lines": [{"article": 1}]}, "no article 1"),
        ("ring_up", {"relation": 5}, "no relation 5"),
        ("ring_up", {"payments": [{}]}, "cannot use"),
        ("ring_up", {"date": "soon"}, "Not valid"),
        ("change_receipt", {"receiptId": "x"}, "no receipt x"),
        ("edit_relation", {"relationNumber": 5}, "no relation 5"),
        ("edit_relation", {"relationNumber": 1001, "nam": "x"}, "has no nam"),
        ("fly", {}, "no action fly"),
    ],
)
def test_nonsense_is_refused_in_words(till, action, payload, words):
    assert words in till.refuse(action, **payload)


def first(till, sort):
    return till.do("receipts", sort=sort)["receipts"][0]


def test_mail_event_changes_the_marker_and_nothing_else(till):
    before = first(till, "sale")
    original = full(till, before)
    changed = till.do("change_receipt", receiptId=before["receiptId"], what="mail")
    receipt = full(till, changed)

    assert changed["syncMarker"] == 101
    event = receipt.pop("timelineEvents")["event"][0]
    assert event["type"] == "MAIL-SENT"
    expected = {**original, "syncMarker": 101, "changeCounter": 2}
    assert receipt == expected


def test_mail_events_are_sent_only_when_asked_for(till):
    receipt_id = first(till, "sale")["receiptId"]
    till.do("change_receipt", receiptId=receipt_id, what="mail")
    plain = till.receipts(syncMarker=101)[0]
    asked = till.receipts(syncMarker=101, includeLastMailTimelineEvents="true")[0]

    assert texts(plain, "timelineEvents/event/type") == []
    assert texts(asked, "timelineEvents/event/type") == ["MAIL-SENT"]


@pytest.mark.parametrize(
    "sort", ["sale", "cash_rounding", "several_tenders", "on_account"]
)
def test_changed_lines_still_add_up(till, sort):
    before = first(till, sort)
    changed = till.do("change_receipt", receiptId=before["receiptId"], what="lines")
    receipt = full(till, changed)

    paid = sum(each["amount"] for each in receipt["paymentList"]["payment"])
    assert receipt["totalInclAmount"] != before["totalInclAmount"]
    assert abs(paid - receipt["totalInclAmount"]) <= 2
    assert receipt["paidAmount"] == paid
    assert receipt["versionNumber"] == 2


def test_lines_can_be_replaced(till):
    before = first(till, "sale")
    lines = [{"article": 2001, "price": 700}]
    changed = till.do("change_receipt", receiptId=before["receiptId"], lines=lines)

    assert (changed["totalInclAmount"], changed["paidAmount"]) == (700, 700)


def test_changed_tender_keeps_the_amount(till):
    before = full(till, first(till, "on_account"))
    till.do("change_receipt", receiptId=before["receiptId"], what="tenders")
    payment = till.receipts(syncMarker=101)[0]

    assert text(payment, "paymentList/payment/method") == "PIN"
    assert text(payment, "paidAmount") == str(before["paidAmount"])


def test_tenders_can_be_replaced(till):
    before = first(till, "sale")
    payments = [{"method": "PIN", "amount": 100}, {"method": "CONTANT", "amount": 5}]
    changed = till.do(
        "change_receipt",
        receiptId=before["receiptId"],
        what="tenders",
        payments=payments,
    )

    assert changed["paidAmount"] == 105


def test_unknown_change_is_refused(till):
    receipt_id = first(till, "sale")["receiptId"]

    assert "what is one of" in till.refuse("change_receipt", receiptId=receipt_id)


def test_outstanding_receipt_is_finished(till):
    before = first(till, "not_final")
    done = till.do("finish_receipt", receiptId=before["receiptId"], date="2026-10-31")

    assert done["state"] == "RECEIPT-STATE-PAID"
    assert done["paidAmount"] == done["totalInclAmount"]
    assert done["syncMarker"] == 101


def test_finished_receipt_cannot_be_finished_again(till):
    receipt_id = first(till, "not_final")["receiptId"]
    till.do("finish_receipt", receiptId=receipt_id, method="CONTANT")

    assert "paid already" in till.refuse("finish_receipt", receiptId=receipt_id)


def test_changed_receipt_is_given_once_under_its_new_marker(till):
    newest = till.do("receipts")["receipts"][-1]
    till.do("change_receipt", receiptId=newest["receiptId"], what="mail")

    assert till.markers() == [*range(1, 100), 101]


def test_edited_relation_gets_the_next_marker(till):
    till.do("edit_relation", relationNumber=1004, email="new@example.com")
    found = till.call(
        "findRelation", "<m:relation><m:email>new@example.com</m:email></m:relation>"
    )

    assert text(found, "relation/relationNumber") == "1004"
    assert text(found, "relation/syncMarker") == "205"


def test_many_receipts_of_every_sort_are_added(till):
    added = till.do("add_receipts", count=len(ALL_SORTS), every_sort=True)["receipts"]

    assert {each["sort"] for each in added} == set(ALL_SORTS)
    assert till.markers(syncMarker=101)[-1] == 100 + len(ALL_SORTS)


def test_state_outlives_a_restart(tmp_path):
    path = str(tmp_path / "till.sqlite")
    with running_till(state_file=path) as till:
        till.do("ring_up", sort="sale")
        till.do("edit_relation", relationNumber=1001, name="Renamed")
        before = till.do("receipts", full=True)
    with running_till(state_file=path) as till:
        after = till.do("receipts", full=True)
        name = till.call("getRelation", "<m:relationNumber>1001</m:relationNumber>")
        following = till.do("ring_up", sort="sale")

    assert after == before
    assert text(name, "relation/name") == "Renamed"
    assert following["syncMarker"] == 102


def test_markers_do_not_go_back_over_a_restart(tmp_path):
    path = str(tmp_path / "till.sqlite")
    with running_till(state_file=path) as till:
        newest = till.do("receipts")["receipts"][-1]
        till.do("change_receipt", receiptId=newest["receiptId"], what="mail")
    with running_till(state_file=path) as till:
        assert till.do("ring_up")["syncMarker"] == 102


def test_numbers_go_on_after_a_restart(tmp_path):
    path = str(tmp_path / "till.sqlite")
    with running_till(state_file=path) as till:
        before = till.do("ring_up", branch=1, till=1)
    with running_till(state_file=path) as till:
        after = till.do("ring_up", branch=1, till=1)

    last = [int(each["transactionString"].split("-")[-1]) for each in (before, after)]
    assert last[1] == last[0] + 1


def test_reset_seeds_again(till):
    seeded = till.do("receipts", full=True)
    till.do("ring_up")
    till.http.post(f"{till.url}/_sandbox/reset", json={})

    assert till.do("receipts", full=True) == seeded
