"""Lines of the till → Lines, with their sub-lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.datamodel import Line, LineType, VatTotal
from connectors.mplus.shop import Shop
from connectors.mplus.sources.values import (
    CENT,
    Wire,
    keep_rest,
    list_items,
    to_id,
    to_money,
    to_quantity,
    to_rate,
    to_text,
    to_whole,
)

_NAMED = frozenset(
    {"lineId", "articleNumber", "text", "data", "preparationList", "uncondensedLines"}
)
_NAMED_DATA = frozenset(
    {
        "quantity",
        "decimalPlaces",
        "price",
        "totalInclAmount",
        "totalExclAmount",
        "vatCode",
        "vatPercentage",
        "turnoverGroup",
        "turnoverGroupName",
        "discountAmount",
        "purchasePrice",
    }
)
# Lay-out of the printed receipt, not things sold; a subtotal repeats amounts.
_LAYOUT = frozenset(
    {"LINE-KIND-SUBTOTAL", "LINE-KIND-HEADER", "LINE-KIND-SECONDARY-HEADER"}
)
_UNCONDENSED = "uncondensed"
_GROUP_PREFIX = "TURNOVER-GROUP-TYPE-"
_BY_GROUP = {
    "TURNOVER": LineType.GOODS,
    "REFUNDABLE-DEPOSIT": LineType.REFUNDABLE_DEPOSIT,
    "PAYMENT": LineType.SETTLEMENT,
    "SUSPENSE": LineType.SETTLEMENT,
}

# How the till prints a receipt's number (1-2-2026-17), and how its ids look.
_NAMED_DOCUMENT = re.compile(
    r"\b(\d+-\d+-\d{2}(?:\d{2})?-\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b",
    re.I,
)

Rates = Mapping[str, Decimal]


def read_lines(
    records: Sequence[Wire], *, shop: Shop, rates: Rates, total: Decimal
) -> tuple[Line, ...]:
    """The lines that add up to ``total``, if any way to count them does.

    No public source tells whether a main line's amount holds its sub-lines'. So the
    sum decides: main lines alone; else with their preparations; else with their
    components; else with all. Sub-lines that count become lines of their own. A
    composite without a VAT code of its own gives way to its components where they
    hold its whole amount and the codes. If nothing adds up, the main lines are given
    and the caller says so. ``rates`` are the receipt's own by VAT code.
    """
    lines = tuple(
        _read_line({"lineId": str(place), **each}, shop=shop, rates=rates)
        for place, each in enumerate(records, 1)
        if each.get("lineKind") not in _LAYOUT
    )
    for kinds in ((), ("PREPARATION",), ("COMPONENT",), ("",)):
        counted = tuple(_count(lines, kinds))
        if abs(sum_lines(counted) - total) <= CENT:
            return tuple(_split_composites(counted))
    return lines


def sum_lines(lines: Sequence[Line]) -> Decimal:
    """Their amounts incl. VAT."""
    return sum((line.amount_incl for line in lines), Decimal(0))


def share_vat_cents(
    lines: Sequence[Line], totals: Sequence[VatTotal]
) -> tuple[Line, ...]:
    """The lines of a receipt priced without VAT, made to add up to the till's sums.

    There the till adds VAT to the sum of each rate, and rounds each line's amount
    incl. VAT by itself: many lines differ by several cents. They are moved by at most
    a cent each, largest first. A code whose nets are not the till's stays as it is.
    """
    result = list(lines)
    for total in totals:
        key = total.vat_code, total.vat_rate
        places = [n for n, line in enumerate(lines) if _vat_key(line) == key]
        members = [lines[place] for place in places]
        missing = total.net + total.vat - sum_lines(members)
        count = int(abs(missing) / CENT)
        if count > len(places) or sum(m.amount_excl for m in members) != total.net:
            continue
        places.sort(key=lambda place: -abs(lines[place].amount_incl))
        for place in places[:count]:
            amount = result[place].amount_incl + CENT.copy_sign(missing)
            result[place] = replace(result[place], amount_incl=amount)
    return tuple(result)


def _vat_key(line: Line) -> tuple[str, Decimal]:
    return line.vat_code, line.vat_rate


def is_layout(record: Wire) -> bool:
    """Whether a wire line is only lay-out."""
    return record.get("lineKind") in _LAYOUT


def _read_line(record: Wire, *, shop: Shop, rates: Rates) -> Line:
    data: Wire = record.get("data") or {}
    places = to_whole(data, "decimalPlaces", 0)
    quantity = to_quantity(to_whole(data, "quantity", 0), places)
    incl = _read_total(data, quantity)
    excl = to_whole(data, "totalExclAmount", incl)
    kind = _read_type(data, shop, quantity=quantity, incl=incl)
    return Line(
        id=to_text(record.get("lineId")),
        type=kind,
        article=to_id(record.get("articleNumber")),
        text=record.get("text") or "",
        quantity=quantity,
        amount_incl=to_money(incl),
        amount_excl=to_money(excl),
        vat_code=to_id(data.get("vatCode")),
        vat_rate=_read_rate(data, incl=incl, excl=excl, rates=rates),
        turnover_group=to_text(data.get("turnoverGroup")),
        turnover_group_name=data.get("turnoverGroupName") or "",
        discount=to_money(to_whole(data, "discountAmount", 0)),
        unit_price_incl=_read_price(data, "price"),
        purchase_price=_read_purchase_price(data),
        settles=find_settled(record.get("text") or "")
        if kind is LineType.SETTLEMENT
        else "",
        sub_lines=tuple(
            _read_line(each, shop=shop, rates=rates) for each in _list_subs(record)
        ),
        extra=_keep_extra(record, data),
    )


def _list_subs(record: Wire) -> Iterator[dict[str, Any]]:
    yield from list_items(record, "preparationList", "line")
    for each in list_items(record, "uncondensedLines", "line"):
        # They are this very line once more, in detail: never counted.
        yield {**each, "lineType": _UNCONDENSED}


def _keep_extra(record: Wire, data: Wire) -> dict[str, Any]:
    return {**keep_rest(data, _NAMED_DATA), **keep_rest(record, _NAMED)}


def _read_total(data: Wire, quantity: Decimal) -> int:
    """The whole line's amount in cents; from price and quantity where it is absent."""
    if "totalInclAmount" in data:
        return to_whole(data, "totalInclAmount")
    price = to_whole(data, "price", 0) * quantity - to_whole(data, "discountAmount", 0)
    return int(price.to_integral_value(ROUND_HALF_UP))


