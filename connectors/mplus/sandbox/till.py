"""The till's arithmetic: lines, VAT groups and totals, in whole cents.

Rounding is half away from zero. The rules are those of the README beside this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.mplus.sandbox.seed.shop import BALANCE_UPGRADE, GROUPS, VAT_RATES

Record = dict[str, Any]

INCLUSIVE = "VAT-METHOD-INCLUSIVE"
EXCLUSIVE = "VAT-METHOD-EXCLUSIVE"
SHIFTED = "VAT-METHOD-SHIFTED"
NONE = "VAT-METHOD-NONE"
GIFT_CARD_PRICE = "PRICE-TYPE-GIFT-CARD"
ARTICLE_PRICE = "PRICE-TYPE-ARTICLE"
DISCOUNTED = "DISCOUNT-TYPE-SALES-PRICE"


@dataclass(frozen=True, slots=True)
class Article:
    """What the till knows of an article when it is sold; prices in cents."""

    number: int
    plu: str
    text: str
    group: int
    vat_code: int
    price_incl: int
    price_excl: int
    purchase_price: int
    decimals: int = 0
    unit: str = ""
    components: tuple[int, ...] = ()


@dataclass(slots=True)
class Sold:
    """An article, a quantity (whole number, scaled by the article's decimals), and
    what the cashier did to it: a price in cents of their own, a discount in percent."""

    article: Article
    quantity: int
    price: int | None = None
    discount: int = 0
    text: str = ""
    reason: str = ""
    components: list[Article] = field(default_factory=list)


def divide(number: int, divisor: int) -> int:
    """``number / divisor`` rounded half away from zero; the divisor is positive."""
    if number < 0:
        return -divide(-number, divisor)
    return (2 * number + divisor) // (2 * divisor)


def round_to_coins(amount: int) -> int:
    """The nearest multiple of 5 cents."""
    return 5 * divide(amount, 5)


def exclude_vat(amount: int, rate: int) -> int:
    """What is left of an amount incl. VAT at ``rate`` percent."""
    return divide(amount * 100, 100 + rate)


def include_vat(amount: int, rate: int) -> int:
    """An amount excl. VAT with VAT at ``rate`` percent."""
    return divide(amount * (100 + rate), 100)


@dataclass(frozen=True, slots=True)
class _Amounts:
    price: int
    price_excl: int
    incl: int
    excl: int
    discount: int
    discount_excl: int


def build_line(sold: Sold, method: str) -> Record:
    """One line as the service answers it, without its id."""
    article = sold.article
    vat_code = 0 if method == NONE else article.vat_code
    rate = VAT_RATES[vat_code]
    amounts = _compute_amounts(sold, method, rate)
    name, kind, _ = GROUPS[article.group]
    data: Record = {
        "quantity": sold.quantity,
        "decimalPlaces": article.decimals,
        "price": amounts.price,
        "priceExcl": amounts.price_excl,
        "originalPrice": article.price_incl,
        "originalPriceExcl": article.price_excl,
        "purchasePrice": article.purchase_price,
        "turnoverGroup": article.group,
        "turnoverGroupName": name,
        "turnoverGroupType": kind,
        "turnoverGroupAccountNumber": 8000 + article.group,
        "vatCode": vat_code,
        "vatPercentage": rate,
        "siUnit": article.unit,
        "discountType": DISCOUNTED if sold.discount else "DISCOUNT-TYPE-NONE",
        "discountPercentage": sold.discount,
        "discountAmount": amounts.discount,
        "discountAmountExcl": amounts.discount_excl,
        "totalInclAmount": amounts.incl,
        "totalExclAmount": amounts.excl,
        "priceType": GIFT_CARD_PRICE if kind == BALANCE_UPGRADE else ARTICLE_PRICE,
    }
    return _wrap_line(sold, data)


def _compute_amounts(sold: Sold, method: str, rate: int) -> _Amounts:
    price, price_excl = _price(sold, rate)
    scale: int = 10**sold.article.decimals
    if method == INCLUSIVE:
        gross = divide(price * sold.quantity, scale)
        discount = divide(gross * sold.discount, 100)
        incl = gross - discount
        excl, discount_excl = exclude_vat(incl, rate), exclude_vat(discount, rate)
        return _Amounts(price, price_excl, incl, excl, discount, discount_excl)
    gross = divide(price_excl * sold.quantity, scale)
    discount_excl = divide(gross * sold.discount, 100)
    excl = gross - discount_excl
    if method != EXCLUSIVE:
        return _Amounts(price, price_excl, excl, excl, discount_excl, discount_excl)
    incl, discount = include_vat(excl, rate), include_vat(discount_excl, rate)
    return _Amounts(price, price_excl, incl, excl, discount, discount_excl)


def _price(sold: Sold, rate: int) -> tuple[int, int]:
    if sold.price is None:
        return sold.article.price_incl, sold.article.price_excl
    return sold.price, exclude_vat(sold.price, rate)


def _wrap_line(sold: Sold, data: Record) -> Record:
    line: Record = {
        "articleNumber": sold.article.number,
        "pluNumber": sold.article.plu,
        "text": sold.text or sold.article.text,
        "data": data,
        "lineType": "LINE-TYPE-NONE",
        "lineKind": "LINE-KIND-DEFAULT",
    }
    if sold.reason:
        line["retourReason"] = sold.reason
    if sold.components:
        parts = [_build_component(each, sold.quantity) for each in sold.components]
        line["preparationList"] = {"line": parts}
    return line


def _build_component(article: Article, quantity: int) -> Record:
    line = build_line(Sold(article, quantity, price=0), NONE)
    return line | {"lineType": "LINE-TYPE-COMPONENT"}


def sum_vat(lines: Iterable[Record], method: str) -> list[Record]:
    """The VAT groups of some lines, in order of code; none for lines without code."""
    key = "totalInclAmount" if method == INCLUSIVE else "totalExclAmount"
    sums: dict[int, int] = {}
    for line in lines:
        data = line["data"]
        if data["vatCode"]:
            sums[data["vatCode"]] = sums.get(data["vatCode"], 0) + data[key]
    return [_build_group(code, sums[code], method) for code in sorted(sums)]


def _build_group(code: int, amount: int, method: str) -> Record:
    rate = VAT_RATES[code]
    excl, vat = amount, 0
    if method == INCLUSIVE:
        excl = exclude_vat(amount, rate)
        vat = amount - excl
    elif method == EXCLUSIVE:
        vat = divide(amount * rate, 100)
    return {
        "vatCode": code,
        "vatPercentage": rate,
        "exclAmount": excl,
        "vatAmount": vat,
        "accountNumber": 1500 + code,
    }


@dataclass(frozen=True, slots=True)
class Totals:
    """What a receipt comes to: amounts in cents."""

    incl: int
    excl: int
    groups: list[Record]


def total_lines(lines: Iterable[Record], method: str) -> Totals:
    """The receipt's totals from its lines."""
    lines = list(lines)
    groups = sum_vat(lines, method)
    bare = sum(
        line["data"]["totalInclAmount"] for line in lines if not line["data"]["vatCode"]
    )
    excl = bare + sum(group["exclAmount"] for group in groups)
    incl = excl + sum(group["vatAmount"] for group in groups)
    return Totals(incl=incl, excl=excl, groups=groups)


def sum_lines(lines: Iterable[Record]) -> int:
    """The lines' own amounts incl. VAT."""
    return sum(int(line["data"]["totalInclAmount"]) for line in lines)
