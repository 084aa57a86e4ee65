"""From drafts to receipts with numbers, dates and ids, and which are rung up."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.mplus.sandbox.seed.draft import Catalog, Draft, Draw
from connectors.mplus.sandbox.seed.later_sorts import ALL_SORTS, LATER_SORTS
from connectors.mplus.sandbox.seed.moments import Moment, draw_moments
from connectors.mplus.sandbox.seed.shop import (
    EMPLOYEES,
    GIFT_CARD_METHODS,
    NETHERLANDS,
    PAYMENT_TEXTS,
    PAYMENT_TYPES,
    Record,
)

# Per cent of all receipts; what is left are plain sales.
_SHARES = {
    "cash_rounding": 6.0,
    "cash_rounding_split": 2.0,
    "change": 4.0,
    "several_tenders": 6.0,
    "refund": 4.0,
    "sold_and_returned": 3.0,
    "on_account": 4.0,
    "part_on_account": 2.0,
    "gift_card_sold": 3.0,
    "gift_card_redeemed": 3.0,
    "deposit_lines": 3.0,
    "cent_left": 2.0,
    "discount": 3.0,
    "weighed": 3.0,
    "zero_sale": 1.2,
    "unknown_type": 1.2,
    "unreadable_lines": 1.2,
    "unreadable_tenders": 1.2,
    "not_final": 1.4,
    "own_use": 1.2,
    "cash_in": 1.2,
    "cash_out": 1.2,
    "transfer": 1.2,
}
_LATER_SHARE = 0.35
_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class RungUp:
    """A receipt without sync marker, and what the sandbox knows of it."""

    sort: str
    features: tuple[str, ...]
    receipt: Record


class Numbers:
    """The next receipt number of every till and year."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def take(self, moment: Moment) -> Record:
        """The receipt number for a moment."""
        year = moment.day.year
        key = f"{moment.branch}-{moment.till}-{year}"
        self.last[key] = self.last.get(key, 0) + 1
        return {
            "branchNumber": moment.branch,
            "workplaceNumber": moment.till,
            "year": year,
            "number": self.last[key],
        }


def allot_sorts(count: int, rng: random.Random) -> list[str]:
    """Which sorts ``count`` receipts are of, shuffled; at least one of each sort
    when there is room."""
    sorts = []
    for sort, share in _SHARES.items():
        sorts += [sort] * math.ceil(count * share / 100)
    for sort in LATER_SORTS:
        sorts += [sort] * max(1, round(count * _LATER_SHARE / 100))
    sorts = sorts[:count]
    sorts += ["sale"] * (count - len(sorts))
    rng.shuffle(sorts)
    return sorts


