"""The goods of a receipt (and what else it has lines for), with their tax codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.datamodel import Line, LineType, Order, VatMethod
from connectors.quickbooks.targets.adjustments import free_cards, match_own_use
from connectors.quickbooks.targets.items import Items, find_liability
from connectors.quickbooks.targets.margins import take_out_margin
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.rates import CODES, check_code
from connectors.quickbooks.targets.supplies import (
    MARGIN,
    PURCHASES,
    Regime,
    find_kind,
    find_regime,
    refuse_no_vat,
)
from connectors.quickbooks.targets.tenders import OWN_USE, Tenders
from connectors.quickbooks.targets.vat import ZERO, Piece, show_rate, take_net
from connectors.writes import Mapped, Ref
from integration_hub.core.errors import MappingError

NO_CODE = frozenset({"", "0"})
DESCRIPTION_LENGTH = 4000
Sold = tuple[Line, Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Goods:
    """The lines as the till has them, with its VAT, and what it does not count.

    ``own_use`` are the lines for what the shop used of them, ``cards`` the
    single-purpose gift cards whose VAT the hub adds, ``margin_vat`` is the VAT by rate
    that the hub takes back from margin goods. ``sold`` are the pieces of goods alone.
    """

    pieces: Sequence[Piece]
    own_use: Sequence[Piece]
    cards: Sequence[Piece]
    margin_vat: Mapping[str, Decimal]
    sold: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class _Composer:
    mapped: Mapped
    items: Items
    regime: Regime
    day: date

    @property
    def options(self) -> Options:
        return self.items.options

    @property
    def order(self) -> Order:
        return self.mapped.document


def make_goods(mapped: Mapped, tenders: Tenders, items: Items, *, day: date) -> Goods:
    """The lines but for settled debts. Pure but for ``items``, which it fills.

    ``day`` is the one that the tax codes must have the till's rates on.

    Raises MappingError for what is not mapped and Rejected, with the amounts, where
    the lines do not make the till's VAT.
    """
    regime = find_regime(mapped, items.options)
    composer = _Composer(mapped, items, regime, day)
    sold = [
        entry
        for entry in zip(mapped.document.lines, mapped.lines, mapped.items, strict=True)
        if entry[0].type != LineType.SETTLEMENT
    ]
    margin = [line for line, _, item in sold if find_kind(line, item) == MARGIN]
    order, margin_vat = take_out_margin(mapped.document, margin)
    goods = [_make_line(composer, *entry) for entry in sold]
    cards = {n for n, entry in enumerate(sold) if entry[0].type == LineType.GIFT_CARD}
    goods = free_cards(goods, cards, order.vat_totals)
    sold_cards = [goods[n] for n in cards if goods[n].rate and not goods[n].vat_code]
    goods, own_use = match_own_use(
        tenders.own_use, goods, order, items, told=_find_used(mapped, sold)
    )
    wares = [
        piece
        for piece, (line, _, _) in zip(goods, sold, strict=True)
        if line.type == LineType.GOODS
    ]
    return Goods(goods, own_use, sold_cards, margin_vat, wares)


def _find_used(mapped: Mapped, sold: Sequence[Sold]) -> dict[int, Decimal]:
    """How much of which line (by its place) the shop used, where the till tells it."""
    places = {line.id: place for place, (line, _, _) in enumerate(sold) if line.id}
    used: dict[int, Decimal] = {}
    for tender, fields in zip(mapped.document.tenders, mapped.tenders, strict=True):
        place = places.get(str(tender.extra.get("lineId") or ""))
        if place is not None and fields.get("treatment") in OWN_USE:
            used[place] = used.get(place, ZERO) + tender.amount
    return used


def _make_line(
    composer: _Composer, line: Line, fields: Mapping[str, Any], item: Mapping[str, Any]
) -> Piece:
    kind = find_kind(line, item)
    named = line.vat_code not in NO_CODE
    tax_code, rate = _choose_code(composer, line, fields, item, kind=kind)
    # An item that is made by the way is not for shifted VAT or export alone.
    usual = tax_code
    if composer.regime.goods is not None and kind not in (MARGIN, PURCHASES):
        usual = str(fields.get("tax_code") or "")
    quantity = line.quantity
    if kind == PURCHASES:
        # The till buys a positive number for a negative amount.
        quantity = quantity.copy_sign(line.amount_incl)
    return Piece(
        item=_find_item(composer, line, item, kind=kind, tax_code=usual),
        text=describe(line, str(fields.get("description") or "")),
        quantity=quantity,
        gross=line.amount_incl,
        net=take_net(line.amount_incl, rate),
        tax_code=tax_code,
        rate=rate,
        vat_code=line.vat_code if named else "",
        class_id=str(fields.get("class") or ""),
    )


def _choose_code(
    composer: _Composer,
    line: Line,
    fields: Mapping[str, Any],
    item: Mapping[str, Any],
    *,
    kind: str,
) -> tuple[str, Decimal]:
    """The tax code of a line and the rate it must have. Raises MappingError."""
    options = composer.options
    coded = line.vat_code not in NO_CODE or bool(line.vat_rate)
    if kind == MARGIN:
        return options.require("margin_code", CODES["margin_code"]), ZERO
    if kind == PURCHASES and not coded and options.margin_code:
        return options.margin_code, ZERO
    if not coded and kind in ("", PURCHASES):
        return options.require("no_vat_code", CODES["no_vat_code"]), ZERO
    shifted = composer.regime.find_code(kind, options)
    if shifted:
        return shifted, ZERO
    tax_code = str(fields.get("tax_code") or "")
    if coded:
        tax_code = tax_code or str(item.get("tax_code") or "")
    elif not tax_code and composer.order.vat_method is VatMethod.NONE:
        raise refuse_no_vat(composer.mapped)
    rate = line.vat_rate if coded else ZERO
    check_tax_code(composer, line, tax_code=tax_code, rate=rate)
    return tax_code, rate


def _find_item(
    composer: _Composer,
    line: Line,
    item: Mapping[str, Any],
    *,
    kind: str,
    tax_code: str,
) -> Ref | str:
    """A write, or the id of an item that is there already."""
    options, items = composer.options, composer.items
    if kind == MARGIN:
        return items.special("margin", items.income(item), tax_code=tax_code)
    if kind == PURCHASES:
        account = options.require("purchases_account", "Purchases of what is bought in")
        return items.special("purchases", account, tax_code=tax_code)
    if line.type == LineType.GIFT_CARD:
        account = options.require("gift_card_account", "Gift cards outstanding")
        return items.special("gift_card", account, tax_code=options.no_vat_code)
    if line.type == LineType.REFUNDABLE_DEPOSIT:
        account = options.require("deposit_account", "Refundable deposits on goods")
        return items.special("deposit", account, tax_code=options.no_vat_code)
    if line.type == LineType.OTHER_LIABILITY:
        account = find_liability(line, item)
        return items.special("liability", account, tax_code=options.no_vat_code)
    return str(item.get("item") or "") or items.article(line, item, tax_code)


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
    check_code(
        tax_code,
        rate,
        day=composer.day,
        options=composer.options,
        what=name,
        reference=f"{line.vat_code}:{tax_code}",
    )


def describe(line: Line, text: str) -> str:
    """The line's description with its sub-lines and its discount."""
    parts = [text or line.text]
    if line.sub_lines:
        parts.append("(" + ", ".join(sub.text for sub in line.sub_lines) + ")")
    if line.discount:
        parts.append(f"(discount {abs(line.discount)})")
    return " ".join(part for part in parts if part)[:DESCRIPTION_LENGTH]
