"""From drafts to receipts with numbers, dates and ids, and which are rung up."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.mplus.sandbox.seed.allotment import allot_sorts, place_rare_sorts
from connectors.mplus.sandbox.seed.draft import Catalog, Draft, Draw, FindSale
from connectors.mplus.sandbox.seed.later_sorts import ALL_SORTS, RARE_SORTS
from connectors.mplus.sandbox.seed.moments import Moment, draw_moments
from connectors.mplus.sandbox.seed.shop import (
    EMPLOYEES,
    GIFT_CARD_METHODS,
    NETHERLANDS,
    PAYMENT_TEXTS,
    PAYMENT_TYPES,
    Record,
)

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


class _Instead(Numbers):
    """Gives the number of the receipt in whose place another is rung up."""

    def __init__(self, numbers: Numbers, number: Record) -> None:
        super().__init__()
        self._numbers = numbers
        self._number = number

    def take(self, moment: Moment) -> Record:
        """That number, or one of another year where the receipt is booked there."""
        if moment.day.year == self._number["year"]:
            return self._number
        return self._numbers.take(moment)


def ring_up_many(
    count: int, catalog: Catalog, *, days: int, numbers: Numbers, seed: int = 1
) -> Iterator[RungUp]:
    """Seed receipts in order of time, the same ones every time."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    memory: dict[str, deque[Record]] = {}

    def remember(chooser: random.Random) -> FindSale:
        def find_sale(sort: str) -> Record | None:
            known = memory.get(sort)
            return chooser.choice(known) if known else None

        return find_sale

    draw = Draw(catalog, rng, find_sale=remember(rng))
    sorts = allot_sorts(count, rng)
    rare = place_rare_sorts(sorts)
    moments = draw_moments(count, rng, days=days)
    for place, (sort, moment) in enumerate(zip(sorts, moments, strict=True)):
        rung_up = ring_up(sort, ALL_SORTS[sort](draw), moment, numbers=numbers, rng=rng)
        if place in rare:
            # What was drawn makes way, so that all others are the same without it.
            instead = _Instead(numbers, rung_up.receipt["receiptNumber"])
            own = random.Random(f"{seed} {place} {rare[place]}")  # noqa: S311 - repeatable on purpose
            draft = RARE_SORTS[rare[place]](Draw(catalog, own, find_sale=remember(own)))
            yield ring_up(rare[place], draft, moment, numbers=instead, rng=own)
            continue
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
