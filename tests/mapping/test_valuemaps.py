"""Looking up in value maps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.core.errors import ConfigError, MappingError
from mapping.rules import Entry, KeyField, ValueMapData
from mapping.valuemaps import ValueTable, normalize_keys
from tests.mapping.working import VAT, work_out

TENDERS = ValueMapData(
    name="tenders",
    label="Tenders",
    keys=(KeyField("method", "Tender"), KeyField("branch", "Branch")),
    columns=("treatment", "account"),
    entries=(
        Entry(("PIN", "1"), {"treatment": "payment", "account": "11"}),
        Entry(("PIN", "*"), {"treatment": "payment", "account": "10"}),
        Entry(("*", "9"), {"treatment": "not_a_sale"}),
        Entry(("OPEN", "1"), {"treatment": "", "account": ""}),
    ),
)


def find(data: ValueMapData, *keys: Any, column: str = "account") -> str | None:
    """Look up in a value map."""
    return ValueTable(data).find(keys, column)


@pytest.mark.parametrize(
    ("keys", "account"),
    [
        (("PIN", "1"), "11"),
        ((" PIN ", Decimal("1.00")), "11"),
        (("PIN", "2"), "10"),
        (("PIN", "9"), "10"),
        (("PIN", None), "10"),
        (("CASH", "9"), None),
    ],
)
def test_the_most_specific_row_wins_and_earlier_keys_weigh_more(
    keys: tuple[Any, ...], account: str | None
) -> None:
    assert find(TENDERS, *keys) == account


def test_more_exact_keys_beat_one_earlier_key() -> None:
    rows = (
        Entry(("NL", "*", "*"), {"tax_code": "country"}),
        Entry(("*", "1", "21"), {"tax_code": "code and rate"}),
    )
    data = replace(VAT, entries=rows)
    assert find(data, "NL", "1", "21", column="tax_code") == "code and rate"


def test_numbers_of_a_number_key_match_however_they_are_written() -> None:
    rows = (Entry(("NL", "1", "21.00"), {"tax_code": "5"}),)
    data = replace(VAT, entries=rows)
    for rate in (Decimal(21), "21,0", " 21 "):
        assert find(data, "NL", "1", rate, column="tax_code") == "5"


def test_a_text_key_is_compared_as_it_is_written() -> None:
    with pytest.raises(MappingError):
        find(TENDERS, "pin", "1")


def test_a_number_key_may_be_any_or_no_number() -> None:
    keys = normalize_keys(VAT.keys, ["NL", "1", "*"])
    assert keys == ("NL", "1", "*")
    assert normalize_keys(VAT.keys, [" NL", "1", ""]) == ("NL", "1", "")


def test_a_missing_row_fails_with_map_keys_and_what_to_do() -> None:
    with pytest.raises(MappingError) as caught:
        find(TENDERS, "GOLD", "3")
    error = caught.value
    assert (
        error.message == 'Value map "Tenders" has no row for Tender "GOLD", Branch "3".'
    )
    assert (error.code, error.reference) == ("unmapped", "tenders:GOLD / 3")
    assert error.action == (
        'Open value map "Tenders" and add a row for Tender "GOLD", Branch "3".'
    )


def test_a_long_key_is_cut_in_the_error() -> None:
    with pytest.raises(MappingError) as caught:
        find(TENDERS, "x" * 10_000, "3")
    assert caught.value.reference == f"tenders:{'x' * 60}… / 3"
    assert f'"{"x" * 60}…"' in caught.value.message


def test_equal_missing_rows_share_a_fingerprint_whatever_the_rule() -> None:
    prints = set()
    for expression in ('lookup("vat", "NL", "7", 9)', 'lookup("vat", "NL", "7", 9.0)'):
        with pytest.raises(MappingError) as caught:
            work_out(expression)
        prints.add(caught.value.fingerprint)
    assert prints == {"MappingError:unmapped:vat:NL / 7 / 9"}


def test_an_open_entry_does_not_count() -> None:
    with pytest.raises(MappingError, match="no row"):
        find(TENDERS, "OPEN", "1")


@pytest.mark.parametrize(
    ("missing", "default", "value"),
    [
        ("empty", {"account": "1"}, None),
        ("default", {"account": "1"}, "1"),
        ("default", {}, None),
        ("default", {"account": ""}, None),
    ],
)
def test_what_happens_when_no_row_fits(
    missing: str, default: dict[str, str], value: str | None
) -> None:
    data = replace(TENDERS, missing=missing, default=default)
    assert find(data, "GOLD", "3") == value


def test_force_gives_the_default_whatever_the_keys() -> None:
    data = replace(TENDERS, force=True, default={"account": "1"})
    assert find(data, "PIN", "1") == "1"
    assert find(data, [], "1") == "1"


def test_a_row_with_too_few_keys_is_refused() -> None:
    data = replace(TENDERS, entries=(Entry(("PIN",), {"account": "1"}),))
    with pytest.raises(ConfigError, match="1 keys, but the map has 2") as caught:
        ValueTable(data)
    assert "mend the row PIN" in caught.value.action


def test_a_key_that_is_a_list_fails_naming_the_rule() -> None:
    with pytest.raises(MappingError, match='"Document: field" needs a single value'):
        work_out(
            'lookup("tenders", order.lines, "1", column="account")',
            {"lines": []},
            TENDERS,
        )


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ('lookup("gone", 1)', 'There is no value map "gone"; there is tenders.'),
        ('lookup("tenders", 1)', "wants 2 keys (Tender, Branch), not 1."),
        (
            'lookup("tenders", 1, 2, column="x")',
            'has no column "x"; there is account, treatment.',
        ),
        ('lookup("tenders", 1, 2)', 'has no column ""'),
        ("lookup(order.a, 1)", "takes the names of map and column in quotes"),
        ('lookup("tenders", 1, 2, column=3)', "names of map and column in quotes"),
    ],
)
def test_look_ups_that_cannot_work_stop_the_run(expression: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        work_out(expression, {}, TENDERS)
    assert problem in caught.value.message
    assert caught.value.reference == "header.field"
