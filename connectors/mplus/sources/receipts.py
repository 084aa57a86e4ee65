"""A receipt of the till → an Order, or Unreadable in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from connectors.datamodel import (
    Customer,
    Line,
    LineType,
    Order,
    OrderNumber,
    OrderType,
    Unreadable,
    VatMethod,
    VatTotal,
)
from connectors.mplus.shop import Shop
from connectors.mplus.sources.balance import balance_receipt
from connectors.mplus.sources.later import turn_on_account
from connectors.mplus.sources.lines import (
    find_settled,
    is_layout,
    read_lines,
    share_vat_cents,
    sum_lines,
)
from connectors.mplus.sources.own_use import Parts, tell_own_use
from connectors.mplus.sources.tenders import read_tender
from connectors.mplus.sources.values import (
    CENT,
    SHOP_ZONE,
    Wire,
    WireError,
    attempt,
    find_name,
    keep_rest,
    list_items,
    to_date,
    to_id,
    to_moment,
    to_money,
    to_plain,
    to_text,
    to_whole,
)
from connectors.mplus.sources.vat import (
    find_country,
    index_rates,
    read_vat_method,
    read_vat_totals,
)

T = TypeVar("T")

# The till keeps no currency anywhere; it is sold where the euro is used.
CURRENCY = "EUR"

_TYPES = {
    "RECEIPT-TYPE-RECEIPT": OrderType.SALE,
    "RECEIPT-TYPE-CREDIT-RECEIPT": OrderType.CREDIT,
    "RECEIPT-TYPE-CASH-INFLOW": OrderType.CASH_IN,
    "RECEIPT-TYPE-CASH-OUTFLOW": OrderType.CASH_OUT,
    "RECEIPT-TYPE-PAYMENT-METHOD-TRANSFER": OrderType.TRANSFER,
}
_NAMED = frozenset(
    {
        "receiptId",
        "receiptNumber",
        "transactionString",
        "financialDate",
        "entryTimestamp",
        "financialBranchNumber",
        "entryBranchNumber",
        "workplaceNumber",
        "totalInclAmount",
        "totalExclAmount",
        "lineList",
        "paymentList",
        "vatGroupList",
        "employeeNumber",
        "reference",
        "creditedReceiptId",
        "relationNumber",
    }
)
# The rest keeps its own name in ``extra``: also what changes without the receipt
# changing (counters, mail events), which must not be in the hub's content hash.


def read_receipt(
    record: Wire,
    *,
    shop: Shop,
    customers: Mapping[str, Customer],
) -> Order | Unreadable:
    """The order that a wire receipt describes.

    Unreadable where the type is not known, a needed field is missing or the amounts
    do not add up. The version is the receipt's sync marker: the till gives a new one
    at each change. ``customers`` is by relation number.
    """
    try:
        return _read(record, shop=shop, customers=customers)
    except WireError as error:
        return Unreadable(
            id=receipt_id(record),
            version=to_text(record.get("syncMarker")),
            number=to_text(record.get("transactionString")),
            reason=str(error),
            raw=to_plain(record),
            code=error.code,
            date=attempt(lambda: to_date(record.get("financialDate"))),
            branch=attempt(lambda: str(to_whole(record, "financialBranchNumber")))
            or "",
            total=attempt(lambda: to_money(to_whole(record, "totalInclAmount"))),
        )


def receipt_id(record: Wire) -> str:
    """The receipt's id, or its marker where the till forgot the id."""
    return record.get("receiptId") or f"marker-{record.get('syncMarker')}"


def relation_number(record: Wire) -> int:
    """The number of the receipt's relation, 0 for none."""
    number = record.get("relationNumber")
    return number if isinstance(number, int) else 0


def _read(record: Wire, *, shop: Shop, customers: Mapping[str, Customer]) -> Order:
    if not record.get("receiptId"):
        raise WireError("The receipt has no id.", code="no_id")
    day = to_date(record.get("financialDate"))
    if day is None:
        raise WireError("The receipt has no financial date.", code="no_date")
    relation = to_whole(record, "relationNumber", 0)
    return Order(
        id=record["receiptId"],
        version=to_text(record.get("syncMarker")),
        number=_read_number(record),
        date=day,
        # Without a time, the beginning of the business day is as good as any.
        entered_at=to_moment(record.get("entryTimestamp"))
        or datetime.combine(day, time(), SHOP_ZONE),
        till=to_id(record.get("workplaceNumber")),
        currency=CURRENCY,
        employee=to_id(record.get("employeeNumber")),
        reference=to_text(record.get("reference")),
        credits=to_text(record.get("creditedReceiptId")),
        customer=customers.get(to_id(relation)),
        customer_id=to_id(relation),
        extra=_keep_extra(record),
        **_read_place(record, shop),
        **_read_money(record, shop=shop, day=day),
    )


