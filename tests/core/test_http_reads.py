"""Reads are tried again, writes never."""

from __future__ import annotations

import pytest

from integration_hub.core.errors import OutcomeUnknown, RateLimited, Unavailable
from integration_hub.core.limits import Limit
from tests.core.wire import answering, cutting, in_turn, make_session

BUSY = answering(b"busy", status="503 Busy")


def is_busy(reply):
    return reply.status == 503


def test_a_read_survives_two_failures(serve, session):
    wire = serve(in_turn(cutting(), cutting(), answering(b"third")))

    assert session.read("GET", wire.url).body == b"third"


def test_a_read_fails_after_its_tries(serve, session):
    wire = serve(cutting())

    with pytest.raises(Unavailable):
        session.read("GET", wire.url)

    assert len(wire.requests) == 3


def test_a_read_may_be_tried_only_once(serve, session):
    wire = serve(cutting())

    with pytest.raises(Unavailable):
        session.read("GET", wire.url, tries=1)

    assert len(wire.requests) == 1


def test_a_write_is_sent_once(serve, session):
    wire = serve(in_turn(cutting(), answering()))

    with pytest.raises(OutcomeUnknown):
        session.send("POST", wire.url, write=True)

    assert len(wire.requests) == 1


def test_an_answer_may_be_worth_another_try(serve, session):
    wire = serve(in_turn(BUSY, answering(b"ready")))

    assert session.read("GET", wire.url, retry_reply=is_busy).body == b"ready"


def test_the_last_answer_is_given(serve, session):
    wire = serve(BUSY)

    assert session.read("GET", wire.url, retry_reply=is_busy).body == b"busy"
    assert len(wire.requests) == 3


def test_without_a_judge_every_answer_is_taken(serve, session):
    wire = serve(BUSY)

    assert session.read("GET", wire.url).status == 503
    assert len(wire.requests) == 1


def test_a_long_retry_after_is_not_waited_for(serve, session):
    wire = serve(answering(status="503 Busy", headers=("Retry-After: 60",)))

    assert session.read("GET", wire.url, retry_reply=is_busy).retry_after == 60
    assert len(wire.requests) == 1


def test_a_short_retry_after_is_waited_for(serve):
    busy = answering(status="503 Busy", headers=("Retry-After: 3",))
    wire = serve(in_turn(busy, answering(b"ready")))
    waits = []

    with make_session(sleep=waits.append) as session:
        session.read("GET", wire.url, retry_reply=is_busy)

    assert waits == [3.0]


def test_pauses_grow(serve):
    wire = serve(cutting())
    waits = []

    with (
        make_session(sleep=waits.append, waits=(0.5, 2.0)) as session,
        pytest.raises(Unavailable),
    ):
        session.read("GET", wire.url)

    assert waits == [0.5, 2.0]


def test_what_will_not_pass_is_not_tried_again(serve):
    wire = serve(answering(b"x" * 2_000))

    with make_session(max_bytes=10) as session, pytest.raises(Unavailable):
        session.read("GET", wire.url)

    assert len(wire.requests) == 1


def test_the_tries_share_one_deadline(serve):
    wire = serve(lambda sock, wire: wire.closed.wait())

    with make_session(deadline=0.2) as session, pytest.raises(Unavailable) as raised:
        session.read("GET", wire.url)

    assert raised.value.code == "timeout"
    assert len(wire.requests) == 1


def test_an_answer_after_which_no_time_is_left_is_given(serve):
    wire = serve(BUSY)

    with make_session(deadline=1.0, waits=(2.0, 2.0)) as session:
        assert session.read("GET", wire.url, retry_reply=is_busy).body == b"busy"

    assert len(wire.requests) == 1


@pytest.mark.django_db
def test_a_short_rate_limit_is_waited_for(serve):
    wire = serve(answering(b"ok"))
    waits = []
    limit = Limit("calls", 1, 2)

    with make_session(limits=(limit,), deadline=2, sleep=waits.append) as session:
        session.read("GET", wire.url)
        with pytest.raises(RateLimited):
            session.read("GET", wire.url)

    assert [round(wait) for wait in waits] == [2, 2]


@pytest.mark.django_db
def test_a_long_rate_limit_is_not_waited_for(serve):
    wire = serve(answering(b"ok"))
    waits = []

    with make_session(limits=(Limit("calls", 1, 60),), sleep=waits.append) as session:
        session.read("GET", wire.url)
        with pytest.raises(RateLimited):
            session.read("GET", wire.url)

    assert waits == []
