from __future__ import annotations

import pytest

from connectors.datamodel import OrderNumber
from connectors.quickbooks.targets.copies import find_copy
from connectors.quickbooks.targets.numbers import (
    add_suffix,
    has_mark,
    looks_like_ours,
    make_hex,
    make_mark,
    make_note,
    make_number,
    make_payment_number,
    parse_mark,
)
from connectors.writes import Ref

SOURCE = "5f0c3a52-1111-11f0-9c7a-0242ac120002"


def number(printed: OrderNumber | None, prefix: str = "") -> str:
    return make_number(printed, source_id=SOURCE, letter="R", prefix=prefix)


@pytest.mark.parametrize(
    ("printed", "prefix", "made"),
    [
        (OrderNumber("1", "2", "2026", "17"), "", "R1-2-26-17"),
        (OrderNumber("1", "2", "2026", "17"), "AB", "ABR1-2-26-17"),
        (OrderNumber("12", "34", "2026", "12345678"), "", "R12-34-26-12345678"),
        (OrderNumber("123", "34", "2026", "123456789"), "", "R5f0c3a52111111f09c"),
        (OrderNumber("1", "", "2026", "17"), "", "R5f0c3a52111111f09c"),
        (OrderNumber("1", "a b", "2026", "17"), "", "R5f0c3a52111111f09c"),
        (None, "", "R5f0c3a52111111f09c"),
        (None, "A", "AR5f0c3a52111111f09c"),
    ],
)
def test_numbers_are_made_of_the_tills_own(
    printed: OrderNumber | None, prefix: str, made: str
) -> None:
    assert number(printed, prefix) == made
    assert len(made) <= 21
    assert looks_like_ours(made)
    assert looks_like_ours(make_payment_number(made, 1))
    assert all(looks_like_ours(add_suffix(made, s)) for s in ("-r", "-a", "-s12"))


def test_a_source_id_that_is_not_hexadecimal_is_hashed() -> None:
    made = make_hex("receipt 17")
    assert len(made) == 18
    assert made == make_hex("receipt 17")
    assert made != make_hex("receipt 18")


@pytest.mark.parametrize(
    ("base", "position", "made"),
    [
        ("R1-2-26-17", 1, "R1-2-26-17-1"),
        ("R12-34-26-12345678", 9, "R12-34-26-12345678-9"),
        ("ABR5f0c3a52111111f09c", 12, "ABR5f0c3a52111111f-12"),
    ],
)
def test_payment_numbers_fit(base: str, position: int, made: str) -> None:
    assert make_payment_number(base, position) == made
    assert len(made) <= 21


@pytest.mark.parametrize(
    "ref",
    [
        Ref("order", SOURCE, "sale"),
        Ref("order", SOURCE, "payment:77-a"),
        Ref("order", "a:b", "correction:1"),
        Ref("order", SOURCE, "return"),
        Ref("order", SOURCE, "apply"),
        Ref("order", SOURCE, "split"),
        Ref("order", SOURCE, "movement"),
        Ref("order", SOURCE, "settlement:77-a"),
        Ref("customer", "12", "customer"),
    ],
)
def test_a_mark_is_read_back(ref: Ref) -> None:
    note = make_note(make_mark("Hub [1]:x", ref), "1-2-2026-17", "a note")
    assert parse_mark(f"Voided {note}", "Hub [1]:x") == ref


def test_the_mark_of_another_hub_is_none_of_ours() -> None:
    ref = Ref("order", SOURCE, "sale")
    note = make_mark("hub-2", ref)
    assert has_mark(note)
    assert parse_mark(note, "hub-1") is None
    assert parse_mark(f"{note} {make_mark('hub-1', ref)}", "hub-1") == ref


@pytest.mark.parametrize("note", ["", "paid in cash", "[x] sale", "[hub:order:1:tea]"])
def test_a_note_without_a_mark_names_nothing(note: str) -> None:
    assert parse_mark(note, "hub") is None
    assert not has_mark(note)


@pytest.mark.parametrize("text", ["1042", "INV-1", "R17", "R1-2-2026-17", ""])
def test_numbers_of_others_do_not_look_like_ours(text: str) -> None:
    assert not looks_like_ours(text)


@pytest.mark.parametrize(
    ("base", "made"),
    [
        ("R1-2-26-17", "R1-2-26-17b-1"),
        ("R12-34-26-123456789", "R12-34-26-12345678" + "b-1"),
        ("R0123456789abcdef01", "R0123456789abcdef0" + "b-1"),
    ],
)
def test_a_copys_payments_keep_its_letter(base: str, made: str) -> None:
    number = make_payment_number(base, 1, copy="b")
    assert (number, find_copy(number)) == (made, "b")
    assert looks_like_ours(number)
