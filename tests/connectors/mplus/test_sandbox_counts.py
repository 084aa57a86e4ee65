"""Cash counts of the sandbox, as they are on the wire."""

from __future__ import annotations

import pytest

from tests.connectors.mplus.till import NS, request_of, running_till, text, texts

DAY = "2026-10-31"


@pytest.fixture
def till():
    with running_till(receipts=30, days=2) as running:
        yield running


def ring_up(till, amount, method="CONTANT", **values):
    place = {"branch": 2, "till": 1, "date": DAY, **values}
    payments = [{"method": method, "amount": amount}]
    lines = [{"article": 2001, "price": amount}]
    return till.do("ring_up", lines=lines, payments=payments, **place)


def count(till, **values):
    place = {"branch": 2, "till": 1, "date": DAY, **values}
    [found] = till.do("close_day", **place)["cashCounts"]
    return found


def line_of(found, method="CONTANT"):
    lines = found["cashCountLineList"]["cashCountLine"]
    return next(each for each in lines if each["paymentMethod"] == method)


def listed(till, **wanted):
    return till.call("getCashCountList", request_of(**wanted))[0].findall(
        f"{NS}cashCount"
    )


def since(till, branch, number):
    place = f"<m:branchNumber>{branch}</m:branchNumber>"
    place += "<m:workplaceNumber>1</m:workplaceNumber><m:year>2026</m:year>"
    inside = (
        f"<m:sinceCashCount>{place}<m:number>{number}</m:number></m:sinceCashCount>"
    )
    answer = till.call("getCashCountList", f"<m:request>{inside}</m:request>")
    return texts(answer[0], "cashCount/cashCountString")


def test_a_drawer_is_counted_by_method(till):
    before = count(till)
    ring_up(till, 1000)
    ring_up(till, 500, "PIN")
    found = count(till, differences={"CONTANT": -20}, banked={"CONTANT": 300})
    cash, card = line_of(found), line_of(found, "PIN")

    assert cash["addedAmount"] == line_of(before)["addedAmount"] + 1000
    assert cash["countedAmount"] == cash["startAmount"] + cash["addedAmount"] - 20
    assert (cash["differenceAmount"], cash["depositedAmount"]) == (-20, 300)
    assert cash["endAmount"] == cash["countedAmount"] - 300
    assert card["differenceAmount"] == card["endAmount"] == 0
    assert found["versionNumber"] == before["versionNumber"] + 1
    assert found["cashCountId"] == before["cashCountId"]


def test_the_next_day_starts_with_what_was_left(till):
    first = line_of(count(till, date="2026-10-30", banked={"CONTANT": 100}))
    second = count(till)

    assert line_of(second)["startAmount"] == first["endAmount"]
    assert second["cashCountNumber"] == {"year": 2026, "number": 2}


def test_all_tills_are_counted_unless_told(till):
    assert len(till.do("close_day")["cashCounts"]) == 6
    assert len(till.do("close_day", branch=1)["cashCounts"]) == 2


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"branch": 9}, "no such till"),
        ({"banked": {"GOUD": 1}}, "no payment method GOUD"),
        ({"date": "soon"}, "Invalid isoformat"),
    ],
)
def test_nonsense_is_refused(till, payload, words):
    assert words in till.refuse("close_day", **payload)


def test_counts_are_listed_by_date(till):
    count(till)
    count(till, date="2026-10-30")
    day = "<m:day>31</m:day><m:mon>10</m:mon><m:year>2026</m:year>"
    [found] = listed(till, fromFinancialDate=day)

    assert text(found, "financialDate/day") == "31"
    assert text(found, "isFinalized") == "true"
    assert text(found, "shiftFirstTransaction/branchNumber") == "2"
    assert len(listed(till)) == 2
    assert len(listed(till, throughFinancialDate=day.replace("31", "29"))) == 0


def test_counts_since_another_of_the_same_till(till):
    for branch in (1, 2):
        for day in ("2026-10-30", DAY):
            count(till, branch=branch, date=day)

    assert since(till, 1, 1) == ["1-1-2026-2", "2-1-2026-1", "2-1-2026-2"]
    assert len(since(till, 3, 1)) == 4


def test_a_till_without_receipts_is_counted_too(till):
    count(till, date="2026-01-05", finalized=False)
    [found] = listed(till)

    assert text(found, "isFinalized") == "false"
    assert text(found, "shiftLastTransaction/transactionId") == ""
    assert text(found, "shiftFirstReceiptId") is None


def test_older_servers_do_not_tell_whether_counts_are_final(till):
    count(till, finalized=False)
    till.switch(cash_count_flag=False)

    assert text(listed(till)[0], "isFinalized") is None


def test_older_servers_do_not_know_the_operations(till):
    till.switch(cash_counts="unknown")
    from_place = "<m:getCashCountList><m:request/></m:getCashCountList>"
    envelope = (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"'
        f' xmlns:m="urn:mplusqapi"><E:Body>{from_place}</E:Body></E:Envelope>'
    )
    code, words = till.fault(envelope)

    assert code == "SOAP-ENV:Client"
    assert words.startswith("Method 'ns:getCashCountList' not implemented")


def test_what_would_be_counted_now_is_told_in_euros(till):
    ring_up(till, 1005, branch=3)
    place = "<m:branchNumber>3</m:branchNumber><m:workplaceNumber>1</m:workplaceNumber>"
    inside = f"<m:request><m:fromWorkplace>{place}</m:fromWorkplace></m:request>"
    fresh = till.call("getCashCountInfo", inside)[0]
    count(till, branch=3, banked={"CONTANT": 5})
    ring_up(till, 250, "PIN", branch=3, date="2026-11-01")
    again = till.call("getCashCountInfo", inside)[0]
    path = "workplaces/workplace/paymentMethodAmounts/paymentMethodAmount/"

    assert text(fresh, "state") == "CASH-COUNT-INFO-STATE-OK"
    assert "CONTANT" in texts(fresh, path + "id")
    assert texts(again, path + "id") == ["PIN"]
    assert texts(again, path + "booked") == ["2.50"]
    assert texts(again, "workplaces/workplace/data/previousCashCountId") != []


def test_counts_outlive_a_restart(tmp_path):
    path = str(tmp_path / "till.sqlite")
    with running_till(state_file=path) as till:
        before = count(till)
    with running_till(state_file=path) as till:
        assert text(listed(till)[0], "cashCountId") == before["cashCountId"]
        assert count(till)["versionNumber"] == 2


def test_own_use_and_dates_of_payments_can_be_told(till):
    found = till.do(
        "ring_up",
        lines=[{"article": 2001, "price": 1000, "used": 300}],
        payments=[{"method": "PIN", "amount": 700, "date": "2026-11-02"}],
    )
    shown = till.do("receipts", since=found["syncMarker"], full=True)["receipts"]
    receipt = shown[0]["receipt"]

    assert receipt["lineList"]["line"][0]["data"]["bpeAmount"] == 300
    assert receipt["paymentList"]["payment"][0]["financialDate"] == "2026-11-02"
