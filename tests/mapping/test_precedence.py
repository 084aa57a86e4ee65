"""Which row of a value map wins, against a naive way to find it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.core.errors import MappingError
from mapping.rules import Entry, KeyField, ValueMapData
from mapping.valuemaps import ValueTable, check_key, normalize_keys

COUNTRY = KeyField("country", "Country", "country")
GROUPS = (COUNTRY, KeyField("group", "Group"))
CODES = (COUNTRY, KeyField("code", "Code"), KeyField("rate", "Rate", "number"))
MEMBERS = {"NL", "BE", "DE", "GR"}
ROWS = {
    ("NL", "30"): "value, country",
    ("EU", "30"): "value, EU",
    ("non-EU", "30"): "value, non-EU",
    ("*", "30"): "value",
    ("NL", "*"): "country",
    ("EU", "*"): "EU",
    ("non-EU", "*"): "non-EU",
}


def find(
    rows: dict[tuple[str, ...], str],
    *keys: Any,
    fields: tuple[KeyField, ...] = GROUPS,
    **settings: Any,
) -> str | None:
    entries = tuple(Entry(row, {"to": value}) for row, value in rows.items())
    data = ValueMapData("m", "M", fields, ("to",), entries, **settings)
    return ValueTable(data).find(keys, "to")


@pytest.mark.parametrize(
    ("keys", "left_out", "value"),
    [
        (("NL", "30"), [], "value, country"),
        (("nl ", "30"), [], "value, country"),
        (("BE", "30"), [], "value, EU"),
        (("EL", "30"), [], "value, EU"),
        (("CH", "30"), [], "value, non-EU"),
        (("UK", "30"), [], "value, non-EU"),
        (("BE", "30"), ["value, EU"], "value"),
        (("", "30"), [], "value"),
        (("Nederland", "30"), [], "value, country"),
        (("NLD", "30"), [], "value, country"),
        (("Mordor", "30"), [], "value"),
        (("NL", "31"), [], "country"),
        (("BE", "31"), [], "EU"),
        (("CH", "31"), [], "non-EU"),
        (("NL", "30"), ["value, country", "value, EU", "value"], "country"),
        (("NL", "31"), ["country"], "EU"),
        (("", "31"), [], "default"),
    ],
)
def test_the_documented_order(
    keys: tuple[str, str], left_out: list[str], value: str
) -> None:
    rows = {row: told for row, told in ROWS.items() if told not in left_out}
    settings = {"missing": "default", "default": {"to": "default"}}
    assert find(rows, *keys, **settings) == value


def test_force_goes_before_every_row() -> None:
    assert find(ROWS, "NL", "30", force=True, default={"to": "forced"}) == "forced"


def test_without_a_row_the_record_fails_naming_the_country() -> None:
    with pytest.raises(MappingError, match='no row for Country "NL", Group "31"'):
        find({("EU", "30"): "x"}, "NL", "31")


def test_an_area_is_written_in_any_case_and_a_country_by_habit() -> None:
    assert normalize_keys(GROUPS, ["eu", "1"]) == ("EU", "1")
    assert normalize_keys(GROUPS, ["NON-EU", "1"]) == ("non-EU", "1")
    assert normalize_keys(GROUPS, ["uk", "1"]) == ("GB", "1")


@pytest.mark.parametrize("key", ["nl", "EU", "non-eu", "*", "", "EL"])
def test_a_country_may_be(key: str) -> None:
    assert check_key(COUNTRY, key) is None


@pytest.mark.parametrize("key", ["Mordor", "ZZZ", "E U", "N1"])
def test_what_is_no_country_is_told(key: str) -> None:
    assert f'"{key}" is no country' in (check_key(COUNTRY, key) or "")


def test_a_key_that_is_no_country_has_no_areas() -> None:
    rows = {("EU",): "a text like any other"}
    fields = (KeyField("word", "Word"),)
    assert find(rows, "NL", fields=fields, missing="empty") is None
    assert find(rows, "EU", fields=fields) == "a text like any other"


# ------------------------------------------------------------ a second implementation


def fits(row: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    country, *rest = row
    area = "EU" if keys[0] in MEMBERS else "non-EU"
    here = country in ("*", keys[0], area)
    return here and all(a in ("*", b) for a, b in zip(rest, keys[1:], strict=True))


def beats(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether a row goes before another one that fits as well."""
    mine, theirs = one[1:], other[1:]
    stars = mine.count("*"), theirs.count("*")
    if stars[0] != stars[1]:
        return stars[0] < stars[1]
    for a, b in zip(mine, theirs, strict=True):
        if (a == "*") != (b == "*"):
            return b == "*"
    steps = ["*", "EU", "non-EU"]
    if one[0] in steps and other[0] in steps:
        return other[0] == "*"
    return one[0] not in steps


def find_naively(rows: dict[tuple[str, ...], str], keys: tuple[str, ...]) -> str | None:
    best: tuple[str, ...] | None = None
    for row in rows:
        if fits(row, keys) and (best is None or beats(row, best)):
            best = row
    return None if best is None else rows[best]


COUNTRIES = st.sampled_from([*sorted(MEMBERS), "CH", "US"])
PLACES = st.one_of(COUNTRIES, st.sampled_from(["EU", "non-EU", "*"]))
VALUES = st.sampled_from(["1", "2", "*"])
GIVEN = st.sampled_from(["1", "2", "3"])


@given(
    rows=st.dictionaries(
        st.tuples(PLACES, VALUES, VALUES), st.text("ab", min_size=1), max_size=25
    ),
    keys=st.tuples(COUNTRIES, GIVEN, GIVEN),
)
def test_the_same_row_as_the_naive_way(
    rows: dict[tuple[str, ...], str], keys: tuple[str, ...]
) -> None:
    found = find(rows, *keys, fields=CODES, missing="empty")
    assert found == find_naively(rows, keys)


@given(
    rows=st.lists(
        st.tuples(st.tuples(PLACES, VALUES), st.text("ab", min_size=1)),
        max_size=15,
        unique_by=lambda row: row[0],
    ),
    keys=st.tuples(COUNTRIES, GIVEN),
    data=st.data(),
)
def test_the_order_of_the_rows_does_not_matter(
    rows: list[tuple[tuple[str, ...], str]], keys: tuple[str, ...], data: Any
) -> None:
    mixed = data.draw(st.permutations(rows))
    once = find(dict(rows), *keys, missing="empty")
    assert find(dict(mixed), *keys, missing="empty") == once
