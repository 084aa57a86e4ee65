"""The state of a sign-in is good once, soon, for one person."""

from __future__ import annotations

from connectors import consent

WHO = {"user_id": 1}


def test_a_state_finds_its_connection_once():
    store = {}
    state = consent.begin(store, connection_id=7, **WHO)

    assert consent.finish(store, state=state, **WHO) == 7
    assert consent.finish(store, state=state, **WHO) is None


def test_states_cannot_be_guessed():
    store = {}
    states = {consent.begin(store, connection_id=7, **WHO) for _ in range(3)}

    assert len(states) == 3
    assert all(len(state) >= 40 for state in states)


def test_another_state_finds_nothing():
    store = {}
    state = consent.begin(store, connection_id=7, **WHO)

    assert consent.finish(store, state="é", **WHO) is None
    assert consent.finish(store, state="", **WHO) is None
    assert consent.finish(store, state=state, **WHO) == 7


def test_another_person_finds_nothing():
    store = {}
    state = consent.begin(store, connection_id=7, **WHO)

    assert consent.finish(store, state=state, user_id=2) is None


def test_a_state_ends(monkeypatch):
    store = {}
    state = consent.begin(store, connection_id=7, **WHO)
    monkeypatch.setattr(consent, "SECONDS", -1)

    assert consent.finish(store, state=state, **WHO) is None


def test_a_few_sign_ins_may_be_open():
    store = {}
    states = [consent.begin(store, connection_id=n, **WHO) for n in range(6)]

    found = [consent.finish(store, state=state, **WHO) for state in states]

    assert found == [None, 1, 2, 3, 4, 5]
