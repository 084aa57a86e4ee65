"""Lines that are no goods: liabilities, vouchers, rounding; and gathered lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal

from connectors.datamodel import Order, VatTotal
from connectors.quickbooks.targets.items import Items
from connectors.quickbooks.targets.tenders import Tenders
from connectors.quickbooks.targets.vat import (
    CENT,
    ZERO,
    Piece,
    match_till,
    show_rate,
    take_net,
)
from connectors.writes import Ref
from integration_hub.core.errors import MappingError, Rejected

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
    """Lines of opposite sign for gift cards redeemed and deposits used, outside VAT.

    Single-purpose gift cards are not among them.
    """
    pieces = []
    for treatment, kind, setting, label in LIABILITIES:
        amount = tenders.parts(treatment).get("", ZERO)
        if amount:
            account = items.options.require(setting, label)
            pieces.append(make_free(items, kind, account=account, amount=-amount))
    return pieces


def make_taxed_cards(
    tenders: Tenders, items: Items, day: date, *, shifted: bool
) -> list[Piece]:
    """Negative lines for single-purpose gift cards, whose VAT was paid at their sale.

    Raises MappingError for a tax code without a rate that day, Rejected where VAT is
    ``shifted``: what such a card was sold for has VAT.
    """
    options = items.options
    pieces = []
    for code, amount in tenders.parts("gift_card").items():
        if not code or not amount:
            continue
        account = options.require("gift_card_account", "Gift cards outstanding")
        if shifted:
            raise Rejected(
                f"A single-purpose gift card pays {amount} of a receipt with shifted "
                f"VAT, though VAT was paid when the card was sold.",
                code="gift card and shifted VAT",
                action="Look at this receipt in the till, or book it by hand in "
                "QuickBooks and skip it here.",
            )
        known = options.tax_codes.get(code)
        rate = known.rate_used_on(day) if known else None
        if rate is None:
            raise MappingError(
                f"The tax code {code} of a gift card has no rate on {day}.",
                code="unknown tax code",
                reference=code,
                action="Choose another tax code in the value map “Tenders”.",
            )
        pieces.append(
            Piece(
                item=items.special("gift_card", account, tax_code=options.no_vat_code),
                text="",
                quantity=ONE.copy_sign(-amount),
                gross=-amount,
                net=take_net(-amount, rate),
                tax_code=code,
                rate=rate,
            )
        )
    return pieces


def free_cards(
    pieces: Sequence[Piece], cards: Collection[int], totals: Iterable[VatTotal]
) -> list[Piece]:
    """Gift cards sold (by their places) whose VAT the till does not count.

    They keep their rate and lose the till's VAT code: the hub adds their VAT. It is
    seen from the till's own VAT, which fits better with or without them.
    """
    truth = {(t.vat_code, show_rate(t.vat_rate)): t.vat for t in totals}
    result = list(pieces)
    for place in cards:
        card = pieces[place]
        if not card.vat_code:
            continue
        key = card.vat_code, show_rate(card.rate)
        counted = [
            (other, piece.vat)
            for other, piece in enumerate(pieces)
            if (piece.vat_code, show_rate(piece.rate)) == key
        ]
        whole = sum((vat for _place, vat in counted), ZERO)
        bare = sum((vat for other, vat in counted if other not in cards), ZERO)
        vat = truth.get(key, ZERO)
        if abs(vat - bare) < abs(vat - whole):
            result[place] = replace(card, vat_code="")
    return result


def make_tips(order: Order, items: Items) -> list[Piece]:
    """A line on the liability to the staff."""
    if not order.tips:
        return []
    account = items.options.require("tips_account", "Tips")
    return [make_free(items, "tip", account=account, amount=order.tips)]


def match_own_use(
    amount: Decimal,
    goods: Sequence[Piece],
    order: Order,
    items: Items,
    *,
    told: Mapping[int, Decimal],
) -> tuple[list[Piece], list[Piece]]:
    """The goods with the till's VAT, and the lines for what the shop used of them.

    Outside VAT where the till counts the VAT of all goods; else the part has the codes
    of the goods that the till tells (``told`` by their places) and is spread over the
    rates for the rest, so that what is left has the till's VAT. Raises Rejected, with
    the amounts, where neither fits.
    """
    spare = 1 if order.sum_rounding else 0
    if not amount:
        return match_till(goods, order.vat_totals, spare=spare), []
    account = items.options.require("own_use_account", "Own use")
    try:
        matched = match_till(goods, order.vat_totals, spare=spare)
    except Rejected:
        item = items.special("own_use", account)
        used = [replace(goods[n], gross=part) for n, part in told.items()]
        rest = amount - sum(told.values(), ZERO)
        parts = spread_over(amount - rest, used, item) if used else []
        parts += spread_over(rest, goods, item) if rest else []
        if not parts:
            raise
        matched = match_till([*goods, *parts], order.vat_totals, spare=spare)
        return matched[: len(goods)], matched[len(goods) :]
    return matched, [make_free(items, "own_use", account=account, amount=-amount)]


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


def make_vouchers(
    tenders: Tenders, goods: Sequence[Piece], items: Items
) -> list[Piece]:
    """Own discount vouchers: negative lines spread over the goods' VAT codes.

    Their account is the tender's own, else the one of revenue. Raises Rejected on a
    receipt without goods.
    """
    pieces: list[Piece] = []
    for account, amount in tenders.parts("own_voucher").items():
        if not amount:
            continue
        account = account or items.options.require(
            "default_income_account", "Revenue account"
        )
        parts = spread_over(amount, goods, items.special("voucher", account))
        if not parts:
            raise Rejected(
                f"A discount voucher of {amount} is on a receipt without goods.",
                code="voucher without goods",
                action="Look at this receipt in the till.",
            )
        pieces += parts
    return pieces


def spread_over(amount: Decimal, goods: Sequence[Piece], item: Ref) -> list[Piece]:
    """Lines of the opposite sign, spread over the goods' VAT codes; none without.

    A code of which more was returned than sold bears nothing: its share would be of
    the other sign.
    """
    sums: dict[tuple[str, str, Decimal], Decimal] = {}
    for piece in goods:
        key = piece.tax_code, piece.vat_code, piece.rate
        sums[key] = sums.get(key, ZERO) + piece.gross
    sums = {key: gross for key, gross in sums.items() if gross * amount > 0}
    if not sums:
        return []
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
    gathered: dict[tuple[Ref | str, str, str, str], Piece] = {}
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
