"""Documents as plain data and back."""

from __future__ import annotations

import dataclasses
import enum
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from connectors import datamodel as dm
from connectors.extras import decode_extra, encode_extra
from connectors.plain import content_hash, from_json, to_json, to_plain
from tests.connectors.documents import documents

ADDRESS = dm.Address("Kade 1", "1000 AA", "Amsterdam", "NL")
CUSTOMER = dm.Customer(
    id="7", is_company=True, name="N", billing=ADDRESS, extra={"web": "x"}
)
LINE = dm.Line(
    id="1",
    type=dm.LineType.GOODS,
    article="100",
    text="Tea",
    quantity=Decimal(1),
    amount_incl=Decimal("1.21"),
    amount_excl=Decimal(1),
    vat_code="1",
    vat_rate=Decimal("21.00"),
    unit_price_incl=Decimal("1.21"),
    purchase_price=Decimal(1),
    own_use=Decimal("0.21"),
    extra={"siUnit": "kg"},
)
TENDER = dm.Tender(
    id="1",
    method="PIN",
    type=dm.TenderType.CARD,
    amount=Decimal("1.21"),
    date=date(2026, 1, 31),
)
ORDER = dm.Order(
    id="9",
    version="1",
    type=dm.OrderType.SALE,
    number=dm.OrderNumber("1", "2", "26", "33", "1-2-26-33"),
    date=date(2026, 1, 31),
    entered_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    branch="1",
    entry_branch="1",
    till="2",
    country="NL",
    currency="EUR",
    vat_method=dm.VatMethod.INCLUSIVE,
    total_incl=Decimal("1.21"),
    total_excl=Decimal(1),
    lines=(dataclasses.replace(LINE, sub_lines=(LINE,)),),
    tenders=(TENDER,),
    vat_totals=(dm.VatTotal("1", Decimal(21), Decimal(1), Decimal("0.21")),),
    customer=CUSTOMER,
)

PARTS = {
    "order": ORDER,
    "number": ORDER.number,
    "line": ORDER.lines[0],
    "sub-line": LINE,
    "tender": TENDER,
    "VAT total": ORDER.vat_totals[0],
}
UNHASHED = {"version", "extra", "customer"}


def replace_part(part: str, changed: Any) -> dm.Document:
    """ORDER with one of its parts replaced."""
    if part == "order":
        return changed
    if part == "sub-line":
        changed = dataclasses.replace(ORDER.lines[0], sub_lines=(changed,))
    name, value = {
        "line": ("lines", (changed,)),
        "sub-line": ("lines", (changed,)),
        "tender": ("tenders", (changed,)),
        "VAT total": ("vat_totals", (changed,)),
        "number": ("number", changed),
    }[part]
    return dataclasses.replace(ORDER, **{name: value})


def alter(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, enum.Enum):
        return next(other for other in type(value) if other != value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, Decimal):
        return value + 1
    if isinstance(value, datetime | date):
        return value.replace(day=15)
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, tuple):
        return () if value else (LINE,)
    return None if dataclasses.is_dataclass(value) else 5


FIELDS = [
    (part, field.name)
    for part, value in PARTS.items()
    for field in dataclasses.fields(value)
    if field.name not in UNHASHED
]


@settings(max_examples=60)
@given(documents)
def test_json_gives_the_same_document_back(document: dm.Document) -> None:
    assert from_json(json.loads(json.dumps(to_json(document)))) == document


@settings(max_examples=60)
@given(documents)
def test_json_keeps_the_digits_of_every_number(document: dm.Document) -> None:
    again = from_json(json.loads(json.dumps(to_json(document))))
    assert repr(to_plain(again)) == repr(to_plain(document))


@settings(max_examples=60)
@given(documents)
def test_plain_data_has_the_fields_of_the_document(document: dm.Document) -> None:
    names = [field.name for field in dataclasses.fields(document)]
    assert list(to_plain(document)) == names


@pytest.mark.parametrize("part", ["lines", "tenders", "vat_totals"])
def test_plain_data_has_the_fields_of_the_parts(part: str) -> None:
    names = [field.name for field in dataclasses.fields(getattr(ORDER, part)[0])]
    assert list(to_plain(ORDER)[part][0]) == names


def test_plain_data_keeps_numbers_and_dates_and_writes_types_as_text() -> None:
    plain = to_plain(ORDER)
    assert plain["total_incl"] == Decimal("1.21")
    assert plain["date"] == date(2026, 1, 31)
    assert type(plain["type"]) is str
    assert plain["lines"][0]["sub_lines"][0]["extra"] == {"siUnit": "kg"}
    assert plain["customer"]["billing"]["city"] == "Amsterdam"


@pytest.mark.parametrize(("part", "field"), FIELDS)
def test_hash_changes_with_every_field(part: str, field: str) -> None:
    value = getattr(PARTS[part], field)
    changed = dataclasses.replace(PARTS[part], **{field: alter(value)})
    assert content_hash(replace_part(part, changed)) != content_hash(ORDER)


@pytest.mark.parametrize("part", ["order", "line", "sub-line", "tender"])
def test_hash_ignores_extra(part: str) -> None:
    changed = dataclasses.replace(PARTS[part], extra={"printed": 2})
    assert content_hash(replace_part(part, changed)) == content_hash(ORDER)


def test_a_new_address_of_the_customer_does_not_change_what_was_sold() -> None:
    moved = dataclasses.replace(CUSTOMER, billing=dm.Address("Kade 2"))
    changed = dataclasses.replace(ORDER, customer=moved)
    assert content_hash(changed) == content_hash(ORDER)


def test_hash_ignores_the_version() -> None:
    changed = dataclasses.replace(ORDER, version="2")
    assert content_hash(changed) == content_hash(ORDER)


def test_hash_of_equal_documents_is_equal() -> None:
    other = dataclasses.replace(
        ORDER,
        total_incl=Decimal("1.2100"),
        tips=Decimal("-0.00"),
        entered_at=datetime.fromisoformat("2026-01-31T13:00:00+01:00"),
    )
    assert other == ORDER
    assert content_hash(other) == content_hash(ORDER)


def test_hash_of_a_customer_ignores_extra_only() -> None:
    assert content_hash(dataclasses.replace(CUSTOMER, extra={})) == content_hash(
        CUSTOMER
    )
    assert content_hash(dataclasses.replace(CUSTOMER, email="x")) != content_hash(
        CUSTOMER
    )


def test_extra_of_unknown_objects_becomes_text() -> None:
    assert encode_extra({"a": 1 + 2j, "b": (dm.Kind.ORDER,)}) == {
        "a": "(1+2j)",
        "b": ["order"],
    }


def test_extra_that_looks_like_a_mark_comes_back_as_it_was() -> None:
    for extra in ({"$decimal": "x"}, {"$record": {"$record": 1}}, {"$unknown": 1}):
        assert decode_extra(encode_extra(extra)) == extra
