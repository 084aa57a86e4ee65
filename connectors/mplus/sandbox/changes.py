"""Changes to receipts after they were rung up."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.mplus.sandbox.seed.draft import ON_ACCOUNT, PAID
from connectors.mplus.sandbox.seed.moments import SHOP_ZONE, Moment
from connectors.mplus.sandbox.seed.receipts import add_relation, build_payment, make_id
from connectors.mplus.sandbox.seed.shop import BRANCH_NAMES, NETHERLANDS, Record
from connectors.mplus.sandbox.seed.sorts import PARTLY_PAID
from connectors.mplus.sandbox.till import round_to_coins, total_lines
from connectors.sandbox.messages import ControlError

_AN_HOUR = timedelta(hours=1)
_CASH = "CONTANT"
_SWAPPED = {"PIN": "CREDITCARD"}


def change_receipt(
    receipt: Record,
    payload: Mapping[str, Any],
    *,
    rng: random.Random,
    lines: list[Record] | None = None,
) -> Record:
    """Change what ``payload["what"]`` says: ``mail`` (only a mail event is added),
    ``reference``, ``tenders`` (explicit ``payments``, else card types swapped),
    ``lines`` (explicit ones, else the first quantity doubled; the last payment makes
    up for it), ``date`` (with the payments of that day), ``branch`` or ``relation``
    (a Relation, or None). Raises ControlError."""
    what = payload.get("what", "lines" if lines else "")
    receipt["changeCounter"] += 1
    if what == "mail":
        add_mail_event(receipt, rng)
        return receipt
    receipt["versionNumber"] += 1
    if what == "lines":
        _change_lines(receipt, lines, rng)
    elif what == "tenders":
        _change_tenders(receipt, payload, rng)
    elif what in _CHANGES:
        _CHANGES[what](receipt, payload)
    else:
        known = ", ".join(["mail", "lines", "tenders", *_CHANGES])
        raise ControlError(f"what is one of {known}.")
    return receipt


def pay_receipt(
    receipt: Record, payload: Mapping[str, Any], *, rng: random.Random
) -> Record:
    """Pay ``payload["amount"]`` (all that is open, or on account) with ``method``
    (PIN) on ``date`` (the receipt's own), or so many ``minutes`` after the receipt.
    Cash may be rounded to 5 cents. ``turned`` also takes it off the account by a
    negative payment there. Raises ControlError when nothing is open."""
    payments = receipt["paymentList"]["payment"]
    total, paid = receipt["totalInclAmount"], receipt["paidAmount"]
    charged = sum(each["amount"] for each in payments if each["method"] == ON_ACCOUNT)
    open_amount = total - paid + charged
    amount = int(payload.get("amount", open_amount))
    # Cash is paid in multiples of 5 cents.
    rounding = amount - open_amount if payload.get("method") == _CASH else 0
    if amount % 5 or abs(rounding) > 2:
        rounding = 0
    if not 0 < amount <= open_amount + rounding:
        raise ControlError(f"{open_amount} of this receipt is open.")
    day = date.fromisoformat(payload.get("date", receipt["financialDate"]))
    moment = _moment_of(receipt, day)
    # People come back the next hour, or on the morning of another day.
    later = max(moment.entered + _AN_HOUR, _morning(day))
    if "minutes" in payload:
        later = moment.entered + timedelta(minutes=int(payload["minutes"]))
    moment = replace(moment, entered=later)
    payments.append(
        build_payment(payload.get("method", "PIN"), amount, moment, rng=rng)
    )
    if payload.get("turned"):
        off = rounding - amount
        payments.append(build_payment(ON_ACCOUNT, off, moment, rng=rng))
    receipt["paidAmount"] = sum(each["amount"] for each in payments)
    is_paid = receipt["paidAmount"] - rounding >= total
    receipt["state"] = PAID if is_paid else PARTLY_PAID
    receipt["changeCounter"] += 1
    receipt["versionNumber"] += 1
    return receipt


def _change_reference(receipt: Record, payload: Mapping[str, Any]) -> None:
    receipt["reference"] = str(payload.get("reference", "changed"))


def _change_date(receipt: Record, payload: Mapping[str, Any]) -> None:
    before, day = receipt["financialDate"], date.fromisoformat(payload["date"])
    receipt["financialDate"] = day.isoformat()
    for each in receipt["paymentList"]["payment"]:
        if each["financialDate"] == before:
            each["financialDate"] = day.isoformat()


def _change_branch(receipt: Record, payload: Mapping[str, Any]) -> None:
    branch = int(payload["branch"])
    if branch not in BRANCH_NAMES:
        raise ControlError(f"There is no branch {branch}.")
    receipt["financialBranchNumber"] = branch
    for each in receipt["vatGroupList"]["vatGroup"]:
        each["branchNumber"] = branch


def _change_relation(receipt: Record, payload: Mapping[str, Any]) -> None:
    for name in ("relationNumber", "relationName", "relationCategoryId"):
        receipt.pop(name, None)
    if payload["relation"] is not None:
        add_relation(receipt, payload["relation"])


_CHANGES = {
    "reference": _change_reference,
    "date": _change_date,
    "branch": _change_branch,
    "relation": _change_relation,
}


def finish_receipt(
    receipt: Record, payload: Mapping[str, Any], *, rng: random.Random
) -> Record:
    """Pay what is still due with ``payload["method"]`` (PIN), on ``payload["date"]``
    (the receipt's own). Raises ControlError when it is paid already."""
    due = receipt["totalInclAmount"] - receipt["paidAmount"]
    if receipt["state"] == PAID:
        raise ControlError("This receipt is paid already.")
    method = payload.get("method", "PIN")
    if method == _CASH:
        due = round_to_coins(receipt["totalInclAmount"]) - receipt["paidAmount"]
    day = payload.get("date", receipt["financialDate"])
    moment = _moment_of(receipt, date.fromisoformat(day))
    payments = receipt["paymentList"]["payment"]
    payments.append(build_payment(method, due, moment, rng=rng))
    receipt["paidAmount"] = sum(each["amount"] for each in payments)
    receipt["state"] = PAID
    receipt["changeCounter"] += 1
    receipt["versionNumber"] += 1
    return receipt


def add_mail_event(receipt: Record, rng: random.Random) -> None:
    """The receipt was mailed to somebody."""
    entered = datetime.fromisoformat(receipt["entryTimestamp"])
    sent = (entered + timedelta(minutes=5)).isoformat()
    events = receipt.setdefault("timelineEvents", {"event": []})
    events["event"].append(
        {
            "id": make_id(rng),
            "entity": {"type": "RECEIPT", "uuid": receipt["receiptId"]},
            "category": "MAIL",
            "type": "MAIL-SENT",
            "data": "{}",
            "eventTs": sent,
            "createdTs": sent,
        }
    )


def _change_tenders(
    receipt: Record, payload: Mapping[str, Any], rng: random.Random
) -> None:
    payments = receipt["paymentList"]["payment"]
    moment = _moment_of(receipt, date.fromisoformat(receipt["financialDate"]))
    if "payments" in payload:
        wanted = [(each["method"], each["amount"]) for each in payload["payments"]]
        payments[:] = [
            build_payment(method, amount, moment, rng=rng) for method, amount in wanted
        ]
    elif payments:
        method = _SWAPPED.get(payments[0]["method"], "PIN")
        amount = payments[0]["amount"]
        payments[0] = build_payment(method, amount, moment, rng=rng)
    receipt["paidAmount"] = sum(each["amount"] for each in payments)


def _change_lines(
    receipt: Record, lines: list[Record] | None, rng: random.Random
) -> None:
    method = receipt["vatMethod"]
    if lines is None:
        lines = receipt["lineList"]["line"]
        _double(lines[0]["data"])
    for index, line in enumerate(lines, 1):
        line.setdefault("lineId", make_id(rng))
        line["sequenceNumber"] = index
    totals = total_lines(lines, method)
    branch = {"branchNumber": receipt["financialBranchNumber"], **NETHERLANDS}
    added = totals.incl - receipt["totalInclAmount"]
    receipt["lineList"] = {"line": lines}
    receipt["vatGroupList"] = {"vatGroup": [branch | each for each in totals.groups]}
    receipt["totalInclAmount"] = totals.incl
    receipt["totalExclAmount"] = totals.excl
    payments = receipt["paymentList"]["payment"]
    if payments:
        payments[-1]["amount"] += added
        if payments[-1]["method"] == _CASH:
            paid = sum(each["amount"] for each in payments)
            payments[-1]["amount"] += round_to_coins(totals.incl) - paid
        receipt["paidAmount"] = sum(each["amount"] for each in payments)


def _double(data: Record) -> None:
    for name in ("quantity", "discountAmount", "discountAmountExcl"):
        data[name] *= 2
    for name in ("totalInclAmount", "totalExclAmount"):
        data[name] *= 2


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(10), SHOP_ZONE)


def _moment_of(receipt: Record, day: date) -> Moment:
    entered = datetime.fromisoformat(receipt["entryTimestamp"]).astimezone(SHOP_ZONE)
    return Moment(
        receipt["financialBranchNumber"],
        receipt["workplaceNumber"],
        receipt["employeeNumber"],
        day,
        entered,
    )
