"""Sales whose VAT hangs on who buys, or on what is sold."""

from __future__ import annotations

from collections.abc import Callable

from connectors.mplus.sandbox.seed import articles
from connectors.mplus.sandbox.seed.draft import CARD, CASH, ON_ACCOUNT, Draft, Draw
from connectors.mplus.sandbox.seed.shop import Record
from connectors.mplus.sandbox.seed.sorts import Sorts
from connectors.mplus.sandbox.till import NONE, SHIFTED, Article, Sold

_SERVICES = 50
_EU = ("België", "BE", "Belgie", "Duitsland", "DE", "Deutschland")


def draw_foreign_relation(draw: Draw) -> Draft:
    """Somebody from abroad buys at the counter, with the shop's VAT."""
    draft = draw.draft_goods(500)
    draft.relation = _pick(draw, lambda each: each["country"] in _EU)
    return draft.pay(CARD)


def draw_reverse_charge_domestic(draw: Draw) -> Draft:
    """VAT is shifted to a company of the same country."""
    return _shift(draw, lambda each: each["vatNumber"].startswith("NL"))


def draw_reverse_charge_eu_goods(draw: Draw) -> Draft:
    """Goods for a company of another EU country."""
    return _shift(draw, _is_eu_company)


def draw_reverse_charge_eu_services(draw: Draw) -> Draft:
    """Services for a company of another EU country."""
    return _shift(draw, _is_eu_company, services=True)


def draw_reverse_charge_eu_mixed(draw: Draw) -> Draft:
    """Goods and services for a company of another EU country, on account."""
    service, goods = _pick_article(draw, services=True), _pick_article(draw)
    draft = draw.draft([Sold(goods, 2), Sold(service, 1)], SHIFTED)
    draft.relation = _pick(draw, _is_eu_company)
    return draft.pay(ON_ACCOUNT)


def draw_reverse_charge_eu_no_vat_number(draw: Draw) -> Draft:
    """Goods for a company of another EU country that has no VAT number."""

    def is_bare(each: Record) -> bool:
        return each["country"] in _EU and not each["vatNumber"]

    return _shift(draw, is_bare)


def draw_reverse_charge_no_relation(draw: Draw) -> Draft:
    """VAT is shifted to nobody knows whom."""
    return _shift(draw, None)


def draw_reverse_charge_outside_eu(draw: Draw) -> Draft:
    """VAT is shifted to a company outside the EU, where there is none to shift."""
    draft = _shift(draw, None)
    draft.relation = draw.catalog.abroad[0]
    return draft


def draw_export(draw: Draw) -> Draft:
    """Goods go to a relation outside the EU, without VAT."""
    draft = draw.draft_goods(1000, NONE)
    draft.relation = draw.rng.choice(draw.catalog.abroad[:3])
    return draft.pay(CARD)


def draw_no_vat_eu_relation(draw: Draw) -> Draft:
    """A sale without VAT to somebody in the EU, who should pay it."""
    draft = draw.draft_goods(1000, NONE)
    draft.relation = _pick(draw, lambda each: each["country"] in _EU)
    return draft.pay(CARD)


def draw_margin_goods(draw: Draw) -> Draft:
    """Second-hand goods: the VAT is on the margin, which no receipt shows."""
    number = draw.rng.choice(articles.SECOND_HAND)
    return draw.draft([Sold(draw.article(number), 1)]).pay(CARD)


def draw_margin_and_goods(draw: Draw) -> Draft:
    """Second-hand goods beside new ones."""
    second = Sold(draw.article(articles.SECOND_HAND[0]), 2)
    return draw.draft([*draw.pick_goods(2), second]).pay(CARD)


def draw_buy_in(draw: Draw) -> Draft:
    """Something old is bought from a customer who buys nothing."""
    worth = draw.rng.randrange(2, 12) * 250
    trade = Sold(draw.article(articles.TRADE_IN), 1, price=-worth)
    return draw.draft([trade]).pay(CASH)


def _shift(
    draw: Draw, wanted: Callable[[Record], bool] | None, *, services: bool = False
) -> Draft:
    article = _pick_article(draw, services=services)
    draft = draw.draft([Sold(article, 2)], SHIFTED)
    draft.relation = _pick(draw, wanted) if wanted else None
    return draft.pay(CARD)


def _pick_article(draw: Draw, *, services: bool = False) -> Article:
    known = [
        each
        for each in draw.catalog.goods
        if (each.group == _SERVICES) is services and each.vat_code == 1
    ]
    return draw.rng.choice(known)


def _pick(draw: Draw, wanted: Callable[[Record], bool]) -> Record:
    return draw.rng.choice([each for each in draw.catalog.companies if wanted(each)])


def _is_eu_company(each: Record) -> bool:
    return each["country"] in _EU and bool(each["vatNumber"])


TAX_SORTS: Sorts = {
    "foreign_relation": draw_foreign_relation,
    "reverse_charge_domestic": draw_reverse_charge_domestic,
    "reverse_charge_eu_goods": draw_reverse_charge_eu_goods,
    "reverse_charge_eu_services": draw_reverse_charge_eu_services,
    "reverse_charge_eu_mixed": draw_reverse_charge_eu_mixed,
    "reverse_charge_eu_no_vat_number": draw_reverse_charge_eu_no_vat_number,
    "reverse_charge_no_relation": draw_reverse_charge_no_relation,
    "reverse_charge_outside_eu": draw_reverse_charge_outside_eu,
    "export": draw_export,
    "no_vat_eu_relation": draw_no_vat_eu_relation,
    "margin_goods": draw_margin_goods,
    "margin_and_goods": draw_margin_and_goods,
    "buy_in": draw_buy_in,
}
