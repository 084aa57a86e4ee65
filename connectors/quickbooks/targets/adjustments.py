"""Lines that are no goods: liabilities, vouchers, rounding; and gathered lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from connectors.datamodel import Order
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.tenders import Tenders
from connectors.quickbooks.targets.vat import CENT, ZERO, Piece, take_net
from connectors.writes import Ref
from integration_hub.core.errors import Rejected

ONE = Decimal(1)
# treatment of the tender, item, setting, label of the setting
LIABILITIES = (
    ("gift_card", "gift_card", "gift_card_account", "Gift cards outstanding"),
    (
        "deposit",
        "customer_deposit",
        "customer_deposit_account",
        "Deposits of customers",
    ),
)


def make_liabilities(tenders: Tenders, items: Items) -> list[Piece]:
    """Lines of opposite sign for gift cards redeemed and deposits used."""
    pieces = []
    for treatment, kind, setting, label in LIABILITIES:
        amount = tenders.total(treatment)
        if amount:
            account = items.options.require(setting, label)
            pieces.append(make_free(items, kind, account=account, amount=-amount))
    return pieces


def make_rounding(order: Order, items: Items) -> list[Piece]:
    """Cash rounding on payment differences, a cent of the till on VAT rounding.

    Raises Rejected where the till's own sums differ by more than a cent.
    """
    pieces = []
    if order.cash_rounding:
        account = items.options.require(
            "payment_differences_account", "Payment differences"
        )
        pieces.append(
            make_free(
                items,
                "payment_differences",
                account=account,
                amount=order.cash_rounding,
            )
        )
    if abs(order.sum_rounding) > CENT:
        raise Rejected(
            f"The till's own sums differ by {order.sum_rounding}, more than a cent.",
            code="lines do not add up",
            action="Look at this receipt in the till.",
        )
    if order.sum_rounding:
        pieces.append(make_cent(items, order.sum_rounding))
    return pieces


def make_cent(items: Items, amount: Decimal) -> Piece:
    """A line on the rounding item: a cent between two sums."""
    account = items.options.require("rounding_account", "VAT rounding")
    return make_free(items, "rounding", account=account, amount=amount)


def make_free(items: Items, kind: str, *, account: str, amount: Decimal) -> Piece:
    """A line outside VAT on one of the hub's own items."""
    code = items.options.require("no_vat_code", "Tax code for what is outside VAT")
    return Piece(
        item=items.special(kind, account, tax_code=code),
        text="",
        quantity=ONE.copy_sign(amount),
        gross=amount,
        net=amount,
        tax_code=code,
    )


def make_vouchers(amount: Decimal, goods: Sequence[Piece], items: Items) -> list[Piece]:
    """Own discount vouchers: negative lines spread over the goods' VAT codes.

    A code of which more was returned than sold bears nothing: its share would be of
    the other sign. Raises Rejected on a receipt without goods.
    """
    if not amount:
        return []
    sums: dict[tuple[str, str, Decimal], Decimal] = {}
    for piece in goods:
        key = piece.tax_code, piece.vat_code, piece.rate
        sums[key] = sums.get(key, ZERO) + piece.gross
    sums = {key: gross for key, gross in sums.items() if gross * amount > 0}
    if not sums:
        raise Rejected(
            f"A discount voucher of {amount} is on a receipt without goods.",
            code="voucher without goods",
            action="Look at this receipt in the till.",
        )
    account = items.options.require("default_income_account", "Revenue account")
    item = items.special("voucher", account)
    shares = spread(amount, list(sums.values()))
    return [
        Piece(
            item=item,
            text="",
            quantity=ONE.copy_sign(-share),
            gross=-share,
            net=take_net(-share, rate),
            tax_code=tax_code,
            rate=rate,
            vat_code=vat_code,
        )
        for (tax_code, vat_code, rate), share in zip(sums, shares, strict=True)
        if share
    ]


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """``amount`` in whole cents by weight; cents that are left go to the largest."""
    total = sum(weights, ZERO)
    shares = [(amount * w / total).quantize(CENT, ROUND_DOWN) for w in weights]
    left = amount - sum(shares, ZERO)
    order = sorted(range(len(shares)), key=lambda place: -abs(weights[place]))
    step = CENT.copy_sign(left)
    for turn in range(int(abs(left) / CENT)):
        shares[order[turn % len(order)]] += step
    return shares


def gather(pieces: Sequence[Piece]) -> list[Piece]:
    """One line per item and tax code, with quantity 1; -1 where more came back."""
    gathered: dict[tuple[Ref, str, str, str], Piece] = {}
    for piece in pieces:
        key = piece.item, piece.tax_code, piece.vat_code, piece.class_id
        first = gathered.get(key)
        if first is None:
            gathered[key] = replace(piece, text="")
            continue
        gathered[key] = replace(
            first, gross=first.gross + piece.gross, net=first.net + piece.net
        )
    return [
        replace(piece, quantity=ONE.copy_sign(piece.gross))
        for piece in gathered.values()
    ]
