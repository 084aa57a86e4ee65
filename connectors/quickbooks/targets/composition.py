"""The lines of a document: goods, liabilities and rounding, in the till's sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.datamodel import Line, LineType, Order
from connectors.quickbooks.targets.adjustments import (
    gather,
    make_liabilities,
    make_rounding,
    make_vouchers,
)
from connectors.quickbooks.targets.items import Items, find_liability
from connectors.quickbooks.targets.options import SETTINGS_PAGE, Options
from connectors.quickbooks.targets.tenders import Tenders
from connectors.quickbooks.targets.vat import (
    ZERO,
    Piece,
    match_till,
    show_rate,
    sum_vat,
    take_net,
)
from connectors.writes import Bridge, Mapped, Ref
from integration_hub.core.errors import MappingError, Rejected

NO_CODE = frozenset({"", "0"})
DESCRIPTION_LENGTH = 4000
OUTSIDE_VAT = "Tax code for what is outside VAT"


@dataclass(frozen=True, slots=True)
class Composition:
    """The lines of one document and what it must amount to, in the till's sign.

    ``voucher_vat`` is the VAT by rate that own discount vouchers take back.
    """

    pieces: tuple[Piece, ...]
    bridge: Bridge
    voucher_vat: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        """The sum of the lines."""
        return sum((piece.gross for piece in self.pieces), ZERO)


@dataclass(frozen=True, slots=True)
class _Composer:
    mapped: Mapped
    items: Items

    @property
    def options(self) -> Options:
        return self.items.options

    @property
    def order(self) -> Order:
        return self.mapped.document


def compose(mapped: Mapped, tenders: Tenders, items: Items) -> Composition:
    """All lines of a receipt's document. Pure but for ``items``, which it fills.

    Raises MappingError for what is not mapped and Rejected, with the amounts, where
    the till's lines, VAT and tenders do not add up.
    """
    composer = _Composer(mapped, items)
    order = mapped.document
    goods = [
        _make_line(composer, *entry)
        for entry in zip(order.lines, mapped.lines, mapped.items, strict=True)
    ]
    spare = 1 if order.sum_rounding else 0
    goods = match_till(goods, order.vat_totals, spare=spare)
    sold = [
        piece
        for piece, line in zip(goods, order.lines, strict=True)
        if line.type == LineType.GOODS
    ]
    vouchers = make_vouchers(tenders.total("own_voucher"), sold, items)
    if items.options.lines_by == "turnover_group":
        goods = gather(goods)
    liabilities = make_liabilities(tenders, items)
    composition = Composition(
        pieces=(*goods, *vouchers, *liabilities, *make_rounding(order, items)),
        bridge=make_bridge(order, tenders),
        voucher_vat=sum_vat(vouchers),
    )
    _check_sum(composition, tenders)
    if any(not piece.vat_code for piece in composition.pieces):
        check_outside_vat(composer)
    return composition


def make_bridge(order: Order, tenders: Tenders) -> Bridge:
    """From the till's total to what is expected in QuickBooks.

    Own discount vouchers count with the liability tenders: both are lines.
    """
    return Bridge(
        till_total=order.total_incl,
        liability_tenders=tenders.liabilities + tenders.total("own_voucher"),
        tips=order.tips,
        rounding=order.cash_rounding,
    )


def _check_sum(composition: Composition, tenders: Tenders) -> None:
    expected, total = tenders.expected_total, composition.total
    if expected == total:
        return
    raise Rejected(
        f"The lines of the receipt make {total}, its tenders {expected}.",
        code="lines do not add up",
        action="Look at this receipt in the till.",
    )


def _make_line(
    composer: _Composer, line: Line, fields: Mapping[str, Any], item: Mapping[str, Any]
) -> Piece:
    options = composer.options
    coded = line.vat_code not in NO_CODE
    if coded:
        tax_code = str(fields.get("tax_code") or item.get("tax_code") or "")
    elif line.type == LineType.GOODS:
        tax_code = str(fields.get("tax_code") or "")
    else:
        tax_code = options.require("no_vat_code", OUTSIDE_VAT)
    rate = line.vat_rate if coded else ZERO
    if coded or line.type == LineType.GOODS:
        check_tax_code(composer, line, tax_code=tax_code, rate=rate)
    return Piece(
        item=_find_item(composer, line, item, tax_code=tax_code),
        text=describe(line, str(fields.get("description") or "")),
        quantity=line.quantity,
        gross=line.amount_incl,
        net=take_net(line.amount_incl, rate),
        tax_code=tax_code,
        rate=rate,
        vat_code=line.vat_code if coded else "",
        class_id=str(fields.get("class") or ""),
    )


def _find_item(
    composer: _Composer, line: Line, item: Mapping[str, Any], *, tax_code: str
) -> Ref:
    options, items = composer.options, composer.items
    if line.type == LineType.GIFT_CARD:
        account = options.require("gift_card_account", "Gift cards outstanding")
        return items.special("gift_card", account, tax_code=options.no_vat_code)
    if line.type == LineType.REFUNDABLE_DEPOSIT:
        account = options.require("deposit_account", "Refundable deposits on goods")
        return items.special("deposit", account, tax_code=options.no_vat_code)
    if line.type == LineType.OTHER_LIABILITY:
        account = find_liability(line, item)
        return items.special("liability", account, tax_code=options.no_vat_code)
    return items.article(line, item, tax_code)


def check_tax_code(
    composer: _Composer, line: Line, *, tax_code: str, rate: Decimal
) -> None:
    """Raise MappingError unless the code exists and has the till's rate that day."""
    order = composer.order
    name = f"VAT code {line.vat_code or 'none'} ({show_rate(rate)} %, {order.country})"
    if not tax_code:
        raise MappingError(
            f"{name} has no tax code.",
            code="unmapped VAT code",
            reference=f"{order.country}:{line.vat_code}:{show_rate(rate)}",
            action="Map it in the value map “VAT codes”.",
        )
    codes = composer.options.tax_codes
    if not codes:
        return
    known = codes.get(tax_code)
    if known is None:
        raise MappingError(
            f"{name} is mapped to tax code {tax_code}, which QuickBooks does not have "
            f"or does not use any more.",
            code="unknown tax code",
            reference=tax_code,
            action="Choose another tax code in the value map “VAT codes”.",
        )
    theirs = known.rate_used_on(order.date)
    # The rates of a code that has several are not told apart, so it is not judged.
    if known.spans and theirs != rate:
        found = "has no rate" if theirs is None else f"is {show_rate(theirs)} %"
        raise MappingError(
            f"{name} is mapped to “{known.name}”, which {found} on {order.date}.",
            code="tax rate differs",
            reference=f"{line.vat_code}:{tax_code}",
            action="Choose a tax code of that rate in the value map “VAT codes”.",
        )


def check_outside_vat(composer: _Composer) -> None:
    """Raise MappingError unless the code for what is outside VAT exists and has none."""
    options, day = composer.options, composer.order.date
    known = options.tax_codes.get(options.no_vat_code)
    if known is not None and known.rate_used_on(day):
        rate = show_rate(known.rate_used_on(day) or ZERO)
        found = f"“{known.name}”, which is {rate} % on {day}"
    elif known is None and options.tax_codes and options.no_vat_code:
        found = f"{options.no_vat_code}, which QuickBooks does not have or use any more"
    else:
        return
    raise MappingError(
        f"The setting “{OUTSIDE_VAT}” is tax code {found}.",
        code="tax rate differs",
        reference=options.no_vat_code,
        action=SETTINGS_PAGE,
    )


def describe(line: Line, text: str) -> str:
    """The line's description with its sub-lines and its discount."""
    parts = [text or line.text]
    if line.sub_lines:
        parts.append("(" + ", ".join(sub.text for sub in line.sub_lines) + ")")
    if line.discount:
        parts.append(f"(discount {abs(line.discount)})")
    return " ".join(part for part in parts if part)[:DESCRIPTION_LENGTH]
