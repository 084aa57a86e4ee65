"""The sorts of receipts that the shop rings up every day.

Each function draws one receipt of its sort; the README beside the sandbox tells how
each looks on the wire.
"""

from __future__ import annotations

from collections.abc import Callable

from connectors.mplus.sandbox.seed import articles
from connectors.mplus.sandbox.seed.composition import (
    draft_credit,
    draft_exclusive,
    draft_uneven,
    pay_once,
    pick_gift_card,
)
from connectors.mplus.sandbox.seed.draft import (
    CARD,
    CASH,
    CREDIT_CARD,
    GIFT_CARD,
    ON_ACCOUNT,
    Draft,
    Draw,
)
from connectors.mplus.sandbox.till import Sold, Totals, round_to_coins

OUTSTANDING = "RECEIPT-STATE-OUTSTANDING"
PARTLY_PAID = "RECEIPT-STATE-PARTLY-PAID"
CASH_INFLOW = "RECEIPT-TYPE-CASH-INFLOW"
CASH_OUTFLOW = "RECEIPT-TYPE-CASH-OUTFLOW"
TRANSFER = "RECEIPT-TYPE-PAYMENT-METHOD-TRANSFER"
UNKNOWN = "RECEIPT-TYPE-TABLE-TRANSFER"

_CARD_VALUES = (1000, 1500, 2500, 5000)
_NOTES = (500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 500000)


def draw_sale(draw: Draw) -> Draft:
    """One payment; one sale in twelve is priced without VAT."""
    if draw.rng.random() < 1 / 12:
        draft = draft_exclusive(draw, cent=0)
    else:
        draft = draw.draft_goods()
    return pay_once(draw, draft, rounded=False)


def draw_discount(draw: Draw) -> Draft:
    """At least one line with a discount."""
    sold = [draw.pick_discounted(), *draw.pick_goods()]
    return pay_once(draw, draw.draft(sold), rounded=False)


def draw_weighed(draw: Draw) -> Draft:
    """At least one line with 3 decimals."""
    sold = [draw.pick_weighed(), *draw.pick_goods()]
    return pay_once(draw, draw.draft(sold), rounded=False)


def draw_cash_rounding(draw: Draw) -> Draft:
    """Cash for a total that is no multiple of 5 cents."""
    return draft_uneven(draw, 5).pay(CASH)


def draw_cash_rounding_split(draw: Draw) -> Draft:
    """A card and cash for a total that is no multiple of 5 cents."""
    draft = draft_uneven(draw, 1000)
    return draft.pay(CARD, draw.pick_part(draft.totals.incl, 5)).pay(CASH)


def draw_change(draw: Draw) -> Draft:
    """A note and the change as a negative payment; sometimes a card beside it."""
    draft = draw.draft_goods(1000)
    if draw.rng.random() < 0.2:
        draft.pay(CARD, draw.pick_part(draft.totals.incl, 500))
    paid = draft.totals.incl - draft.due
    due = round_to_coins(draft.totals.incl) - paid
    note = next((each for each in _NOTES if each > due), due + 5000)
    return draft.pay(CASH, note).pay(CASH, due - note)


def draw_several_tenders(draw: Draw) -> Draft:
    """Two or three positive payments."""
    draft = draw.draft_goods(1500)
    draft.pay(CARD, draw.pick_part(draft.totals.incl, 5))
    if draw.rng.random() < 0.25 and draft.due > 500:
        draft.pay(CREDIT_CARD, draw.pick_part(draft.due, 5))
    last = draw.rng.choice((CASH, CREDIT_CARD, CASH, CARD))
    return draft.pay(last)


def draw_refund(draw: Draw) -> Draft:
    """An earlier sale, or a part of it, taken back."""
    draft = draft_credit(draw, draw.find_sale("sale"))
    return draft.pay(draw.rng.choice((CASH, CARD, CARD)))


def draw_sold_and_returned(draw: Draw) -> Draft:
    """Something comes back while something dearer is bought."""
    while True:
        article = draw.rng.choice(draw.catalog.goods)
        returned = Sold(article, -1, reason="Ruilen")
        draft = draw.draft([returned, *draw.pick_goods()])
        if draft.totals.incl >= 5:
            return pay_once(draw, draft, rounded=False)


def draw_on_account(draw: Draw) -> Draft:
    """All of it on account; companies sometimes at prices without VAT."""
    if draw.rng.random() < 0.3:
        draft = draft_exclusive(draw, cent=0)
        draft.relation = draw.rng.choice(draw.catalog.companies)
    else:
        draft = draw.draft_goods()
        draft.relation = draw.pick_relation()
    return draft.pay(ON_ACCOUNT)


def draw_part_on_account(draw: Draw) -> Draft:
    """A part on account, the rest paid at once."""
    draft = draw.draft_goods(1500)
    draft.relation = draw.pick_relation()
    draft.pay(ON_ACCOUNT, draw.pick_part(draft.totals.incl, 5))
    return draft.pay(draw.rng.choice((CARD, CASH)))


def draw_gift_card_sold(draw: Draw) -> Draft:
    """A gift card is sold or reloaded, alone or beside goods."""
    number = draw.rng.choice((articles.GIFT_CARD, articles.GIFT_CARD_RELOAD))
    card = pick_gift_card(draw, draw.rng.choice(_CARD_VALUES), number)
    draft = draw.draft([*draw.pick_goods(draw.rng.choice((0, 1, 2))), card])
    if draw.rng.random() < 0.3:
        draft.pay(CARD, draw.pick_part(draft.totals.incl, 5)).pay(CASH)
        return draft
    return draft.pay(draw.rng.choice((CARD, CASH)))


