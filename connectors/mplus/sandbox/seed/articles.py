"""400 articles and the article groups.

11 garments in 3 colours and 4 sizes (132 articles, each a product of its own), the
others one article a product: goods at 21, 9 and 0 %, weighed food with 3 decimals,
composites, services, and the articles behind gift cards, deposits and cash movements.
"""

from __future__ import annotations

from connectors.mplus.sandbox.seed.shop import GROUPS, VAT_RATES, Record
from connectors.mplus.sandbox.till import Article, exclude_vat

CREATED = "2025-11-05T12:00:00+01:00"
COLOURS = ("Zwart", "Wit", "Blauw")
SIZES = ("S", "M", "L", "XL")
GARMENTS = (
    "Shirt", "Trui", "Broek", "Jas", "Rok", "Vest", "Blouse", "Polo", "Jurk", "Short",
    "Pyjama",
)  # fmt: skip

# Name, how many, turnover group, VAT code, first price, weighed.
_KINDS: tuple[tuple[str, int, int, int, int, bool], ...] = (
    ("Vaas", 28, 20, 1, 1295, False),
    ("Lamp", 27, 20, 1, 2499, False),
    ("Kussen", 25, 20, 1, 1749, False),
    ("Kaas", 14, 30, 2, 1389, True),
    ("Noten", 12, 30, 2, 1675, True),
    ("Groente", 10, 30, 2, 289, True),
    ("Brood", 20, 30, 2, 245, False),
    ("Jam", 22, 30, 2, 379, False),
    ("Koek", 24, 30, 2, 199, False),
    ("Sap", 22, 40, 2, 229, False),
    ("Frisdrank", 18, 40, 2, 149, False),
    ("Bier", 20, 40, 1, 1099, False),
    ("Reparatie", 8, 50, 1, 1500, False),
    ("Postzegelvel", 6, 60, 3, 1210, False),
)

GIFT_CARD = 9001
GIFT_CARD_RELOAD = 9002
BOTTLE = 9011
CRATE = 9012
TRADE_IN = 9021
CASH_IN = 9031
CASH_OUT = 9032
SETTLEMENT = 9041
FREE_BAG = 9051
HAMPERS = (9061, 9062)
GIFT_CARD_21 = 9003
CASH_OUT_COSTS = 9033
CASH_OUT_CORRECTION = 9034
CASH_IN_CHANGE = 9035
SERVICE_CHARGE = 9081
SECOND_HAND = (9091, 9092)

# Number, text, turnover group, VAT code, price.
_SPECIALS: tuple[tuple[int, str, int, int, int], ...] = (
    (GIFT_CARD, "Cadeaubon", 90, 0, 0),
    (GIFT_CARD_RELOAD, "Cadeaubon opwaarderen", 90, 0, 0),
    (BOTTLE, "Statiegeld fles", 95, 0, 15),
    (CRATE, "Statiegeld krat", 95, 2, 390),
    (TRADE_IN, "Inruil", 70, 0, 0),
    (CASH_IN, "Kas in", 80, 0, 0),
    (CASH_OUT, "Kas uit", 81, 0, 0),
    (SETTLEMENT, "Betaling openstaande post", 85, 0, 0),
    (FREE_BAG, "Draagtas gratis", 20, 1, 0),
    (HAMPERS[0], "Kerstpakket klein", 30, 2, 2495),
    (HAMPERS[1], "Kerstpakket groot", 30, 2, 4995),
    (9071, "Cadeauverpakking", 50, 1, 95),
    (GIFT_CARD_21, "Cadeaubon 21 %", 91, 1, 0),
    (CASH_OUT_COSTS, "Kas uit onkosten", 81, 0, 0),
    (CASH_OUT_CORRECTION, "Kas uit correctie", 81, 0, 0),
    (CASH_IN_CHANGE, "Wisselgeld", 80, 0, 0),
    (SERVICE_CHARGE, "Servicekosten", 50, 1, 250),
    (SECOND_HAND[0], "Tweedehands lamp", 25, 0, 4500),
    (SECOND_HAND[1], "Tweedehands jas", 25, 0, 3000),
)

_TOP_GROUPS: dict[str, tuple[int, ...]] = {
    "Kleding": (10,),
    "Wonen": (20,),
    "Eten en drinken": (30, 40),
    "Overig": (50, 60, 70, 90, 95, 25, 91),
}


def build_products() -> list[Record]:
    """All products with their articles; markers count articles and products alike."""
    products = [_build_garment(index, name) for index, name in enumerate(GARMENTS)]
    number = 2000
    for name, count, *rest in _KINDS:
        for index in range(count):
            number += 1
            products.append(_build_single(number, f"{name} {index + 1}", index, rest))
    products += [_build_special(*values) for values in _SPECIALS]
    for marker, product in enumerate(products, 1):
        _set_marker(product, marker)
    return products


