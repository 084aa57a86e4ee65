"""What several sorts of receipts are put together from."""

from __future__ import annotations

from connectors.mplus.sandbox.seed.draft import (
    CARD,
    CASH,
    CREDIT,
    CREDIT_CARD,
    Draft,
    Draw,
    turn_line,
)
from connectors.mplus.sandbox.seed.shop import Record
from connectors.mplus.sandbox.till import (
    EXCLUSIVE,
    INCLUSIVE,
    Sold,
    sum_lines,
    total_lines,
)


def pay_once(draw: Draw, draft: Draft, *, rounded: bool = True) -> Draft:
    """One payment; cash only for a multiple of 5 cents unless ``rounded``."""
    method = draw.rng.choice((CARD, CARD, CARD, CARD, CREDIT_CARD, CASH, CASH))
    if method == CASH and draft.totals.incl % 5 and not rounded:
        method = CARD
    return draft.pay(method)


def pick_gift_card(draw: Draw, amount: int, number: int) -> Sold:
    """A gift card of ``amount`` cents."""
    article = draw.article(number)
    card = draw.rng.randrange(10**11, 10**12)
    return Sold(article, 1, price=amount, text=f"{article.text} {card}")


def draft_credit(draw: Draw, sale: Record | None, *, whole: bool = False) -> Draft:
    """A credit receipt of an earlier sale, sometimes of its first line only, or,
    where there is no earlier sale, of some goods."""
    if sale is None:
        draft = draw.draft_goods(500)
        lines, method = draft.lines, INCLUSIVE
    else:
        lines, method = sale["lineList"]["line"], sale["vatMethod"]
        if method == INCLUSIVE and not whole and draw.rng.random() < 0.3:
            lines = [lines[0]]
    turned = [turn_line(line) for line in lines]
    draft = Draft(turned, total_lines(turned, method), method, type=CREDIT)
    if sale is not None:
        draft.credits = sale["receiptId"]
        draft.relation = _find_relation(draw, sale)
    return draft


def _find_relation(draw: Draw, sale: Record) -> Record | None:
    number = sale.get("relationNumber")
    found = (
        each for each in draw.catalog.relations if each["relationNumber"] == number
    )
    return next(found, None) if number else None


def draft_exclusive(draw: Draw, *, cent: int) -> Draft:
    """A draft at prices without VAT, its lines ``cent`` away from its total."""
    while True:
        draft = draw.draft_goods(100, EXCLUSIVE)
        if abs(draft.totals.incl - sum_lines(draft.lines)) == cent:
            return draft


def draft_uneven(draw: Draw, minimum: int) -> Draft:
    """A draft whose total is no multiple of 5 cents."""
    while True:
        draft = draw.draft_goods(minimum)
        if draft.totals.incl % 5:
            return draft
