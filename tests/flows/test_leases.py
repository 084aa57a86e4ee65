"""Named leases and the slots of a connection."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from connectors.models import Connection
from flows import leases
from flows.models import Lease, Slot
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return ConnectionFactory()


def long_ago() -> None:
    """Let every lease run out."""
    past = timezone.now() - timedelta(hours=1)
    Lease.objects.update(until=past)
    Slot.objects.exclude(owner="").update(until=past)


def test_every_owner_is_another() -> None:
    assert leases.new_owner() != leases.new_owner()
    assert len(leases.new_owner()) <= 80


def test_one_at_a_time_has_a_named_lease() -> None:
    assert leases.take_lease("tick", "a", seconds=60)
    assert not leases.take_lease("tick", "b", seconds=60)
    assert leases.take_lease("tick", "a", seconds=60)
    assert leases.take_lease("other", "b", seconds=60)


def test_a_named_lease_that_ran_out_is_free() -> None:
    leases.take_lease("tick", "a", seconds=60)
    long_ago()
    assert leases.take_lease("tick", "b", seconds=60)
    assert Lease.objects.get().owner == "b"


def set_clock_back() -> None:
    """Let every lease be one that was taken while the clock was a day ahead."""
    ahead = timezone.now() + timedelta(days=1)
    Lease.objects.update(until=ahead)
    Slot.objects.exclude(owner="").update(until=ahead)


def test_nobody_waits_for_a_clock_that_was_set_back(connection: Connection) -> None:
    leases.take_lease("tick", "a", seconds=60)
    leases.prepare_slots(connection, 1)
    Slot.objects.update(owner="a")
    set_clock_back()
    assert leases.take_lease("tick", "b", seconds=60)
    with leases.slot_of(connection, 1, "b") as slot:
        assert slot is not None


def test_who_wants_to_be_alone_waits_for_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leases.take_lease("survey", "another", seconds=60)
    waits = iter([lambda: None, long_ago])
    monkeypatch.setattr(leases.time, "sleep", lambda _: next(waits)())
    with leases.alone("survey", patience=60):
        assert not leases.take_lease("survey", "another", seconds=60)
    assert next(waits, None) is None


def test_who_was_alone_leaves_nothing_behind() -> None:
    with pytest.raises(ZeroDivisionError), leases.alone("survey", patience=60):
        raise ZeroDivisionError
    assert not Lease.objects.exists()


def test_who_took_too_long_does_not_end_the_next_ones_lease() -> None:
    with leases.alone("survey", patience=60):
        long_ago()
        leases.take_lease("survey", "next", seconds=60)
    assert Lease.objects.get().owner == "next"


def test_a_connection_has_as_many_slots_as_calls_at_a_time(
    connection: Connection,
) -> None:
    leases.prepare_slots(connection, 3)
    leases.prepare_slots(connection, 3)
    assert sorted(connection.slots.values_list("number", flat=True)) == [0, 1, 2]


def test_slots_that_are_too_many_go_unless_somebody_has_them(
    connection: Connection,
) -> None:
    leases.prepare_slots(connection, 4)
    connection.slots.filter(number=3).update(owner="a")
    leases.prepare_slots(connection, 2)
    assert sorted(connection.slots.values_list("number", flat=True)) == [0, 1, 3]


def test_all_slots_taken_is_none(connection: Connection) -> None:
    with (
        leases.slot_of(connection, 2, "a") as first,
        leases.slot_of(connection, 2, "b") as second,
        leases.slot_of(connection, 2, "c") as third,
    ):
        assert first is not None
        assert second is not None
        assert first.pk != second.pk
        assert third is None
    assert not Slot.objects.exclude(owner="").exists()


def test_a_slot_is_free_after_a_defect(connection: Connection) -> None:
    with pytest.raises(KeyError), leases.slot_of(connection, 1, "a"):
        raise KeyError
    assert Slot.objects.get().owner == ""


def test_a_slot_that_was_lost_is_taken_and_not_given_back_twice(
    connection: Connection,
) -> None:
    with leases.slot_of(connection, 1, "a") as first:
        assert first is not None
        long_ago()
        with leases.slot_of(connection, 1, "b") as second:
            assert second is not None
            assert not leases.renew_slot(first, "a")
            assert leases.renew_slot(second, "b")
        Slot.objects.update(owner="c")
    assert Slot.objects.get().owner == "c"


def test_somebody_takes_the_slot_between_look_and_take(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases.prepare_slots(connection, 1)
    until = timezone.now() + timedelta(minutes=10)

    def meanwhile() -> datetime:
        Slot.objects.update(owner="b", until=until)
        return until

    monkeypatch.setattr(leases, "lease_end", meanwhile)
    with leases.slot_of(connection, 1, "a") as slot:
        assert slot is None
    assert Slot.objects.get().owner == "b"