def read_article(record: Record) -> Article:
    """What the till needs of an article record."""
    parts = record.get("componentArticleList", {}).get("componentArticle", [])
    weighed = record["siUnit"] == "kg"
    return Article(
        number=record["articleNumber"],
        plu=record["pluNumber"],
        text=record["description"],
        group=record["turnoverGroup"],
        vat_code=record["vatCode"],
        price_incl=record["priceIncl"],
        price_excl=record["priceExcl"],
        purchase_price=record["purchasePrice"],
        decimals=3 if weighed else 0,
        unit=record["siUnit"],
        components=tuple(part["articleNumber"] for part in parts),
    )


def build_article_groups() -> list[Record]:
    """The web categories: top groups with one subgroup per kind of article."""
    return [
        _build_group(index, name, groups)
        for index, (name, groups) in enumerate(_TOP_GROUPS.items(), 1)
    ]


def _build_group(index: int, name: str, groups: tuple[int, ...]) -> Record:
    subgroups = [
        _make_group(_group_number(group), GROUPS[group][0], order)
        for order, group in enumerate(groups, 1)
    ]
    top = _make_group(index, name, index)
    top["syncMarker"] = index
    top["subGroupList"] = {"articleGroups": subgroups}
    return top


def _make_group(number: int, name: str, order: int) -> Record:
    return {
        "groupNumber": number,
        "name": name,
        "text": "",
        "subGroupList": {"articleGroups": []},
        "sortOrder": order,
    }


def _group_number(turnover_group: int) -> int:
    return 100 + turnover_group


def _make_product(number: int, text: str, articles: list[Record]) -> Record:
    group = _group_number(articles[0]["turnoverGroup"])
    return {
        "productNumber": number,
        "description": text,
        "extraText": "",
        "articleList": {"article": articles},
        "groupNumbers": [group],
        "sortOrderGroupList": {
            "sortOrderGroup": [{"groupNumber": group, "sortOrder": number}]
        },
    }


def _build_garment(index: int, name: str) -> Record:
    articles: list[Record] = []
    for colour_index, colour in enumerate(COLOURS, 1):
        for size_index, size in enumerate(SIZES, 1):
            number = 1000 + index * 12 + len(articles) + 1
            article = _make_article(
                number, f"{name} {colour} {size}", (10, 1, 1995 + index * 550)
            )
            article["colour"] = colour
            article["colourSequenceNumber"] = colour_index
            article["size"] = size
            article["sizeSequenceNumber"] = size_index
            articles.append(article)
    return _make_product(101 + index, name, articles)


def _build_single(number: int, text: str, index: int, kind: list[int]) -> Record:
    group, vat_code, first_price, weighed = kind
    # Steps of 37 cents: totals seldom are multiples of 5 by themselves.
    article = _make_article(number, text, (group, vat_code, first_price + 37 * index))
    if weighed:
        article["siUnit"] = "kg"
        article["unit"] = "kg"
    article["stockArticle"] = group not in (50, 60)
    return _make_product(number, text, [article])


def _build_special(
    number: int, text: str, group: int, vat_code: int, price: int
) -> Record:
    article = _make_article(number, text, (group, vat_code, price))
    article["stockArticle"] = False
    article["webshop"] = False
    if price == 0:
        free = number == FREE_BAG
        article["specialPrice"] = "PRICE-FREE" if free else "PRICE-ASK-POSITIVE"
    if number in HAMPERS:
        article["componentArticleList"] = {
            "componentArticle": [
                {"articleNumber": part, "quantity": 1, "decimalPlaces": 0}
                for part in (2117, 2137, 2160)
            ]
        }
    return _make_product(number, text, [article])


def _make_article(number: int, text: str, terms: tuple[int, int, int]) -> Record:
    group, vat_code, price = terms
    excl = exclude_vat(price, VAT_RATES[vat_code])
    return {
        "articleNumber": number,
        "extArticleId": "",
        "pluNumber": str(number),
        "changeTimestamp": CREATED,
        "createTimestamp": CREATED,
        "active": True,
        "description": text,
        "invoiceText": text,
        "receiptText": text[:24],
        "displayText": text[:20],
        "barcode": _make_barcode(number),
        "turnoverGroup": group,
        "vatCode": vat_code,
        "vatPercentage": VAT_RATES[vat_code],
        "averagePurchasePrice": excl * 6 // 10,
        "purchasePrice": excl * 6 // 10,
        "priceIncl": price,
        "priceExcl": excl,
        "siUnit": "",
        "unit": "stuk",
        "webshop": group < 60,
        "categoryIds": {"category": [group]},
        "stockArticle": True,
        "specialPrice": "PRICE-NORMAL",
        "customFieldList": {},
        "discontinued": False,
    }


def _make_barcode(number: int) -> str:
    digits = f"871234{number:06d}"
    odd = sum(int(digit) for digit in digits[::2])
    even = sum(int(digit) for digit in digits[1::2])
    return f"{digits}{-(odd + 3 * even) % 10}"


def _set_marker(product: Record, marker: int) -> None:
    product["syncMarker"] = marker
    for article in product["articleList"]["article"]:
        article["syncMarker"] = marker