def ring_up_many(
    count: int, catalog: Catalog, *, days: int, numbers: Numbers, seed: int = 1
) -> Iterator[RungUp]:
    """Seed receipts in order of time, the same ones every time."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    memory: dict[str, deque[Record]] = {}

    def find_sale(sort: str) -> Record | None:
        known = memory.get(sort)
        return rng.choice(known) if known else None

    draw = Draw(catalog, rng, find_sale=find_sale)
    sorts = allot_sorts(count, rng)
    for sort, moment in zip(sorts, draw_moments(count, rng, days=days), strict=True):
        rung_up = ring_up(sort, ALL_SORTS[sort](draw), moment, numbers=numbers, rng=rng)
        memory.setdefault(sort, deque(maxlen=_REMEMBERED)).append(rung_up.receipt)
        yield rung_up


def ring_up(
    sort: str, draft: Draft, moment: Moment, *, numbers: Numbers, rng: random.Random
) -> RungUp:
    """Give a draft its number, dates and ids."""
    if draft.moved is not None:
        moment = draft.moved(moment)
    number = numbers.take(moment)
    receipt = _build_head(draft, moment, number)
    receipt["receiptId"] = make_id(rng)
    receipt["lineList"] = {
        "line": [
            {"lineId": make_id(rng), "employeeNumber": moment.employee, **line}
            | {"sequenceNumber": index}
            for index, line in enumerate(draft.lines, 1)
        ]
    }
    receipt["paymentList"] = {
        "payment": [
            build_payment(method, amount, moment, rng=rng)
            for method, amount in draft.payments
        ]
    }
    if draft.relation is not None:
        add_relation(receipt, draft.relation)
    if draft.credits:
        receipt["creditedReceiptId"] = draft.credits
    return RungUp(sort, describe(receipt), receipt)


def _build_head(draft: Draft, moment: Moment, number: Record) -> Record:
    printed = "-".join(str(part) for part in number.values())
    return {
        "extReceiptId": "",
        "transactionString": printed,
        "receiptNumber": number,
        "receiptBarcode": _make_barcode(number),
        "receiptType": draft.type,
        "employeeNumber": moment.employee,
        "employeeName": EMPLOYEES[moment.employee],
        "entryTimestamp": moment.entered.isoformat(),
        "financialDate": moment.day.isoformat(),
        "financialBranchNumber": moment.branch,
        "financialExtBranchId": "",
        "workplaceNumber": moment.till,
        "entryBranchNumber": moment.branch,
        "entryExtBranchId": "",
        "reference": draft.reference,
        "totalInclAmount": draft.totals.incl,
        "totalExclAmount": draft.totals.excl,
        "vatMethod": draft.method,
        "vatGroupList": {
            "vatGroup": [
                {"branchNumber": moment.branch, **NETHERLANDS, **group}
                for group in draft.totals.groups
            ]
        },
        "changeCounter": 1,
        "versionNumber": 1,
        "paidAmount": sum(amount for _, amount in draft.payments),
        "state": draft.state,
        "answerList": {},
        "numberOfGuests": 0,
        "salesCategoryNumber": 0,
        "branchGroupNumber": 1,
    }


def build_payment(
    method: str, amount: int, moment: Moment, *, rng: random.Random
) -> Record:
    """One payment as the service answers it."""
    payment: Record = {
        "paymentId": make_id(rng),
        "financialDate": moment.day.isoformat(),
        "entryTimestamp": moment.entered.isoformat(),
        "branchNumber": moment.branch,
        "extBranchId": "",
        "workplaceNumber": moment.till,
        "employeeNumber": moment.employee,
        "employeeName": EMPLOYEES[moment.employee],
        "method": method,
        "description": PAYMENT_TEXTS[method],
        "amount": amount,
        "paymentMethodType": PAYMENT_TYPES[method],
        "accountNumber": 1001 + list(PAYMENT_TYPES).index(method),
        "branchAccountNumberList": {},
    }
    if method in GIFT_CARD_METHODS:
        payment["giftcardNumber"] = str(rng.randrange(10**11, 10**12))
    if PAYMENT_TYPES[method].endswith("EFT"):
        payment["externalReference"] = f"{rng.randrange(10**8):08d}"
    return payment


def add_relation(receipt: Record, relation: Record) -> None:
    """Write the customer on a receipt."""
    receipt["relationNumber"] = relation["relationNumber"]
    receipt["relationName"] = relation["name"]
    receipt["relationCategoryId"] = relation["categoryIds"]["category"][0]


def make_id(rng: random.Random) -> str:
    """A lower-case UUID that looks like the vendor's (version 1)."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-1{text[13:16]}-a{text[17:20]}-{text[20:]}"


def describe(receipt: Record) -> tuple[str, ...]:
    """What is mixed into a receipt besides its sort, in order of the alphabet."""
    lines = [line["data"] for line in receipt["lineList"]["line"]]
    amounts = [each["amount"] for each in receipt["paymentList"]["payment"]]
    methods = [each["method"] for each in receipt["paymentList"]["payment"]]
    entered, day = receipt["entryTimestamp"], receipt["financialDate"]
    following = date.fromisoformat(day) + timedelta(days=1)
    night = entered < f"{following}T04" and entered[:10] != day
    found = {
        "change": methods.count("CONTANT") == 2 and min(amounts) < 0,
        "deposit": any(data["turnoverGroup"] == 95 for data in lines),
        "discount": any(data["discountPercentage"] for data in lines),
        "exclusive": receipt["vatMethod"] == "VAT-METHOD-EXCLUSIVE",
        "late": entered[:10] != day and not night,
        "night": night,
        "relation": "relationNumber" in receipt,
        "rounded": 0 < abs(sum(amounts) - receipt["totalInclAmount"]) <= 2,
        "split": sum(amount > 0 for amount in amounts) > 1,
        "sub_lines": any("preparationList" in line for line in _lines(receipt)),
        "weighed": any(data["decimalPlaces"] for data in lines),
    }
    return tuple(name for name, holds in found.items() if holds)


def _lines(receipt: Record) -> list[Record]:
    lines: list[Record] = receipt["lineList"]["line"]
    return lines


def _make_barcode(number: Record) -> str:
    branch, till, year, count = number.values()
    return f"9{branch}{till}{year % 100:02d}{count:08d}"
