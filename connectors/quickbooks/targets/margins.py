"""Margin goods: the till may have counted VAT on their whole price."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from connectors.datamodel import Line, LineType, Order
from connectors.quickbooks.targets.supplies import MARGIN
from connectors.quickbooks.targets.vat import ZERO, show_rate
from connectors.writes import Mapped, Margin


def list_margins(mapped: Mapped) -> tuple[Margin, ...]:
    """What the margin goods of a receipt were sold and bought for."""
    return tuple(
        Margin(
            article=line.article,
            text=line.text,
            quantity=line.quantity,
            sale=line.amount_incl,
            purchase=None
            if line.purchase_price is None
            else line.purchase_price * line.quantity,
        )
        for line, item in zip(mapped.document.lines, mapped.items, strict=True)
        if item.get("supply") == MARGIN and line.type == LineType.GOODS
    )


def take_out_margin(
    order: Order, margin: Collection[Line]
) -> tuple[Order, dict[str, Decimal]]:
    """The order with VAT sums without its margin lines', and what that is by rate.

    VAT on the margin is due by the period, never by the receipt. What the till says
    of a code that only margin goods have is theirs to the cent.
    """
    theirs: dict[tuple[str, str], Decimal] = {}
    for line in margin:
        key = line.vat_code, show_rate(line.vat_rate)
        vat = line.amount_incl - line.amount_excl
        theirs[key] = theirs.get(key, ZERO) + vat
    if not theirs:
        return order, {}
    others = {
        (line.vat_code, show_rate(line.vat_rate))
        for line in order.lines
        if line not in margin
    }
    totals = []
    taken: dict[str, Decimal] = {}
    for total in order.vat_totals:
        key = total.vat_code, show_rate(total.vat_rate)
        vat = ZERO
        if key in theirs:
            vat = theirs[key] if key in others else total.vat
        totals.append(replace(total, vat=total.vat - vat))
        taken[key[1]] = taken.get(key[1], ZERO) - vat
    return replace(order, vat_totals=tuple(totals)), taken
