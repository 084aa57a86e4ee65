"""Changes to receipts after they were rung up."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from connectors.mplus.sandbox.seed.draft import PAID
from connectors.mplus.sandbox.seed.moments import SHOP_ZONE, Moment
from connectors.mplus.sandbox.seed.receipts import build_payment, make_id
from connectors.mplus.sandbox.seed.shop import NETHERLANDS, Record
from connectors.mplus.sandbox.till import round_to_coins, total_lines
from connectors.sandbox.messages import ControlError

_SWAPPED = {"PIN": "CREDITCARD"}


def change_receipt(
    receipt: Record,
    payload: Mapping[str, Any],
    *,
    rng: random.Random,
    lines: list[Record] | None = None,
) -> Record:
    """Change what ``payload["what"]`` says: ``mail`` (only a mail event is added),
    ``reference``, ``tenders`` (explicit ``payments``, else card types swapped) or
    ``lines`` (explicit ones, else the first quantity doubled; the last payment makes
    up for it). Raises ControlError."""
    what = payload.get("what", "lines" if lines else "")
    receipt["changeCounter"] += 1
    if what == "mail":
        add_mail_event(receipt, rng)
        return receipt
    receipt["versionNumber"] += 1
    if what == "reference":
        receipt["reference"] = str(payload.get("reference", "changed"))
    elif what == "tenders":
        _change_tenders(receipt, payload, rng)
    elif what == "lines":
        _change_lines(receipt, lines, rng)
    else:
        raise ControlError("what is one of mail, reference, tenders, lines.")
    return receipt


def finish_receipt(
    receipt: Record, payload: Mapping[str, Any], *, rng: random.Random
) -> Record:
    """Pay what is still due with ``payload["method"]`` (PIN), on ``payload["date"]``
    (the receipt's own). Raises ControlError when it is paid already."""
    due = receipt["totalInclAmount"] - receipt["paidAmount"]
    if receipt["state"] == PAID:
        raise ControlError("This receipt is paid already.")
    method = payload.get("method", "PIN")
    if method == "CONTANT":
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
        if payments[-1]["method"] == "CONTANT":
            paid = sum(each["amount"] for each in payments)
            payments[-1]["amount"] += round_to_coins(totals.incl) - paid
        receipt["paidAmount"] = sum(each["amount"] for each in payments)


def _double(data: Record) -> None:
    for name in ("quantity", "discountAmount", "discountAmountExcl"):
        data[name] *= 2
    for name in ("totalInclAmount", "totalExclAmount"):
        data[name] *= 2


def _moment_of(receipt: Record, day: date) -> Moment:
    entered = datetime.fromisoformat(receipt["entryTimestamp"]).astimezone(SHOP_ZONE)
    return Moment(
        receipt["financialBranchNumber"],
        receipt["workplaceNumber"],
        receipt["employeeNumber"],
        day,
        entered,
    )
