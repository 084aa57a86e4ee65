"""Rare ways to pay, and what is paid that is no turnover."""

from __future__ import annotations

from connectors.mplus.sandbox.seed import articles
from connectors.mplus.sandbox.seed.composition import draft_credit, pick_gift_card
from connectors.mplus.sandbox.seed.draft import (
    CARD,
    CASH,
    CREDIT_CARD,
    GIFT_CARD,
    Draft,
    Draw,
)
from connectors.mplus.sandbox.seed.sorts import Sorts
from connectors.mplus.sandbox.till import Sold

GIFT_CARD_21 = "CADEAUBON21"
OWN_VOUCHER = "KORTINGSBON"


def draw_refund_cash_rounding(draw: Draw) -> Draft:
    """Taken back in cash, an amount that is no multiple of 5 cents."""
    while True:
        draft = draft_credit(draw, None)
        if draft.totals.incl % 5:
            return draft.pay(CASH)


def draw_refund_gift_card_tender(draw: Draw) -> Draft:
    """The money goes back onto the card by a negative payment."""
    return draft_credit(draw, None).pay(GIFT_CARD)


def draw_returned_more(draw: Draw) -> Draft:
    """More comes back than is bought: a receipt with a negative total."""
    while True:
        returned = Sold(draw.rng.choice(draw.catalog.goods), -2, reason="Ruilen")
        draft = draw.draft([returned, Sold(draw.rng.choice(draw.catalog.goods), 1)])
        if draft.totals.incl <= -100:
            return draft.pay(CARD)


def draw_zero_net_tenders(draw: Draw) -> Draft:
    """An even exchange, the money moved from one tender to another."""
    article = draw.rng.choice(draw.catalog.goods)
    returned = Sold(article, -1, reason="Ruilen")
    draft = draw.draft([returned, Sold(article, 1)])
    amount = draw.rng.randrange(2, 20) * 250
    return draft.pay(CARD, amount).pay(CASH, -amount)


def draw_own_voucher(draw: Draw) -> Draft:
    """The shop's own discount voucher pays a part."""
    draft = draw.draft_goods(1500)
    return draft.pay(OWN_VOUCHER, draw.pick_part(draft.totals.incl, 50)).pay(CARD)


def draw_own_voucher_whole(draw: Draw) -> Draft:
    """The shop's own discount voucher pays all."""
    return draw.draft_goods(500).pay(OWN_VOUCHER)


def draw_single_purpose_sold(draw: Draw) -> Draft:
    """A gift card that is good for one VAT rate is sold, with that VAT."""
    card = pick_gift_card(draw, 2500, articles.GIFT_CARD_21)
    return draw.draft([card]).pay(CARD)


def draw_single_purpose_redeemed(draw: Draw) -> Draft:
    """A gift card for one rate pays a part of goods of that rate."""
    draft = _draft_high(draw)
    return draft.pay(GIFT_CARD_21, draw.pick_part(draft.totals.incl, 50)).pay(CARD)


def draw_single_purpose_whole(draw: Draw) -> Draft:
    """A gift card for one rate pays all."""
    return _draft_high(draw).pay(GIFT_CARD_21)


def draw_bottles_only(draw: Draw) -> Draft:
    """Only empty bottles come back."""
    bottle = draw.article(articles.BOTTLE)
    count = draw.rng.randrange(6, 25)
    return draw.draft([Sold(bottle, -count, reason="Retour")]).pay(CASH)


def draw_crates_returned(draw: Draw) -> Draft:
    """Only empty crates come back, whose deposit bears VAT."""
    crate = draw.article(articles.CRATE)
    return draw.draft([Sold(crate, -2, reason="Retour")]).pay(CASH)


def draw_tip_several_tenders(draw: Draw) -> Draft:
    """Two cards pay, the second more than is due."""
    draft = draw.draft_goods(1500)
    draft.pay(CARD, draw.pick_part(draft.totals.incl, 5))
    return draft.pay(CREDIT_CARD, draft.due + draw.rng.choice((100, 250, 500)))


def draw_service_charge(draw: Draw) -> Draft:
    """The compulsory charge is an article with VAT."""
    charge = Sold(draw.article(articles.SERVICE_CHARGE), 1)
    return draw.draft([*draw.pick_goods(2), charge]).pay(CARD)


def _draft_high(draw: Draw) -> Draft:
    high = [each for each in draw.catalog.goods if each.vat_code == 1]
    return draw.draft(Sold(draw.rng.choice(high), 1) for _ in range(2))


TENDER_SORTS: Sorts = {
    "refund_cash_rounding": draw_refund_cash_rounding,
    "refund_gift_card_tender": draw_refund_gift_card_tender,
    "returned_more": draw_returned_more,
    "zero_net_tenders": draw_zero_net_tenders,
    "own_voucher": draw_own_voucher,
    "own_voucher_whole": draw_own_voucher_whole,
    "single_purpose_sold": draw_single_purpose_sold,
    "single_purpose_redeemed": draw_single_purpose_redeemed,
    "single_purpose_whole": draw_single_purpose_whole,
    "bottles_only": draw_bottles_only,
    "crates_returned": draw_crates_returned,
    "tip_several_tenders": draw_tip_several_tenders,
    "service_charge": draw_service_charge,
}
