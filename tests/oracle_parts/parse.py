"""What the till's elements say: records made of XML, cents and days as sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from lxml import etree

from .records import (
    CashCount,
    CountLine,
    Relation,
    TillLine,
    TillPayment,
    TillReceipt,
    TillVat,
)

NAMESPACE = "urn:mplusqapi"
Parsed = TypeVar("Parsed")


def parse_relation(element: etree._Element) -> Relation:
    """One ``relation`` element."""
    days = read_text(element, "paymentWithinDays")
    return Relation(
        number=read_text(element, "relationNumber"),
        name=read_text(element, "name").strip(),
        company=read_text(element, "companyName").strip(),
        email=read_text(element, "email").strip(),
        days=int(days) if days else None,
        country=read_text(element, "country").strip(),
        vat_number=read_text(element, "vatNumber").strip(),
    )


def parse_receipt(element: etree._Element) -> TillReceipt:
    """One ``receipt`` element; what makes no sense becomes a fault, not an error."""
    receipt = TillReceipt(id=read_text(element, "receiptId"))
    try:
        return _fill_receipt(element, receipt)
    except (ValueError, ArithmeticError) as error:
        return replace(receipt, fault=f"cannot be read: {error}")


def _fill_receipt(element: etree._Element, receipt: TillReceipt) -> TillReceipt:
    day = _read_day(read_child(element, "financialDate"))
    if day is None:
        raise ValueError("no financial date")
    return replace(
        receipt,
        text=read_text(element, "transactionString"),
        number=_read_number(read_child(element, "receiptNumber")),
        type=read_text(element, "receiptType"),
        state=read_text(element, "state"),
        relation=_read_relation(element),
        day=day,
        branch=read_text(element, "financialBranchNumber"),
        vat_method=read_text(element, "vatMethod"),
        credits=read_text(element, "creditedReceiptId"),
        entered=_read_moment(read_child(element, "entryTimestamp")),
        total_incl=_read_cents(element, "totalInclAmount"),
        total_excl=_read_cents(element, "totalExclAmount"),
        paid=_read_cents(element, "paidAmount"),
        lines=_read_list(element, "lineList", "line", _parse_line),
        payments=_read_list(element, "paymentList", "payment", _parse_payment),
        vat=_read_list(element, "vatGroupList", "vatGroup", _parse_vat),
    )


def _parse_line(element: etree._Element) -> TillLine:
    data = read_child(element, "data")
    cost = read_text(data, "purchasePrice")
    return TillLine(
        text=read_text(element, "text"),
        incl=_read_cents(data, "totalInclAmount"),
        excl=_read_cents(data, "totalExclAmount"),
        vat_code=read_text(data, "vatCode"),
        group=read_text(data, "turnoverGroup"),
        group_type=read_text(data, "turnoverGroupType"),
        price_type=read_text(data, "priceType"),
        quantity=_read_cents(data, "quantity"),
        bpe=_read_cents(data, "bpeAmount"),
        bpe_excl=_read_cents(data, "bpeAmountExcl"),
        type=_read_sub_type(element),
        kind=read_text(element, "lineKind"),
        subs=_read_list(element, "preparationList", "line", _parse_line),
        article=read_text(element, "articleNumber"),
        decimals=_read_cents(data, "decimalPlaces"),
        cost=int(cost) if cost else None,
    )


def _read_sub_type(element: etree._Element) -> str:
    """What kind of sub-line this is: the older field may leave it to the newer."""
    older = read_text(element, "lineType").replace("LINE-TYPE-NONE", "")
    return older or read_text(element, "subLineType")


def _parse_payment(element: etree._Element) -> TillPayment:
    return TillPayment(
        id=read_text(element, "paymentId"),
        day=_read_day(read_child(element, "financialDate")),
        branch=read_text(element, "branchNumber"),
        method=read_text(element, "method"),
        type=read_text(element, "paymentMethodType"),
        entered=_read_moment(read_child(element, "entryTimestamp")),
        amount=_read_cents(element, "amount"),
    )


def _parse_vat(element: etree._Element) -> TillVat:
    return TillVat(
        code=read_text(element, "vatCode"),
        percentage=Decimal(read_text(element, "vatPercentage") or 0),
        excl=_read_cents(element, "exclAmount"),
        vat=_read_cents(element, "vatAmount"),
        country=read_text(element, "countryIso3"),
    )


def parse_cash_count(element: etree._Element) -> CashCount:
    """One ``cashCount`` element."""
    day = _read_day(read_child(element, "financialDate"))
    extra = read_children(element, "extraWorkplaceNumbers")
    return CashCount(
        id=read_text(element, "cashCountId"),
        day=day or date.min,
        branch=read_text(element, "branchNumber"),
        tills=(
            read_text(element, "workplaceNumber"),
            *(found.text or "" for found in extra),
        ),
        # An older service does not say it, and lists no unfinished ones.
        final=read_text(element, "isFinalized") in ("", "true", "1"),
        lines=_read_list(element, "cashCountLineList", "cashCountLine", _parse_count),
    )


def _parse_count(element: etree._Element) -> CountLine:
    start, added, counted, end = (
        _read_cents(element, f"{name}Amount")
        for name in ("start", "added", "counted", "end")
    )
    return CountLine(
        method=read_text(element, "paymentMethod"),
        difference=_turn(element, "differenceAmount", counted - start - added),
        banked=_turn(element, "depositedAmount", counted - end),
    )


def _turn(element: etree._Element, name: str, computed: int) -> int:
    """An amount as sent, in the sign that its sum has: nobody tells which is meant."""
    sent = _read_cents(element, name)
    return computed if abs(computed) == abs(sent) else sent


def _read_moment(element: etree._Element | None) -> datetime | None:
    if element is None:
        return None
    names = ("year", "mon", "day", "hour", "min", "sec")
    parts = [_read_cents(element, name) for name in names]
    return datetime(*parts) if all(parts[:3]) else None  # type: ignore[arg-type] # noqa: DTZ001 - wall clock


def read_child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else element.find(f"{{{NAMESPACE}}}{name}")


def read_children(
    element: etree._Element | None, name: str
) -> Iterator[etree._Element]:
    if element is not None:
        yield from element.iterfind(f"{{{NAMESPACE}}}{name}")


def read_text(element: etree._Element | None, name: str) -> str:
    """The text of a direct child, "" where there is none."""
    found = read_child(element, name)
    return "" if found is None else (found.text or "")


def read_marker(element: etree._Element) -> int:
    return int(read_text(element, "syncMarker") or 0)


def _read_cents(element: etree._Element | None, name: str) -> int:
    return int(read_text(element, name) or 0)


def _read_list(
    element: etree._Element,
    wrapper: str,
    item: str,
    parse: Callable[[etree._Element], Parsed],
) -> tuple[Parsed, ...]:
    return tuple(
        parse(found) for found in read_children(read_child(element, wrapper), item)
    )


def _read_day(element: etree._Element | None) -> date | None:
    if element is None:
        return None
    day, month, year = (_read_cents(element, name) for name in ("day", "mon", "year"))
    # The vendor's empty date is all zeros.
    return date(year, month, day) if day or month or year else None


def _read_relation(element: etree._Element) -> str:
    number = read_text(element, "relationNumber")
    return "" if number == "0" else number


def _read_number(element: etree._Element | None) -> tuple[str, str, str, str] | None:
    names = ("branchNumber", "workplaceNumber", "year", "number")
    parts = [read_text(element, name) for name in names]
    if not parts[3] or parts[3] == "0":
        return None
    return parts[0], parts[1], parts[2], parts[3]