def draw_gift_card_redeemed(draw: Draw) -> Draft:
    """A gift card pays a part, one or two other tenders the rest."""
    draft = draw.draft_goods(1500)
    draft.pay(GIFT_CARD, draw.pick_part(draft.totals.incl, 5))
    if draw.rng.random() < 0.3 and draft.due > 500:
        draft.pay(CREDIT_CARD, draw.pick_part(draft.due, 5))
    return draft.pay(draw.rng.choice((CARD, CASH)))


def draw_deposit_lines(draw: Draw) -> Draft:
    """Deposits on bottles and crates, and empties that come back."""
    bottle = draw.article(articles.BOTTLE)
    if draw.rng.random() < 1 / 8:
        empties = Sold(bottle, -draw.rng.randrange(6, 25), reason="Retour")
        return draw.draft([empties]).pay(CASH)
    count = draw.rng.randrange(2, 13)
    sold = [Sold(draw.rng.choice(draw.catalog.drinks), count), Sold(bottle, count)]
    if draw.rng.random() < 0.4:
        sold.append(Sold(draw.article(articles.CRATE), 1))
    if draw.rng.random() < 0.4:
        sold.append(Sold(bottle, -draw.rng.randrange(1, 4), reason="Retour"))
    return pay_once(draw, draw.draft(sold), rounded=False)


def draw_cent_left(draw: Draw) -> Draft:
    """Lines rounded one by one come a cent above or below the total."""
    draft = draft_exclusive(draw, cent=1)
    return draft.pay(draw.rng.choice((CARD, CASH, CREDIT_CARD)))


def draw_zero_sale(draw: Draw) -> Draft:
    """Everything is free."""
    if draw.rng.random() < 0.5:
        return draw.draft([Sold(draw.article(articles.FREE_BAG), 1)])
    return draw.draft([Sold(draw.rng.choice(draw.catalog.goods), 1, discount=100)])


def draw_unknown_type(draw: Draw) -> Draft:
    """A receipt type that did not exist when the hub was made."""
    draft = draw.draft_goods().pay(CARD)
    draft.type = UNKNOWN
    return draft


def draw_unreadable_lines(draw: Draw) -> Draft:
    """Total, VAT and payment agree, the lines do not."""
    draft = draw.draft_goods(1000)
    wrong = draw.rng.choice((-137, 137, 2, -2))
    group = dict(draft.totals.groups[0])
    group["exclAmount"] += wrong
    draft.totals = Totals(
        incl=draft.totals.incl + wrong,
        excl=draft.totals.excl + wrong,
        groups=[group, *draft.totals.groups[1:]],
    )
    return draft.pay(CARD)


def draw_unreadable_tenders(draw: Draw) -> Draft:
    """Paid, says the state, but the payments are too little."""
    draft = draw.draft_goods(1500)
    return draft.pay(CARD, draft.totals.incl - draw.rng.randrange(100, 500))


def draw_not_final(draw: Draw) -> Draft:
    """The till may still change how it is paid."""
    draft = draw.draft_goods(1000)
    draft.state = OUTSTANDING
    if draw.rng.random() < 0.5:
        draft.state = PARTLY_PAID
        draft.pay(CARD, draw.pick_part(draft.totals.incl, 5))
    return draft


def draw_own_use(draw: Draw) -> Draft:
    """The shop uses its own goods."""
    draft = draw.draft_goods()
    draft.relation = None
    return draft.pay("EIGENGEBRUIK")


def draw_cash_in(draw: Draw) -> Draft:
    """Change money is put into the drawer."""
    return draft_movement(draw, articles.CASH_IN, CASH_INFLOW)


def draw_cash_out(draw: Draw) -> Draft:
    """Somebody takes cash to pay for something."""
    return draft_movement(draw, articles.CASH_OUT, CASH_OUTFLOW)


def draw_transfer(draw: Draw) -> Draft:
    """A payment is moved to another method."""
    amount = draw.rng.randrange(5, 200) * 50
    draft = Draft([], Totals(0, 0, []), type=TRANSFER)
    return draft.pay(CASH, -amount).pay(CARD, amount)


def draft_movement(draw: Draw, number: int, kind: str) -> Draft:
    """Cash that goes in or out for the reason that an article names."""
    sign = 1 if kind == CASH_INFLOW else -1
    amount = sign * draw.rng.randrange(1, 40) * 250
    draft = draw.draft([Sold(draw.article(number), 1, price=amount)])
    draft.type = kind
    draft.relation = None
    return draft.pay(CASH)


Sorts = dict[str, Callable[[Draw], Draft]]

DAILY_SORTS: Sorts = {
    "sale": draw_sale,
    "cash_rounding": draw_cash_rounding,
    "cash_rounding_split": draw_cash_rounding_split,
    "change": draw_change,
    "several_tenders": draw_several_tenders,
    "refund": draw_refund,
    "sold_and_returned": draw_sold_and_returned,
    "on_account": draw_on_account,
    "part_on_account": draw_part_on_account,
    "gift_card_sold": draw_gift_card_sold,
    "gift_card_redeemed": draw_gift_card_redeemed,
    "deposit_lines": draw_deposit_lines,
    "cent_left": draw_cent_left,
    "discount": draw_discount,
    "weighed": draw_weighed,
    "zero_sale": draw_zero_sale,
    "unknown_type": draw_unknown_type,
    "unreadable_lines": draw_unreadable_lines,
    "unreadable_tenders": draw_unreadable_tenders,
    "not_final": draw_not_final,
    "own_use": draw_own_use,
    "cash_in": draw_cash_in,
    "cash_out": draw_cash_out,
    "transfer": draw_transfer,
}
