"""A till that answers from records written by hand, as they look on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from tests.oracle_parts.parse import parse_cash_count, parse_receipt, parse_relation
from tests.oracle_parts.records import CashCount, Relation, TillReceipt

Json = dict[str, Any]
RATES = {"1": 2100, "2": 900, "3": 0}
TURNOVER = "TURNOVER-GROUP-TYPE-TURNOVER"
NO_CODE = "0"
GIFT_CARD = {
    "turnoverGroup": 90,
    "turnoverGroupType": "TURNOVER-GROUP-TYPE-BALANCE-UPGRADE",
    "priceType": "PRICE-TYPE-GIFT-CARD",
}
DEPOSIT = {
    "turnoverGroup": 95,
    "turnoverGroupType": "TURNOVER-GROUP-TYPE-REFUNDABLE-DEPOSIT",
}
FOOD = {"turnoverGroup": 30}


def source_id(number: int) -> str:
    """The till's id of the receipt with this number."""
    return f"0a1b2c3d-0000-11f1-8000-{number:012d}"


def to_xml(name: str, value: Any) -> str:
    """A nested dict as wire elements; a list repeats its element."""
    if isinstance(value, list):
        return "".join(to_xml(name, part) for part in value)
    if isinstance(value, dict):
        value = "".join(to_xml(key, part) for key, part in value.items())
        return f"<ns:{name}>{value}</ns:{name}>"
    return f"<ns:{name}>{escape(str(value))}</ns:{name}>"


def parse_xml(name: str, value: Json) -> etree._Element:
    """A nested dict as an element in the till's namespace."""
    text = to_xml(name, value).replace(">", ' xmlns:ns="urn:mplusqapi">', 1)
    return etree.fromstring(text)


def make_day(text: str) -> Json:
    """An ISO date as the till writes it."""
    year, month, day = text.split("-")
    return {"day": int(day), "mon": int(month), "year": int(year)}


def make_line(incl: int, excl: int, code: str = "1", **data: Any) -> Json:
    """One line, cents; group 10 is turnover."""
    base = {"quantity": -1 if incl < 0 else 1, "decimalPlaces": 0}
    sums = {"totalInclAmount": incl, "totalExclAmount": excl}
    group = {"turnoverGroup": 10, "turnoverGroupType": TURNOVER}
    subs = data.pop("subs", [])
    rate = RATES.get(code, 0)
    text, article = data.pop("text", "article"), data.pop("article", 0)
    line = {**base, "vatCode": code, "vatPercentage": rate, **sums, **group, **data}
    return {
        "articleNumber": article,
        "text": text,
        "data": line,
        "preparationList": {"line": subs},
    }


WIRE_SHIRT = make_line(1210, 1000)
WIRE_BREAD = make_line(218, 200, "2", **FOOD)


def make_payment(method: str, amount: int, **more: Any) -> Json:
    """One payment, cents, on 5 March 2026."""
    day = make_day("2026-03-05")
    return {"financialDate": day, "method": method, "amount": amount, **more}


def make_receipt(number: int, **more: Any) -> Json:
    """A receipt of till 2 of branch 1; the total is given or the lines' sum."""
    lines = more.pop("lines", [])
    payments = more.pop("payments", [])
    vat = more.pop("vat", {})
    total = sum(line["data"]["totalInclAmount"] for line in lines)
    groups = [
        {"vatCode": code, "vatPercentage": RATES[code], "exclAmount": e, "vatAmount": v}
        for code, (e, v) in vat.items()
    ]
    parts = {"branchNumber": 1, "workplaceNumber": 2, "year": 2026, "number": number}
    return {
        "receiptId": source_id(number),
        "receiptNumber": parts,
        "receiptType": "RECEIPT-TYPE-RECEIPT",
        "financialDate": make_day("2026-03-05"),
        "financialBranchNumber": 1,
        "totalInclAmount": total,
        "vatMethod": "VAT-METHOD-INCLUSIVE",
        "vatGroupList": {"vatGroup": groups},
        "state": "RECEIPT-STATE-PAID",
        "lineList": {"line": lines},
        "paymentList": {"payment": payments},
        **more,
    }


def make_count(number: int, day: str, *lines: Json, final: bool = True) -> Json:
    """The count of till 2 of branch 1 at the end of a day."""
    return {
        "cashCountId": source_id(number),
        "financialDate": make_day(day),
        "branchNumber": 1,
        "workplaceNumber": 2,
        "isFinalized": str(final).lower(),
        "cashCountLineList": {"cashCountLine": list(lines)},
    }


@dataclass
class ExampleTill:
    """A till that answers from a list of wire records."""

    records: list[Json] = field(default_factory=list)
    cards: list[Json] = field(default_factory=list)
    counts: list[Json] = field(default_factory=list)

    def receipts(self) -> Iterator[TillReceipt]:
        """Every receipt, parsed as from the wire."""
        for record in self.records:
            yield parse_receipt(parse_xml("receipt", record))

    def relations(self) -> Mapping[str, Relation]:
        """Every customer card by its number."""
        found = [parse_relation(parse_xml("relation", card)) for card in self.cards]
        return {relation.number: relation for relation in found}

    def payment_methods(self) -> Mapping[str, str]:
        """Not asked for: the setup says what a method means."""
        return {}

    def vat_percentages(self) -> Mapping[str, Decimal]:
        """The percentages, times 100."""
        return {code: Decimal(rate) for code, rate in RATES.items()}

    def cash_counts(self) -> tuple[CashCount, ...]:
        """Every cash count."""
        return tuple(
            parse_cash_count(parse_xml("cashCount", count)) for count in self.counts
        )
