"""A cash count of the till → an Order of type CASH_COUNT, or Unreadable."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from connectors.datamodel import Order, OrderType, Tender, Unreadable, VatMethod
from connectors.mplus.shop import Shop
from connectors.mplus.sources.receipts import CURRENCY
from connectors.mplus.sources.tenders import propose_type
from connectors.mplus.sources.values import (
    SHOP_ZONE,
    Wire,
    WireError,
    attempt,
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

ZERO = Decimal(0)
_NAMED = frozenset(
    {
        "cashCountId",
        "cashCountString",
        "financialDate",
        "entryTimestamp",
        "branchNumber",
        "workplaceNumber",
        "versionNumber",
        "employeeNumber",
        "cashCountLineList",
    }
)
_NAMED_LINE = frozenset({"paymentMethod", "differenceAmount"})


def is_final(record: Wire) -> bool:
    """Whether a count is not a draft. Servers without the flag list no drafts."""
    return record.get("isFinalized") is not False


def read_cash_count(record: Wire, *, shop: Shop) -> Order | Unreadable:
    """The order that a wire cash count describes: a tender per payment method.

    Its number is left out: it would look like a receipt's. The printed one is the
    reference.
    """
    try:
        return _read(record, shop=shop)
    except WireError as error:
        return Unreadable(
            id=to_text(record.get("cashCountId")) or count_label(record),
            version=to_text(record.get("versionNumber")),
            number=count_label(record),
            reason=str(error),
            raw=to_plain(record),
            code=error.code,
            date=day_of(record),
            branch=to_text(record.get("branchNumber")),
        )


def count_label(record: Wire) -> str:
    """How people call a count: as the till prints it, else by its parts."""
    if record.get("cashCountString"):
        return to_text(record["cashCountString"])
    number = record.get("cashCountNumber") or {}
    parts = (
        record.get("branchNumber"),
        record.get("workplaceNumber"),
        number.get("year"),
        number.get("number"),
    )
    return "-".join(map(to_text, parts))


def day_of(record: Wire) -> date | None:
    """The business date of a count, None where it has none that makes sense."""
    return attempt(lambda: to_date(record.get("financialDate")))


def _read(record: Wire, *, shop: Shop) -> Order:
    if not record.get("cashCountId"):
        raise WireError("The cash count has no id.", code="no_id")
    day = to_date(record.get("financialDate"))
    if day is None:
        raise WireError("The cash count has no financial date.", code="no_date")
    branch = to_whole(record, "branchNumber")
    tenders = tuple(
        _read_line(each, record, shop=shop, day=day)
        for each in list_items(record, "cashCountLineList", "cashCountLine")
    )
    total = sum((tender.amount for tender in tenders), ZERO)
    return Order(
        id=record["cashCountId"],
        version=to_text(record.get("versionNumber")),
        type=OrderType.CASH_COUNT,
        number=None,
        date=day,
        entered_at=to_moment(record.get("entryTimestamp"))
        or datetime.combine(day, time(), SHOP_ZONE),
        branch=str(branch),
        entry_branch=str(branch),
        till=to_id(record.get("workplaceNumber")),
        country=shop.countries.get(branch, ""),
        currency=CURRENCY,
        vat_method=VatMethod.INCLUSIVE,
        total_incl=total,
        total_excl=total,
        lines=(),
        tenders=tenders,
        vat_totals=(),
        final=is_final(record),
        employee=to_id(record.get("employeeNumber")),
        reference=count_label(record),
        extra=keep_rest(record, _NAMED),
    )


def _read_line(line: Wire, record: Wire, *, shop: Shop, day: date) -> Tender:
    method = to_text(line.get("paymentMethod"))
    banked = _find_banked(line)
    known = shop.methods.get(method)
    name = known.description if known else ""
    return Tender(
        id=f"{record['cashCountId']}/{method}",
        method=method,
        type=propose_type({**line, "method": method}, shop),
        amount=_find_difference(line),
        date=day,
        # Told here too, so that another amount is another content.
        description=f"{name or method}, {banked} banked" if banked else name,
        branch=to_id(record.get("branchNumber")),
        extra={**keep_rest(line, _NAMED_LINE), "banked": banked},
    )


def _find_difference(line: Wire) -> Decimal:
    """What was counted above what should be there; below it is negative.

    Nobody says which way round the till tells it, so its other amounts do, where
    they come to the same.
    """
    told = to_whole(line, "differenceAmount", 0)
    counted = attempt(
        lambda: (
            to_whole(line, "countedAmount")
            - to_whole(line, "startAmount")
            - to_whole(line, "addedAmount")
        )
    )
    if counted is not None and abs(counted) == abs(told):
        return to_money(counted)
    return to_money(told)


def _find_banked(line: Wire) -> Decimal:
    """What was taken out of the drawer; what was put in is negative."""
    told = to_whole(line, "depositedAmount", 0)
    taken = attempt(
        lambda: to_whole(line, "countedAmount") - to_whole(line, "endAmount")
    )
    if taken is not None and abs(taken) == abs(told):
        return to_money(taken)
    return to_money(told)
