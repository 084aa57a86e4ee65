"""The lines of a document: goods, liabilities and rounding, in the till's sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.datamodel import LineType, Order, VatMethod
from connectors.quickbooks.targets.adjustments import (
    gather,
    make_liabilities,
    make_rounding,
    make_taxed_cards,
    make_tips,
    make_vouchers,
)
from connectors.quickbooks.targets.closing import find_posting_day
from connectors.quickbooks.targets.goods import make_goods
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.rates import check_settings
from connectors.quickbooks.targets.tenders import Tenders
from connectors.quickbooks.targets.vat import (
    ZERO,
    Piece,
    sum_vat,
)
from connectors.writes import Bridge, Mapped, Ref
from integration_hub.core.errors import Rejected


@dataclass(frozen=True, slots=True)
class Composition:
    """The lines of one document and what it must amount to, in the till's sign.

    ``expected`` is the VAT by rate that the hub adds or takes back, by its reason.
    """

    pieces: tuple[Piece, ...]
    bridge: Bridge
    expected: Mapping[str, Mapping[str, Decimal]]

    @property
    def total(self) -> Decimal:
        """The sum of the lines."""
        return sum((piece.gross for piece in self.pieces), ZERO)


def compose(mapped: Mapped, tenders: Tenders, items: Items) -> Composition:
    """All lines of a receipt's document. Pure but for ``items``, which it fills.

    Raises MappingError for what is not mapped and Rejected, with the amounts, where
    the till's lines, VAT and tenders do not add up.
    """
    order = mapped.document
    sale = Ref("order", order.id, "sale")
    day = find_posting_day(order.date, sale, items.known, items.options)
    made = make_goods(mapped, tenders, items, day=day)
    goods = list(made.pieces)
    if items.options.lines_by == "turnover_group":
        goods = gather(goods)
    vouchers = make_vouchers(tenders, made.sold, items)
    shifted = order.vat_method is VatMethod.REVERSE_CHARGE
    redeemed = make_taxed_cards(tenders, items, day, shifted=shifted)
    pieces = (
        *(*goods, *made.own_use, *vouchers, *redeemed),
        *make_liabilities(tenders, items),
        *make_tips(order, items),
        *make_rounding(order, items),
    )
    check_settings(pieces, day=day, options=items.options)
    composition = Composition(
        pieces=_price(pieces, order.vat_method),
        bridge=make_bridge(order, tenders),
        expected={
            "own discount voucher": sum_vat(vouchers),
            "single-purpose gift card": sum_vat((*made.cards, *redeemed)),
            "margin goods": made.margin_vat,
        },
    )
    _check_sum(composition, order, tenders)
    return composition


def make_bridge(order: Order, tenders: Tenders) -> Bridge:
    """From the till's total to what is expected in QuickBooks.

    Own discount vouchers and own use count with the liability tenders: all are lines.
    """
    return Bridge(
        till_total=order.total_incl,
        liability_tenders=tenders.liabilities
        + tenders.total("own_voucher")
        + tenders.own_use,
        tips=order.tips,
        rounding=order.cash_rounding,
        settled=sum_settled(order),
    )


def sum_settled(order: Order) -> Decimal:
    """What lines that settle earlier debts come to."""
    settling = (x for x in order.lines if x.type == LineType.SETTLEMENT)
    return sum((line.amount_incl for line in settling), ZERO)


def _check_sum(composition: Composition, order: Order, tenders: Tenders) -> None:
    total = composition.total + sum_settled(order)
    expected = tenders.expected_total + order.outstanding
    if expected == total:
        return
    raise Rejected(
        f"The lines of the receipt make {total}, its tenders {expected}.",
        code="lines do not add up",
        action="Look at this receipt in the till.",
    )


def _price(pieces: tuple[Piece, ...], method: VatMethod) -> tuple[Piece, ...]:
    """Where VAT is shifted, amounts are net and the document says so."""
    if method is not VatMethod.REVERSE_CHARGE:
        return pieces
    return tuple(replace(piece, tax_excluded=True) for piece in pieces)