def _read_rate(data: Wire, *, incl: int, excl: int, rates: Rates) -> Decimal:
    code = to_id(data.get("vatCode"))
    if code in rates:
        return rates[code]
    return to_rate(to_whole(data, "vatPercentage", 0), net=excl, vat=incl - excl)


def _read_price(data: Wire, name: str) -> Decimal | None:
    return None if data.get(name) is None else to_money(to_whole(data, name))


def _read_purchase_price(data: Wire) -> Decimal | None:
    """Of one unit; the average where the till keeps no other."""
    average = data.get("averagePurchasePrice")
    if not data.get("purchasePrice") and isinstance(average, Decimal) and average:
        return average
    return _read_price(data, "purchasePrice")


def find_settled(text: str) -> str:
    """The number or id of the document that a text names, "" for none or several."""
    found = set(_NAMED_DOCUMENT.findall(text))
    return found.pop() if len(found) == 1 else ""


def _read_type(data: Wire, shop: Shop, *, quantity: Decimal, incl: int) -> LineType:
    group = data.get("turnoverGroup")
    if (
        group in shop.gift_card_groups
        or data.get("priceType") == "PRICE-TYPE-GIFT-CARD"
    ):
        return LineType.GIFT_CARD
    if data.get("priceType") == "PRICE-TYPE-PAYMENT":
        return LineType.SETTLEMENT
    kind = data.get("turnoverGroupType") or shop.group_types.get(group or 0) or ""
    kind = kind.removeprefix(_GROUP_PREFIX) or "TURNOVER"
    # A kind that nobody knows must not become revenue.
    found = _BY_GROUP.get(kind, LineType.OTHER_LIABILITY)
    if found is LineType.GOODS and quantity * incl < 0 and not data.get("vatCode"):
        # No return (its quantity would be negative) and no discount (it has no VAT);
        # both signs are turned where a trade-in is credited.
        return LineType.TRADE_IN
    return found


def _count(lines: Sequence[Line], kinds: Sequence[str]) -> Iterator[Line]:
    """The lines, and behind each those of its sub-lines whose kind counts."""
    for line in lines:
        counted = [sub for sub in line.sub_lines if _counts(sub, kinds)]
        rest = tuple(sub for sub in line.sub_lines if sub not in counted)
        yield replace(line, sub_lines=rest) if counted else line
        yield from _count(counted, kinds)


def _counts(sub: Line, kinds: Sequence[str]) -> bool:
    names = (str(sub.extra.get(name) or "") for name in ("lineType", "subLineType"))
    # What one of the two fields calls nothing, the other may name.
    found = [name for name in names if name and not name.endswith("-NONE")]
    kind = found[0] if found else ""
    return kind != _UNCONDENSED and any(kind.endswith(each) for each in kinds)


def _split_composites(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        parts = [sub for sub in line.sub_lines if sub.amount_incl]
        whole = parts and sum_lines(parts) == line.amount_incl
        if whole and not line.vat_code and all(part.vat_code for part in parts):
            yield from parts
        else:
            yield line
