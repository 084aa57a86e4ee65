"""No receipt is skipped, in whatever order and number the till gives them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mplus.reading import Position, read_batch, read_day, rewind
from integration_hub.core.errors import ConfigError
from tests.connectors.mplus.reader import open_till, read_all
from tests.connectors.mplus.till import running_till

FIRST = date(2026, 10, 1)


class FakeClient:
    """A till in memory that picks receipts as ``pick`` sorts them."""

    def __init__(self, records, *, pick, most=1000):
        self.records = records
        self.pick = pick
        self.most = most
        self.calls = 0

    def newest_receipt_marker(self):
        return max(record["syncMarker"] for record in self.records)

    def branches(self):
        return [{"branchNumber": number} for number in (1, 2, 3)]

    def receipts(
        self, *, marker=0, limit=1000, start=None, end=None, branches=(), lines=True
    ):
        self.calls += 1
        found = [
            record
            for record in self.records
            if record["syncMarker"] >= marker
            and (start is None or record["day"] >= start)
            and (end is None or record["day"] <= end)
            and (not branches or record["financialBranchNumber"] in branches)
        ]
        return sorted(found, key=self.pick)[: min(limit, self.most)]


def make_records(markers, days=30):
    """Receipts whose dates and branches go round; ids in an order of their own."""
    records = []
    for place, marker in enumerate(markers):
        day = FIRST + timedelta(days=place * 7 % days)
        wire_day = {"day": day.day, "mon": day.month, "year": day.year}
        records.append(
            {
                "receiptId": f"{marker * 7919 % 10007:05}-{marker}",
                "syncMarker": marker,
                "day": day,
                "financialDate": wire_day,
                "financialBranchNumber": 1 + marker % 3,
            }
        )
    return records


PICKS = {
    "lowest": lambda record: record["syncMarker"],
    "highest": lambda record: -record["syncMarker"],
    "by id": lambda record: record["receiptId"],
    "by date": lambda record: record["day"],
    "newest date": lambda record: (-record["day"].toordinal(), record["receiptId"]),
}


def read_markers(client, limit, position=None):
    """Every marker that comes out, and where it ends."""
    position = position or Position()
    found = []
    for _ in range(5000):
        batch = read_batch(client, Position.parse(str(position)), limit)
        assert len(batch.records) <= limit
        found += [record["syncMarker"] for record in batch.records]
        position = batch.position
        if not batch.more:
            return found, position
    raise AssertionError("no end")


@pytest.mark.parametrize("pick", PICKS.values(), ids=PICKS)
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_every_receipt_comes_in_any_order_of_the_till(pick, limit):
    # Every third marker was overwritten by a later change.
    markers = [marker for marker in range(1, 300) if marker % 3]
    client = FakeClient(make_records(markers), pick=pick)
    found, position = read_markers(client, limit)
    assert set(found) == set(markers)
    assert position == Position(marker=max(markers))


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.integers(1, 400), min_size=1, max_size=120),
    st.sampled_from(list(PICKS)),
    st.integers(1, 60),
    st.integers(1, 20),
)
def test_no_set_of_markers_loses_one(markers, pick, limit, days):
    client = FakeClient(make_records(sorted(markers), days=days), pick=PICKS[pick])
    found, position = read_markers(client, limit)
    assert set(found) == markers
    assert position.marker == max(markers)


@pytest.mark.parametrize("most", [1, 10, 60])
def test_a_till_that_gives_less_than_asked_is_read_to_the_end(most):
    markers = [marker for marker in range(1, 200) if marker % 3]
    client = FakeClient(make_records(markers), pick=PICKS["lowest"], most=most)
    found, _ = read_markers(client, 50)
    assert set(found) == set(markers)


def test_a_day_with_more_than_a_call_gives_is_read_by_branch():
    records = make_records(range(1, 401), days=1)
    client = FakeClient(records, pick=PICKS["by id"], most=150)
    assert len(read_day(client, FIRST)) == 400


def test_lowest_first_costs_two_calls_a_page():
    markers = [marker for marker in range(1, 1000) if marker % 3]
    client = FakeClient(make_records(markers), pick=PICKS["lowest"])
    read_markers(client, 100)
    assert client.calls <= 2 * len(markers) / 100 + 3


def test_without_gaps_one_call_a_page_is_enough():
    client = FakeClient(make_records(range(1, 1001)), pick=PICKS["lowest"])
    read_markers(client, 100)
    assert client.calls == 11


def test_a_till_that_ignores_the_marker_is_not_read_for_ever():
    class Deaf(FakeClient):
        def receipts(self, **wanted):
            return super().receipts(**{**wanted, "marker": 0})

    client = Deaf(make_records(range(1, 6)), pick=PICKS["lowest"])
    found, _ = read_markers(client, 100)
    assert set(found) == set(range(1, 6))


def test_receipts_changed_during_a_sweep_come_behind_it():
    markers = [marker for marker in range(1, 100) if marker % 3]
    client = FakeClient(make_records(markers), pick=PICKS["by id"])
    first = read_batch(client, Position(), 20)
    assert first.position.top
    changed = client.records[0]
    changed["syncMarker"] = 200
    found, position = read_markers(client, 20, first.position)
    assert 200 in found
    assert position.marker == 200


@pytest.mark.parametrize(
    ("position", "marker"), [(Position(80), 30), (Position(20), 0), (Position(), 0)]
)
def test_rewinding(position, marker):
    assert rewind(position, 50) == Position(marker)


def test_a_sweep_is_not_rewound():
    position = Position(marker=10, top=90, day="2026-10-05")
    assert rewind(position, 50) == position


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "5",
        "[]",
        '{"other": 1}',
        '{"marker": "1"}',
        '{"marker": -1}',
        '{"marker": 1, "top": 5, "day": "soon"}',
        '{"marker": 1, "top": 5, "after": 3}',
    ],
)
def test_a_cursor_that_is_none_is_refused(cursor):
    with pytest.raises(ConfigError) as caught:
        Position.parse(cursor)
    assert caught.value.code == "cursor"


@pytest.fixture(scope="module")
def till():
    with running_till(receipts=240, days=6) as running:
        yield running


SWITCHES = [
    {},
    {"page_order": "shuffled_page"},
    {"page_order": "shuffled"},
    {"one_item_pages": True},
    {"max_limit": 30},
    {"page_order": "shuffled", "max_limit": 25},
    {"unknown_fields": True, "unknown_enums": True},
    {"percent_times_100": False},
]


@pytest.fixture(params=SWITCHES, ids=lambda switches: "+".join(switches) or "plain")
def switched(till, request):
    till.switch(**request.param)
    yield till
    till.http.post(f"{till.url}/_sandbox/reset")
    till.switch(
        page_order="lowest_first",
        one_item_pages=False,
        max_limit=1000,
        unknown_fields=False,
        unknown_enums=False,
        percent_times_100=True,
    )


def test_the_sandbox_is_read_whole_under_every_switch(switched):
    # A few changes leave gaps between the markers.
    known = switched.do("receipts")["receipts"]
    for each in known[::9]:
        switched.do("change_receipt", receiptId=each["receiptId"], what="mail")
    documents, _ = read_all(open_till(switched.url), limit=40)
    assert {document.id for document in documents} == {
        each["receiptId"] for each in known
    }


def test_late_markers_come_with_the_overlap(till):
    connector = open_till(till.url)
    till.switch(late_markers=5)
    before, cursor = read_all(connector)
    till.do("show_late")
    again, end = read_all(connector, connector.rewind("receipts", cursor))
    till.switch(late_markers=0)
    late = {document.id for document in again} - {document.id for document in before}
    assert len(late) == 5
    assert end == cursor
