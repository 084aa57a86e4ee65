"""Rate limits: the arithmetic of the window, and the row that all share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.core import limits
from integration_hub.core.errors import RateLimited
from integration_hub.core.limits import (
    Limit,
    add_stamps,
    count_room,
    find_room,
    find_slot,
    slow_down,
    spend,
    spend_all,
)
from integration_hub.core.models import RateBucket
from tests.core.wire import answering, make_session

CALLS = Limit("calls", 3, 10)
NOW = 1_000_000_000


def reserve(stamps, units, now):
    slot = find_slot(stamps, units, now=now)
    return slot, add_stamps(stamps, units, slot=slot, now=now)


def test_calls_within_the_limit_need_not_wait():
    stamps = {}
    for _ in range(3):
        slot, stamps = reserve(stamps, {CALLS: 1}, NOW)
        assert slot == NOW


def test_the_next_call_waits_until_the_window_has_moved():
    stamps = {"calls": [[NOW - 9_000, 1], [NOW, 2]]}

    assert find_slot(stamps, {CALLS: 1}, now=NOW) == NOW + 1_001


def test_units_need_room_for_all_of_them():
    stamps = {"calls": [[NOW - 9_000, 1], [NOW - 5_000, 1]]}

    assert find_slot(stamps, {CALLS: 1}, now=NOW) == NOW
    assert find_slot(stamps, {CALLS: 2}, now=NOW) == NOW + 1_001
    assert find_slot(stamps, {CALLS: 3}, now=NOW) == NOW + 5_001


def test_more_units_than_the_limit_are_a_mistake():
    with pytest.raises(ValueError, match="never fit"):
        find_slot({}, {CALLS: 4}, now=NOW)


def test_spacing_keeps_calls_apart():
    spaced = Limit("batch", 40, 61, spacing=1.5)

    assert find_slot({"batch": [[NOW - 500, 1]]}, {spaced: 1}, now=NOW) == NOW + 1_000


def test_spacing_counts_for_every_unit_of_a_call():
    spaced = Limit("calls", 500, 61, spacing=0.1)

    slot = find_slot({"calls": [[NOW - 500, 30]]}, {spaced: 1}, now=NOW)

    assert slot == NOW + 2_500


def test_room_is_what_no_window_around_the_moment_holds():
    stamps = {"calls": [[NOW - 10_001, 1], [NOW - 9_000, 1], [NOW, 1]]}

    assert count_room(stamps, CALLS, slot=NOW) == 1
    assert count_room({}, CALLS, slot=NOW) == 3


def test_the_slowest_limit_decides():
    burst = Limit("burst", 1, 1)
    stamps = {"burst": [[NOW, 1]], "calls": [[NOW, 3]]}

    assert find_slot(stamps, {burst: 1, CALLS: 1}, now=NOW) == NOW + 10_001


def test_old_stamps_are_dropped():
    stamps = {"calls": [[NOW - 60_000, 1], [NOW - 1_000, 1]], "other": [[1, 1]]}

    kept = add_stamps(stamps, {CALLS: 1}, slot=NOW, now=NOW)

    assert kept == {"calls": [[NOW - 1_000, 1], [NOW, 1]], "other": [[1, 1]]}


def test_a_clock_that_was_set_back_does_not_stop_everything():
    stamps = {"calls": [[NOW + 86_400_000, 3]]}

    slot, stamps = reserve(stamps, {CALLS: 1}, NOW)

    assert slot == NOW
    assert stamps == {"calls": [[NOW, 1]]}


@given(
    calls=st.integers(1, 5),
    seconds=st.floats(0.1, 3),
    spacing=st.floats(0, 0.5),
    steps=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 5)), max_size=40),
)
def test_no_window_ever_holds_more(calls, seconds, spacing, steps):
    limit = Limit("x", calls, seconds, spacing)
    now, stamps, slots = NOW, {}, []
    for pause, units in steps:
        now += pause
        units = min(units, calls)
        slot, stamps = reserve(stamps, {limit: units}, now)
        slots.append((slot, units))

    for start, _ in slots:
        inside = [n for at, n in slots if start <= at < start + seconds * 1000]
        assert sum(inside) <= calls
    pairs = zip(slots, slots[1:], strict=False)
    assert all(b[0] - a[0] >= a[1] * spacing * 1000 for a, b in pairs)


@pytest.mark.django_db
def test_room_is_asked_without_reserving():
    spend("b", CALLS, 0.0, units=2)

    assert find_room("b", [CALLS], CALLS) == 1
    assert find_room("b", [CALLS], CALLS) == 1


@pytest.mark.django_db
def test_room_is_that_of_the_next_moment_that_is_free():
    spend("b", CALLS, 0.0, units=3)

    assert find_room("b", [CALLS], CALLS) == 3


@pytest.mark.django_db
def test_spending_reserves_in_the_table():
    assert spend("b", CALLS, 0.0, units=2) == 0
    assert spend("b", CALLS, 0.0) == 0

    with pytest.raises(RateLimited) as caught:
        spend("b", CALLS, 5.0)

    assert 9 < caught.value.retry_after <= 10.1
    assert spend("b", CALLS, 11.0) == pytest.approx(10, abs=0.5)


@pytest.mark.django_db
def test_a_wait_that_is_too_long_reserves_nothing():
    spend("b", CALLS, 0.0, units=3)
    before = RateBucket.objects.get().stamps

    with pytest.raises(RateLimited):
        spend("b", CALLS, 1.0)

    assert RateBucket.objects.get().stamps == before


@pytest.mark.django_db
def test_buckets_do_not_share():
    spend("a", CALLS, 0.0, units=3)

    assert spend("b", CALLS, 0.0) == 0


@pytest.mark.django_db
def test_nobody_spends_while_slowed_down():
    slow_down("b", 60)

    with pytest.raises(RateLimited) as caught:
        spend("b", CALLS, 30.0)

    assert 59 < caught.value.retry_after <= 60.1


@pytest.mark.django_db
def test_a_shorter_pause_does_not_replace_a_longer_one():
    slow_down("b", 60)
    slow_down("b", 5)

    with pytest.raises(RateLimited):
        spend("b", CALLS, 30.0)


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [900, 3600, 86_400])
def test_a_long_pause_is_kept(seconds):
    slow_down("b", seconds)

    with pytest.raises(RateLimited) as caught:
        spend("b", CALLS, 30.0)

    assert seconds - 5 < caught.value.retry_after <= seconds + 0.1


@pytest.mark.django_db
def test_a_pause_of_more_than_a_day_is_a_day():
    slow_down("b", 10**9)

    with pytest.raises(RateLimited) as caught:
        spend("b", CALLS, 30.0)

    assert caught.value.retry_after <= 86_400.1


@pytest.mark.django_db
def test_a_pause_far_ahead_is_a_clock_that_was_set_back():
    RateBucket.objects.create(bucket="b", slow_until=10**15)

    assert spend("b", CALLS, 0.0) == 0


@pytest.mark.django_db
def test_a_lost_race_is_tried_again(monkeypatch):
    store = limits._store
    lost = iter([True, True, False])

    def lose_twice(bucket, version, stamps):
        return False if next(lost, False) else store(bucket, version, stamps)

    monkeypatch.setattr(limits, "_store", lose_twice)

    assert spend("b", CALLS, 0.0) == 0
    assert RateBucket.objects.get().version == 1


@pytest.mark.django_db
def test_losing_every_race_is_a_rate_limit(monkeypatch):
    monkeypatch.setattr(limits, "_store", lambda *_: False)
    monkeypatch.setattr(limits, "MAX_RACES", 2)

    with pytest.raises(RateLimited, match="too busy"):
        spend("b", CALLS, 0.0)


@pytest.mark.django_db
def test_all_limits_get_the_same_moment():
    burst = Limit("burst", 1, 2)
    spend("b", burst, 0.0)

    wait = spend_all("b", {burst: 1, CALLS: 1}, max_wait=5)

    assert wait == pytest.approx(2, abs=0.5)
    assert '"calls":[[' in RateBucket.objects.get().stamps


@pytest.mark.django_db
def test_the_session_spends_before_it_sends(serve):
    wire = serve(answering())
    waits = []

    with make_session(limits=(Limit("calls", 1, 2),), sleep=waits.append) as session:
        session.send("GET", wire.url, write=False)
        session.send("GET", wire.url, write=False)

    assert waits == [pytest.approx(2, abs=0.5)]
    assert len(wire.requests) == 2


@pytest.mark.django_db
def test_a_wait_of_half_the_deadline_is_too_long(serve):
    wire = serve(answering())

    with make_session(limits=(Limit("calls", 1, 2),), deadline=3) as session:
        session.send("GET", wire.url, write=False)
        with pytest.raises(RateLimited) as caught:
            session.send("POST", wire.url, write=True)

    assert caught.value.system == "Shop"
    assert len(wire.requests) == 1


@pytest.mark.django_db
def test_only_the_named_limits_are_spent(serve):
    wire = serve(answering())
    both = (Limit("calls", 100, 60), Limit("batch", 1, 60))

    with make_session(limits=both) as session:
        for _ in range(3):
            session.send("GET", wire.url, write=False)
        session.send("POST", wire.url, write=True, spend=("calls", "batch"))
        session.send("POST", wire.url, write=True, spend={"calls": 30, "batch": 0})
        with pytest.raises(RateLimited):
            session.send("POST", wire.url, write=True, spend={"calls": 1, "batch": 1})


@pytest.mark.django_db
def test_a_session_tells_the_room_of_a_limit():
    slow = Limit("batch", 1, 60)

    with make_session(limits=(CALLS, slow), bucket="b") as session:
        spend("b", CALLS, 0.0, units=2)

        assert session.find_room(("calls",), "calls") == 1
        assert session.find_room(("calls", "batch"), "batch") == 1
        assert session.find_room(("calls",), "other") is None


@pytest.mark.django_db
def test_an_undeclared_limit_is_a_mistake(serve):
    wire = serve(answering())

    with (
        make_session(limits=(CALLS,)) as session,
        pytest.raises(KeyError),
    ):
        session.send("GET", wire.url, write=False, spend=("cals",))


@pytest.mark.django_db
def test_a_session_slows_down_everybody_on_its_budget():
    with make_session(limits=(CALLS,), bucket="b") as session:
        session.slow_down(60)

    with pytest.raises(RateLimited):
        spend("b", CALLS, 1.0)


def test_a_session_without_limits_does_not_touch_the_table():
    with make_session() as session:
        session.slow_down(60)