def _read_place(record: Wire, shop: Shop) -> dict[str, Any]:
    branch = to_whole(record, "financialBranchNumber")
    return {
        "branch": str(branch),
        "entry_branch": to_id(record.get("entryBranchNumber")) or str(branch),
        "country": find_country(record) or shop.countries.get(branch, ""),
    }


def _read_money(record: Wire, *, shop: Shop, day: date) -> dict[str, Any]:
    kind = find_name(record, "receiptType", _TYPES, code="unknown_type")
    total = to_money(to_whole(record, "totalInclAmount"))
    vat_totals = read_vat_totals(record)
    lines = _read_lines(record, total, shop=shop, vat_totals=vat_totals)
    if not lines and kind in (OrderType.CASH_IN, OrderType.CASH_OUT):
        lines = (_make_movement(record, total),)
    payments = list_items(record, "paymentList", "payment")
    tenders = tuple(
        read_tender(each, shop=shop, day=day, fallback_id=f"{receipt_id(record)}/{n}")
        for n, each in enumerate(payments, 1)
    )
    parts = tell_own_use(
        Parts(
            lines=_name_settled(lines, record),
            tenders=tenders,
            total_incl=total,
            total_excl=to_money(to_whole(record, "totalExclAmount")),
        ),
        shop=shop,
        day=day,
    )
    return {
        "type": kind,
        "vat_method": read_vat_method(record),
        "vat_totals": vat_totals,
        **_balance(parts, to_text(record.get("state")), day),
    }


def _balance(parts: Parts, state: str, day: date) -> dict[str, Any]:
    tenders = turn_on_account(parts.tenders, total=parts.total_incl, day=day)
    balance = balance_receipt(
        state=state, total=parts.total_incl, lines=parts.lines, tenders=tenders
    )
    return {
        "total_incl": parts.total_incl,
        "total_excl": parts.total_excl,
        "lines": parts.lines,
        "tenders": tenders,
        **asdict(balance),
    }


def _name_settled(lines: tuple[Line, ...], record: Wire) -> tuple[Line, ...]:
    """A lone settlement line whose text names nothing: the reference may name it."""
    bare = [line for line in lines if line.type is LineType.SETTLEMENT]
    if len(bare) != 1 or bare[0].settles:
        return lines
    settled = find_settled(to_text(record.get("reference")))
    return tuple(
        replace(line, settles=settled) if line is bare[0] else line for line in lines
    )


def _read_lines(
    record: Wire, total: Decimal, *, shop: Shop, vat_totals: Sequence[VatTotal]
) -> tuple[Line, ...]:
    lines = read_lines(
        list_items(record, "lineList", "line"),
        shop=shop,
        rates=index_rates(vat_totals),
        total=total,
    )
    adds_up = abs(sum_lines(lines) - total) <= CENT
    if adds_up or read_vat_method(record) is not VatMethod.EXCLUSIVE:
        return lines
    return share_vat_cents(lines, vat_totals)


def _make_movement(record: Wire, total: Decimal) -> Line:
    """The line of a cash movement that the till registered without one."""
    return Line(
        id="",
        type=LineType.OTHER_LIABILITY,
        article="",
        text=to_text(record.get("reference")),
        quantity=Decimal(1),
        amount_incl=total,
        amount_excl=total,
        vat_code="",
        vat_rate=Decimal(0),
    )


def _read_number(record: Wire) -> OrderNumber | None:
    parts = record.get("receiptNumber") or {}
    if not parts.get("number"):
        return None
    return OrderNumber(
        branch=to_id(parts.get("branchNumber")),
        till=to_id(parts.get("workplaceNumber")),
        year=to_id(parts.get("year")),
        number=to_id(parts.get("number")),
        text=to_text(record.get("transactionString")),
    )


def _keep_extra(record: Wire) -> dict[str, Any]:
    extra = keep_rest(record, _NAMED)
    layout = [
        each for each in list_items(record, "lineList", "line") if is_layout(each)
    ]
    if layout:
        extra["lineList"] = {"line": to_plain(layout)}
    return extra
