"""What the shop does for itself: own use, cash movements, odd days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from connectors.mplus.sandbox.seed import articles
from connectors.mplus.sandbox.seed.draft import CARD, CASH, CREDIT_CARD, Draft, Draw
from connectors.mplus.sandbox.seed.moments import SHOP_ZONE, Moment
from connectors.mplus.sandbox.seed.shop import PAYMENT_TEXTS, VAT_RATES, Record
from connectors.mplus.sandbox.seed.sorts import (
    CASH_INFLOW,
    CASH_OUTFLOW,
    TRANSFER,
    Sorts,
    draft_movement,
)
from connectors.mplus.sandbox.till import (
    Sold,
    Totals,
    exclude_vat,
    total_lines,
)

OWN_USE = "EIGENGEBRUIK"
_NIGHT = time(1, 30)
_LATE = timedelta(days=3)


def draw_private_use(draw: Draw) -> Draft:
    """The owner takes goods home."""
    return _use(draw, "PRIVE")


def draw_breakage(draw: Draw) -> Draft:
    """Goods are broken."""
    return _use(draw, "BREUK")


def draw_promotion(draw: Draw) -> Draft:
    """Goods are given away."""
    return _use(draw, "PROMOTIE")


def draw_breakage_no_cost(draw: Draw) -> Draft:
    """Goods are broken whose purchase price the till does not know."""
    draft = _use(draw, "BREUK")
    for line in draft.lines:
        del line["data"]["purchasePrice"]
    return draft


def draw_own_use_line(draw: Draw) -> Draft:
    """Own use is told at the line only, and nothing is paid."""
    draft = draw.draft([Sold(draw.rng.choice(draw.catalog.goods), 1)])
    draft.relation = None
    mark_own_use(draft.lines[0], draft.totals.incl)
    return draft


def draw_part_own_use_line(draw: Draw) -> Draft:
    """A part of a line is own use: the payments leave it out."""
    draft, used = _draft_part(draw)
    return draft.pay(CARD, draft.totals.incl - used)


def draw_part_own_use_line_paid(draw: Draw) -> Draft:
    """A part of a line is own use: it is a payment too."""
    draft, used = _draft_part(draw)
    return draft.pay(OWN_USE, used).pay(CARD)


def draw_part_own_use_line_net(draw: Draw) -> Draft:
    """A part of a line is own use: the line, the total and the VAT leave it out."""
    draft, used = _draft_part(draw)
    data = draft.lines[0]["data"]
    data["totalInclAmount"] -= used
    rate = VAT_RATES[data["vatCode"]]
    data["totalExclAmount"] = exclude_vat(data["totalInclAmount"], rate)
    draft.totals = total_lines(draft.lines, draft.method)
    return draft.pay(CARD)


def draw_cash_in_change(draw: Draw) -> Draft:
    """Change is fetched from the bank."""
    return draft_movement(draw, articles.CASH_IN_CHANGE, CASH_INFLOW)


def draw_cash_out_costs(draw: Draw) -> Draft:
    """Something small is bought with money from the drawer."""
    return draft_movement(draw, articles.CASH_OUT_COSTS, CASH_OUTFLOW)


def draw_cash_out_correction(draw: Draw) -> Draft:
    """A mistake at the drawer is put right."""
    return draft_movement(draw, articles.CASH_OUT_CORRECTION, CASH_OUTFLOW)


def draw_transfer_several(draw: Draw) -> Draft:
    """A payment is moved to two other methods."""
    amount = draw.rng.randrange(10, 200) * 50
    part = draw.pick_part(amount, 50)
    draft = Draft([], Totals(0, 0, []), type=TRANSFER)
    return draft.pay(CASH, -amount).pay(CARD, part).pay(CREDIT_CARD, amount - part)


def draw_new_year_night(draw: Draw) -> Draft:
    """Sold after midnight of the last day of a year, whose date it keeps."""
    draft = draw.draft_goods(500).pay(CARD)
    draft.moved = _move_to_new_year
    return draft


def draw_late_receipt(draw: Draw) -> Draft:
    """Entered three days after the day that it is booked on."""
    draft = draw.draft_goods(500).pay(CARD)
    draft.moved = lambda moment: replace(moment, day=moment.day - _LATE)
    return draft


def _move_to_new_year(moment: Moment) -> Moment:
    day = moment.day
    if (day.month, day.day) != (12, 31):
        day = date(day.year - 1, 12, 31)
    entered = datetime.combine(day + timedelta(days=1), _NIGHT, SHOP_ZONE)
    return replace(moment, day=day, entered=entered)


def _use(draw: Draw, method: str) -> Draft:
    goods = [Sold(draw.rng.choice(draw.catalog.goods), 1) for _ in range(2)]
    draft = draw.draft(goods)
    draft.relation = None
    return draft.pay(method)


def _draft_part(draw: Draw) -> tuple[Draft, int]:
    """Two articles, and the cents of the first that the shop used."""
    dear = [each for each in draw.catalog.goods if each.price_incl >= 1000]
    goods = [Sold(draw.rng.choice(dear), 1), Sold(draw.rng.choice(dear), 1)]
    draft = draw.draft(goods)
    used = draw.pick_part(draft.lines[0]["data"]["totalInclAmount"], 5)
    mark_own_use(draft.lines[0], used)
    return draft, used


def mark_own_use(line: Record, used: int) -> None:
    """Say at a line how many of its cents the shop used itself."""
    data = line["data"]
    data["bpeId"] = OWN_USE
    data["bpeDescription"] = PAYMENT_TEXTS[OWN_USE]
    data["bpeAmount"] = used
    data["bpeAmountExcl"] = exclude_vat(used, VAT_RATES[data["vatCode"]])


SHOP_SORTS: Sorts = {
    "private_use": draw_private_use,
    "breakage": draw_breakage,
    "promotion": draw_promotion,
    "breakage_no_cost": draw_breakage_no_cost,
    "own_use_line": draw_own_use_line,
    "part_own_use_line": draw_part_own_use_line,
    "part_own_use_line_paid": draw_part_own_use_line_paid,
    "part_own_use_line_net": draw_part_own_use_line_net,
    "cash_in_change": draw_cash_in_change,
    "cash_out_costs": draw_cash_out_costs,
    "cash_out_correction": draw_cash_out_correction,
    "transfer_several": draw_transfer_several,
    "new_year_night": draw_new_year_night,
    "late_receipt": draw_late_receipt,
}
