"""The seeded shop: the same every time, with every sort, and sums that hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from stdnum.eu import vat

import connectors.mplus.sandbox.app
import integration_hub.demo
from connectors.mplus.sandbox.seed import receipts
from connectors.mplus.sandbox.seed.later_sorts import (
    ALL_SORTS,
    LATER_SORTS,
    RARE_SORTS,
)
from connectors.mplus.sandbox.seed.moments import MAX_DAYS
from connectors.mplus.sandbox.seed.sorts import DAILY_SORTS
from tests.connectors.mplus.till import request_of, running_till, text, texts

SHOP = json.loads(
    (Path(integration_hub.demo.__file__).parent / "shop.json").read_text()
)
ODD = {
    "tip",
    "tip_several_tenders",
    "not_final",
    "outstanding_with_relation",
    "outstanding_no_relation",
    "outstanding_credit",
    "own_use_line",
    "part_own_use_line",
    "unreadable_lines",
    "unreadable_tenders",
}


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=600, days=30) as running:
        yield running


@pytest.fixture(scope="module")
def dump(till):
    return till.do("receipts", full=True)["receipts"]


def payments_of(receipt):
    return receipt["paymentList"]["payment"]


def lines_of(receipt):
    return [line["data"] for line in receipt["lineList"]["line"]]


def of_sort(dump, sort):
    return [each["receipt"] for each in dump if each["sort"] == sort]


def test_every_sort_is_there(dump):
    assert {each["sort"] for each in dump} == set(ALL_SORTS)


def test_daily_sorts_are_at_least_one_per_cent(dump):
    counts = Counter(each["sort"] for each in dump)

    assert min(counts[sort] for sort in DAILY_SORTS) >= 6


def test_sorts_for_later_are_few(dump):
    counts = Counter(each["sort"] for each in dump)

    assert sum(counts[sort] for sort in LATER_SORTS) <= 0.06 * 600


def test_rare_sorts_leave_the_others_as_they_are(dump, monkeypatch):
    monkeypatch.setattr(receipts, "place_rare_sorts", lambda sorts: {})
    with running_till(receipts=600, days=30) as plain:
        before = plain.do("receipts", full=True)["receipts"]

    changed = [
        each["sort"]
        for each, other in zip(dump, before, strict=True)
        if each["receipt"] != other["receipt"]
    ]
    assert Counter(changed) == dict.fromkeys(RARE_SORTS, 1)


def test_small_seeds_have_no_rare_sorts():
    with running_till(receipts=299, days=30) as small:
        sorts = {each["sort"] for each in small.do("receipts")["receipts"]}

    assert sorts == set(ALL_SORTS) - set(RARE_SORTS)


def test_about_half_have_one_tender(dump):
    single = [each for each in dump if len(payments_of(each["receipt"])) == 1]
    plain = {"sale", "cash_rounding", "discount", "weighed", "deposit_lines"}

    assert 0.4 < sum(each["sort"] in plain for each in single) / len(dump) < 0.6


def test_two_tills_seeded_alike_are_alike(dump):
    with running_till(receipts=600, days=30) as other:
        assert other.do("receipts", full=True)["receipts"] == dump


def test_last_day_is_fixed(dump):
    days = {each["financialDate"] for each in dump if each["sort"] != "new_year_night"}

    assert (min(days), max(days), len(days)) == ("2026-10-02", "2026-10-31", 30)


def test_a_seed_longer_than_the_year_is_refused():
    with pytest.raises(ValueError, match=f"1 to {MAX_DAYS}"), running_till(days=400):
        pass


def test_without_seed_there_are_cards_and_no_receipts():
    with running_till(seed=0, receipts=None) as empty:
        assert empty.receipts() == []
        assert len(empty.call("getRelations", request_of())[0]) == 204


def test_another_seed_is_another_day(dump):
    with running_till(seed=2, receipts=600, days=30) as other:
        ids = {each["receiptId"] for each in other.do("receipts")["receipts"]}

    assert ids.isdisjoint(each["receiptId"] for each in dump)


def test_a_seed_rings_up_300_receipts():
    with running_till(receipts=None) as till:
        assert len(till.markers()) == 300


def test_receipt_numbers_count_per_till(dump):
    printed = [each["transactionString"] for each in dump]
    numbers = [each["receipt"]["receiptNumber"] for each in dump]

    assert len(set(printed)) == len(dump)
    tills = {(each["branchNumber"], each["workplaceNumber"]) for each in numbers}
    assert tills == {(branch, till) for branch in (1, 2, 3) for till in (1, 2)}


def test_night_sales_keep_the_books_date(dump):
    nights = [each["receipt"] for each in dump if "night" in each["features"]]

    assert nights
    for receipt in nights:
        assert receipt["entryTimestamp"][:10] > receipt["financialDate"]
        assert receipt["entryTimestamp"][11:13] < "04"


def test_identity_holds_on_everything_readable(dump):
    for each in dump:
        if each["sort"] in ODD:
            continue
        receipt = each["receipt"]
        cent = receipt["totalInclAmount"] - sum_incl(receipt)
        paid = sum(payment["amount"] for payment in payments_of(receipt))
        rounded = paid - receipt["totalInclAmount"]
        exclusive = receipt["vatMethod"] == "VAT-METHOD-EXCLUSIVE"
        assert abs(cent) <= exclusive, each
        assert rounded == 0 or (abs(rounded) <= 2 and paid % 5 == 0), each
        assert receipt["paidAmount"] == paid


def sum_incl(receipt):
    return sum(data["totalInclAmount"] for data in lines_of(receipt))


def test_cash_always_makes_the_paid_total_a_multiple_of_5_cents(dump):
    for each in dump:
        payments = payments_of(each["receipt"])
        if any(payment["method"] == "CONTANT" for payment in payments):
            assert sum(payment["amount"] for payment in payments) % 5 == 0, each


def test_vat_groups_and_lines_without_a_code_make_the_total(dump):
    for each in dump:
        receipt = each["receipt"]
        groups = receipt["vatGroupList"]["vatGroup"]
        total = sum(group["exclAmount"] + group["vatAmount"] for group in groups)
        bare = [data for data in lines_of(receipt) if not data["vatCode"]]
        total += sum(data["totalInclAmount"] for data in bare)
        assert total == receipt["totalInclAmount"], each


def test_lines_excl_vat_are_rounded_one_by_one(dump):
    off = [
        each
        for each in of_sort(dump, "sale")
        if sum(data["totalExclAmount"] for data in lines_of(each))
        != each["totalExclAmount"]
    ]

    assert off


@pytest.mark.parametrize("sort", ["refund", "credit_on_account"])
def test_credit_receipts_name_a_receipt_that_exists(dump, sort):
    known = {each["receiptId"]: each["receipt"] for each in dump}
    named = [each for each in of_sort(dump, sort) if "creditedReceiptId" in each]

    assert named
    for receipt in named:
        original = known[receipt["creditedReceiptId"]]
        assert original["syncMarker"] < receipt["syncMarker"]
        assert receipt["receiptType"] == "RECEIPT-TYPE-CREDIT-RECEIPT"
        assert receipt["totalInclAmount"] < 0


def test_cent_left_is_a_cent(dump):
    cents = {
        each["totalInclAmount"] - sum_incl(each) for each in of_sort(dump, "cent_left")
    }

    assert cents == {-1, 1}


def test_zero_sale_has_nothing_in_it(dump):
    for receipt in of_sort(dump, "zero_sale"):
        assert payments_of(receipt) == []
        assert {data["totalInclAmount"] for data in lines_of(receipt)} == {0}


@pytest.mark.parametrize("sort", ["on_account", "part_on_account", "settlement"])
def test_what_is_on_account_has_a_relation(dump, sort):
    assert all(each["relationNumber"] for each in of_sort(dump, sort))


def test_reverse_charge_shifts_the_vat(dump):
    for receipt in of_sort(dump, "reverse_charge"):
        groups = receipt["vatGroupList"]["vatGroup"]
        assert receipt["vatMethod"] == "VAT-METHOD-SHIFTED"
        assert {group["vatAmount"] for group in groups} == {0}


def test_change_is_a_negative_payment_of_the_same_method(dump):
    for receipt in of_sort(dump, "change"):
        cash = [p["amount"] for p in payments_of(receipt) if p["method"] == "CONTANT"]
        assert len(cash) == 2
        assert cash[0] > 0 > cash[1]


def test_the_shop_is_the_one_that_the_demo_chose(till):
    branches = till.call("getBranches")[0]
    methods = till.call("getPaymentMethods")[0]
    groups = till.call("getVatGroupList")

    assert texts(branches, "branch/branchName") == [
        each["name"] for each in SHOP["branches"].values()
    ]
    assert texts(methods, "paymentMethod/method") == list(SHOP["tenders"])
    rates = {(text(g, "vatCode"), text(g, "vatPercentage")) for g in groups}
    assert rates == {
        (each["code"], f"{int(each['rate']) * 100}") for each in SHOP["vat"]
    }


def test_there_are_407_articles_and_a_third_are_variants(till):
    request = request_of(syncMarkerLimit=1000)
    articles = till.call("getProducts", request)[0].findall(".//{urn:mplusqapi}article")

    assert len(articles) == 407
    assert 130 <= sum(text(each, "colour") is not None for each in articles) <= 136
    assert sum(text(each, "siUnit") == "kg" for each in articles) == 36


def test_relations_are_as_shops_keep_them(till):
    relations = till.call("getRelations", request_of())[0]
    emails = Counter(text(each, "email") for each in relations)
    numbers = [text(each, "vatNumber") for each in relations]

    assert len(relations) == 204
    assert emails[""] > 20
    assert max(count for email, count in emails.items() if email) == 2
    assert {number[:2] for number in numbers if number} == {"NL", "BE", "DE", "FR"}
    assert all(vat.is_valid(number) for number in numbers if number)


def test_the_built_in_employee_is_there(till):
    employees = till.call("getEmployees", request_of(employeeNumbers=999999))[0]

    assert texts(employees, "employee/name") == ["Beheerder"]


def test_article_groups_have_two_levels(till):
    groups = till.call("getArticleGroups", request_of())[0]

    assert len(groups) == 4
    assert all(texts(each, "subGroupList/articleGroups/name") for each in groups)


def test_readme_names_every_sort_switch_and_action(till):
    readme = (
        Path(connectors.mplus.sandbox.app.__file__).parent / "README.md"
    ).read_text()
    actions = till.refuse("nothing").partition("there are ")[2].rstrip(".").split(", ")

    named = [*ALL_SORTS, *connectors.mplus.sandbox.app.SWITCHES, *actions]
    assert [name for name in named if f"`{name}`" not in readme] == []
