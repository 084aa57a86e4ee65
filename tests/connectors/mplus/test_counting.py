"""Cash counts: read by day without losing one, and the days that they close."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.datamodel import OrderType, TenderType, Unreadable
from connectors.mplus.counting import (
    Closings,
    DayPosition,
    find_count,
    read_counts,
    rewind_days,
)
from connectors.mplus.sources.counts import read_cash_count
from connectors.plain import content_hash, from_json, to_json
from integration_hub.core.errors import AuthError, ConfigError, NotFound
from tests.connectors.mplus.reader import (
    DAY,
    SHOP,
    open_till,
    read,
    read_all,
    wire_line,
    wire_payment,
    wire_receipt,
)
from tests.connectors.mplus.till import running_till

TODAY = date(2026, 11, 20)


def wire_day(day):
    return {"day": day.day, "mon": day.month, "year": day.year}


def wire_time(day, hour=23):
    return wire_day(day) | {
        "hour": hour,
        "min": 0,
        "sec": 0,
        "isdst": False,
        "timezone": 60,
    }


def wire_count(day=date(2026, 10, 31), number=1, *, lines=(), **values):
    return {
        "cashCountId": f"c-{day}-{number}",
        "cashCountString": f"1-2-2026-{number}",
        "financialDate": wire_day(day),
        "entryTimestamp": wire_time(day),
        "branchNumber": 1,
        "workplaceNumber": 2,
        "cashCountNumber": {"year": 2026, "number": number},
        "versionNumber": 3,
        "employeeNumber": 4,
        "isFinalized": True,
        "cashCountLineList": {"cashCountLine": list(lines)},
        **values,
    }


def wire_count_line(method="CONTANT", **values):
    return {
        "paymentMethod": method,
        "startAmount": 10000,
        "addedAmount": 5000,
        "countedAmount": 14850,
        "depositedAmount": 4850,
        "differenceAmount": -150,
        "endAmount": 10000,
        **values,
    }


class FakeTill:
    """Cash counts in memory; remembers which days it was asked for."""

    def __init__(self, counts):
        self.counts = counts
        self.asked = []

    def cash_counts(self, *, start, end):
        self.asked.append((start, end))
        return self.counts


def read_days(till, position=None, limit=200):
    position = position or DayPosition()
    found = []
    for _ in range(1000):
        batch = read_counts(till, DayPosition.parse(str(position)), limit, today=TODAY)
        assert len(batch.records) <= limit
        found += [each["cashCountId"] for each in batch.records]
        position = batch.position
        if not batch.more:
            return found, position
    raise AssertionError("no end")


def make_counts(days=60, tills=3):
    return [
        wire_count(TODAY - timedelta(days=offset), number)
        for offset in range(days)
        for number in range(1, tills + 1)
    ]


def test_a_cash_count_becomes_an_order_with_a_tender_per_method():
    order = read_cash_count(wire_count(lines=[wire_count_line()]), shop=SHOP)

    assert order.type is OrderType.CASH_COUNT
    assert (order.id, order.version) == ("c-2026-10-31-1", "3")
    assert (order.date, order.branch, order.till) == (date(2026, 10, 31), "1", "2")
    assert (order.number, order.reference) == (None, "1-2-2026-1")
    [tender] = order.tenders
    assert (tender.method, tender.type) == ("CONTANT", TenderType.CASH)
    assert (tender.amount, tender.extra["banked"]) == (
        Decimal("-1.50"),
        Decimal("48.50"),
    )
    assert order.total_incl == Decimal("-1.50")
    assert order.country == "NL"


@pytest.mark.parametrize(
    ("values", "amount", "banked"),
    [
        ({"differenceAmount": 150}, "-1.50", "48.50"),
        ({"depositedAmount": -4850}, "-1.50", "48.50"),
        ({"countedAmount": 15150, "endAmount": 10300}, "1.50", "48.50"),
        ({"differenceAmount": 70, "endAmount": 0}, "0.70", "48.50"),
        ({"endAmount": "broken"}, "-1.50", "48.50"),
    ],
    ids=["turned", "bank turned", "over", "sums tell nothing", "broken"],
)
def test_signs_of_a_count_follow_its_sums(values, amount, banked):
    record = wire_count(lines=[wire_count_line(**values)])
    [tender] = read_cash_count(record, shop=SHOP).tenders

    assert (tender.amount, tender.extra["banked"]) == (Decimal(amount), Decimal(banked))


def test_another_banked_amount_is_another_content():
    first, second = (
        read_cash_count(wire_count(lines=[wire_count_line(**each)]), shop=SHOP)
        for each in ({}, {"depositedAmount": 4000, "endAmount": 10850})
    )

    assert content_hash(first) != content_hash(second)
    assert from_json(to_json(first)) == first


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"financialDate": {"day": 0, "mon": 0, "year": 0}}, "no_date"),
        ({"financialDate": {"day": 31, "mon": 2, "year": 2026}}, "date"),
        ({"cashCountId": ""}, "no_id"),
        ({"cashCountString": "", "branchNumber": None}, "number"),
    ],
)
def test_a_count_that_makes_no_sense_is_unreadable(values, code):
    found = read_cash_count(wire_count(**values), shop=SHOP)

    assert isinstance(found, Unreadable)
    assert found.code == code
    assert found.number


def test_a_page_of_none_holds_one():
    till = FakeTill(make_counts(days=2))
    assert len(read_counts(till, DayPosition(), 0, today=TODAY).records) == 1


@pytest.mark.parametrize("limit", [1, 2, 7, 200])
def test_every_count_is_read_once(limit):
    till = FakeTill(make_counts())
    found, position = read_days(till, limit=limit)

    assert sorted(found) == sorted(each["cashCountId"] for each in till.counts)
    assert position == DayPosition(day=TODAY.isoformat())


def test_a_till_without_counts_is_asked_for_months_at_a_time():
    till = FakeTill([])
    found, position = read_days(till)

    assert found == []
    assert len(till.asked) < 75
    again, _ = read_days(FakeTill(make_counts(days=80)), rewind_days(position))
    assert len(again) == 80 * 3


def test_drafts_come_once_they_are_final():
    old = wire_count(TODAY - timedelta(days=70), 9, isFinalized=False)
    till = FakeTill([old, *make_counts(days=10)])
    first, position = read_days(till)
    old["isFinalized"] = True
    second, _ = read_days(till, rewind_days(position))

    assert old["cashCountId"] not in first
    assert old["cashCountId"] in second


def test_a_draft_is_not_waited_for_for_ever():
    old = wire_count(TODAY - timedelta(days=900), 9, isFinalized=False)
    _, position = read_days(FakeTill([old, *make_counts(days=3)]))

    assert rewind_days(position).start > TODAY - timedelta(days=125)


def test_counts_of_a_server_without_the_flag_are_final():
    record = wire_count()
    del record["isFinalized"]

    assert read_days(FakeTill([record]))[0] == [record["cashCountId"]]


def test_a_count_with_a_broken_date_does_not_hide_the_others():
    broken = wire_count(number=5, financialDate=wire_day(TODAY) | {"mon": 13})
    found, _ = read_days(FakeTill([broken, *make_counts(days=2)]))

    assert len(found) == 7


def test_one_count_is_found_by_its_id():
    till = FakeTill(make_counts(days=300))
    wanted = till.counts[-1]

    assert find_count(till, wanted["cashCountId"], today=TODAY) == wanted
    with pytest.raises(NotFound):
        find_count(till, "none", today=TODAY)


@pytest.mark.parametrize("cursor", ["x", "5", '{"day": "soon"}', '{"other": 1}'])
def test_a_cursor_that_is_none_is_refused(cursor):
    with pytest.raises(ConfigError) as caught:
        DayPosition.parse(cursor)
    assert caught.value.code == "cursor"


def open_receipt(*, entered=None, **values):
    return read(
        wire_receipt(
            [wire_line(1000)],
            [wire_payment("PIN", 400)],
            state="RECEIPT-STATE-PARTLY-PAID",
            entryTimestamp=entered or wire_time(date(2026, 10, 31), 14),
            **values,
        )
    )


CLOSING = {
    "its own": ({}, {}, True),
    "a draft": ({"isFinalized": False}, {}, False),
    "another till's": ({"workplaceNumber": 1}, {}, False),
    "another branch's": ({"branchNumber": 2}, {}, False),
    "of the branch it was entered at": (
        {"branchNumber": 2},
        {"entryBranchNumber": 2},
        True,
    ),
    "one that counts the till too": (
        {"workplaceNumber": 1, "extraWorkplaceNumbers": [2]},
        {},
        True,
    ),
    "earlier on the day": (
        {"entryTimestamp": wire_time(date(2026, 10, 31), 12)},
        {},
        False,
    ),
    "before a late receipt": (
        {},
        {"entered": wire_time(date(2026, 11, 3), 14)},
        True,
    ),
    "before a receipt of the same night": (
        {},
        {"entered": wire_time(date(2026, 11, 1), 1)},
        False,
    ),
    "before a receipt of the morning after": (
        {},
        {"entered": wire_time(date(2026, 11, 1), 9)},
        True,
    ),
    "at night, of an evening": (
        {"entryTimestamp": wire_time(date(2026, 11, 1), 2)},
        {},
        True,
    ),
    "without a time": ({"entryTimestamp": None}, {}, True),
    "with a broken time": (
        {"entryTimestamp": wire_time(date(2026, 10, 31), 30)},
        {},
        True,
    ),
    "of another day": ({"financialDate": DAY | {"day": 30}}, {}, False),
}


@pytest.mark.parametrize(("count", "receipt", "closed"), CLOSING.values(), ids=CLOSING)
def test_an_open_receipt_is_final_once_its_day_is_counted(count, receipt, closed):
    order = open_receipt(**receipt)
    assert not order.final
    [found] = Closings(FakeTill([wire_count(**count)])).close([order])

    assert found.final is closed
    assert found.outstanding == Decimal("6.00")


def test_paid_receipts_do_not_ask_for_counts():
    till = FakeTill([])
    paid = read(wire_receipt([wire_line(1000)], [wire_payment("PIN", 1000)]))
    Closings(till).close([paid])

    assert till.asked == []


def test_counts_are_asked_for_once():
    till = FakeTill([])
    closings = Closings(till)
    closings.close([open_receipt()])
    closings.close([open_receipt(), open_receipt()])

    assert till.asked == [(date(2026, 10, 31), date(2026, 10, 31))]


def test_open_receipts_a_year_apart_are_asked_for_apart():
    till = FakeTill([])
    days = [DAY, DAY | {"day": 30}, DAY | {"year": 2025}]
    Closings(till).close([open_receipt(financialDate=day) for day in days])

    assert till.asked == [
        (date(2025, 10, 31), date(2025, 10, 31)),
        (date(2026, 10, 30), date(2026, 10, 31)),
    ]


# ---------------------------------------------------------------- on the sandbox


@pytest.fixture
def till():
    with running_till(receipts=60) as running:
        yield running


def counts_of(till):
    return read_all(open_till(till.url), feed="cash_counts")


def test_a_closed_day_is_read_with_difference_and_banked_money(till):
    [told] = till.do(
        "close_day",
        branch=1,
        till=2,
        differences={"CONTANT": -250},
        banked={"CONTANT": 2000},
    )["cashCounts"]
    [order], cursor = counts_of(till)
    by_method = {tender.method: tender for tender in order.tenders}

    assert order.id == told["cashCountId"]
    assert order.date == date(2026, 10, 31)
    assert by_method["CONTANT"].amount == Decimal("-2.50")
    assert by_method["CONTANT"].extra["banked"] == Decimal("20.00")
    assert order.total_incl == Decimal("-2.50")
    connector = open_till(till.url)
    assert connector.read_one("cash_counts", order.id) == order
    again, _ = read_all(
        connector, connector.rewind("cash_counts", cursor), feed="cash_counts"
    )
    assert again == [order]


def test_a_day_counted_again_is_a_new_version_of_the_same_count(till):
    till.do("close_day", branch=1, till=1)
    till.do("close_day", branch=1, till=1, differences={"CONTANT": 5})
    [order], _ = counts_of(till)

    assert (order.version, order.total_incl) == ("2", Decimal("0.05"))


def test_drafts_are_no_documents(till):
    till.do("close_day", finalized=False)

    assert counts_of(till)[0] == []


@pytest.mark.parametrize("switch", ["none", "unknown"])
def test_a_till_without_cash_counts_is_read_as_before(till, switch):
    rung_up = till.do("ring_up", sort="not_final")
    till.do("close_day")
    till.switch(cash_counts=switch)
    connector = open_till(till.url)

    assert counts_of(till)[0] == []
    assert not connector.read_one("receipts", rung_up["receiptId"]).final


def test_a_login_that_may_not_read_counts_is_told(till):
    rung_up = till.do("ring_up", sort="not_final")
    till.do("close_day")
    till.switch(cash_counts="refused")
    connector = open_till(till.url)

    with pytest.raises(ConfigError, match="may not read cash counts") as caught:
        counts_of(till)
    assert caught.value.system == connector.account.name
    assert "Ask MplusKASSA" in caught.value.action
    assert not connector.read_one("receipts", rung_up["receiptId"]).final
    found = connector.check()
    assert found.ok
    [warning] = found.warnings
    assert "may not read cash counts" in warning
    assert "waits for ever" in warning


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_is_refused_for_counts_only(till, status):
    rule = {"action": "status", "match": "getCashCountList", "status": status}
    reply = till.http.post(f"{till.url}/_sandbox/faults", json=rule)
    assert reply.status_code == 200

    with pytest.raises(ConfigError, match="may not read cash counts"):
        counts_of(till)


def test_a_login_that_is_wrong_is_no_missing_permission(till):
    login = {"ident": "sandbox", "secret": "wrong"}
    connector = open_till(till.url, credentials=login)
    with pytest.raises(AuthError):
        connector.read("cash_counts", "", 5)


@pytest.mark.parametrize(
    ("switch", "feed", "ok"),
    [
        ("given", "cash_counts", True),
        ("given", "receipts", True),
        ("refused", "cash_counts", False),
        ("refused", "receipts", True),
    ],
)
def test_the_set_up_check_says_whether_counts_can_be_read(till, switch, feed, ok):
    till.switch(cash_counts=switch)
    [line] = open_till(till.url).check_feed(feed)

    assert line.ok is ok
    assert ("may not read" in line.text) is (switch == "refused")


def test_an_open_receipt_of_the_sandbox_becomes_final(till):
    rung_up = till.do("ring_up", sort="not_final", branch=2, till=1)
    connector = open_till(till.url)
    before = connector.read_one("receipts", rung_up["receiptId"])
    till.do("close_day", branch=2)
    after = open_till(till.url).read_one("receipts", rung_up["receiptId"])

    assert (before.final, after.final) == (False, True)
    assert after.version == before.version
    assert after.outstanding == before.outstanding > 0


def test_cash_counts_are_summed(till):
    till.do("close_day", branch=1, differences={"CONTANT": -100})
    till.do("close_day", branch=2, differences={"CONTANT": 30})
    connector = open_till(till.url)
    days = (date(2026, 10, 30), date(2026, 10, 31))
    rows = list(connector.totals("cash_counts", *days))

    assert [(row.branch, row.measure, row.amount, row.count) for row in rows] == [
        ("1", "total", Decimal("-2.00"), 2),
        ("2", "total", Decimal("0.60"), 2),
    ]
    assert len(list(connector.totals("cash_counts", *days, branches=["2"]))) == 1


def test_entered_times_are_aware():
    order = read_cash_count(wire_count(), shop=SHOP)

    assert order.entered_at == datetime(2026, 10, 31, 22, tzinfo=UTC)
