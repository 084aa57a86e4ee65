"""Rare things done on account, and debts that are paid at the till."""

from __future__ import annotations

from connectors.mplus.sandbox.seed import articles
from connectors.mplus.sandbox.seed.composition import draft_credit
from connectors.mplus.sandbox.seed.draft import (
    CARD,
    CASH,
    CREDIT,
    ON_ACCOUNT,
    Draft,
    Draw,
    turn_line,
)
from connectors.mplus.sandbox.seed.shop import Record
from connectors.mplus.sandbox.seed.sorts import OUTSTANDING, PARTLY_PAID, Sorts
from connectors.mplus.sandbox.till import Sold, round_to_coins, total_lines

_TRIES = 20


def draw_credit_part_on_account(draw: Draw) -> Draft:
    """One line of a sale on account is taken back."""
    sale = draw.find_sale("on_account")
    for _ in range(_TRIES):
        if sale is None or len(sale["lineList"]["line"]) > 1:
            break
        sale = draw.find_sale("on_account")
    if sale is None:
        return _charge(draw, draft_credit(draw, None))
    lines, method = [turn_line(sale["lineList"]["line"][0])], sale["vatMethod"]
    draft = Draft(lines, total_lines(lines, method), method, type=CREDIT)
    draft.credits = sale["receiptId"]
    draft.relation = _relation_of(draw, sale)
    return draft.pay(ON_ACCOUNT)


def draw_credit_partly_on_account(draw: Draw) -> Draft:
    """Taken back, a part of the money given back and the rest on account."""
    draft = draft_credit(draw, None)
    draft.relation = draw.pick_relation()
    part = -draw.pick_part(-draft.totals.incl, 5)
    return draft.pay(CARD, part).pay(ON_ACCOUNT)


def draw_cash_back_on_account(draw: Draw) -> Draft:
    """More is put on account than is bought; the rest is given in cash."""
    draft = draw.draft_goods(1000)
    draft.relation = draw.pick_relation()
    due = round_to_coins(draft.totals.incl)
    return draft.pay(ON_ACCOUNT, due + 1000).pay(CASH, -1000)


def draw_on_account_no_relation(draw: Draw) -> Draft:
    """On account, and nobody knows whose."""
    draft = draw.draft_goods(500)
    draft.relation = None
    return draft.pay(ON_ACCOUNT)


def draw_outstanding_with_relation(draw: Draw) -> Draft:
    """A part is paid, the relation owes the rest."""
    draft = draw.draft_goods(1500)
    draft.relation = draw.pick_relation()
    draft.state = PARTLY_PAID
    return draft.pay(CARD, draw.pick_part(draft.totals.incl, 5))


def draw_outstanding_no_relation(draw: Draw) -> Draft:
    """Nothing is paid, and nobody knows by whom it will be."""
    draft = draw.draft_goods(500)
    draft.relation = None
    draft.state = OUTSTANDING
    return draft


def draw_outstanding_credit(draw: Draw) -> Draft:
    """Taken back, and the money not given back yet."""
    draft = draft_credit(draw, None)
    draft.relation = draw.pick_relation()
    draft.state = "RECEIPT-STATE-OUTSTANDING-CREDIT"
    return draft


def draw_settlement_with_goods(draw: Draw) -> Draft:
    """A debt is paid while something is bought."""
    return _draft_settlement(draw, goods=draw.pick_goods(2)).pay(CARD)


def draw_settlement_part(draw: Draw) -> Draft:
    """A part of a debt is paid."""
    return _draft_settlement(draw, half=True).pay(CARD)


def draw_settlement_several_tenders(draw: Draw) -> Draft:
    """A debt is paid by card and in cash."""
    draft = _draft_settlement(draw)
    return draft.pay(CARD, draw.pick_part(draft.totals.incl, 5)).pay(CASH)


def draw_settlement_unnamed(draw: Draw) -> Draft:
    """Money for the account; which debt it pays is not told."""
    line = Sold(draw.article(articles.SETTLEMENT), 1, price=2500)
    draft = draw.draft([line])
    draft.relation = draw.pick_relation()
    return draft.pay(CARD)


def draw_settlement_no_relation(draw: Draw) -> Draft:
    """A debt is paid, and nobody knows whose."""
    draft = draw_settlement_unnamed(draw)
    draft.relation = None
    return draft


def _draft_settlement(
    draw: Draw, *, goods: list[Sold] | None = None, half: bool = False
) -> Draft:
    sale = draw.find_sale("on_account")
    amount = sale["totalInclAmount"] if sale else 2500
    text = f"Betaling bon {sale['transactionString']}" if sale else ""
    if half:
        amount = (amount + 1) // 2
    line = Sold(draw.article(articles.SETTLEMENT), 1, price=amount, text=text)
    draft = draw.draft([*(goods or ()), line])
    draft.relation = _relation_of(draw, sale)
    return draft


def _charge(draw: Draw, draft: Draft) -> Draft:
    draft.relation = draw.pick_relation()
    return draft.pay(ON_ACCOUNT)


def _relation_of(draw: Draw, sale: Record | None) -> Record:
    number = sale.get("relationNumber") if sale else None
    known = {each["relationNumber"]: each for each in draw.catalog.relations}
    return known.get(number or 0) or draw.pick_relation()


ACCOUNT_SORTS: Sorts = {
    "credit_part_on_account": draw_credit_part_on_account,
    "credit_partly_on_account": draw_credit_partly_on_account,
    "cash_back_on_account": draw_cash_back_on_account,
    "on_account_no_relation": draw_on_account_no_relation,
    "outstanding_with_relation": draw_outstanding_with_relation,
    "outstanding_no_relation": draw_outstanding_no_relation,
    "outstanding_credit": draw_outstanding_credit,
    "settlement_with_goods": draw_settlement_with_goods,
    "settlement_part": draw_settlement_part,
    "settlement_several_tenders": draw_settlement_several_tenders,
    "settlement_unnamed": draw_settlement_unnamed,
    "settlement_no_relation": draw_settlement_no_relation,
}
