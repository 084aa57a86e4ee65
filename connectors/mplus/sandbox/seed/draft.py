"""A receipt before it has numbers and dates, and what drawing one needs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.mplus.sandbox.seed import articles
from connectors.mplus.sandbox.seed.moments import Moment
from connectors.mplus.sandbox.seed.relations import COUNT, FIRST_NUMBER
from connectors.mplus.sandbox.seed.shop import Record
from connectors.mplus.sandbox.till import (
    INCLUSIVE,
    Article,
    Sold,
    Totals,
    build_line,
    round_to_coins,
    total_lines,
)

RECEIPT = "RECEIPT-TYPE-RECEIPT"
CREDIT = "RECEIPT-TYPE-CREDIT-RECEIPT"
PAID = "RECEIPT-STATE-PAID"
CASH = "CONTANT"
CARD = "PIN"
CREDIT_CARD = "CREDITCARD"
ON_ACCOUNT = "OPREKENING"
GIFT_CARD = "CADEAUBON"

_DISCOUNTS = (10, 20, 25, 50)
_QUANTITIES = (1, 1, 1, 1, 1, 1, 2, 2, 3, 6)


@dataclass(slots=True)
class Draft:
    """What is sold to whom and how it is paid: payments are (method, cents).

    ``moved`` changes when it is booked.
    """

    lines: list[Record]
    totals: Totals
    method: str = INCLUSIVE
    payments: list[tuple[str, int]] = field(default_factory=list)
    type: str = RECEIPT
    state: str = PAID
    relation: Record | None = None
    credits: str = ""
    reference: str = ""
    moved: Callable[[Moment], Moment] | None = None

    @property
    def due(self) -> int:
        """What is still to be paid."""
        return self.totals.incl - sum(amount for _, amount in self.payments)

    def pay(self, method: str, amount: int | None = None) -> Draft:
        """Pay an amount, or all that is due, in cash to the nearest 5 cents."""
        if amount is None:
            amount = self.due
            if method == CASH:
                paid = self.totals.incl - amount
                amount = round_to_coins(self.totals.incl) - paid
        self.payments.append((method, amount))
        return self


@dataclass(frozen=True, slots=True)
class Catalog:
    """The shop as a cashier sees it."""

    articles: Mapping[int, Article]
    goods: Sequence[Article]
    weighed: Sequence[Article]
    drinks: Sequence[Article]
    relations: Sequence[Record]
    companies: Sequence[Record]
    abroad: Sequence[Record]

    @classmethod
    def build(cls, products: Iterable[Record], relations: Iterable[Record]) -> Catalog:
        """Make the catalog from the cards; the relations' order is kept."""
        known = {
            record["articleNumber"]: articles.read_article(record)
            for product in products
            for record in product["articleList"]["article"]
        }
        plain = [each for each in known.values() if each.number < articles.GIFT_CARD]
        everybody = list(relations)
        people = [each for each in everybody if each["relationNumber"] <= _LAST_NEAR]
        return cls(
            articles=known,
            goods=[each for each in plain if not each.decimals],
            weighed=[each for each in plain if each.decimals],
            drinks=[each for each in plain if each.group == 40],
            relations=people,
            companies=[each for each in people if each.get("companyName")],
            abroad=[e for e in everybody if e["relationNumber"] > _LAST_NEAR],
        )


_LAST_NEAR = FIRST_NUMBER + COUNT - 1
FindSale = Callable[[str], Record | None]


class Draw:
    """Draws what customers do. ``find_sale`` gives an earlier receipt of a sort."""

    def __init__(
        self, catalog: Catalog, rng: random.Random, *, find_sale: FindSale
    ) -> None:
        self.catalog = catalog
        self.rng = rng
        self.find_sale = find_sale

    def article(self, number: int) -> Article:
        """An article by number. Raises KeyError."""
        return self.catalog.articles[number]

    def pick_goods(self, count: int | None = None) -> list[Sold]:
        """A few articles with now and then a discount, a weight or a composite."""
        if count is None:
            count = self.rng.choice((1, 1, 1, 2, 2, 3, 4, 6))
        return [self._pick_one() for _ in range(count)]

    def pick_weighed(self) -> Sold:
        """Between 50 g and 2.5 kg of something."""
        return Sold(self.rng.choice(self.catalog.weighed), self.rng.randrange(50, 2500))

    def pick_discounted(self) -> Sold:
        """An article with a discount of some percent."""
        article = self.rng.choice(self.catalog.goods)
        return Sold(article, 1, discount=self.rng.choice(_DISCOUNTS))

    def _pick_one(self) -> Sold:
        kind = self.rng.random()
        if kind < 0.08:
            return self.pick_discounted()
        if kind < 0.18:
            return self.pick_weighed()
        if kind < 0.20:
            hamper = self.article(self.rng.choice(articles.HAMPERS))
            parts = [self.article(number) for number in hamper.components]
            return Sold(hamper, 1, components=parts)
        if kind < 0.22:
            return Sold(self.article(articles.BOTTLE), self.rng.randrange(1, 7))
        article = self.rng.choice(self.catalog.goods)
        return Sold(article, self.rng.choice(_QUANTITIES))

    def draft(self, sold: Iterable[Sold], method: str = INCLUSIVE) -> Draft:
        """A draft of these lines, one in four for a relation."""
        lines = [build_line(each, method) for each in sold]
        draft = Draft(lines, total_lines(lines, method), method)
        if self.rng.random() < 0.25:
            draft.relation = self.rng.choice(self.catalog.relations)
        return draft

    def draft_goods(self, minimum: int = 5, method: str = INCLUSIVE) -> Draft:
        """A draft of goods that comes to ``minimum`` cents or more."""
        while True:
            draft = self.draft(self.pick_goods(), method)
            if draft.totals.incl >= minimum:
                return draft

    def pick_part(self, amount: int, step: int = 1) -> int:
        """A part of an amount, between a fifth and four fifths, in whole steps."""
        part = self.rng.randrange(amount // 5, amount * 4 // 5)
        return max(step, part // step * step)

    def pick_relation(self) -> Record:
        """Any relation."""
        return self.rng.choice(self.catalog.relations)

    def pick_company(self, *, vat_number: bool) -> Record:
        """A company with, or without, a VAT number."""
        known = [each for each in self.catalog.companies if each["vatNumber"]]
        bare = [each for each in self.catalog.companies if not each["vatNumber"]]
        return self.rng.choice(known if vat_number else bare)


def turn_line(line: Record) -> Record:
    """The line given back: quantity and amounts with their sign turned."""
    data = dict(line["data"])
    for key in _TURNED:
        data[key] = -data[key]
    turned = {key: value for key, value in line.items() if key != "lineId"}
    turned["data"] = data
    if "preparationList" in line:
        parts = [turn_line(part) for part in line["preparationList"]["line"]]
        turned["preparationList"] = {"line": parts}
    return turned


_TURNED = (
    "quantity",
    "discountAmount",
    "discountAmountExcl",
    "totalInclAmount",
    "totalExclAmount",
)
