"""Cash counts: what the drawers hold at the end of a till's day."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.mplus.sandbox.seed.draft import CASH
from connectors.mplus.sandbox.seed.moments import LAST_DAY, SHOP_ZONE
from connectors.mplus.sandbox.seed.receipts import make_id
from connectors.mplus.sandbox.seed.shop import (
    EMPLOYEES,
    PAYMENT_TEXTS,
    PAYMENT_TYPES,
    TILLS,
    Record,
)
from connectors.mplus.sandbox.store import Store
from connectors.sandbox.messages import ControlError

Payload = Mapping[str, Any]
# The shop's day ends at four; the drawers are counted right after.
_COUNTED = time(4, 15)


@dataclass(frozen=True, slots=True)
class _Drawer:
    """One till on one day."""

    branch: int
    till: int
    day: str


def close_day(store: Store, payload: Payload, *, rng: random.Random) -> list[Record]:
    """Count the drawers of a day: of ``branch`` and ``till``, else of all tills.

    ``differences`` and ``banked`` are cents by payment method, on every drawer that
    is counted; ``finalized`` false leaves a draft. A day that is counted again gets
    the next version of the same count. Raises ControlError.
    """
    day = date.fromisoformat(str(payload.get("date", LAST_DAY))).isoformat()
    wanted = [
        _Drawer(branch, till, day)
        for branch, till in TILLS
        if payload.get("branch", branch) == branch and payload.get("till", till) == till
    ]
    if not wanted:
        raise ControlError("There is no such till.")
    amounts = [*payload.get("differences", {}), *payload.get("banked", {})]
    if unknown := sorted(set(amounts) - set(PAYMENT_TYPES)):
        raise ControlError(f"There is no payment method {', '.join(unknown)}.")
    return [_count(store, each, payload, rng) for each in wanted]


def select_cash_counts(
    counts: Iterable[Record], request: Payload, *, flagged: bool
) -> list[Record]:
    """The counts of some financial dates, behind the one in ``sinceCashCount``.

    Without ``flagged`` they do not tell whether they are final, as older servers.
    """
    first, last = request.get("fromFinancialDate"), request.get("throughFinancialDate")
    since = request.get("sinceCashCount") or {}
    found = [
        each
        for each in counts
        if (not first or each["financialDate"] >= first)
        and (not last or each["financialDate"] <= last)
        and (not since or _is_behind(each, since))
    ]
    if flagged:
        return found
    return [{k: v for k, v in each.items() if k != "isFinalized"} for each in found]


def show_count_info(store: Store, request: Payload) -> Record:
    """What a till would count now: each method's opening balance and bookings."""
    place = request.get("fromWorkplace") or {}
    branch = int(place.get("branchNumber") or 0)
    till = int(place.get("workplaceNumber") or 0)
    if (branch, till) not in TILLS:
        return {"state": "CASH-COUNT-INFO-STATE-FAILED", "countEmployeeNumber": 0}
    before = _last_before(store, _Drawer(branch, till, "9999-12-31"))
    since = before["financialDate"] if before else ""
    booked = _sum_payments(store, branch, till, since=since)
    workplace: Record = {
        "number": till,
        "name": f"Kassa {till}",
        "data": {"workplaceNumber": till},
        "paymentMethodAmounts": {
            "paymentMethodAmount": [
                {
                    "id": method,
                    "description": PAYMENT_TEXTS[method],
                    "isAutomaticDeposit": method != CASH,
                    "openingBalance": _euros(_end_of(before, method)),
                    "booked": _euros(amount),
                    "counted": _euros(amount if method != CASH else 0),
                }
                for method, amount in booked.items()
            ]
        },
        "extraWorkplaces": {},
    }
    if before:
        workplace["data"]["previousCashCountId"] = before["cashCountId"]
        workplace["previousCashCountTs"] = before["entryTimestamp"]
    return {
        "state": "CASH-COUNT-INFO-STATE-OK",
        "countEmployeeNumber": 0,
        "workplaces": {"workplace": [workplace]},
    }


def _count(
    store: Store, drawer: _Drawer, payload: Payload, rng: random.Random
) -> Record:
    known = next((c for c in store.cash_counts.values() if _place(c) == drawer), None)
    day = date.fromisoformat(drawer.day)
    moment = datetime.combine(day + timedelta(days=1), _COUNTED, SHOP_ZONE)
    first, last = _find_shift(store, drawer)
    record: Record = {
        "cashCountId": known["cashCountId"] if known else make_id(rng),
        "financialDate": drawer.day,
        "entryTimestamp": str(payload.get("entered") or moment.isoformat()),
        "branchNumber": drawer.branch,
        "extBranchId": "",
        "workplaceNumber": drawer.till,
        "extraWorkplaceNumbers": list(payload.get("extra", ())),
        "cashCountNumber": known["cashCountNumber"]
        if known
        else _take_number(store, drawer),
        "versionNumber": known["versionNumber"] + 1 if known else 1,
        "employeeNumber": 1,
        "countingEmployeeNumber": 1,
        "isFinalized": bool(payload.get("finalized", True)),
        "shiftFirstTransaction": _show_transaction(first, drawer),
        "shiftLastTransaction": _show_transaction(last, drawer),
        "cashCountLineList": {
            "cashCountLine": [*_count_methods(store, drawer, payload)]
        },
    }
    for name, receipt in (("First", first), ("Last", last)):
        if receipt:
            record[f"shift{name}ReceiptId"] = receipt["receiptId"]
    number = record["cashCountNumber"]
    record["cashCountString"] = (
        f"{drawer.branch}-{drawer.till}-{number['year']}-{number['number']}"
    )
    store.keep_cash_count(record)
    return record


