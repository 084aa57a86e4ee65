"""What the shop used itself, where the till keeps it at the lines.

A line can say that a part of it was broken, given away or used (``bpeAmount``). No
public source tells whether the line's and the receipt's amounts hold that part, nor
whether it is among the payments too. So the sums decide, and the document says it in
one way always: whole lines, and a tender of type OWN_USE for the part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connectors.datamodel import Line, Tender, TenderType
from connectors.mplus.shop import PaymentMethod, Shop
from connectors.mplus.sources.lines import sum_lines
from connectors.mplus.sources.tenders import propose_type
from connectors.mplus.sources.values import CENT, HUNDRED, to_money, to_whole

ZERO = Decimal(0)
# As much may be rounded away on the rest, which is paid.
_ROUNDED = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Parts:
    """A receipt's lines, tenders and totals with own use told as a tender."""

    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    total_incl: Decimal
    total_excl: Decimal


def tell_own_use(parts: Parts, *, shop: Shop, day: date) -> Parts:
    """Make lines whole and add the tenders that are missing, where lines have own use.

    Raises WireError for an amount that is no number.
    """
    uses = [_read_use(line) for line in parts.lines]
    used = sum(uses, ZERO)
    if not any(uses):
        return parts
    lines = tuple(
        _make_whole(line, use) if use else line
        for line, use in zip(parts.lines, uses, strict=True)
    )
    parts = _make_total_whole(replace(parts, lines=lines), used)
    paid = sum((tender.amount for tender in parts.tenders), ZERO)
    missing, sign = parts.total_incl - paid, 1 if used >= 0 else -1
    if missing * sign < used * sign - _ROUNDED:
        # It is among the payments already.
        return parts
    added = [
        _make_tender(line, use, shop=shop, day=day)
        for line, use in zip(lines, uses, strict=True)
        if use
    ]
    return replace(parts, tenders=(*parts.tenders, *added))


def _read_use(line: Line, name: str = "bpeAmount") -> Decimal:
    return to_money(to_whole(line.extra, name, 0))


def _make_whole(line: Line, use: Decimal) -> Line:
    """The line with the part in it, where its amount is what is left of it."""
    if line.unit_price_incl is None:
        return line
    full = (line.unit_price_incl * line.quantity).quantize(CENT) - line.discount
    if abs(line.amount_incl + use - full) > CENT or line.amount_incl == full:
        return line
    return replace(
        line,
        amount_incl=line.amount_incl + use,
        amount_excl=line.amount_excl + _exclude_vat(line, use),
    )


def _exclude_vat(line: Line, use: Decimal) -> Decimal:
    if "bpeAmountExcl" in line.extra:
        return _read_use(line, "bpeAmountExcl")
    return (use * HUNDRED / (HUNDRED + line.vat_rate)).quantize(CENT)


def _make_total_whole(parts: Parts, used: Decimal) -> Parts:
    """The totals with the part in them, where they are what is left to be paid."""
    over = sum_lines(parts.lines) - parts.total_incl
    if abs(over) <= CENT or abs(over - used) > CENT:
        return parts
    excl = sum((_exclude_vat(each, _read_use(each)) for each in parts.lines), ZERO)
    return replace(
        parts,
        total_incl=parts.total_incl + used,
        total_excl=parts.total_excl + excl,
    )


def _make_tender(line: Line, use: Decimal, *, shop: Shop, day: date) -> Tender:
    method = str(line.extra.get("bpeId") or "BPE")
    known = shop.methods.get(method) or PaymentMethod(method)
    kind = propose_type({"method": method}, shop)
    kinds = (TenderType.OWN_USE, TenderType.VOUCHER)
    return Tender(
        id=f"bpe:{line.id}",
        method=method,
        type=kind if kind in kinds else TenderType.OWN_USE,
        amount=use,
        date=day,
        description=str(line.extra.get("bpeDescription") or known.description),
        extra={"lineId": line.id},
    )
