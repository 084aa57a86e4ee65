"""Sorts of receipts that shops ring up seldom, and all there are."""

from __future__ import annotations

from connectors.mplus.sandbox.seed import articles
from connectors.mplus.sandbox.seed.account_sorts import ACCOUNT_SORTS
from connectors.mplus.sandbox.seed.composition import draft_credit, pick_gift_card
from connectors.mplus.sandbox.seed.draft import (
    CARD,
    CASH,
    CREDIT_CARD,
    GIFT_CARD,
    ON_ACCOUNT,
    Draft,
    Draw,
)
from connectors.mplus.sandbox.seed.shop_sorts import SHOP_SORTS
from connectors.mplus.sandbox.seed.sorts import DAILY_SORTS, Sorts
from connectors.mplus.sandbox.seed.tax_sorts import TAX_SORTS
from connectors.mplus.sandbox.seed.tender_sorts import TENDER_SORTS
from connectors.mplus.sandbox.till import (
    NONE,
    SHIFTED,
    Sold,
    round_to_coins,
)


def draw_refund_several_tenders(draw: Draw) -> Draft:
    """Taken back, the money given back in two ways."""
    draft = draft_credit(draw, draw.find_sale("several_tenders"), whole=True)
    part = -draw.pick_part(-draft.totals.incl, 5)
    return draft.pay(CARD, part).pay(CREDIT_CARD)


def draw_mixed_signs(draw: Draw) -> Draft:
    """A card with cash back."""
    draft = draw.draft_goods()
    back = draw.rng.choice((1000, 2000, 5000))
    due = round_to_coins(draft.totals.incl)
    return draft.pay(CARD, due + back).pay(CASH, -back)


def draw_even_exchange(draw: Draw) -> Draft:
    """A 21 % article for a 9 % one of the same price."""
    high = [each for each in draw.catalog.goods if each.vat_code == 1]
    low = [each for each in draw.catalog.goods if each.vat_code == 2]
    returned = draw.rng.choice(high)
    taken = Sold(draw.rng.choice(low), 1, price=returned.price_incl)
    return draw.draft([Sold(returned, -1, reason="Ruilen"), taken])


def draw_full_gift_card_sale(draw: Draw) -> Draft:
    """A gift card pays all."""
    return draw.draft_goods(500).pay(GIFT_CARD)


def draw_refund_onto_gift_card(draw: Draw) -> Draft:
    """Returned goods become the balance of a gift card."""
    article = draw.rng.choice(draw.catalog.goods)
    card = pick_gift_card(draw, article.price_incl, articles.GIFT_CARD)
    return draw.draft([Sold(article, -1, reason="Retour"), card])


def draw_credit_on_account(draw: Draw) -> Draft:
    """A sale on account is taken back."""
    draft = draft_credit(draw, draw.find_sale("on_account"))
    draft.relation = draft.relation or draw.pick_relation()
    return draft.pay(ON_ACCOUNT)


def draw_settlement(draw: Draw) -> Draft:
    """A debt is paid at the till."""
    sale = draw.find_sale("on_account")
    amount = sale["totalInclAmount"] if sale else 2500
    text = f"Betaling bon {sale['transactionString']}" if sale else ""
    line = Sold(draw.article(articles.SETTLEMENT), 1, price=amount, text=text)
    draft = draw.draft([line])
    number = sale["relationNumber"] if sale else None
    known = {each["relationNumber"]: each for each in draw.catalog.relations}
    draft.relation = known.get(number) or draw.pick_relation()
    return draft.pay(CARD)


def draw_third_party_voucher(draw: Draw) -> Draft:
    """Somebody else's voucher pays a part."""
    draft = draw.draft_goods(1500)
    return draft.pay("VVVBON", draw.pick_part(draft.totals.incl, 500)).pay(CARD)


def draw_tip(draw: Draw) -> Draft:
    """More is paid by card than is due."""
    draft = draw.draft_goods()
    tip = draw.rng.choice((50, 100, 150, 250, 500))
    return draft.pay(CARD, draft.totals.incl + tip)


def draw_reverse_charge(draw: Draw) -> Draft:
    """VAT is shifted to a company with a VAT number."""
    draft = draw.draft_goods(1000, SHIFTED)
    draft.relation = draw.pick_company(vat_number=True)
    return draft.pay(draw.rng.choice((CARD, ON_ACCOUNT)))


def draw_reverse_charge_no_vat_number(draw: Draw) -> Draft:
    """VAT is shifted to a company that has no VAT number."""
    draft = draw.draft_goods(1000, SHIFTED)
    draft.relation = draw.pick_company(vat_number=False)
    return draft.pay(draw.rng.choice((CARD, ON_ACCOUNT)))


def draw_no_vat(draw: Draw) -> Draft:
    """A sale without VAT."""
    return draw.draft_goods(1000, NONE).pay(CARD)


def draw_trade_in(draw: Draw) -> Draft:
    """Something old is taken in payment of something new."""
    goods = draw.pick_goods(2)
    garment = Sold(draw.article(articles.HAMPERS[1]), 2)
    worth = draw.rng.randrange(2, 12) * 250
    trade = Sold(draw.article(articles.TRADE_IN), 1, price=-worth)
    return draw.draft([garment, *goods, trade]).pay(CARD)


def draw_part_own_use(draw: Draw) -> Draft:
    """The shop takes a part for itself."""
    draft = draw.draft_goods(1500)
    return draft.pay("EIGENGEBRUIK", draw.pick_part(draft.totals.incl)).pay(CARD)


LATER_SORTS: Sorts = {
    "refund_several_tenders": draw_refund_several_tenders,
    "mixed_signs": draw_mixed_signs,
    "even_exchange": draw_even_exchange,
    "full_gift_card_sale": draw_full_gift_card_sale,
    "refund_onto_gift_card": draw_refund_onto_gift_card,
    "credit_on_account": draw_credit_on_account,
    "settlement": draw_settlement,
    "third_party_voucher": draw_third_party_voucher,
    "tip": draw_tip,
    "reverse_charge": draw_reverse_charge,
    "reverse_charge_no_vat_number": draw_reverse_charge_no_vat_number,
    "no_vat": draw_no_vat,
    "trade_in": draw_trade_in,
    "part_own_use": draw_part_own_use,
}

RARE_SORTS: Sorts = {**TENDER_SORTS, **ACCOUNT_SORTS, **TAX_SORTS, **SHOP_SORTS}

ALL_SORTS: Sorts = {**DAILY_SORTS, **LATER_SORTS, **RARE_SORTS}