def _count_methods(store: Store, drawer: _Drawer, payload: Payload) -> Iterator[Record]:
    booked = _sum_payments(store, drawer.branch, drawer.till, day=drawer.day)
    differences, banked = payload.get("differences", {}), payload.get("banked", {})
    before = _last_before(store, drawer)
    for index, method in enumerate(PAYMENT_TYPES):
        named = method in differences or method in banked
        if method not in booked and not named and method != CASH:
            continue
        start, added = _end_of(before, method), booked.get(method, 0)
        counted = start + added + int(differences.get(method, 0))
        # Only coins and notes stay in a drawer; the rest begins anew.
        away = int(banked.get(method, 0))
        yield {
            "paymentMethod": method,
            "paymentMethodType": PAYMENT_TYPES[method],
            "accountNumber": 1001 + index,
            "startAmount": start,
            "addedAmount": added,
            "countedAmount": counted,
            "depositedAmount": away,
            "differenceAmount": counted - start - added,
            "endAmount": counted - away if method == CASH else 0,
        }


def _sum_payments(
    store: Store, branch: int, till: int, *, day: str = "", since: str = ""
) -> dict[str, int]:
    """What was paid at a till by method: on a day, or after ``since``."""
    sums: dict[str, int] = {}
    for entry in store.receipts_from(0):
        if day and f'"financialDate":"{day}"' not in entry.text:
            continue
        for each in entry.read()["paymentList"]["payment"]:
            paid = each["financialDate"]
            if (each["branchNumber"], each["workplaceNumber"]) != (branch, till):
                continue
            if paid == day or (not day and paid > since):
                method = each["method"]
                sums[method] = sums.get(method, 0) + each["amount"]
    return sums


def _find_shift(store: Store, drawer: _Drawer) -> tuple[Record | None, Record | None]:
    """The first and the last receipt of the day."""
    found = [
        entry.read()
        for entry in store.receipts_from(0)
        if (entry.branch, entry.day) == (drawer.branch, drawer.day)
    ]
    mine = [each for each in found if each["workplaceNumber"] == drawer.till]
    mine.sort(key=lambda each: int(each["receiptNumber"]["number"]))
    return (mine[0], mine[-1]) if mine else (None, None)


def _show_transaction(receipt: Record | None, drawer: _Drawer) -> Record:
    """The vendor's WSDL requires it, also of a day without receipts."""
    number = receipt["receiptNumber"] if receipt else {"year": 0, "number": 0}
    return {
        "transactionId": receipt["receiptId"] if receipt else "",
        "financialDate": drawer.day,
        "branchNumber": drawer.branch,
        "workplaceNumber": drawer.till,
        "transactionNumber": {"year": number["year"], "number": number["number"]},
        "employeeNumber": receipt["employeeNumber"] if receipt else min(EMPLOYEES),
        "entryTimestamp": receipt["entryTimestamp"]
        if receipt
        else f"{drawer.day}T00:00:00+01:00",
    }


def _take_number(store: Store, drawer: _Drawer) -> Record:
    year = int(drawer.day[:4])
    mine = [
        each
        for each in store.cash_counts.values()
        if (each["branchNumber"], each["workplaceNumber"])
        == (drawer.branch, drawer.till)
        and each["cashCountNumber"]["year"] == year
    ]
    return {"year": year, "number": len(mine) + 1}


def _last_before(store: Store, drawer: _Drawer) -> Record | None:
    mine = [
        each
        for each in store.cash_counts.values()
        if (each["branchNumber"], each["workplaceNumber"])
        == (drawer.branch, drawer.till)
        and each["financialDate"] < drawer.day
    ]
    return max(mine, key=lambda each: str(each["financialDate"]), default=None)


def _end_of(count: Record | None, method: str) -> int:
    lines = count["cashCountLineList"]["cashCountLine"] if count else []
    return sum(
        int(each["endAmount"]) for each in lines if each["paymentMethod"] == method
    )


def _place(count: Record) -> _Drawer:
    return _Drawer(
        count["branchNumber"], count["workplaceNumber"], count["financialDate"]
    )


def _is_behind(count: Record, since: Payload) -> bool:
    """Whether a count comes after another one, as far as they are of one till."""
    number = count["cashCountNumber"]
    mine = (count["branchNumber"], count["workplaceNumber"])
    if mine != (since.get("branchNumber"), since.get("workplaceNumber")):
        return True
    return bool(
        (number["year"], number["number"])
        > (since.get("year", 0), since.get("number", 0))
    )


def _euros(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
